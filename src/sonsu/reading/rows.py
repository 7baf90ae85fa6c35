"""Connected parts put into lines, from left to right; what stands in other columns is apart."""

import numpy as np
from numpy.typing import NDArray

Rows = list[list[int]]

_TALL = 0.45  # usual heights: lower parts are commas, dashes and dirt; they join a line, but make none
_GAP = 2.2  # heights between two parts of one line
_LEVEL = 0.4  # of the smaller height, that two neighbours overlap by
MANY = 400
"""Of more lines than this nobody reads a page: they are print or grain, and are left as they were found."""

_WITHIN = 0.45  # of its height, that a line lies within another one
_RULED = 0.35  # heights: a gap this wide with a table's rule in it parts two cells
_SPARSE = 1.4  # usual heights between such rules; closer ones are squared paper's
_BESIDE = 0.8  # heights: how far beside its line a mark may stand
_BEYOND = 0.4  # heights: how far above or below


def of_tables(separators: NDArray[np.int_], usual: float) -> NDArray[np.int_]:
    """Of boxes around upright rules, (k, 4), those that part a table's columns: none of squared paper."""
    if len(separators) < 2:
        return separators
    apart = np.diff(np.sort(separators[:, 0])).astype(float)
    apart = apart[apart > 0.2 * usual]  # pieces of one rule
    return separators if len(apart) == 0 or float(np.median(apart)) > _SPARSE * usual else separators[:0]


def in_rows(boxes: NDArray[np.float64], usual: float, frames: NDArray[np.int_], separators: NDArray[np.int_]) -> Rows:
    """Put parts into lines.

    Args:
        boxes: (n, 4): x, y, width, height of parts of a level page.
        usual: their usual height.
        frames: (m, 4), boxes around printed frames: what is in one row of a frame is one line.
        separators: (k, 4), boxes around upright rules of tables, see `of_tables`.

    Returns:
        The indices of each line's parts from left to right.
    """
    tall = boxes[:, 3] >= _TALL * usual
    rows: Rows = []
    tails = np.empty((len(boxes), 6))
    for part in sorted(np.flatnonzero(tall).tolist(), key=lambda i: float(boxes[i, 0])):
        distances = _distances(tails[: len(rows)], boxes[part], frames, separators)
        best = int(distances.argmin()) if len(rows) else 0
        if len(rows) and np.isfinite(distances[best]):
            rows[best].append(part)
        else:
            best = len(rows)
            rows.append([part])
        tails[best] = _tail(boxes[rows[best][-3:]])
    return _joined(boxes, rows, usual)


def _joined(boxes: NDArray[np.float64], rows: Rows, usual: float) -> Rows:
    """Lines that lie within each other made one: a broken digit's lower half may have started a line of its own."""
    if len(rows) > MANY:
        return rows
    spans = np.array([span(boxes[row]) for row in rows]).reshape(-1, 5)
    order = sorted(range(len(rows)), key=lambda i: -len(rows[i]))
    into: dict[int, list[int]] = {}
    for number in order:
        x, y, right, bottom, _ = spans[number].tolist()
        hosts = np.array(list(into), int)
        left, top, end, low, _ = spans[hosts].T
        within = np.asarray(np.minimum(low, bottom) - np.maximum(top, y), np.float64)
        meets = (x < end) & (right > left) & (within > _WITHIN * (bottom - y))
        for host in hosts[meets]:
            near = boxes[into[host]]
            near = near[(near[:, 0] < right + 0.5 * usual) & (near[:, 0] + near[:, 2] > x - 0.5 * usual)]
            if len(near) and min(bottom, span(near)[3]) - max(y, span(near)[1]) > _WITHIN * (bottom - y):
                into[host] = sorted(into[host] + rows[number], key=lambda i: float(boxes[i, 0]))
                break
        else:
            into[number] = rows[number]
    return list(into.values())


def with_marks(boxes: NDArray[np.float64], rows: Rows, usual: float) -> Rows:
    """Lines with the commas, dashes and bars of fives that stand in them or right beside, from left to right."""
    rows = [list(row) for row in rows]
    marks = np.flatnonzero(boxes[:, 3] < _TALL * usual).tolist()
    if rows:
        _add_marks(boxes, rows, marks)
    return [sorted(row, key=lambda i: float(boxes[i, 0])) for row in rows]


