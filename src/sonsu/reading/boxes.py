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
from sonsu.reading.contrast import fullest, quantile
from sonsu.reading.rails import Rails, ends_of, joined, sums_of
from sonsu.reading.uprights import Row, Upright, boxes, combs

Pieces = tuple[NDArray[np.integer], NDArray[np.int32]]

_SHORTEST, _LEAST_PX = 8.0, 32  # strokes, px: straight pieces from this length on are looked at
_LEAST_SIDE_PX, _PIECE = 14, 0.75  # px: lower boxes are none; of a box's side, that a straight piece of it is long
_HOLLOW, _CLOSED, _TILT = 0.5, 0.9, 0.06  # of a frame's box is inked at most, and of its edges, within so much of them
_FEWEST_FRAMES, _ALIKE = 2, 0.2  # small frames on a page, whose sides differ by less
_LONG = 2.6  # usual heights of a digit: no bar is as long
_INKED, _UNBROKEN = 0.5, 0.9  # of its darkness, that a rule has, and of its length, where it has as much
_LEAST_HEIGHT = 4.0  # strokes: digits are higher
_LOWER = 0.9  # of what is written, touching strokes and all: no boxes are lower
_SHARE = 0.85  # of the page's side: nor as long as this
_COLUMN = 3.3  # usual heights: a table's column is as high, a box is not
_NET = 4  # straight pieces through most of it make a part a table or a box
_FAINTEST = 0.1  # of the ink's full value
_FAINT = 0.45  # below this a rule is fainter than what is written over it
_EVEN = 0.62  # of its mean darkness that a rule has everywhere…
_CAP = 3.0  # …what is this much darker, because something is written over it, counting as no darker than that
_OVER = 1.6  # times as dark as a rule: no px of it is
_BESIDE = 1.35  # of its darkness: as much may be written right above or below a faint rule, on average


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
    shortest = min(round(max(_SHORTEST * stroke_px, _LEAST_PX)), _shortest_side(ink, faintest))
    thick = [_even_out(ink), _even_out(cv2.transpose(ink))]
    length = np.ones((1, shortest), np.uint8)
    runs = [cv2.dilate(cv2.erode(one, length, borderType=cv2.BORDER_CONSTANT, borderValue=0), length) for one in thick]
    runs = [cv2.threshold(one, faintest, 255, cv2.THRESH_TOZERO)[1] for one in runs]
    bands = [_of_rules(one, run, shortest, full) for one, run in zip(thick, runs, strict=True)]
    runs[1], bands[1] = cv2.transpose(runs[1]), cv2.transpose(bands[1])
    if not bands[0].any() and not bands[1].any():
        return None
    pieces = [components(band) for band in bands]
    rails, line = _lines(runs[0], pieces[0], shortest)
    rows, usual, whole = _rows_of_boxes(ink, rails, line, pieces, bands, (stroke_px, full, least))
    framed = _framed(rows, line)
    lying = pieces[1][0].T, pieces[1][1][:, [1, 0, 3, 2, 4]]
    of_tall = _lines(runs[1].T, lying, shortest)[1]
    long = [_long(ink, pieces[0], line, usual, whole), _long(ink.T, lying, of_tall, usual, whole)]
    keep = [long[0] | framed, long[1]]
    if not keep[0].any() and not keep[1].any():
        return None
    ticks = combs(ink, rails, np.setdiff1d(line[long[0]], line[framed]), usual)
    sides = [side for row in rows for side in _besides(row.sides, pieces[1][1][keep[1]])]
    sides += _besides(ticks, pieces[1][1][keep[1]])
    for run, (labels, _), of in zip(runs, pieces, (line, of_tall), strict=True):
        _as_rules_are(run, labels, of)
    level, upright = (chosen(labels, kept) for (labels, _), kept in zip(pieces, keep, strict=True))
    upright = cv2.transpose(_drawn_out(cv2.transpose(upright), cv2.transpose(runs[1]), shortest))
    ruled = [cv2.min(runs[0], _drawn_out(level, runs[0], shortest)), cv2.min(runs[1], upright)]
    _draw(sides, ruled[1])
    rails_px, tall_px = (stats[kept, :4].astype(int) for (_, stats), kept in zip(pieces, keep, strict=True))
    parting = _parting(rails_px, tall_px) & (tall_px[:, 3] > _COLUMN * usual)
    dark = [cv2.threshold(one, _FAINT * full, 255, cv2.THRESH_BINARY)[1] for one in ruled]
    net = cv2.dilate(cv2.threshold(ruled[0] | ruled[1], 0, 255, cv2.THRESH_BINARY)[1], np.ones((5, 5), np.uint8))
    frames = components(net)[1][1:, :4].astype(int)
    boxed = np.vstack([tall_px[~parting], _around(sides)])
    return Rules(dark[0], dark[1], cv2.max(*ruled), rails_px, boxed, tall_px[parting], frames)


