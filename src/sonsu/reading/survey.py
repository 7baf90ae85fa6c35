"""A quick look at a small copy of a page, to learn what its ink is like before the page itself is worked on.

How wide strokes are is found by granulometry (Matheron 1975): top-hats of growing windows, until a wider one shows no
more writing. Wider still, shadows and table would come in.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.components import along_steps, by_part, chosen, components, edges_touched, outline_of
from sonsu.reading.contrast import fullest, paper_steps, quantile, share_of_light
from sonsu.reading.ink import least_ink

SIDE_PX = 320
_NARROWEST_PX, _LONGEST_PX = 40, 4096  # the copy's shorter side at least, and then its longer side at most
_STEEP, _BUSY = 64, 0.05  # of 255, between px of the page, and of them all: there is writing, too small for the copy
_WINDOWS = (0.025, 0.045, 0.08, 0.15, 0.3)  # of the longer side
_ENOUGH = 0.75  # of the most writing that any window shows
_SMALLEST_PX = 5  # parts that are smaller say nothing
_FULL = 0.7  # of its box
_SHARE_INSIDE = 0.1  # of what looks like writing: a close crop has less of it that does not reach the picture's edge
_MOST_THIN = 0.15  # of a picture: more of it is grain
_LONG = 0.4  # of the picture's longer side: thin lines as long are rules
_SHARP = 0.35  # of its contrast that a stroke's edge falls by within 5 px; a shadow's falls by less
_MOSTLY = 0.75  # of a stroke's outline; a bright sheet between a table and a shadow is sharp on one side only
_ONE_PEN = 3.0  # the widest of its strokes over the narrowest
_EVEN = 3.2  # a light stroke where it is widest over its usual width; a bright sheet around its print is less even
_WEIGHT_OF_LIGHT = 0.8  # most writing is dark on light
_LEAST_LIGHT = 1.5  # a white digit 8 px high on black has 3; less is paper between a table and rules


@dataclass(frozen=True, eq=False)
class Survey:
    """What a small copy shows.

    Attributes:
        dark: whether the ink is darker than the paper.
        stroke_px: width of its wider strokes in the px of the picture that was given.
        mask: uint8 (h, w) of the small copy, ink = 255.
        thin: the same, but faint ink too, and only what is thin: rules are in it.
        writing: the same without the parts that reach the picture's edge or the sheet's, or are no pen's.
        least: the smallest contrast that counts as ink, 0 to 1.
    """

    dark: bool
    stroke_px: float
    mask: NDArray[np.uint8]
    thin: NDArray[np.uint8]
    writing: NDArray[np.uint8]
    least: float


@dataclass(frozen=True, eq=False)
class _Writing:
    """What looks like writing through one window: how much there is, how wide its strokes are, and which parts are it.

    It is of all that is there, or only of what lies ``inside`` the picture, away from its edges and the sheet's.
    """

    amount: float
    stroke_px: float
    mask: NDArray[np.uint8]
    labels: NDArray[np.integer]
    like: NDArray[np.bool_]
    dark: bool
    inside: bool


def survey(grey: NDArray[np.uint8], closer: int = 1) -> Survey | None:
    """Look at a page.

    Args:
        grey: uint8 (h, w), any size.
        closer: how much larger the small copy is, and the masks are, than usual: 1 at first, more for tiny digits.

    Returns:
        What there is; None where there is no ink.
    """
    long, short, given = max(grey.shape), min(grey.shape), grey
    scale = min(closer * max(SIDE_PX / long, min(_NARROWEST_PX / short, _LONGEST_PX / long)), 1.0)
    if scale < 1:
        size = max(round(grey.shape[1] * scale), 1), max(round(grey.shape[0] * scale), 1)
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    least = least_ink(_noise(grey))
    sides = [2 * max(round(window * max(grey.shape) / 2), 1) + 1 for window in _WINDOWS]
    around = [_around(grey, side) for side in sides]
    best = _narrowest(_windows(grey, around, sides, dark=True), least)
    more = max(best.amount, _LEAST_LIGHT)
    light = _windows(cv2.bitwise_not(grey), [cv2.bitwise_not(usual) for usual in around], sides, dark=False)
    if any(_at_most(window, least) > more for window in light):
        other = _narrowest(light, least)
        best = other if other.amount > more else best
    if best.amount == 0:
        again = scale < 1 and (closer == 1 or _is_busy(given))  # for a few small numbers, or many tiny ones
        return survey(given, 2 * closer) if again else None
    thin = _thin(grey if best.dark else cv2.bitwise_not(grey), least)
    return Survey(best.dark, best.stroke_px / scale, best.mask, thin, chosen(best.labels, best.like), least)


def _is_busy(grey: NDArray[np.uint8]) -> bool:
    """Whether a page is full of something, however small."""
    if grey.shape[1] < 2:
        return False
    steps = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    return cv2.countNonZero(cv2.threshold(steps, _STEEP, 255, cv2.THRESH_BINARY)[1]) > _BUSY * steps.size


def _thin(grey: NDArray[np.uint8], least: float) -> NDArray[np.uint8]:
    """What is some px thin, faint or not."""
    hat = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones((5, 5), np.uint8))
    floor = max(0.1 * fullest(hat, 255 * least), 255 * least, quantile(hat, 1 - _MOST_THIN))
    return cv2.threshold(hat, floor, 255, cv2.THRESH_BINARY)[1]


class _Window(NamedTuple):
    """What stands out through a window of some px a side, and the paper without it, uint8 (h, w) both."""

    hat: NDArray[np.uint8]
    paper: NDArray[np.uint8]
    side: int
    dark: bool


def _windows(
    grey: NDArray[np.uint8], around: list[NDArray[np.uint8]], sides: list[int], *, dark: bool
) -> list[_Window]:
    windows = []
    for usual, side in zip(around, sides, strict=True):
        paper = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
        # Beside dark strokes paper is light: what counts differs from what is commonest around it, too.
        darker = cv2.subtract(cv2.min(paper, usual), grey)
        # Dim light makes dark ink differ by less; a spot of light in it is not to look more like light ink than it did.
        hat = share_of_light(darker, paper) if dark else darker
        windows.append(_Window(hat, paper, side, dark))
    return windows


def _at_most(window: _Window, least: float) -> float:
    """How much writing a window of light ink can show: the `_judged` amount were every px of it a stroke's edge."""
    hat = cv2.threshold(window.hat, int(255 * least), 255, cv2.THRESH_TOZERO)[1]
    return 0.5 * _WEIGHT_OF_LIGHT * float(cv2.norm(hat, cv2.NORM_L2SQR)) / 255**2


