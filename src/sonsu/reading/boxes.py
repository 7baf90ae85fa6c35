"""Ruled lines, boxes and combs, printed around handwriting: taken out of a level page's ink.

What is straight, level or upright, thin, and longer than any digit's bar is a rule; shorter pieces are when they make
up a frame. A faint rule is subtracted from what lies over it; of a dark one only what is no thicker than the rule goes,
so that strokes that cross it or stand on it stay whole.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.components import chosen, components
from sonsu.reading.contrast import fullest
from sonsu.reading.erasing import erased
from sonsu.reading.rails import Rails
from sonsu.reading.straight import (
    FAINT,
    LONG,
    Pieces,
    as_rules_are,
    drawn_out,
    even_out,
    lines_of,
    long_ones,
    of_rules,
    shortest_px,
)
from sonsu.reading.uprights import Row, Upright, boxes, combs

_LEAST_HEIGHT = 4.0  # strokes: digits are higher
_LOWER = 0.9  # of what is written, touching strokes and all: no boxes are lower
_COLUMN = 3.3  # usual heights: a table's column is as high, a box is not
_NET = 4  # straight pieces through most of it make a part a table or a box
_FAINTEST = 0.1  # of the ink's full value
_STROKES = 2  # times the shortest pieces: no stroke over a rule is as long
_OVER = 1.6  # times as dark as a rule: no px of it is


@dataclass(frozen=True, eq=False)
class Rules:
    """Where a page's rules are, and how dark.

    Attributes:
        across: uint8 (h, w), 255 on and close to dark level rules.
        upright: the same of upright ones.
        ink: uint8 (h, w), what all rules, dark and faint, alone would look like.
        rails: (k, 4), boxes x, y, width, height of the level rules, in px.
        sides: (l, 4), of upright ones that are sides of boxes.
        separators: (n, 4), of upright ones that part a table's columns.
        frames: (m, 4), around connected rules.
    """

    across: NDArray[np.uint8]
    upright: NDArray[np.uint8]
    ink: NDArray[np.uint8]
    rails: NDArray[np.int_]
    sides: NDArray[np.int_]
    separators: NDArray[np.int_]
    frames: NDArray[np.int_]


def find_rules(ink: NDArray[np.uint8], stroke_px: float, full: float, least: float) -> Rules | None:
    """Find rules and frames.

    Args:
        ink: uint8 (h, w), 0 to 255, of a level page.
        stroke_px: width of the strokes.
        full: value of full ink.
        least: the smallest value that is ink.

    Returns:
        The rules; None where there are none.
    """
    faintest = max(_FAINTEST * full, least)
    shortest = shortest_px(ink, stroke_px, faintest)
    thick = [even_out(ink), even_out(cv2.transpose(ink))]
    length = np.ones((1, shortest), np.uint8)
    runs = [cv2.dilate(cv2.erode(one, length, borderType=cv2.BORDER_CONSTANT, borderValue=0), length) for one in thick]
    runs = [cv2.threshold(one, faintest, 255, cv2.THRESH_TOZERO)[1] for one in runs]
    bands = [of_rules(one, run, shortest, full) for one, run in zip(thick, runs, strict=True)]
    runs[1], bands[1] = cv2.transpose(runs[1]), cv2.transpose(bands[1])
    if not bands[0].any() and not bands[1].any():
        return None
    pieces = [components(band) for band in bands]
    rails, line = lines_of(runs[0], pieces[0], shortest)
    rows, usual, whole = _rows_of_boxes(ink, rails, line, pieces, bands, (stroke_px, full, least))
    framed = _framed(rows, line)
    lying = pieces[1][0].T, pieces[1][1][:, [1, 0, 3, 2, 4]]
    of_tall = lines_of(runs[1].T, lying, shortest)[1]
    long = [long_ones(ink, pieces[0], line, usual, whole), long_ones(ink.T, lying, of_tall, usual, whole)]
    keep = [long[0] | framed, long[1]]
    if not keep[0].any() and not keep[1].any():
        return None
    ticks = combs(ink, rails, np.setdiff1d(line[long[0]], line[framed]), usual)
    sides = [side for row in rows for side in _besides(row.sides, pieces[1][1][keep[1]])]
    sides += _besides(ticks, pieces[1][1][keep[1]])
    as_rules_are(runs[0], pieces[0][0], line, (1, _STROKES * shortest))
    as_rules_are(runs[1], pieces[1][0], of_tall, (_STROKES * shortest, 1))
    level, upright = (chosen(labels, kept) for (labels, _), kept in zip(pieces, keep, strict=True))
    upright = cv2.transpose(drawn_out(cv2.transpose(upright), cv2.transpose(runs[1]), shortest))
    ruled = [cv2.min(runs[0], drawn_out(level, runs[0], shortest)), cv2.min(runs[1], upright)]
    _draw(sides, ruled[1])
    rails_px, tall_px = (stats[kept, :4].astype(int) for (_, stats), kept in zip(pieces, keep, strict=True))
    parting = _parting(rails_px, tall_px) & (tall_px[:, 3] > _COLUMN * usual)
    dark = [cv2.threshold(one, FAINT * full, 255, cv2.THRESH_BINARY)[1] for one in ruled]
    net = cv2.dilate(cv2.threshold(ruled[0] | ruled[1], 0, 255, cv2.THRESH_BINARY)[1], np.ones((5, 5), np.uint8))
    frames = components(net)[1][1:, :4].astype(int)
    boxed = np.vstack([tall_px[~parting], _around(sides)])
    return Rules(dark[0], dark[1], cv2.max(*ruled), rails_px, boxed, tall_px[parting], frames)


def _rows_of_boxes(
    ink: NDArray[np.uint8],
    rails: Rails,
    line: NDArray[np.int_],
    pieces: list[Pieces],
    bands: list[NDArray[np.uint8]],
    levels: tuple[float, float, float],
) -> tuple[list[Row], float, float]:
    """The rows of boxes, and how high what is written is, px: without what is straight in it, and as it is."""
    stroke_px, full, least = levels
    rows = boxes(ink, rails, stroke_px)
    while True:
        frames = chosen(pieces[0][0], _framed(rows, line))
        mask = _writing(ink, frames, _sides(rows), full, least)
        usual, whole = _heights(mask, pieces, bands, stroke_px)
        # A 0 may have a level top and bottom: boxes are higher than what is written, and one alone is long or filled.
        kept = [row for row in rows if row.height_px > max(usual, _LOWER * whole)]
        kept = [row for row in kept if len(row.sides) > 2 or _lengthy(row) or _filled(mask, row.sides, stroke_px)]
        if len(kept) == len(rows):
            return rows, usual, whole
        rows = kept


def _framed(rows: list[Row], line: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Which pieces, each of a ``line``, are above or below a row of boxes."""
    return np.isin(line, [number for row in rows for number in (row.upper, row.lower)])


