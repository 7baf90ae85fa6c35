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
    boxes = _joined(_digit_boxes(mask))
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
    """Boxes of the parts that are as large as digits are here, (n, 4) as x, y, width, height."""
    parts = cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:].astype(float)
    x, y, width, height, area = parts.T
    at_edge = (x <= 0) | (y <= 0) | (x + width >= mask.shape[1]) | (y + height >= mask.shape[0])
    # What reaches in from the edge is a shadow or the table.
    foreign = at_edge & ((width > 0.4 * mask.shape[1]) | (height > 0.4 * mask.shape[0]))
    parts = parts[(height >= 6) & (area >= 12) & (width < 0.9 * mask.shape[1]) & ~foreign]
    if len(parts) == 0:
        return parts[:, :4]
    # The usual height weighs each part by its ink, so that dirt does not pull it down.
    order = np.argsort(parts[:, 3])
    weight = np.cumsum(parts[order, 4])
    usual = parts[order[np.searchsorted(weight, weight[-1] / 2)], 3]
    return parts[parts[:, 3] >= _LEAST_HEIGHT * usual, :4]


def _joined(boxes: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Boxes that lie one above the other within a digit's height, such as a 5 and its bar, made one."""
    joined: list[NDArray[np.float64]] = []
    for box in sorted(boxes, key=lambda b: -b[3]):
        for i, other in enumerate(joined):
            x = max(box[0], other[0])
            overlap = min(box[0] + box[2], other[0] + other[2]) - x
            apart = max(box[1] - (other[1] + other[3]), other[1] - (box[1] + box[3]))
            if overlap > 0.5 * min(box[2], other[2]) and apart < 0.15 * other[3] and box[3] < 0.6 * other[3]:
                low = np.minimum(box[:2], other[:2])
                joined[i] = np.concatenate([low, np.maximum(box[:2] + box[2:], other[:2] + other[2:]) - low])
                break
        else:
            joined.append(box)
    return joined


def _in_lines(boxes: list[NDArray[np.float64]]) -> list[list[NDArray[np.float64]]]:
    """Boxes put into lines by how far they overlap in height; a turned page is not straightened."""
    lines: list[list[NDArray[np.float64]]] = []
    for box in sorted(boxes, key=lambda b: b[0]):
        middle = box[1] + box[3] / 2
        for line in lines:
            last = line[-1]
            near = box[0] - (last[0] + last[2]) < 6 * max(last[3], box[3])
            if near and abs(middle - (last[1] + last[3] / 2)) < 0.5 * max(last[3], box[3]):
                line.append(box)
                break
        else:
            lines.append([box])
    return sorted(lines, key=lambda line: float(np.mean([b[1] + b[3] / 2 for b in line])))


def _spot(ink: NDArray[np.float32], mask: NDArray[np.uint8], box: NDArray[np.float64], scale: float) -> Spot:
    x, y, width, height = (int(value) for value in box)
    part = mask[y : y + height, x : x + width]
    values = ink[y : y + height, x : x + width]
    darkest = max(float(np.percentile(values[part > 0], 60)), 1e-6)
    soft = cv2.convertScaleAbs(np.clip(values / darkest, 0, 1), alpha=255.0) & part
    return Spot(soft, (round(x / scale), round(y / scale), round(width / scale), round(height / scale)))