def _narrowest(windows: list[_Window], least: float) -> _Writing:
    """What is seen through the narrowest window that shows nearly all the writing there is."""
    views = [view for window in windows for view in _looks(window, least)]
    inside = [view for view in views if view.inside]
    most, most_inside = (max(view.amount for view in some) for some in (views, inside))
    if most_inside > _SHARE_INSIDE * most:
        views, most = inside, most_inside
    return next(view for view in views if view.amount >= _ENOUGH * most)


def _looks(window: _Window, least: float) -> tuple[_Writing, _Writing]:
    """What one window shows, first of all there is, then of what does not reach the picture's edge or the sheet's."""
    hat, paper, side, dark = window
    steps = paper_steps(paper, dark=dark)
    parts = _parted(hat, least, steps)
    every = _judged(hat, parts, side, dark, inside=False)
    outer = parts.beyond | (edges_touched(parts.boxes, hat.shape) > 0)
    outer[0] = False
    if not outer.any():
        return every, replace(every, inside=True)
    # What reaches the edge may be a pen or a table, and is not to hide what is paler than it.
    hat = cv2.subtract(hat, cv2.dilate(chosen(parts.labels, outer), np.ones((5, 5), np.uint8)))
    return every, _judged(hat, _parted(hat, least, steps), side, dark, inside=True)


class _Parts(NamedTuple):
    """What stands out in one window, in parts.

    Attributes:
        whole: uint8 (h, w), all of it.
        mask: uint8 (h, w), the same without long straight thin lines, of which the parts are.
        outline: uint8 (h, w), where the mask ends.
        labels: (h, w), the part of each px, 0 of none.
        boxes: (n, 5), as `components` gives them, the one of no part first.
        darkness: (n,), how much each stands out on average, 0 to 255.
        beyond: (n,), which lie along an edge of the sheet.
    """

    whole: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    outline: NDArray[np.uint8]
    labels: NDArray[np.integer]
    boxes: NDArray[np.int32]
    darkness: NDArray[np.float64]
    beyond: NDArray[np.bool_]


def _parted(hat: NDArray[np.uint8], least: float, steps: NDArray[np.uint8]) -> _Parts:
    whole = _strong(hat, least)
    mask, labels, boxes = _unruled(whole)
    outline = outline_of(mask)
    inked, hats = by_part(labels, mask, hat)
    darkness = np.bincount(inked, hats, minlength=len(boxes)) / np.maximum(boxes[:, 4], 1)
    beyond = along_steps(*by_part(labels, outline, steps), darkness)
    return _Parts(whole, mask, outline, labels, boxes, darkness, beyond)


def _strong(hat: NDArray[np.uint8], least: float) -> NDArray[np.uint8]:
    """What stands out as much as writing does, uint8 (h, w)."""
    floor = int(255 * least)
    return cv2.threshold(hat, max(0.4 * fullest(hat, floor), floor), 255, cv2.THRESH_BINARY)[1]