def _shortest_side(ink: NDArray[np.uint8], faintest: float) -> int:
    """How long, px, the straight pieces of a page's small boxes are; large where it has none of one size."""
    labels, stats = components(cv2.threshold(ink, 2 * faintest, 255, cv2.THRESH_BINARY)[1])
    x, y, width, height, area = stats.T
    square = (np.minimum(width, height) > _LEAST_SIDE_PX) & (np.maximum(width, height) < 2 * np.minimum(width, height))
    sides = [
        min(width[part], height[part])
        for part in np.flatnonzero(square & (area < _HOLLOW * width * height)).tolist()
        if _is_frame(labels[y[part] : y[part] + height[part], x[part] : x[part] + width[part]] == part)
    ]
    usual = float(np.median(sides)) if sides else 0.0
    alike = sum(abs(side - usual) < _ALIKE * usual for side in sides)
    return round(_PIECE * usual) if alike >= _FEWEST_FRAMES else max(ink.shape)


def _is_frame(inked: NDArray[np.bool_]) -> bool:
    """Whether there is ink along all four edges of a part, bool (h, w)."""
    reach = 2 + round(_TILT * max(inked.shape))
    bands = (
        inked[:reach].any(axis=0),
        inked[-reach:].any(axis=0),
        inked[:, :reach].any(axis=1),
        inked[:, -reach:].any(axis=1),
    )
    return all(band.mean() > _CLOSED for band in bands)


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
    return row.sides[-1].end[0] - row.sides[0].end[0] > _LONG * row.height_px


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
        _usual_height(components(_erased(mask, bands[0], bands[1], stroke_px))[1][1:]), _LEAST_HEIGHT * stroke_px
    )
    return usual, max(usual, _usual_height(parts))


def _draw(sides: list[Upright], onto: NDArray[np.uint8]) -> None:
    """Draw sides as `_even_out` shows rules: a px wider on either side."""
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
    return _erased(mask, rules.across, rules.upright, stroke_px)


