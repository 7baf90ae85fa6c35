"""Lines that run across a gutter parted, and all of them put into a person's reading order."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sonsu.reading.rows import MANY, Rows, span

_ALONE, _TIMES = 1.6, 4.0  # heights; times the line's narrowest gap: a gap wider than both parts it
_GUTTER = 0.9  # heights: a gap that other lines have at the same place…
_MARGIN = 0.2  # …but for this share of its width on either side…
_WITNESSES = 2  # …so many of them…
_NEAR = 6.0  # …within so many heights above and below…
_AS_HIGH = 0.5  # …and no lower than this share
_FARTHER = 1.4  # than two digits of a line mostly are, from middle to middle…
_FARTHEST = 2.1  # …or heights: hardly anybody writes a number's digits so far apart
_SEVERAL = 1.0  # heights: what is wider is more than one digit…
_WITHIN = 0.4  # …but where the narrower of two pieces lies above or below the other one for more of its width
_LEVEL = 0.4  # heights, that the middles of two lines beside each other differ by


def parted(boxes: NDArray[np.float64], rows: Rows, sides: NDArray[np.int_]) -> Rows:
    """Part lines at gaps that are far wider than their others, or that lines above and below share.

    Args:
        boxes: (n, 4): x, y, width, height of parts.
        rows: each line's parts, from left to right.
        sides: (k, 4), sides of boxes: what stands in a row of boxes is not parted.
    """
    if len(rows) > MANY:
        return rows
    spans = np.array([span(boxes[row]) for row in rows]).reshape(-1, 5)
    gaps = [_gaps(boxes[row], usual) for row, usual in zip(rows, spans[:, 4].tolist(), strict=True)]
    pieces: Rows = []
    for number, row in enumerate(rows):
        usual = spans[number, 4]
        start = 0
        for at, gap in enumerate(gaps[number]):
            if not gap.far or _boxed(gap, spans[number], sides):
                continue
            others = [max(other.width, 0) for i, other in enumerate(gaps[number]) if i != at and other.of_digits]
            alone = others and gap.width > max(_ALONE * usual, _TIMES * (min(others) + 0.1 * usual))
            if alone or _shared(gap, number, spans, gaps):
                pieces.append(row[start : at + 1])
                start = at + 1
        pieces.append(row[start:])
    return pieces


class _Gap(NamedTuple):
    """Where the parts before it end, at the latest, and the next one begins.

    Attributes:
        far: whether it is as wide as a gutter, and its two neighbours are farther apart, from middle to middle, than
            most of their line or of any number.
        tells: whether other digits of the line are closer.
        of_digits: whether what it parts are digits, and not pieces of one that overlap.
    """

    left: float
    right: float
    far: bool
    tells: bool
    of_digits: bool

    @property
    def width(self) -> float:
        return self.right - self.left


def _gaps(boxes: NDArray[np.float64], usual: float) -> list[_Gap]:
    """The gaps of a line whose parts have this usual height; what overlaps is one piece of writing."""
    ends = np.maximum.accumulate(boxes[:, 0] + boxes[:, 2])
    wide = boxes[1:, 0] - ends[:-1]
    first = np.flatnonzero(np.concatenate([[True], wide > 0]))
    left, right = boxes[first, 0], ends[np.append(first[1:], len(boxes)) - 1]
    apart, several = np.diff(left + right) / 2, bool((right - left > _SEVERAL * usual).any())
    apart_px = -_WITHIN * np.minimum(boxes[:-1, 2], boxes[1:, 2])
    of_digits = (wide > 0) | ((wide > apart_px) & (ends[1:] - boxes[:-1, 0] > _SEVERAL * usual))
    sides = zip(ends[:-1].tolist(), boxes[1:, 0].tolist(), of_digits.tolist(), strict=True)
    gaps = [_Gap(end, start, False, False, digits) for end, start, digits in sides]
    for piece, after in enumerate(first[1:].tolist()):
        if wide[after - 1] <= _GUTTER * usual:
            continue
        beyond_any = bool(apart[piece] > _FARTHEST * usual)
        others = np.delete(apart, piece)
        beyond = bool(apart[piece] > _FARTHER * np.median(others)) if len(others) else beyond_any and several
        gaps[after - 1] = gaps[after - 1]._replace(far=beyond or beyond_any or len(others) == 0, tells=beyond)
    return gaps


def _common(one: _Gap, other: _Gap) -> bool:
    """Whether the middle of the narrower gap lies within the other one."""
    margin = _MARGIN * min(one.width, other.width)
    narrow, wide = sorted((one, other), key=lambda gap: gap.width)
    return wide.left <= narrow.left + margin and wide.right >= narrow.right - margin


def _boxed(gap: _Gap, own: NDArray[np.float64], sides: NDArray[np.int_]) -> bool:
    """Whether a side of a box stands in a line's gap."""
    x, y, width, height = sides.T
    column, middle = x + width / 2, (own[1] + own[3]) / 2
    return bool(((column > gap.left) & (column < gap.right) & (y < middle) & (middle < y + height)).any())