def _unruled(mask: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.integer], NDArray[np.int32]]:
    """A mask without long straight thin lines, and its parts; strokes that they cross are cut, no matter."""
    labels, parts = components(mask)
    long = _LONG * max(mask.shape)
    if parts[1:, 2:4].max(initial=0) < long:
        return mask, labels, parts
    thin = cv2.subtract(mask, cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)))
    if components(thin)[1][1:, 2:4].max(initial=0) < long:
        return mask, labels, parts
    found = cv2.HoughLinesP(thin, 1, np.pi / 180, 40, minLineLength=0.8 * long, maxLineGap=5)
    if found is None:
        return mask, labels, parts
    rules = np.zeros_like(mask)
    for x0, y0, x1, y1 in found.reshape(-1, 4).tolist():
        cv2.line(rules, (x0, y0), (x1, y1), 255, 3)
    unruled = cv2.subtract(mask, rules)
    return unruled, *components(unruled)


def _judged(hat: NDArray[np.uint8], parts: _Parts, side: int, dark: bool, *, inside: bool) -> _Writing:
    """How much of what stands out looks like writing: the length of what may be strokes, times their contrast."""
    count = len(parts.boxes)
    width, height, area = parts.boxes[1:, 2:].T.astype(float)
    fall = cv2.morphologyEx(hat, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8))
    outlines, falls = by_part(parts.labels, parts.outline, fall)
    edge = np.maximum(np.bincount(outlines, minlength=count)[1:], 1)
    strokes = 2.0 * area / edge  # area over half the outline: exact for a long stroke
    touches = edges_touched(parts.boxes, hat.shape)[1:] > 0
    contrast = parts.darkness[1:] / 255
    sharp = np.bincount(outlines[falls > _SHARP * parts.darkness[outlines]], minlength=count)[1:] / edge
    long, short = np.maximum(width, height), np.minimum(width, height)
    # Strokes leave most of their box free, but for a slender 1; paper between strokes does not.
    free = (area < _FULL * width * height) | (short < 0.4 * long)
    like = free & (long >= _SMALLEST_PX) & (strokes < 0.5 * side) & ~parts.beyond[1:]
    if not dark and like.any():
        like &= _widest(parts)[1:] < _EVEN * strokes
    # Writing is sparse: what covers half of a picture is a texture. A shadow's edge is soft.
    sparse = max(1 - 2 * cv2.countNonZero(parts.mask) / hat.size, 0.05)
    weight = 0.5 * edge * contrast**2 * like * (sharp > _MOSTLY) * sparse
    weight *= 1.0 if dark else _WEIGHT_OF_LIGHT
    amount, stroke = _of_one_pen(strokes, weight)
    return _Writing(amount, stroke, parts.whole, parts.labels, np.append(False, like & ~touches), dark, inside)


def _widest(parts: _Parts) -> NDArray[np.float64]:
    """How wide each part is where it is widest, px, (n,)."""
    inked, depths = by_part(parts.labels, parts.mask, cv2.distanceTransform(parts.mask, cv2.DIST_L2, 3))
    deepest = np.zeros(len(parts.boxes))
    np.maximum.at(deepest, inked, depths)
    return 2 * deepest


def _of_one_pen(strokes: NDArray[np.float64], weight: NDArray[np.float64]) -> tuple[float, float]:
    """The weight of the parts that one pen may have written, and the width of its wider strokes; the rest is shadow."""
    if weight.sum() == 0:
        return 0.0, 1.0
    order = np.argsort(strokes)
    widths, total = strokes[order], np.concatenate([[0.0], np.cumsum(weight[order])])
    ends = np.searchsorted(widths, _ONE_PEN * widths, side="right")
    first = int((total[ends] - total[:-1]).argmax())
    low, high = float(total[first]), float(total[ends[first]])
    return high - low, float(widths[np.searchsorted(total[1:], low + 0.75 * (high - low))])


def _around(grey: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """What is commonest around each px: the median of some 2.6 windows, uint8 of the same shape."""
    shrink = max(side / 5, 1.0)
    size = max(round(grey.shape[1] / shrink), 1), max(round(grey.shape[0] / shrink), 1)
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    median = cv2.medianBlur(cv2.copyMakeBorder(small, 6, 6, 6, 6, cv2.BORDER_REPLICATE), 13)[6:-6, 6:-6]
    return cv2.resize(median, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _noise(grey: NDArray[np.uint8]) -> float:
    """Robust standard deviation of the grain, 0 to 1, from differences of neighbours."""
    if min(grey.shape) < 3:
        return 0.0
    steps = cv2.absdiff(grey[:, 2:], grey[:, :-2])
    return quantile(steps, 0.5) / 255 / 0.954  # median |a − b| of normal a, b is 0.954 σ
