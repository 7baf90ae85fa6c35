"""Sides of boxes and ticks of combs: straight up from a level rule, and as regular as only print is.

A side goes all the way from one level rule to the next, which a digit between them hardly ever does; where a row of
boxes or a comb is divided, it is into equal parts. So a 1 in a box is told from the box's side.
"""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.rails import DARKER, LEAN, Rails

_LOWEST = 3.0  # strokes: boxes are higher
_TALLEST = 2.5  # times as high as wide, and no box more
_TRIES = 3  # lines above another that may be the top of its boxes
_LONG = 3.0  # times as long as high: so much of a row of boxes is one, though its top or bottom is not all there
_NARROW = 0.45  # of its height: a box is no narrower
_APART = 0.5  # of its height: two boxes of a row are no farther apart
_COVERED = 0.75  # of the way from rule to rule that a side is there, where it is due…
_ALL_BUT = 0.92  # …and on average, and where none is due
_INKED = 0.5  # of the rule's darkness
_OFF = 0.05  # of a box's width: as far from where it is due a side may be
_TICK = 0.2  # usual heights: a comb's tick is no lower…
_TALLER = 2.4  # …and its ends no higher than so many of its other ticks
_FEWEST = 2  # fields of a comb


class Upright(NamedTuple):
    """A side or a tick: its upper end, its lower end, its width and darkness; px, 0 to 255."""

    top: tuple[float, float]
    end: tuple[float, float]
    thick: float
    value: float


class Row(NamedTuple):
    """A row of boxes: the numbers of the level lines above and below, how high it is, px, and its sides."""

    upper: int
    lower: int
    height_px: float
    sides: list[Upright]


def boxes(ink: NDArray[np.uint8], rails: Rails, stroke_px: float) -> list[Row]:
    """Find the sides of boxes.

    Args:
        ink: uint8 (h, w), 0 to 255, of a level page.
        rails: level lines.
        stroke_px: width of the strokes.

    Returns:
        Each row of boxes.
    """
    rows = (_row(ink, rails, uppers, lower) for lower, uppers in _pairs(rails, stroke_px))
    return [row for row in rows if row]


def _row(ink: NDArray[np.uint8], rails: Rails, uppers: list[int], lower: int) -> Row | None:
    """The row of boxes on a line, under the first of some others that has sides; None where none has."""
    for upper in uppers:
        both = [upper, lower]
        left, right = max(rails.left[both]), min(rails.right[both])
        height = float(rails.middle()[lower] - rails.middle()[upper])
        strip = _strip(ink, rails, lower, height, left, right)
        if strip and (places := _divided(strip)):
            return Row(upper, lower, height, [strip.upright(place, 0) for place in places])
    return None


def combs(ink: NDArray[np.uint8], rails: Rails, which: NDArray[np.int_], usual: float) -> list[Upright]:
    """Find the ticks of combs.

    Args:
        ink: uint8 (h, w), 0 to 255, of a level page.
        rails: level lines.
        which: the numbers of those that may be combs'.
        usual: height of a digit, px.
    """
    found = []
    for rail in which.tolist():
        strip = _strip(ink, rails, rail, 1.2 * usual, rails.left[rail], rails.right[rail])
        found += _ticks(strip, usual) if strip else []
    return found


def _pairs(rails: Rails, stroke_px: float) -> list[tuple[int, list[int]]]:
    """Lines that may be the bottom of a row of boxes, and for each those that may be its top, the nearest first."""
    middle, width = rails.middle(), rails.right - rails.left
    apart = middle[None] - middle[:, None]  # (upper, lower)
    fits = (apart > _LOWEST * stroke_px) & (apart < _TALLEST * width)
    fits &= np.maximum.outer(rails.value, rails.value) < DARKER * np.minimum.outer(rails.value, rails.value)
    left, right = (
        np.abs(ends[:, None] - ends[None]) < 2 * stroke_px + 3 + LEAN * apart for ends in (rails.left, rails.right)
    )
    shorter = np.minimum.outer(width, width)
    fits &= (left & right) | ((left | right) & (shorter > _LONG * apart))
    fits[0] = fits[:, 0] = False
    uppers = [np.flatnonzero(column) for column in fits.T]
    return [
        (j, uppers[np.argsort(apart[uppers, j])[:_TRIES]].tolist()) for j, uppers in enumerate(uppers) if len(uppers)
    ]