def _shared(gap: _Gap, number: int, spans: NDArray[np.float64], gaps: list[list[_Gap]]) -> bool:
    """Whether lines above and below leave the same place free, and stand on both sides of it."""
    own = spans[number]
    away = np.maximum(own[1] - spans[:, 3], spans[:, 1] - own[3])
    near = (away < _NEAR * own[4]) & (spans[:, 4] > _AS_HIGH * own[4])
    near[number] = False
    low, high = gap.left + _MARGIN * gap.width, gap.right - _MARGIN * gap.width
    ends, starts, across = 0, 0, 0
    for other in np.flatnonzero(near):
        x, _, end, _, usual = spans[other]
        if end <= high and end > gap.left - 3 * usual:
            ends += 1
        elif x >= low and x < gap.right + 3 * usual:
            starts += 1
        elif x < low and end > high:
            free = [each for each in gaps[other] if each.width > _GUTTER * usual and _common(each, gap)]
            if not free:
                return False
            alike = max(abs(x - own[0]), abs(end - own[2])) < own[4]
            across += any(each.tells or (each.far and alike) for each in free)
    return across + min(ends, starts) >= _WITNESSES or (across + min(ends, starts) >= 1 and near.sum() <= 2)


def in_order(boxes: NDArray[np.float64], rows: Rows, separators: NDArray[np.int_]) -> Rows:
    """Put lines into the order in which a person reads them.

    Columns come from left to right where a gutter parts two lines and more on either side; elsewhere, and in tables,
    lines come from top to bottom.

    Args:
        boxes: (n, 4): x, y, width, height of parts.
        rows: each line's parts.
        separators: (k, 4), boxes around upright rules of tables: a gutter with one in it parts no columns of text.
    """
    if len(rows) < 2:
        return rows
    spans = np.array([span(boxes[row]) for row in rows])
    return [rows[i] for i in _cut(spans, np.arange(len(rows)), separators)]


def _cut(spans: NDArray[np.float64], every: NDArray[np.int_], separators: NDArray[np.int_]) -> list[int]:
    """X-Y cut (Nagy and Seth 1984) of these lines; a long column is cut as often as it has lines, so not recursive."""
    found: list[int] = []
    waiting = [every]
    while waiting:
        which = waiting.pop()
        if len(which) == 1:
            found.append(int(which[0]))
            continue
        usual = float(np.median(spans[which, 4]))
        if halves := _halves(spans, which, separators, 0.5 * usual):
            waiting += reversed(halves)
            continue
        middle = (spans[which, 1] + spans[which, 3]) / 2
        order = np.argsort(middle, kind="stable")
        level = np.zeros(len(which), int)
        level[order[1:]] = np.cumsum(np.diff(middle[order]) > _LEVEL * usual)
        found += which[np.lexsort((spans[which, 0], level))].tolist()
    return found


def _halves(
    spans: NDArray[np.float64], which: NDArray[np.int_], separators: NDArray[np.int_], gutter: float
) -> tuple[NDArray[np.int_], NDArray[np.int_]] | None:
    """Columns beside each other, or else what is above the widest gap and below; None where there is neither."""
    for groups in _cuts(spans[which, 0], spans[which, 2], gutter):
        sides = which[groups], which[~groups]
        if min(map(len, sides)) >= 2 and _beside(spans, *sides) and not _ruled(spans, *sides, separators):
            return sides
    for groups in _cuts(spans[which, 1], spans[which, 3], 0.0):
        return which[groups], which[~groups]
    return None


def _cuts(low: NDArray[np.float64], high: NDArray[np.float64], least: float) -> Iterator[NDArray[np.bool_]]:
    """The ways to part intervals at a gap of at least this size, as those before it; the widest gap first."""
    order = np.argsort(low)
    gaps = low[order][1:] - np.maximum.accumulate(high[order])[:-1]
    for i in np.argsort(-gaps, kind="stable"):
        if gaps[i] <= least:
            return
        yield low < low[order][i + 1]


def _beside(spans: NDArray[np.float64], one: NDArray[np.int_], other: NDArray[np.int_]) -> bool:
    """Whether two groups of lines stand beside each other for the height of a line and more."""
    top = max(spans[one, 1].min(), spans[other, 1].min())
    bottom = min(spans[one, 3].max(), spans[other, 3].max())
    return bool(bottom - top > 1.5 * np.median(spans[one, 4]))


def _ruled(
    spans: NDArray[np.float64], one: NDArray[np.int_], other: NDArray[np.int_], separators: NDArray[np.int_]
) -> bool:
    """Whether a table's rule stands in the gutter between two groups of lines."""
    x, y, width, height = separators.T
    column, both = x + width / 2, np.concatenate([one, other])
    within = np.minimum(y + height, spans[both, 3].max()) - np.maximum(y, spans[both, 1].min())
    between = (column > spans[one, 2].max()) & (column < spans[other, 0].min())
    return bool((between & (within > 1.5 * np.median(spans[both, 4]))).any())
