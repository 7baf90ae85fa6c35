"""One line's ink, cut out of a page and levelled."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.contrast import quantile

HEIGHT_PX = 96
"""Higher lines are scaled down to this."""

_MARGIN = 0.08  # of the line's height
_STEEPEST = 0.3  # rise over run of a line on a level page


@dataclass(frozen=True, eq=False)
class LineInk:
    """One line of handwriting.

    Attributes:
        ink: uint8 (h, w), ink = 255 on 0, soft edges; level, cropped with a margin of 8 % of its height; at most some
            96 px high.
        to_picture: float64 (3, 3), homography from x, y of the crop to px of the picture that was given.
    """

    ink: NDArray[np.uint8]
    to_picture: NDArray[np.float64]

    def upside_down(self) -> "LineInk":
        """The same line turned by 180°."""
        height, width = self.ink.shape
        turn = np.array([[-1, 0, width], [0, -1, height], [0, 0, 1.0]])
        return LineInk(np.ascontiguousarray(np.rot90(self.ink, 2)), self.to_picture @ turn)


def slope(boxes: NDArray[np.float64]) -> float:
    """Rise over run of a line, from the tops or the bottoms of its parts, whichever agree better.

    Args:
        boxes: (n, 4): x, y, width, height of the line's taller parts, from left to right.
    """
    usual = float(np.median(boxes[:, 3]))
    boxes = boxes[(boxes[:, 3] > 0.7 * usual) & (boxes[:, 3] < 1.4 * usual)]
    if len(boxes) < 3:
        return 0.0
    centres = boxes[:, 0] + boxes[:, 2] / 2
    if np.ptp(centres) < 2 * usual:
        return 0.0
    fits = [_robust(centres, edge) for edge in (boxes[:, 1], boxes[:, 1] + boxes[:, 3])]
    best = min(fits, key=lambda fit: fit[1])[0]
    return best if abs(best) < _STEEPEST else 0.0


def _robust(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """Theil-Sen slope (Sen 1968) and the median distance from it."""
    first, second = np.triu_indices(len(x), 1)
    apart = x[second] - x[first]
    some = apart > 0.3 * np.ptp(x)
    steep = float(np.median((y[second] - y[first])[some] / apart[some]))
    rest = y - steep * x
    return steep, float(np.median(np.abs(rest - np.median(rest))))


def cut_line(
    ink: NDArray[np.uint8], own: NDArray[np.uint8], corners: NDArray[np.float64], to_picture: NDArray[np.float64]
) -> LineInk | None:
    """Cut a line out of a page's ink.

    Args:
        ink: uint8 (h, w), the page's ink, 0 to 255.
        own: uint8 (h, w), 255 where the line's own ink is.
        corners: (4, 2): left top, right top, right bottom, left bottom of the line in the page, px.
        to_picture: (3, 3), from the page's px to those of the picture that was given.

    Returns:
        The line; None where there is no ink.
    """
    width = float(np.linalg.norm(corners[1] - corners[0]))
    height = float(np.linalg.norm(corners[3] - corners[0]))
    scale = min(1.0, HEIGHT_PX / height)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    box = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    from_page = cv2.getPerspectiveTransform(corners.astype(np.float32), box).astype(np.float64)
    values, inside = (_warp(layer, from_page, size, scale) for layer in (ink, own))
    near = cv2.dilate(inside, np.ones((3, 3), np.uint8))
    some = values[inside > 127]
    if some.size == 0:
        return None
    full = max(quantile(some, 0.6), 1.0)
    soft = cv2.convertScaleAbs(values, alpha=255.0 / full) & cv2.threshold(near, 60, 255, cv2.THRESH_BINARY)[1]
    x, y, w, h = cv2.boundingRect(cv2.threshold(soft, 60, 255, cv2.THRESH_BINARY)[1])
    if w == 0:
        return None
    margin = max(round(_MARGIN * h), 1)
    padded = cv2.copyMakeBorder(soft[y : y + h, x : x + w], margin, margin, margin, margin, cv2.BORDER_CONSTANT)
    shift = np.array([[1, 0, x - margin], [0, 1, y - margin], [0, 0, 1.0]])
    return LineInk(padded, to_picture @ np.linalg.inv(from_page) @ shift)


def _warp(
    layer: NDArray[np.uint8], matrix: NDArray[np.float64], size: tuple[int, int], scale: float
) -> NDArray[np.uint8]:
    if scale < 0.7:  # so that thin strokes are averaged, not skipped
        layer = cv2.GaussianBlur(layer, (0, 0), 0.4 / scale)
    return cv2.warpPerspective(layer, matrix, size, flags=cv2.INTER_LINEAR, borderValue=0)
