"""Connected parts put into lines, the lines into a person's reading order."""

import numpy as np
from numpy.typing import NDArray

Rows = list[list[int]]

_TALL = 0.45  # usual heights: lower parts are commas, dashes and dirt; they join a line, but make none
_GAP = 2.2  # heights between two parts of one line
_LEVEL = 0.4  # of the smaller height, that two neighbours overlap by
_BESIDE = 0.8  # heights: how far beside its line a mark may stand
_BEYOND = 0.4  # heights: how far above or below


def in_rows(boxes: NDArray[np.float64], usual: float, frames: NDArray[np.int_] | None = None) -> Rows:
    """Put parts into lines.

    Args:
        boxes: (n, 4): x, y, width, height of parts of a level page.
        usual: their usual height.
        frames: (m, 4), boxes around printed frames: what is in one row of a frame is one line.

    Returns:
        The indices of each line's parts from left to right; the lines in reading order.
    """
    tall = boxes[:, 3] >= _TALL * usual
    rows: Rows = []
    tails = np.empty((len(boxes), 6))
    for part in sorted(np.flatnonzero(tall).tolist(), key=lambda i: float(boxes[i, 0])):
        distances = _distances(tails[: len(rows)], boxes[part], frames)
        best = int(distances.argmin()) if len(rows) else 0
        if len(rows) and np.isfinite(distances[best]):
            rows[best].append(part)
        else:
            best = len(rows)
            rows.append([part])
        tails[best] = _tail(boxes[rows[best][-3:]])
    _add_marks(boxes, rows, np.flatnonzero(~tall).tolist())
    return _in_order(boxes, [sorted(row, key=lambda i: float(boxes[i, 0])) for row in rows])


def _tail(recent: NDArray[np.float64]) -> tuple[float, ...]:
    """The end of a line, from its last parts: right, top, bottom, usual height; top and bottom of the very last."""
    ends = recent[:, :2] + recent[:, 2:]
    top, bottom = recent[:, 1].mean(), ends[:, 1].mean()
    return float(ends[:, 0].max()), top, bottom, float(np.median(recent[:, 3])), recent[-1, 1], ends[-1, 1]


def _distances(
    tails: NDArray[np.float64], box: NDArray[np.float64], frames: NDArray[np.int_] | None
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
    near = gap <= _GAP * tall
    if frames is not None and len(frames):
        for row in np.flatnonzero(level & ~near):
            near[row] = _same_frame((right[row], (top[row] + bottom[row]) / 2), (x, y + height / 2), height, frames)
    return np.where(level & near, np.maximum(gap, 0.0) + (tall - overlap), np.inf)


def _same_frame(one: tuple[float, float], other: tuple[float, float], usual: float, frames: NDArray[np.int_]) -> bool:
    """Whether two points lie in one row of boxes: a frame around both that is little higher than what is in it."""
    x, y, width, height = frames.T
    inside = height < 3 * usual
    for at_x, at_y in (one, other):
        inside &= (at_x > x) & (at_x < x + width) & (at_y > y) & (at_y < y + height)
    return bool(inside.any())


def _add_marks(boxes: NDArray[np.float64], rows: Rows, marks: list[int]) -> None:
    """Add commas, dashes and the bars of fives to the lines that they stand in or right beside, in place."""
    if not rows:
        return
    spans = np.array([_span(boxes[row]) for row in rows])  # (n, 5): x, y, right, bottom, usual height
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


def _span(boxes: NDArray[np.float64]) -> tuple[float, ...]:
    ends = boxes[:, :2] + boxes[:, 2:]
    return (*boxes[:, :2].min(axis=0), *ends.max(axis=0), float(np.median(boxes[:, 3])))


def _in_order(boxes: NDArray[np.float64], rows: Rows) -> Rows:
    """Columns from left to right where a gutter parts two lines and more on either side; else from top to bottom."""
    if len(rows) < 2:
        return rows
    spans = np.array([_span(boxes[row]) for row in rows])
    order = _cut(spans, np.arange(len(rows)))
    return [rows[i] for i in order]


def _cut(spans: NDArray[np.float64], which: NDArray[np.int_]) -> list[int]:
    """Recursive X-Y cut (Nagy and Seth 1984) of these lines."""
    if len(which) == 1:
        return [int(which[0])]
    usual = float(np.median(spans[which, 4]))
    across = _gaps(spans[which, 0], spans[which, 2], 0.5 * usual)
    for groups in across:
        sides = which[groups], which[~groups]
        if min(map(len, sides)) >= 2 and _beside(spans, *sides):
            return _cut(spans, sides[0]) + _cut(spans, sides[1])
    down = _gaps(spans[which, 1], spans[which, 3], 0.0)
    if down:
        groups = down[0]
        return _cut(spans, which[groups]) + _cut(spans, which[~groups])
    middle = (spans[which, 1] + spans[which, 3]) / 2
    return [int(i) for i in which[np.lexsort((spans[which, 0], np.round(middle / max(usual, 1))))]]


def _gaps(low: NDArray[np.float64], high: NDArray[np.float64], least: float) -> list[NDArray[np.bool_]]:
    """The ways to part intervals at a gap of at least this size, as those before it; the widest gap first."""
    order = np.argsort(low)
    ends = np.maximum.accumulate(high[order])
    gaps = low[order][1:] - ends[:-1]
    places = [i for i in np.argsort(-gaps, kind="stable") if gaps[i] > least]
    return [low < low[order][i + 1] for i in places]


def _beside(spans: NDArray[np.float64], one: NDArray[np.int_], other: NDArray[np.int_]) -> bool:
    """Whether two groups of lines stand beside each other for the height of a line and more."""
    top = max(spans[one, 1].min(), spans[other, 1].min())
    bottom = min(spans[one, 3].max(), spans[other, 3].max())
    return bool(bottom - top > 1.5 * np.median(spans[one, 4]))