def _tail(recent: NDArray[np.float64]) -> tuple[float, ...]:
    """The end of a line, from its last parts: right, top, bottom, usual height; top and bottom of the very last."""
    ends = recent[:, :2] + recent[:, 2:]
    top, bottom = recent[:, 1].mean(), ends[:, 1].mean()
    return float(ends[:, 0].max()), top, bottom, _median(recent[:, 3]), recent[-1, 1], ends[-1, 1]


def _distances(
    tails: NDArray[np.float64], box: NDArray[np.float64], frames: NDArray[np.int_], separators: NDArray[np.int_]
) -> NDArray[np.float64]:
    """How far a part is from the ends of lines, px; infinite where it does not belong to one."""
    right, top, bottom, usual, last_top, last_bottom = tails.T
    x, y, _, height = box
    tall = np.maximum(usual, height)
    gap = x - right
    overlap = np.maximum(
        np.minimum(bottom, y + height) - np.maximum(top, y),
        np.minimum(last_bottom, y + height) - np.maximum(last_top, y),
    )
    level = overlap >= _LEVEL * np.minimum(height, bottom - top)
    near = gap <= _GAP * np.sqrt(usual * height)
    middle = (top + bottom) / 2
    far = np.flatnonzero(level & ~near)
    near[far] = _same_frame(right[far], middle[far], x, y + height / 2, height, frames)
    wide = np.flatnonzero(level & near & (gap > _RULED * tall))
    near[wide] = ~_parted(right[wide], x, middle[wide], separators)
    return np.where(level & near, np.maximum(gap, 0.0) + (tall - overlap), np.inf)


def _same_frame(
    right: NDArray[np.float64],
    middle: NDArray[np.float64],
    x: float,
    y: float,
    usual: float,
    frames: NDArray[np.int_],
) -> NDArray[np.bool_]:
    """Whether the ends of lines, (n,), and a place lie in one row of boxes: a frame hardly higher."""
    left, top, width, height = frames[(frames[:, 3] < 3 * usual)].T
    here = (x > left) & (x < left + width) & (y > top) & (y < top + height)
    left, top, width, height = left[here], top[here], width[here], height[here]
    inside = (right[:, None] > left) & (right[:, None] < left + width)
    inside &= (middle[:, None] > top) & (middle[:, None] < top + height)
    return np.asarray(inside.any(axis=1))


def _parted(
    left: NDArray[np.float64], right: float, middle: NDArray[np.float64], separators: NDArray[np.int_]
) -> NDArray[np.bool_]:
    """Whether a table's rule stands between the ends of lines, (n,), and a place."""
    x, y, width, height = separators.T
    column = x + width / 2
    between = (column > left[:, None]) & (column < right)
    return np.asarray((between & (y < middle[:, None]) & (middle[:, None] < y + height)).any(axis=1))


def _add_marks(boxes: NDArray[np.float64], rows: Rows, marks: list[int]) -> None:
    spans = np.array([span(boxes[row]) for row in rows])  # (n, 5): x, y, right, bottom, usual height
    pending = sorted(marks, key=lambda i: -float(boxes[i, 2] * boxes[i, 3]))
    for _ in range(2):  # what stands beside a mark may come before it
        left = []
        for mark in pending:
            x, y, width, height = boxes[mark]
            tall = spans[:, 4]
            aside = np.maximum(spans[:, 0] - (x + width), x - spans[:, 2]) / tall
            away = np.maximum(spans[:, 1] - (y + height / 2), y + height / 2 - spans[:, 3]) / tall
            cost = np.where(
                (aside < _BESIDE) & (away < _BEYOND), np.maximum(aside, 0) + 2 * np.maximum(away, 0), np.inf
            )
            best = int(cost.argmin())
            if not np.isfinite(cost[best]):
                left.append(mark)
                continue
            rows[best].append(mark)
            spans[best, 0] = min(spans[best, 0], x)
            spans[best, 2] = max(spans[best, 2], x + width)
        pending = left


def span(boxes: NDArray[np.float64]) -> tuple[float, ...]:
    """Left, top, right, bottom and usual height of a line's parts."""
    ends = boxes[:, :2] + boxes[:, 2:]
    return (*boxes[:, :2].min(axis=0), *ends.max(axis=0), _median(boxes[:, 3]))


def _median(values: NDArray[np.float64]) -> float:
    """As `np.median`, which takes several times as long for so few."""
    ordered = np.sort(values)
    return float(ordered[(len(values) - 1) // 2] + ordered[len(values) // 2]) / 2
