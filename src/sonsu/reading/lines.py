"""From a picture's ink to lines of separate digits: the usual road, by connected parts.

Digits that touch are not cut apart and what is broken is only joined one above the other.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.ink import InkMap, ink_maps, least_ink
from sonsu.reading.rules import without_rules

WORKING_SIDE_PX = 1600
"""Larger pictures are averaged down to this side: a page's line of digits still has some 25 px."""

_PALEST = 0.18  # contrast of the palest pencil; the edges of shadows stay below it
_SMALLEST_PX = 10  # nothing smaller can be read
_MAX_PARTS = 3000  # of a picture full of grain or print the largest are enough
_LEAST_HEIGHT = 0.35  # of the usual digit: lower parts are commas, dots and dirt


@dataclass(frozen=True, eq=False)
class Spot:
    """One digit's ink and where it lies.

    Attributes:
        ink: uint8 (h, w), ink = 255 on 0, cropped.
        box_px: x, y, width, height in the picture that was given.
    """

    ink: NDArray[np.uint8]
    box_px: tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Found:
    """The lines of one picture, from top to bottom, each from left to right, and notes on what was done."""

    lines: tuple[tuple[Spot, ...], ...]
    notes: tuple[str, ...]


def find_lines(pixels: NDArray[np.uint8]) -> Found:
    """Find the separate digits of a picture and put them in reading order.

    Args:
        pixels: uint8 (h, w) grey or (h, w, 3) RGB.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, WORKING_SIDE_PX / max(height, width))
    if scale < 1:
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    dark, light = ink_maps(pixels)
    chosen = max((dark, light), key=_amount)
    notes = [] if chosen.dark else ["light on dark: inverted"]
    mask = _mask(chosen)
    unruled = without_rules(mask)
    if unruled is not None:
        notes.append("ruled lines taken away")
        mask = unruled
    boxes = _digit_boxes(mask)
    lines = tuple(tuple(_spot(chosen.ink, mask, box, scale) for box in line) for line in _in_lines(boxes))
    return Found(lines, tuple(notes) if lines else ("blank",))


def _amount(ink_map: InkMap) -> float:
    """How much of the picture is well above the grain: the ink's polarity has more of it."""
    return float(ink_map.ink[ink_map.ink > 2 * least_ink(ink_map.noise)].sum())


def _mask(ink_map: InkMap) -> NDArray[np.uint8]:
    least = max(least_ink(ink_map.noise), _PALEST)
    some = ink_map.ink[ink_map.ink > least]
    threshold = max(0.4 * float(np.percentile(some, 90)), least) if some.size else 1.0
    return (ink_map.ink > threshold).astype(np.uint8) * np.uint8(255)


def _digit_boxes(mask: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Boxes of the parts that are as high as digits are here, what belongs to them joined, (n, 4): x, y, w, h."""
    parts = cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:].astype(float)
    x, y, width, height, area = parts.T
    at_edge = (x <= 0) | (y <= 0) | (x + width >= mask.shape[1]) | (y + height >= mask.shape[0])
    # What reaches in from the edge is a shadow or the table; slivers there are what is left of one.
    large = (width > 0.4 * mask.shape[1]) | (height > 0.4 * mask.shape[0])
    foreign = at_edge & (large | (height < 0.06 * mask.shape[0]))
    parts = parts[(np.maximum(width, height) >= _SMALLEST_PX) & (area >= 12) & (width < 0.9 * mask.shape[1]) & ~foreign]
    parts = parts[np.argsort(-parts[:, 4], kind="stable")[:_MAX_PARTS]]
    if len(parts) == 0:
        return parts[:, :4]
    # The usual height weighs each part by its ink, so that dirt does not pull it down.
    order = np.argsort(parts[:, 3])
    weight = np.cumsum(parts[order, 4])
    usual = parts[order[np.searchsorted(weight, weight[-1] / 2)], 3]
    tall = parts[:, 3] >= 0.6 * usual
    digits, low = parts[tall, :4].copy(), parts[~tall, :4]
    alone = [piece for piece in low if not _join(digits, piece) and piece[3] >= _LEAST_HEIGHT * usual]
    return np.concatenate([digits, *(piece[None] for piece in alone)])


def _join(digits: NDArray[np.float64], piece: NDArray[np.float64]) -> bool:
    """Add a low part, such as the bar of a 5, to the digit right above or below it; False where there is none."""
    corners, ends = digits[:, :2], digits[:, :2] + digits[:, 2:]
    low, high = piece[:2], piece[:2] + piece[2:]
    overlap = np.minimum(ends[:, 0], high[0]) - np.maximum(corners[:, 0], low[0])
    apart = np.maximum(low[1] - ends[:, 1], corners[:, 1] - high[1])
    fits = (overlap > 0.5 * np.minimum(piece[2], digits[:, 2])) & (apart < 0.15 * digits[:, 3])
    if not fits.any():
        return False
    which = int(fits.argmax())
    corner = np.minimum(corners[which], low)
    digits[which] = np.concatenate([corner, np.maximum(ends[which], high) - corner])
    return True


def _in_lines(boxes: NDArray[np.float64]) -> list[list[NDArray[np.float64]]]:
    """Boxes put into lines by how far they overlap in height; a turned page is not straightened."""
    lines: list[list[NDArray[np.float64]]] = []
    lasts = np.empty((len(boxes), 4))  # the last box of each line so far
    for box in boxes[np.argsort(boxes[:, 0], kind="stable")]:
        last = lasts[: len(lines)]
        taller = np.maximum(last[:, 3], box[3])
        near = box[0] - (last[:, 0] + last[:, 2]) < 6 * taller
        level = np.abs(box[1] + box[3] / 2 - (last[:, 1] + last[:, 3] / 2)) < 0.5 * taller
        fits = np.flatnonzero(near & level)
        if fits.size:
            lines[fits[0]].append(box)
            lasts[fits[0]] = box
        else:
            lasts[len(lines)] = box
            lines.append([box])
    return sorted(lines, key=lambda line: float(np.mean([b[1] + b[3] / 2 for b in line])))


def _spot(ink: NDArray[np.float32], mask: NDArray[np.uint8], box: NDArray[np.float64], scale: float) -> Spot:
    x, y, width, height = (int(value) for value in box)
    part = mask[y : y + height, x : x + width]
    values = ink[y : y + height, x : x + width]
    darkest = max(float(np.percentile(values[part > 0], 60)), 1e-6)
    soft = cv2.convertScaleAbs(np.clip(values / darkest, 0, 1), alpha=255.0) & part
    return Spot(soft, (round(x / scale), round(y / scale), round(width / scale), round(height / scale)))
