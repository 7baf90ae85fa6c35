"""Tables that are ruled across alone: their columns are where all of their rows leave the same place free.

How wide digits stand apart does not tell a row of cells from a number written wide. What is ruled and printed does:
rules of one length with a row between any two, and print, lower than what is written, at one end of the rows.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sonsu.reading.rows import MANY

_FEWEST = 3  # rows, with a rule above and below each
_ALIKE = 0.5  # usual heights: the ends of a table's rules differ by less, and two rules are farther apart
_LOWER = 0.6  # heights of what is written: print is lower…
_SPECK = 0.2  # …and dirt lower still
_NAMED = 0.5  # of the rows, that print stands beside at the same end
_FREE = 0.3  # heights that all rows leave free
_WIDE = 0.6  # heights between two cells of most rows: digits of a number are mostly closer


class _Table(NamedTuple):
    """What stands in a table.

    Attributes:
        row: (n,), the row that each part stands in, -1 where it stands in none.
        written: (n,), which parts are written, not print nor a mark.
        taken: (n,), which parts are written or marks between them.
        height_px: of what is written.
        top, bottom: its first and last rule.
    """

    row: NDArray[np.int_]
    written: NDArray[np.bool_]
    taken: NDArray[np.bool_]
    height_px: float
    top: float
    bottom: float


def gutters(boxes: NDArray[np.float64], rails: NDArray[np.int_], usual: float) -> NDArray[np.int_]:
    """Where upright rules would stand in a table that has none.

    Args:
        boxes: (n, 4): x, y, width, height of parts of a level page.
        rails: (k, 4), boxes around level rules.
        usual: the parts' usual height.

    Returns:
        (m, 4), boxes as around those rules, from left to right; none where no such table is seen.
    """
    table = _table(boxes, rails, usual)
    if table is None:
        return np.zeros((0, 4), int)
    height = table.bottom - table.top
    return np.array([(x, table.top, 1, height) for x in _columns(boxes, table)], int).reshape(-1, 4)


def _table(boxes: NDArray[np.float64], rails: NDArray[np.int_], usual: float) -> _Table | None:
    """The table of most rules; None where its rows have no print beside them."""
    if not _FEWEST < len(rails) <= MANY:
        return None
    left, right, levels = _ruled(rails, usual)
    if len(levels) <= _FEWEST:
        return None
    x, y, height = boxes[:, [0, 1, 3]].T
    end = x + boxes[:, 2]
    row = np.searchsorted(levels, y + height / 2) - 1
    row[(x < left - _ALIKE * usual) | (end > right + _ALIKE * usual) | (row == len(levels) - 1)] = -1
    highest = _of_each(np.maximum, height, row, len(levels), 0.0)
    if not highest.any():
        return None
    tall = float(np.median(highest[highest > 0]))
    written = (row >= 0) & (height > _LOWER * tall)
    first = _of_each(np.minimum, x[written], row[written], len(levels), np.inf)
    last = _of_each(np.maximum, end[written], row[written], len(levels), -np.inf)
    low = (row >= 0) & ~written & (height > _SPECK * tall) & np.isfinite(first[row])
    named = max(len(np.unique(row[low & beside])) for beside in (end < first[row], x > last[row]))
    filled = np.count_nonzero(np.isfinite(first))
    if filled < _FEWEST or named < _NAMED * filled:
        return None
    taken = (row >= 0) & (end > first[row]) & (x < last[row])
    return _Table(row, written, taken, tall, float(levels[0]), float(levels[-1]))


def _ruled(rails: NDArray[np.int_], usual: float) -> tuple[float, float, NDArray[np.float64]]:
    """Of the rules that most others are like: where they begin and end, and how far down each is."""
    left, right = rails[:, 0], rails[:, 0] + rails[:, 2]
    alike = np.maximum(abs(left[:, None] - left), abs(right[:, None] - right)) <= _ALIKE * usual
    most = alike[alike.sum(axis=1).argmax()]
    levels = np.sort((rails[:, 1] + rails[:, 3] / 2)[most])
    return float(left[most].min()), float(right[most].max()), levels[np.diff(levels, prepend=-np.inf) > _ALIKE * usual]


def _of_each(
    extreme: np.ufunc, values: NDArray[np.float64], row: NDArray[np.int_], count: int, none: float
) -> NDArray[np.float64]:
    """The smallest or largest value in each of so many rows, (count,)."""
    found = np.full(count, none)
    extreme.at(found, row[row >= 0], values[row >= 0])
    return found


def _columns(boxes: NDArray[np.float64], table: _Table) -> list[float]:
    """The middles of what all rows leave free, from left to right, where most rows' cells are wide apart."""
    taken = boxes[table.taken]
    taken = taken[np.argsort(taken[:, 0])]
    ends, starts = np.maximum.accumulate(taken[:, 0] + taken[:, 2])[:-1], taken[1:, 0]
    free = starts - ends > _FREE * table.height_px
    places = zip(ends[free].tolist(), starts[free].tolist(), strict=True)
    return [(end + start) / 2 for end, start in places if _apart(boxes, table, end) > _WIDE * table.height_px]


def _apart(boxes: NDArray[np.float64], table: _Table, end: float) -> float:
    """How far apart what is written on both sides of a free place mostly is, px; 0 where a single row has both."""
    count = int(table.row.max()) + 1
    before = table.written & (boxes[:, 0] < end)
    after = table.written & ~before
    last = _of_each(np.maximum, (boxes[:, 0] + boxes[:, 2])[before], table.row[before], count, -np.inf)
    first = _of_each(np.minimum, boxes[after, 0], table.row[after], count, np.inf)
    apart = (first - last)[np.isfinite(first - last)]
    return float(np.median(apart)) if len(apart) > 1 else 0.0