def _sides(rows: list[Row]) -> list[Upright]:
    return [side for row in rows for side in row.sides]


def _besides(sides: list[Upright], tall: NDArray[np.int32]) -> list[Upright]:
    """The sides of a row that are no part of upright rules, (n, 5), which are found already.

    None where most are: what stands between the squares' lines of a paper is no side, but a stroke.
    """
    x, y, width, height = tall[:, :4].T
    column, row = np.array([(side.top, side.end) for side in sides]).reshape(-1, 2, 2).mean(axis=1).T[..., None]
    within = ((column > x - 1) & (column < x + width + 1) & (row > y) & (row < y + height)).any(axis=1)
    if 2 * np.count_nonzero(within) > len(sides):
        return []
    return [side for side, found in zip(sides, within, strict=True) if not found]


def _writing(
    ink: NDArray[np.uint8], frames: NDArray[np.uint8], sides: list[Upright], full: float, least: float
) -> NDArray[np.uint8]:
    """The mask of what is no box: dark ones are not to hide pale writing."""
    if sides:
        upright = np.zeros_like(frames)
        _draw([side._replace(value=255.0) for side in sides], upright)
        ink = cv2.subtract(ink, cv2.dilate(frames | upright, np.ones((3, 3), np.uint8)))
        full = fullest(ink, least)
    return cv2.threshold(ink, 0.4 * full, 255, cv2.THRESH_BINARY)[1]


def _lengthy(row: Row) -> bool:
    """Whether a row of boxes is longer than any digit."""
    return row.sides[-1].end[0] - row.sides[0].end[0] > LONG * row.height_px


