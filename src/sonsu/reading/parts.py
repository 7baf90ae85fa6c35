"""The connected parts of a page's mask: which of them may belong to handwriting."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.components import along_steps, by_part, components, outline_of

_MAX_PARTS = 3000  # of a picture full of grain or print the largest are enough
_TALLEST, _TALLEST_AT_EDGE = 5.0, 2.5  # usual heights
_THICK, _THICK_AT_EDGE = 2.5, 1.6  # strokes: so thick is a shadow or a thing, not a pen's stroke

_WEIGHT_AT_EDGE = 0.3  # of what reaches it: it may be a shadow or the edge of a sheet
_RULED = 8  # of 255: where a rule's ink is as faint, it ends
_REMNANT = 0.8  # of a part on rules…
_AS_DARK = 0.5  # …that are as dark as so much of its ink
_PALEST = 0.075  # mean contrast of the palest pencil's strokes
_SHARP = 0.4  # of its contrast that a stroke's edge falls by within 5 px; a shadow's falls by far less


@dataclass(frozen=True, eq=False)
class Parts:
    """Connected parts, the largest first.

    Attributes:
        labels: integers (h, w), each px's part as a number of the mask's own; 0 is paper.
        numbers: (n,) the number of each part in `labels`.
        boxes: (n, 4) float: x, y, width, height.
        areas: (n,) float, px of ink.
        usual_px: the height that weighs most by its ink.
    """

    labels: NDArray[np.integer]
    numbers: NDArray[np.int_]
    boxes: NDArray[np.float64]
    areas: NDArray[np.float64]
    usual_px: float


def find_parts(
    ink: NDArray[np.uint8],
    mask: NDArray[np.uint8],
    edge: NDArray[np.uint8],
    steps: NDArray[np.uint8],
    stroke_px: float,
) -> Parts:
    """Find the parts of a mask that a pen may have written.

    Args:
        ink: uint8 (h, w), 0 to 255, of a level page.
        mask: uint8 (h, w), ink = 255.
        edge: uint8 (h, w), 255 along the edges of the picture, which lies turned in the level page.
        steps: uint8 (h, w), large along edges of the paper, see `sonsu.reading.contrast.paper_steps`.
        stroke_px: width of the strokes.
    """
    labels, stats = components(mask)
    count = len(stats)
    numbers = np.arange(1, count)
    x, y, width, height, area = stats[1:].T.astype(float)
    at_edge = np.bincount(by_part(labels, mask & edge, edge)[0], minlength=count)[1:] > 0
    fall = cv2.morphologyEx(ink, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8))
    outline = outline_of(mask)
    (outlines, falls), (inked, inks) = by_part(labels, outline, fall), by_part(labels, mask, ink)
    length = np.maximum(np.bincount(outlines, minlength=count)[1:], 1)
    thickness = 2 * area / length
    contrast = np.bincount(outlines, falls, minlength=count)[1:] / length
    darkness = np.bincount(inked, inks, minlength=count)[1:] / area
    beyond = along_steps(outlines, by_part(labels, outline, steps)[1], np.append(0.0, darkness))[1:]
    faint = (darkness < 255 * _PALEST) | (contrast < _SHARP * darkness)
    speck = area < max(0.4 * stroke_px**2, 4)
    weights = area * np.where(at_edge, _WEIGHT_AT_EDGE, 1.0) * ~speck  # dotted paper has more dots than digits
    usual = _usual(height, weights)
    long, short = np.maximum(width, height), np.minimum(width, height)
    close = at_edge @ area > 0.6 * area.sum()  # a close crop: what reaches its edge is what there is
    strip = at_edge & (long > 1.5 * usual) & (long > 5 * short)
    shadow = thickness > np.where(at_edge & (not close), _THICK_AT_EDGE, _THICK) * stroke_px
    vast = (long > 0.5 * max(mask.shape)) & (area < 0.1 * width * height)
    vast &= vast @ area < 0.6 * area.sum()  # else one large thin digit is what there is
    huge = (height > _TALLEST * usual) | vast
    kept = np.flatnonzero(~(strip | shadow | speck | huge | faint | beyond))
    kept = kept[np.argsort(-area[kept], kind="stable")[:_MAX_PARTS]]
    usual = _usual(height[kept], weights[kept])
    if not close:  # what is left of a shadow along the sheet
        kept = kept[~(at_edge & (height > _TALLEST_AT_EDGE * usual))[kept]]
    boxes = np.stack([x, y, width, height], axis=1)[kept]
    return Parts(labels, numbers[kept], boxes, area[kept], usual)


def without(parts: Parts, gone: NDArray[np.bool_]) -> Parts:
    """The parts without those that are ``gone``, (n,)."""
    boxes, areas = parts.boxes[~gone], parts.areas[~gone]
    return Parts(parts.labels, parts.numbers[~gone], boxes, areas, _usual(boxes[:, 3], areas))


def remnants(
    parts: Parts, mask: NDArray[np.uint8], ink: NDArray[np.uint8], rules: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    """Which parts, (n,), are what was left of rules.

    Args:
        parts: of a page.
        mask: uint8 (h, w), ink = 255.
        ink: uint8 (h, w), with the rules in it.
        rules: uint8 (h, w), the ink of rules: where nearly all of a part is hardly darker than they are, it is theirs.
    """
    least = cv2.max(cv2.convertScaleAbs(ink, alpha=_AS_DARK), _RULED)
    ruled = cv2.compare(cv2.dilate(rules, np.ones((3, 3), np.uint8)), least, cv2.CMP_GT)
    inked, under = by_part(parts.labels, mask, ruled)
    count = int(parts.numbers.max(initial=0)) + 1
    whole, its = (np.bincount(some, minlength=count)[parts.numbers] for some in (inked, inked[under > 0]))
    return np.asarray(its > _REMNANT * whole)


def _usual(heights: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """The weighted median height: dirt weighs little."""
    if len(heights) == 0:
        return 0.0
    order = np.argsort(heights)
    total = np.cumsum(weights[order])
    return float(heights[order[np.searchsorted(total, total[-1] / 2)]])
