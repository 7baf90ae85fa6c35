"""Sides of boxes and ticks of combs: straight up from a level rule, and as regular as only print is.

A side goes all the way from one level rule to the next, which a digit between them hardly ever does; where a row of
boxes or a comb is divided, it is into equal parts. So a 1 in a box is told from the box's side.
"""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.components import runs
from sonsu.reading.rails import DARKER, LEAN, MOST, Rails, as_dark

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
_VIEWS = (0.0, -0.03, 0.03, -0.06, 0.06, -0.09, 0.09)  # by how much a row's one end is nearer to the camera…
_MANY = 4  # …where it has more boxes; of fewer, each is nearly where it is due
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
            return Row(upper, lower, height, strip.uprights(np.array(places), np.zeros(len(places), int)))
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
    if len(rails) > MOST:
        some = rails.longest(MOST)
        return [(int(some[j]), some[uppers].tolist()) for j, uppers in _pairs(rails.some(some), stroke_px)]
    middle, width = rails.middle(), rails.right - rails.left
    apart = middle[None] - middle[:, None]  # (upper, lower)
    fits = (apart > _LOWEST * stroke_px) & (apart < _TALLEST * width)
    fits &= as_dark(rails)
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

    def middle(self, start: int, end: int) -> int:
        """Of the columns from start on, before end, the one with most ink."""
        return start + int(self.dense[start:end].argmax())

    def uprights(self, places: NDArray[np.int_], tops: NDArray[np.int_]) -> list[Upright]:
        """The sides at some columns, each from a row of the strip on, (n,) both."""
        height, width = self.inked.shape
        columns = places[:, None] + np.arange(-self.reach - 1, self.reach + 2)  # (n, k)
        within = columns.clip(0, width - 1)
        part = (self.inked[:, within] > 0) & (columns == within)  # (h, n, k)
        below = np.arange(height)[:, None] >= tops
        count = part.sum(axis=2)
        some = (count > 0) & below
        middles = np.einsum("hnk,nk->hn", part, columns) / np.maximum(count, 1)
        rank, rows = np.cumsum(some, axis=0), some.sum(axis=0)
        half = np.maximum(rows // 2, 1)
        upper, lower = (_quantile(middles, some & near, 0.5) for near in (rank <= half, rank > rows - half))
        thick = np.minimum(_quantile(count, some, 0.3), 2 * self.thick + 2)
        lean = ((upper - lower) / np.maximum(rows - half, 1)).clip(-LEAN - 1 / height, LEAN + 1 / height)
        value = np.minimum(_quantile(self.grey[:, within].max(axis=2), below, 0.4), DARKER * self.value)
        ends = np.stack([tops - self.thick, np.full(len(tops), height + self.thick)])  # (2, n)
        x, y = self._on_page((upper + lower) / 2 + lean * ((height + tops) / 2 - ends), ends)
        values = (every.tolist() for every in (*x, *y, thick, value))
        return [Upright((x0, y0), (x1, y1), *rest) for x0, x1, y0, y1, *rest in zip(*values, strict=True)]

    def _on_page(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        left, bottom, slope = self.rail
        return left + x, bottom + slope * x + y - len(self.inked)


def _quantile(values: NDArray[np.number], chosen: NDArray[np.bool_], share: float) -> NDArray[np.float64]:
    """The quantile of those values that are chosen in each column, (h, n) both, as `np.quantile` has it."""
    ordered = np.sort(np.where(chosen, values, np.inf), axis=0)
    last = chosen.sum(axis=0) - 1
    low = (share * last).astype(int)
    each = np.arange(len(last))
    lower, upper = ordered[low, each], ordered[np.minimum(low + 1, last), each]
    return np.asarray(lower + (upper - lower) * (share * last - low))


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
    first, last = _best(strip, covered, np.array([pad, len(covered) - pad]), pad).tolist()
    groups = runs(covered >= _ALL_BUT).tolist()
    cut = min(covered[first], covered[last]) < _COVERED
    if cut:  # a part of the row
        first, last = (strip.middle(*groups[0]), strip.middle(*groups[-1])) if groups else (0, 0)
    if last - first < _NARROW * height:
        return []
    inner = next(filter(None, (_equal(strip, first, last, view) for view in _VIEWS)), [])
    if cut and not inner:
        return []
    if not inner:  # boxes of different widths
        most = 2 * strip.thick + 2 * strip.reach + 2
        slender = [strip.middle(start, end) for start, end in groups if end - start <= most]
        inner = [place for place in slender if first + pad < place < last - pad]
    return [first, *inner, last]


def _equal(strip: _Strip, first: int, last: int, view: float) -> list[int]:
    """The sides between two ends that make most boxes of one width, joined or apart, as seen; none where none do."""
    covered, height = strip.covered, len(strip.inked) + strip.thick
    fewest = _MANY + 1 if view else 2
    if last - first < fewest * _NARROW * height:
        return []
    off = round(_OFF * height) + 1
    near = cv2.dilate(covered[None], np.ones((1, 2 * off + 1), np.uint8)).ravel()
    narrowest = _NARROW * height
    length = np.diff(runs(near[first + 1 : last] >= _COVERED))
    room = int(((length - 1) // max(narrowest - 1, 1) + 1).sum())  # so many sides may be there, but no more
    count = np.arange(min(int((last - first) / narrowest), room + 1), fewest - 1, -1)[:, None]  # (c, 1)
    gap = np.array([0.0, *np.arange(strip.thick + 2, _APART * height, 2.0)])  # (g,)
    width = (last - first - (count - 1) * gap) / count  # (c, g)
    number = np.arange(1, count.max(initial=1))
    starts = first + number * (width + gap)[..., None]
    due = _seen(np.stack([starts, starts - gap[:, None]], axis=2), first, last, view)  # (c, g, 2, most boxes less one)
    there = near[due.clip(0, last)]
    inner = (number < count)[:, None, None]
    least, mean = there.min(axis=(2, 3), where=inner, initial=1), there.sum(axis=(2, 3), where=inner) / (2 * count - 2)
    best, score = [], (0, 0.0)
    for c, g in np.argwhere((width >= narrowest) & (least >= _COVERED) & (mean >= _ALL_BUT)):
        if (count[c, 0] - 1) * (1 + (g > 0)) < score[0]:
            continue
        places = np.unique(_best(strip, covered, due[c, g, :, : count[c, 0] - 1].ravel(), off))
        places = places[np.diff(places, prepend=-np.inf) > strip.thick + 2]
        reached = (len(places), float(strip.dense[places].sum()))
        if reached > score:
            best, score = places.tolist(), reached
    return best


def _seen(places: NDArray[np.float64], first: int, last: int, view: float) -> NDArray[np.int_]:
    """Where columns between two others are that stay, seen with one end nearer: a projective map of the line."""
    way = (places - first) / (last - first)
    return np.asarray(np.rint(first + (last - first) * way * (1 + view) / (1 + view * way)), int)


def _best(strip: _Strip, height: NDArray[np.floating], places: NDArray[np.number], reach: float) -> NDArray[np.int_]:
    """The column near each place, (n,), that is highest; of those the one with most ink, the nearer the better."""
    columns = np.ceil(places - reach).astype(int)[:, None] + np.arange(int(2 * reach) + 1)
    away = np.abs(columns - places[:, None])
    within = columns.clip(0, len(height) - 1)
    near = np.where((away <= reach) & (columns == within), height[within], -1)
    best = np.where(near >= 0.97 * near.max(axis=1, keepdims=True), strip.dense[within] * (1 - away / (2 * reach)), -1)
    return np.take_along_axis(columns, best.argmax(axis=1)[:, None], axis=1).ravel()


def _ticks(strip: _Strip, usual: float) -> list[Upright]:
    """The ticks on a rule that stand at equal distances from one end to the other."""
    wide = cv2.dilate(strip.inked, np.ones((1, 3), np.uint8))
    high = np.cumprod(wide[::-1] > 0, axis=0).sum(axis=0).astype(float)
    first, last = _best(strip, high, np.array([strip.pad, len(high) - strip.pad]), strip.pad).tolist()
    if min(high[first], high[last]) < _TICK * usual:
        return []
    most = int((last - first) / (_NARROW * usual))
    for count, view in ((c, v) for c in range(most, _FEWEST - 1, -1) for v in _VIEWS if c > _MANY or not v):
        step = (last - first) / count
        places = _best(strip, high, _seen(first + np.arange(1, count) * step, first, last, view), _OFF * step + 1)
        tall = high[places]
        lowest, tick = float(tall.min()), float(np.median(tall))
        if lowest < max(_TICK * usual, 0.7 * tick, 0.12 * step):
            continue
        ends = np.minimum(high[[first, last]], _TALLER * tick)
        heights = np.array([ends[0], *np.minimum(tall, 1.2 * lowest), ends[1]])
        tops = len(strip.inked) - np.rint(heights).astype(int)
        return strip.uprights(np.array([first, *places, last]), tops)
    return []