def _filled(mask: NDArray[np.uint8], sides: list[Upright], stroke_px: float) -> bool:
    """Whether there is ink well within a box."""
    first, last = sides[0], sides[-1]
    margin = 1.5 * stroke_px
    left, right = (round(side.top[0] + side.end[0]) // 2 for side in (first, last))
    top, end = round(first.top[1] + margin), round(first.end[1] - margin)
    return cv2.countNonZero(mask[top:end, round(left + margin) : round(right - margin)]) > stroke_px**2


def _heights(
    mask: NDArray[np.uint8],
    pieces: list[Pieces],
    bands: list[NDArray[np.uint8]],
    stroke_px: float,
) -> tuple[float, float]:
    """The usual height of digits, px, without what is straight in them, and as they are."""
    # Without its straight strokes a digit would seem small, and they long: it counts as it was, too.
    parts = components(mask)[1][1:]
    parts = parts[_spanning(parts, pieces[0][1][1:], pieces[1][1][1:]) < _NET]
    usual = max(
        _usual_height(components(erased(mask, bands[0], bands[1], stroke_px))[1][1:]), _LEAST_HEIGHT * stroke_px
    )
    return usual, max(usual, _usual_height(parts))


def _draw(sides: list[Upright], onto: NDArray[np.uint8]) -> None:
    """Draw sides as `even_out` shows rules: a px wider on either side."""
    ends = np.array([(side.top, side.end) for side in sides]).reshape(-1, 2, 2)
    half = np.array([side.thick / 2 + 1 for side in sides])[:, None]
    corners = ends[:, [0, 0, 1, 1]]
    corners[..., 0] += half * (-1, 1, 1, -1)
    for outline, side in zip(np.rint((corners - 0.5) * 16).astype(np.int32, order="C"), sides, strict=True):
        cv2.fillPoly(onto, [outline], int(side.value), cv2.LINE_8, 4)


def _around(sides: list[Upright]) -> NDArray[np.int_]:
    """Boxes x, y, width, height around sides, (n, 4)."""
    ends = np.array([(*side.top, *side.end) for side in sides]).reshape(-1, 4)
    thick = np.array([side.thick for side in sides])
    left, top = np.minimum(ends[:, 0], ends[:, 2]) - thick / 2, ends[:, 1]
    return np.rint(np.stack([left, top, thick, ends[:, 3] - top], axis=1)).astype(int)


def without_faint(ink: NDArray[np.uint8], rules: Rules) -> NDArray[np.uint8]:
    """A page's ink less its faint rules, uint8 (h, w); where something far darker is written over them it stays."""
    faint = cv2.subtract(rules.ink, rules.across | rules.upright)
    bare = cv2.compare(ink, cv2.convertScaleAbs(faint, alpha=_OVER), cv2.CMP_LE)
    return cv2.subtract(ink, faint & bare)


def beside_dark(ink: NDArray[np.uint8], rules: Rules) -> NDArray[np.uint8]:
    """A page's ink, uint8 (h, w), with nothing where dark rules are: to learn how dark the writing is."""
    return cv2.subtract(ink, cv2.dilate(rules.across | rules.upright, np.ones((3, 3), np.uint8)))


def without_dark(mask: NDArray[np.uint8], rules: Rules, stroke_px: float) -> NDArray[np.uint8]:
    """A mask, uint8 (h, w), ink = 255, less what is left of the rules in it."""
    return erased(mask, rules.across, rules.upright, stroke_px)


def _usual_height(parts: NDArray[np.int32]) -> float:
    """The height of the taller ones of parts, (n, 5), by their ink, px: writing is larger than the print around it."""
    if len(parts) == 0:
        return 0.0
    order = np.argsort(parts[:, cv2.CC_STAT_HEIGHT])
    weight = np.cumsum(parts[order, cv2.CC_STAT_AREA])
    return float(parts[order[np.searchsorted(weight, 0.8 * weight[-1])], cv2.CC_STAT_HEIGHT])


def _spanning(parts: NDArray[np.int32], across: NDArray[np.int32], upright: NDArray[np.int32]) -> NDArray[np.int_]:
    """How many straight pieces run through most of each part, (n,): a table has many, a digit has few."""
    count = np.zeros(len(parts), int)
    left, top, width, height = (parts[:, None, i] for i in range(4))
    for pieces, long in ((across, width), (upright, height)):
        x, y = pieces[:, 0] + pieces[:, 2] / 2, pieces[:, 1] + pieces[:, 3] / 2
        inside = (x >= left) & (x < left + width) & (y >= top) & (y < top + height)
        length = pieces[:, 2] if long is width else pieces[:, 3]
        count += (inside & (length > 0.6 * long)).sum(axis=1)
    return count


def _parting(rails: NDArray[np.int_], tall: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Which upright rules part a table's columns: they run on across level ones, as no side of a box does."""
    x, y, width, height = (rails[:, None, i] for i in range(4))
    column = tall[None, :, 0] + tall[None, :, 2] / 2
    inside = (y + height / 2 - tall[None, :, 1]) / np.maximum(tall[None, :, 3], 1)
    crossed = (column > x) & (column < x + width) & (inside > 0.15) & (inside < 0.85)
    return np.asarray(crossed.any(axis=0))