@dataclass(frozen=True, eq=False)
class _Strip:
    """What stands on a rule, made level: uint8 (h, w), and how much of each column is `covered`, leaning a little."""

    inked: NDArray[np.uint8]
    grey: NDArray[np.uint8]
    covered: NDArray[np.float32]
    dense: NDArray[np.float32]  # how much ink is at each column and right beside
    pad: int  # px before the rule begins and after it ends
    reach: int  # px that a side may lean by
    thick: float
    value: float
    rail: tuple[float, float, float]  # x and y of the left lower corner, and the slope

    def middle(self, columns: NDArray[np.int_]) -> int:
        """Of some columns next to each other the one with most ink."""
        return int(columns[self.dense[columns].argmax()])

    def upright(self, place: int, top: int) -> Upright:
        """The side at a column, from row `top` of the strip on."""
        height = len(self.inked)
        near = slice(max(place - self.reach - 1, 0), place + self.reach + 2)
        part = self.inked[top:, near] > 0
        columns = np.arange(near.start, near.start + part.shape[1])
        some = part.any(axis=1)
        count = part.sum(axis=1)[some]
        middles = (part @ columns)[some] / count
        half = max(len(middles) // 2, 1)
        upper, lower = float(np.median(middles[:half])), float(np.median(middles[-half:]))
        thick = min(float(np.percentile(count, 30)), 2 * self.thick + 2)
        lean = (upper - lower) / max(len(middles) - half, 1)
        lean = float(np.clip(lean, -LEAN - 1 / height, LEAN + 1 / height))
        value = min(float(np.percentile(self.grey[top:, near].max(axis=1), 40)), DARKER * self.value)
        centre = (upper + lower) / 2
        ends = [(centre + lean * ((height + top) / 2 - y), y) for y in (top - self.thick, height + self.thick)]
        (x0, y0), (x1, y1) = (self._on_page(x, y) for x, y in ends)
        return Upright((x0, y0), (x1, y1), thick, value)

    def _on_page(self, x: float, y: float) -> tuple[float, float]:
        left, bottom, slope = self.rail
        return left + x, bottom + slope * x + y - len(self.inked)


def _strip(ink: NDArray[np.uint8], rails: Rails, lower: int, height: float, left: float, right: float) -> _Strip | None:
    """The strip of this height above a rail, from left to right; None where there is no room."""
    thick, slope, value = (float(values[lower]) for values in (rails.thick, rails.slope, rails.value))
    margin = thick / 2 + 1
    reach = int(np.ceil(LEAN * height)) + 1
    pad = round(thick) + reach + 3
    size = max(round(right - left) + 2 * pad, 1), max(round(height - 2 * margin), 0)
    if min(size) < _LOWEST:
        return None
    x, y = left - pad, rails.start[lower] + slope * (left - pad) - margin
    matrix = np.array([[1, 0, x], [slope, 1, y - size[1]]], float)
    grey = cv2.warpAffine(ink, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    inked = cv2.threshold(grey, _INKED * value, 255, cv2.THRESH_BINARY)[1]
    wide = cv2.dilate(inked, np.ones((1, 2 * reach + 1), np.uint8))
    # Both ends count as much as all of it: a digit leaves some room.
    edge = max(round(0.1 * size[1]), 2)
    parts = [cv2.reduce(part, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F) for part in (wide, wide[:edge], wide[-edge:])]
    covered = (np.minimum.reduce(parts) / 255).ravel()
    dense = cv2.blur(cv2.reduce(inked, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F), (2 * reach + 1, 1)).ravel()
    return _Strip(inked, grey, covered, dense, pad, reach, thick, value, (x, y, slope))


def _divided(strip: _Strip) -> list[int]:
    """The columns of a row's sides, its two ends among them; none where it has no ends."""
    covered, pad, height = strip.covered, strip.pad, len(strip.inked) + strip.thick
    first, last = _best(strip, covered, pad, pad), _best(strip, covered, len(covered) - pad, pad)
    groups = _groups(covered >= _ALL_BUT)
    cut = min(covered[first], covered[last]) < _COVERED
    if cut:  # a part of the row
        ends = [strip.middle(group) for group in groups]
        first, last = (ends[0], ends[-1]) if ends else (0, 0)
    if last - first < _NARROW * height:
        return []
    inner = _equal(strip, first, last)
    if cut and not inner:
        return []
    if not inner:  # boxes of different widths
        slender = [group for group in groups if len(group) <= 2 * strip.thick + 2 * strip.reach + 2]
        inner = [place for place in map(strip.middle, slender) if first + pad < place < last - pad]
    return [first, *inner, last]


def _groups(chosen: NDArray[np.bool_]) -> list[NDArray[np.int_]]:
    """The columns that are chosen, as runs without a gap."""
    columns = np.flatnonzero(chosen)
    return np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1) if len(columns) else []


def _equal(strip: _Strip, first: int, last: int) -> list[int]:
    """The sides between two ends that make most boxes of one width, joined or apart; none where none do."""
    covered, height = strip.covered, len(strip.inked) + strip.thick
    off = round(_OFF * height) + 1
    near = cv2.dilate(covered[None], np.ones((1, 2 * off + 1), np.uint8)).ravel()
    best, score = [], (0, 0.0)
    for count in range(int((last - first) / (_NARROW * height)), 1, -1):
        for gap in (0.0, *np.arange(strip.thick + 2, _APART * height, 2.0)):
            width = (last - first - (count - 1) * gap) / count
            starts = first + np.arange(1, count) * (width + gap)
            due = np.rint(np.concatenate([starts, starts - gap]) if gap else starts).astype(int)
            if width < _NARROW * height or near[due].min() < _COVERED or near[due].mean() < _ALL_BUT:
                continue
            places = np.unique([_best(strip, covered, place, off) for place in due])
            places = places[np.diff(places, prepend=-np.inf) > strip.thick + 2]
            reached = (len(places), float(strip.dense[places].sum()))
            if reached > score:
                best, score = places.tolist(), reached
    return best


def _best(strip: _Strip, height: NDArray[np.floating], place: float, reach: float) -> int:
    """The column near a place that is highest; of those the one with most ink, the nearer the better."""
    low, high = max(int(np.ceil(place - reach)), 0), min(int(place + reach) + 1, len(height))
    near, away = height[low:high], np.abs(np.arange(low, high) - place) / (2 * reach)
    return low + int(np.where(near >= 0.97 * near.max(), strip.dense[low:high] * (1 - away), -1).argmax())


def _ticks(strip: _Strip, usual: float) -> list[Upright]:
    """The ticks on a rule that stand at equal distances from one end to the other."""
    wide = cv2.dilate(strip.inked, np.ones((1, 3), np.uint8))
    high = np.cumprod(wide[::-1] > 0, axis=0).sum(axis=0).astype(float)
    pad, height = strip.pad, len(high)
    first, last = _best(strip, high, pad, pad), _best(strip, high, height - pad, pad)
    if min(high[first], high[last]) < _TICK * usual:
        return []
    for count in range(int((last - first) / (_NARROW * usual)), _FEWEST - 1, -1):
        step = (last - first) / count
        places = np.array([_best(strip, high, first + i * step, _OFF * step + 1) for i in range(1, count)])
        tall = high[places]
        lowest, tick = float(tall.min()), float(np.median(tall))
        if lowest < max(_TICK * usual, 0.7 * tick, 0.12 * step):
            continue
        heights = [min(high[first], _TALLER * tick), *np.minimum(tall, 1.2 * lowest), min(high[last], _TALLER * tick)]
        return [
            strip.upright(int(place), len(strip.inked) - round(height))
            for place, height in zip((first, *places, last), heights, strict=True)
        ]
    return []
