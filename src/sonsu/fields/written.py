"""What is written in one field: its place cut from the picture, the blank's own print taken away."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.fields.align import Matrix, pixel_matrix, warp_points
from sonsu.fields.bend import find_bend
from sonsu.reading.contrast import page_ink
from sonsu.reading.ink import least_ink
from sonsu.reading.picture import Picture

_PAD = 0.2  # of the box's height: writing sticks out of boxes
_HIGHEST_PX, _LOWEST_PX = 160, 48  # of the box, cut out
_WIDEST_PX = 4000
_STROKE = 0.13  # of the box's height: the widest that counts as ink
_SLACK = 0.03  # of the box's height: the print may still be so much beside its place
_LEAST_SLACK_PX = 2.0
_PRINT = 0.06  # of full contrast: fainter print is none
_DARKER = 0.12  # than the print: this is written over it
_SPECK = 0.16  # of the box's height: smaller marks are dust, or rests of the print
_THIN = 0.04  # of the box's height: marks that are no wider than this, on average, are scratches
_REST = 0.6  # of a mark's area: what lies on the print by this is a rest of it
_VISIBLE = 0.97


@dataclass(frozen=True, eq=False)
class Written:
    """One field's writing.

    Attributes:
        ink: uint8 (h, w), dark on white, the print and what lies mostly outside of the box gone.
        shown: uint8 (h, w) or (h, w, 3), the same place as the picture shows it, for a person.
        to_picture: from px of `ink` to px of the picture, float64 (3, 3).
        box_px: the field's box x, y, width, height in px of `ink`.
        corners_px: (4, 2) of the box in the picture, clockwise from the left upper one.
        visible: whether the box lies within the picture.
        agreement: how much of the print around is where it should be, 0 to 1; 1 where there is none.
        blank: whether nothing is written.
    """

    ink: NDArray[np.uint8]
    shown: NDArray[np.uint8]
    to_picture: Matrix
    box_px: tuple[float, float, float, float]
    corners_px: NDArray[np.float64]
    visible: bool
    agreement: float
    blank: bool


def cut_field(
    picture: Picture, blank: Picture, box_px: tuple[float, float, float, float], to_picture: Matrix
) -> Written:
    """Cut a field out of a picture.

    Args:
        picture: of the filled form.
        blank: the form with nothing filled in.
        box_px: the field's box in px of the blank.
        to_picture: from px of the blank to px of the picture.
    """
    frame = _Frame(box_px, _scale(box_px, to_picture, picture))
    printed = page_ink(_grey(frame.cut(blank, np.eye(3))), frame.stroke_px)
    seen = page_ink(_grey(frame.cut(picture, to_picture)), frame.stroke_px)
    bend = find_bend(printed, seen, frame.height_px)
    shown = frame.cut(picture, to_picture, bend)
    ink = page_ink(_grey(shown), frame.stroke_px)
    least = 255 * least_ink(_noise(_grey(shown)))
    near = cv2.dilate(printed, _disc(frame.slack_px))
    clean = _marks(_without_print(ink, printed, near, least), near, frame, least)
    moved = to_picture @ frame.to_blank @ _translation(bend.mean(axis=0))
    x, y, width, height = frame.box_px
    corners = warp_points(moved, np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]]))
    return Written(
        cv2.bitwise_not(clean),
        shown,
        moved,
        frame.box_px,
        corners,
        _visible(corners, picture),
        _agreement(printed, ink, least),
        not clean.any(),
    )


class _Frame:
    """The crop around a box: its size, and the way from its px to the blank's."""

    def __init__(self, box_px: tuple[float, float, float, float], scale: float) -> None:
        x, y, width, height = box_px
        pad = _PAD * height
        self.height_px = height * scale
        self.stroke_px = max(_STROKE * self.height_px, 2.0)
        self.size = round((width + 2 * pad) * scale), round((height + 2 * pad) * scale)
        self.box_px = pad * scale, pad * scale, width * scale, height * scale
        self.to_blank: Matrix = np.array([[1 / scale, 0, x - pad], [0, 1 / scale, y - pad], [0, 0, 1.0]])
        self.slack_px = max(_SLACK * self.height_px, _LEAST_SLACK_PX)

    def cut(self, picture: Picture, to_picture: Matrix, bend: NDArray[np.float64] | None = None) -> NDArray[np.uint8]:
        """What a picture shows here, unbent (`find_bend`); outside of it the nearest that it does show."""
        height, width = picture.pixels.shape[:2]
        reduced = np.diag([width / picture.width_px, height / picture.height_px, 1.0])
        places = np.stack(np.meshgrid(*(np.arange(side, dtype=np.float64) for side in self.size)), axis=-1)
        if bend is not None:
            places += bend
        seen = warp_points(pixel_matrix(reduced @ to_picture @ self.to_blank), places.reshape(-1, 2))
        across, down = seen.astype(np.float32).reshape(*places.shape).transpose(2, 0, 1)
        return cv2.remap(picture.pixels, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _scale(box_px: tuple[float, float, float, float], to_picture: Matrix, picture: Picture) -> float:
    """Px of the crop a px of the blank: as many as the picture has there, within limits."""
    x, y, width, height = box_px
    across, left, right = warp_points(to_picture, np.array([[x, y + height], [x, y], [x + width, y]]))
    density = max(np.linalg.norm(right - left) / width, np.linalg.norm(across - left) / height)
    density *= picture.pixels.shape[1] / picture.width_px
    least, most = _LOWEST_PX / height, min(_HIGHEST_PX / height, _WIDEST_PX / (width + 2 * _PAD * height))
    return float(min(max(density, least), most))


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The darkest of the colours: a red or blue pen's ink is then as dark as a black one's."""
    return pixels if pixels.ndim == 2 else pixels.min(axis=2)


def _translation(shift: NDArray[np.float64]) -> Matrix:
    return np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1.0]])


def _without_print(
    ink: NDArray[np.uint8], printed: NDArray[np.uint8], near: NDArray[np.uint8], least: float
) -> NDArray[np.uint8]:
    """Ink less the print. A stroke that crosses it is mended from both sides; one that is darker than it stays.

    Args:
        ink: uint8 (h, w), ink = 255, of the filled form.
        printed: the same of the blank.
        near: the darkest print near each pixel.
        least: the smallest value that is ink.
    """
    is_print = near > 255 * _PRINT
    ink = np.where(ink < least, 0, ink).astype(np.uint8)
    if not is_print.any():
        return ink
    core = printed > np.maximum(0.7 * near, 255 * _PRINT)
    ratio = float(np.median(ink[core])) / max(float(np.median(printed[core])), 1.0) if core.any() else 1.0
    # A blurred picture makes thin print paler, and thick print not.
    expected = np.clip(near.astype(np.float32) * np.clip(ratio, 1.0, 3.0), 0, 255)
    covered = is_print & (ink <= expected + 255 * _DARKER)
    return cv2.inpaint(ink, covered.astype(np.uint8), 3, cv2.INPAINT_TELEA)


def _marks(ink: NDArray[np.uint8], near: NDArray[np.uint8], frame: _Frame, least: float) -> NDArray[np.uint8]:
    """The ink of the marks that lie mostly in the box, are no specks and no rests of the print; all else is paper."""
    count, labels, parts, _ = cv2.connectedComponentsWithStats((ink > least).astype(np.uint8), connectivity=8)
    x, y, width, height = (round(v) for v in frame.box_px)
    area, longest = parts[:, cv2.CC_STAT_AREA], np.maximum(parts[:, 2], parts[:, 3])
    within = np.bincount(labels[y : y + height, x : x + width].ravel(), minlength=count)
    on_print = np.bincount(labels[cv2.dilate(near, _disc(1.0)) > 255 * _PRINT], minlength=count)
    kept = (longest >= _SPECK * frame.height_px) & (area >= _THIN * frame.height_px * longest)
    kept &= (2 * within >= area) & (on_print < _REST * area)
    kept[0] = False
    soft = cv2.dilate(kept[labels].astype(np.uint8), _disc(1.0))
    return ink * soft


def _disc(radius_px: float) -> NDArray[np.uint8]:
    side = 2 * int(np.ceil(radius_px)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))


def _agreement(printed: NDArray[np.uint8], ink: NDArray[np.uint8], least: float) -> float:
    is_print = printed > 255 * 2 * _PRINT
    if is_print.sum() < 20:
        return 1.0
    return float((cv2.dilate(ink, np.ones((3, 3), np.uint8)) > 0.6 * least)[is_print].mean())


def _visible(corners: NDArray[np.float64], picture: Picture) -> bool:
    size = np.array([picture.width_px, picture.height_px])
    seen = np.clip(corners, 0, size)
    area, whole = (cv2.contourArea(points.astype(np.float32)) for points in (seen, corners))
    return bool(area >= _VISIBLE * whole)


def _noise(grey: NDArray[np.uint8]) -> float:
    """Standard deviation of the paper's grain, 0 to 1, from differences of neighbours: strokes are rare."""
    steps = cv2.absdiff(grey[:, 2:], grey[:, :-2])
    return float(np.median(steps)) / 0.954 / 255