def _even_out(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink in which level lines are thicker by a px on either side, and small gaps in them closed."""
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    return cv2.blur(cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8)), (9, 1))


def _of_rules(thick: NDArray[np.uint8], runs: NDArray[np.uint8], shortest: int, full: float) -> NDArray[np.uint8]:
    """Where straight runs may be rules: uint8 (h, w), 255 there.

    A rule is about as dark everywhere, where a row of digits has its gaps; a faint one is free above and below, too.
    """
    capped = cv2.min(thick, cv2.convertScaleAbs(runs, alpha=_CAP))
    even = cv2.compare(cv2.convertScaleAbs(runs, alpha=1 / _EVEN), cv2.blur(capped, (shortest, 1)), cv2.CMP_GE)
    around = cv2.blur(cv2.min(thick, round(_FAINT * full)), (shortest, 1))
    most = cv2.convertScaleAbs(runs, alpha=_BESIDE)
    free = np.full_like(even, 255)
    away = min(round(shortest / _SHORTEST) + 3, len(free) - 1)
    rest = len(free) - away
    free[away:] &= cv2.compare(around[:rest], most[away:], cv2.CMP_LE)
    free[:rest] &= cv2.compare(around[away:], most[:rest], cv2.CMP_LE)
    dark = cv2.threshold(runs, _FAINT * full, 255, cv2.THRESH_BINARY)[1]
    return cv2.threshold(cv2.min(runs, even & (free | dark)), 0, 255, cv2.THRESH_BINARY)[1]


def _as_rules_are(runs: NDArray[np.uint8], labels: NDArray[np.integer], line: NDArray[np.int_]) -> None:
    """Make runs, uint8 (h, w), of pieces no darker than their line, (n,), usually is: darker is what lies over it."""
    places = np.flatnonzero(labels > 0)
    of, dark = line[labels.ravel()[places]], runs.ravel()[places]
    upto = np.bincount(256 * of + dark, minlength=256 * len(line)).reshape(-1, 256).cumsum(axis=1)
    usual = np.count_nonzero(upto < 0.5 * upto[:, -1:], axis=1)
    runs.ravel()[places] = np.minimum(dark, usual.astype(np.uint8)[of])


def _drawn_out(chosen: NDArray[np.uint8], runs: NDArray[np.uint8], shortest: int) -> NDArray[np.uint8]:
    """Rules made longer by runs in line with them, no darker, that writing close by had hidden."""
    if not chosen.any():
        return chosen
    reach = cv2.dilate(cv2.min(runs, chosen), np.ones((1, 4 * shortest + 1), np.uint8))
    alike = cv2.compare(runs, cv2.convertScaleAbs(reach, alpha=1.3), cv2.CMP_LE)
    return cv2.max(chosen, alike & cv2.threshold(runs, 0, 255, cv2.THRESH_BINARY)[1])


def _erased(
    mask: NDArray[np.uint8], across: NDArray[np.uint8], upright: NDArray[np.uint8], stroke_px: float
) -> NDArray[np.uint8]:
    kept = mask
    for flip, found in ((False, across), (True, upright)):
        if not found.any():
            continue
        turned, band = (cv2.transpose(one) if flip else one for one in (mask, found))
        thickness = _thickness(turned, band, stroke_px)
        crossing = cv2.morphologyEx(turned, cv2.MORPH_OPEN, np.ones((thickness + 3, 1), np.uint8))
        doomed = cv2.subtract(turned & cv2.dilate(band, np.ones((3, 3), np.uint8)), crossing)
        kept = cv2.subtract(kept, cv2.transpose(doomed) if flip else doomed)
    # Where two rules cross, each is as thick as the other is long.
    return cv2.subtract(kept, cv2.dilate(across & upright, np.ones((3, 3), np.uint8)))


def _thickness(mask: NDArray[np.uint8], band: NDArray[np.uint8], stroke_px: float) -> int:
    """How thick the rules in a band mostly are, px."""
    if len(mask) < 2:
        return 1
    inside = mask & band
    starts = cv2.subtract(inside[1:], inside[:-1])
    columns, outline = (cv2.reduce(one, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel() for one in (inside, starts))
    some = outline > 0
    if not some.any():
        return 1
    usual = float(np.percentile(columns[some] / outline[some], 40))
    return int(np.clip(round(usual), 1, round(1.6 * stroke_px + 2)))


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


def _lines(runs: NDArray[np.uint8], pieces: Pieces, shortest: int) -> tuple[Rails, NDArray[np.int_]]:
    """The lines that level pieces make up, (n,), those that are none, too; and the number of each piece's, (n,)."""
    labels, stats = pieces
    ends = stats[:, [0, 2]].astype(int).cumsum(axis=1)
    sums = sums_of(runs, labels, len(ends))
    line = joined(Rails.of(sums, ends), shortest)
    rails = Rails.of(np.stack([np.bincount(line, each, minlength=len(line)) for each in sums]), ends_of(ends, line))
    return rails, line


def _long(
    ink: NDArray[np.uint8], pieces: Pieces, line: NDArray[np.int_], usual: float, whole: float
) -> NDArray[np.bool_]:
    """Which level pieces, (n,), are rules by the length of the ``line`` that they make up, and have no gaps.

    A rule is longer than any digit's bar, or goes from side to side.
    """
    length = np.bincount(line, pieces[1][:, 2], minlength=len(line))
    long = (length > _LONG * whole) | ((length > _SHARE * ink.shape[1]) & (length > 1.5 * usual))
    long[0] = False
    long[long] = ~_broken(ink, pieces[0], line, np.flatnonzero(long))
    return np.asarray(long[line])


def _broken(
    ink: NDArray[np.uint8], labels: NDArray[np.integer], line: NDArray[np.int_], which: NDArray[np.int_]
) -> NDArray[np.bool_]:
    """Which of some level lines, (k,), have gaps: they run through writing or print, from stroke to stroke."""
    places = np.flatnonzero(labels > 0)
    of, (rows, columns) = line[labels.ravel()[places]], np.divmod(places, labels.shape[1])
    broken = np.zeros(len(which), bool)
    for i, number in enumerate(which.tolist()):
        own = of == number
        count = np.bincount(columns[own])
        there = np.flatnonzero(count)
        x = np.arange(there[0], there[-1] + 1)
        y = np.rint(np.interp(x, there, np.bincount(columns[own], rows[own])[there] / count[there])).astype(int)
        darkest = ink[(y + np.array([[-1], [0], [1]])).clip(0, len(ink) - 1), x].max(axis=0)
        broken[i] = np.mean(darkest > _INKED * quantile(darkest, 0.6)) < _UNBROKEN
    return broken


def _parting(rails: NDArray[np.int_], tall: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Which upright rules part a table's columns: they run on across level ones, as no side of a box does."""
    x, y, width, height = (rails[:, None, i] for i in range(4))
    column = tall[None, :, 0] + tall[None, :, 2] / 2
    inside = (y + height / 2 - tall[None, :, 1]) / np.maximum(tall[None, :, 3], 1)
    crossed = (column > x) & (column < x + width) & (inside > 0.15) & (inside < 0.85)
    return np.asarray(crossed.any(axis=0))
