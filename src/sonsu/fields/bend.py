"""How a field's print lies beside its place: paper is never quite flat, and no homography says how.

The print of the blank is looked for in the field's crop, first all of it, then piece by piece from left to right.
"""

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

_REACH = 0.25  # of the box's height: all of the print is looked for so far away …
_REACH_PIECE = 0.15  # … and a piece of it so far from that
_PIECE = 2.5  # heights: a piece is about so wide
_LEAST_PRINT = 0.002  # of the pixels
_MOST_INK = 128  # of 255: writing that is darker than print counts no more than it
_NEARER = 0.3  # a line alone does not say where along it: what is nearer is likelier, by up to this share


def find_bend(printed: NDArray[np.uint8], seen: NDArray[np.uint8], height_px: float) -> NDArray[np.float64]:
    """By how much each column's print lies beside its place.

    Args:
        printed: uint8 (h, w), ink = 255, of the blank.
        seen: the same of the filled form.
        height_px: of the field's box.

    Returns:
        float64 (w, 2), x and y in px, to the right and down.
    """
    width = printed.shape[1]
    template = cv2.GaussianBlur(np.minimum(printed, _MOST_INK), (0, 0), 1.0).astype(np.float32)
    around = cv2.GaussianBlur(np.minimum(seen, _MOST_INK), (0, 0), 1.0).astype(np.float32)
    whole = _shift(template, around, (0.0, 0.0), 0, max(round(_REACH * height_px), 2))
    edges = np.linspace(0, width, max(round(width / (_PIECE * height_px)), 1) + 1).astype(int)
    if whole is None or len(edges) == 2:
        return np.tile(whole or (0.0, 0.0), (width, 1))
    reach = max(round(_REACH_PIECE * height_px), 2)
    shifts = [
        _shift(template[:, left:right], around, whole, left, reach) or whole for left, right in pairwise(edges.tolist())
    ]
    middles = (edges[:-1] + edges[1:]) / 2
    return np.stack([np.interp(np.arange(width), middles, axis) for axis in np.transpose(shifts)], axis=1)


def _shift(
    template: NDArray[np.float32], around: NDArray[np.float32], start: tuple[float, float], left: int, reach: int
) -> tuple[float, float] | None:
    """Where a piece of the print, beginning at a column, is found near `start`; None where that is not clear."""
    if (template > 8).mean() < _LEAST_PRINT:
        return None
    height, width = template.shape
    x, y = round(start[0]), round(start[1])
    padded = cv2.copyMakeBorder(around, *(reach + abs(y),) * 2, *(reach + abs(x),) * 2, cv2.BORDER_CONSTANT, value=0)
    top, first = abs(y) + y, abs(x) + x + left
    window = padded[top : top + height + 2 * reach, first : first + width + 2 * reach]
    score = cv2.matchTemplate(window, template - template.mean(), cv2.TM_CCORR)
    down, right = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    score *= 1 - _NEARER * (right * right + down * down) / (reach * reach)
    _, best, _, (column, row) = cv2.minMaxLoc(score)
    if best <= 0 or not (0 < column < 2 * reach and 0 < row < 2 * reach):
        return None
    return (x + column - reach + _peak(score[row, column - 1 : column + 2]),
            y + row - reach + _peak(score[row - 1 : row + 2, column]))  # fmt: skip


def _peak(three: NDArray[np.float32]) -> float:
    """Where a parabola through three neighbours has its top, −0.5 to 0.5 from the middle one."""
    before, middle, after = (float(v) for v in three)
    bend = before - 2 * middle + after
    return 0.0 if bend >= 0 else float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))
