"""Ruled lines, boxes and combs, printed around handwriting: taken out of a level page's ink.

What is straight, level or upright, thin, and longer than any digit's bar is a rule; shorter pieces are when they make
up a frame. A faint rule is subtracted from what lies over it; of a dark one only what is no thicker than the rule goes,
so that strokes that cross it or stand on it stay whole.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.components import components

_SHORTEST, _LEAST_PX = 8.0, 32  # strokes, px: straight pieces from this length on are looked at
_LONG = 2.6  # usual heights of a digit: no bar is as long
_ALIKE = 1.6  # times as dark: sides of one frame differ by less
_SHARE = 0.85  # of the page's side: nor as long as this
_COLUMN = 3.3  # usual heights: a table's column is as high, a box is not
_CORNER = 0.2  # usual heights: as near to each other the sides of a frame end
_NET = 4  # straight pieces through most of it make a part a table or a box
_MAX_PIECES = 600
_FAINTEST = 0.1  # of the ink's full value
_FAINT = 0.45  # below this a rule is fainter than what is written over it
_EVEN = 0.62  # of its mean darkness that a rule has everywhere…
_CAP = 3.0  # …what is this much darker, because something is written over it, counting as no darker than that
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
    shortest = round(max(_SHORTEST * stroke_px, _LEAST_PX))
    level = max(_FAINTEST * full, least)
    thick = [_even_out(ink), _even_out(np.ascontiguousarray(ink.T))]
    length = np.ones((1, shortest), np.uint8)
    runs = [cv2.dilate(cv2.erode(one, length, borderType=cv2.BORDER_CONSTANT, borderValue=0), length) for one in thick]
    runs = [cv2.threshold(one, level, 255, cv2.THRESH_TOZERO)[1] for one in runs]
    bands = [_of_rules(one, run, shortest, full) for one, run in zip(thick, runs, strict=True)]
    runs[1], bands[1] = (np.ascontiguousarray(one.T) for one in (runs[1], bands[1]))
    if not bands[0].any() and not bands[1].any():
        return None
    mask = cv2.threshold(ink, 0.4 * full, 255, cv2.THRESH_BINARY)[1]
    pieces = [components(band) for band in bands]
    # Without its straight strokes a digit would seem small, and they long: it counts as it was, too.
    parts = components(mask)[1][1:]
    parts = parts[_spanning(parts, pieces[0][1][1:], pieces[1][1][1:]) < _NET]
    usual = _usual_height(components(_erased(mask, bands[0], bands[1], stroke_px))[1][1:])
    whole = max(usual, _usual_height(parts))
    darkness = [_darkness(run, labels, len(stats)) for run, (labels, stats) in zip(runs, pieces, strict=True)]
    keep = _chosen(pieces[0][1], pieces[1][1], darkness, (usual, whole), ink.shape)
    chosen = [(kept * np.uint8(255))[labels] for (labels, _), kept in zip(pieces, keep, strict=True)]
    if not keep[0].any() and not keep[1].any():
        return None
    chosen = [_drawn_out(chosen[0], runs[0], shortest), _drawn_out(chosen[1].T, runs[1].T, shortest).T]
    rules = cv2.max(cv2.min(runs[0], chosen[0]), cv2.min(runs[1], np.ascontiguousarray(chosen[1])))
    rails, tall = (stats[kept > 0, :4].astype(int) for (_, stats), kept in zip(pieces, keep, strict=True))
    parting = _parting(rails, tall) & (tall[:, 3] > _COLUMN * usual)
    joined = cv2.dilate(chosen[0] | chosen[1], np.ones((5, 5), np.uint8))
    frames = components(joined)[1][1:, :4].astype(int)
    dark = [
        cv2.min(cv2.threshold(run, _FAINT * full, 255, cv2.THRESH_BINARY)[1], np.ascontiguousarray(kept))
        for run, kept in zip(runs, chosen, strict=True)
    ]
    return Rules(dark[0], dark[1], rules, rails, tall[~parting], tall[parting], frames)


def without_faint(ink: NDArray[np.uint8], rules: Rules) -> NDArray[np.uint8]:
    """A page's ink less its faint rules, uint8 (h, w)."""
    return cv2.subtract(ink, cv2.subtract(rules.ink, rules.across | rules.upright))


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


def _drawn_out(chosen: NDArray[np.uint8], runs: NDArray[np.uint8], shortest: int) -> NDArray[np.uint8]:
    """Rules made longer by runs in line with them, no darker, that writing close by had hidden."""
    chosen, runs = np.ascontiguousarray(chosen), np.ascontiguousarray(runs)
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
        turned, band = (np.ascontiguousarray(a.T if flip else a) for a in (mask, found))
        thickness = _thickness(turned, band, stroke_px)
        crossing = cv2.morphologyEx(turned, cv2.MORPH_OPEN, np.ones((thickness + 3, 1), np.uint8))
        doomed = cv2.subtract(turned & cv2.dilate(band, np.ones((3, 3), np.uint8)), crossing)
        kept = cv2.subtract(kept, np.ascontiguousarray(doomed.T) if flip else doomed)
    # Where two rules cross, each is as thick as the other is long.
    return cv2.subtract(kept, cv2.dilate(across & upright, np.ones((3, 3), np.uint8)))


def _thickness(mask: NDArray[np.uint8], band: NDArray[np.uint8], stroke_px: float) -> int:
    """How thick the rules in a band mostly are, px."""
    inside = mask & band
    columns = np.count_nonzero(inside, axis=0)
    outline = np.count_nonzero(cv2.subtract(inside[1:], inside[:-1]), axis=0)  # rules in each column
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


def _darkness(runs: NDArray[np.uint8], labels: NDArray[np.integer], count: int) -> NDArray[np.float64]:
    """The mean darkness of each straight piece, (count,)."""
    some = labels > 0
    of = labels[some]
    total = np.bincount(of, runs[some], minlength=count)
    return np.asarray(total / np.maximum(np.bincount(of, minlength=count), 1))


def _chosen(
    across: NDArray[np.int32],
    upright: NDArray[np.int32],
    darkness: list[NDArray[np.float64]],
    heights: tuple[float, float],
    shape: tuple[int, ...],
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Which of the straight pieces are rules or sides of frames; 1 or 0 for each piece's label."""
    usual, whole = heights
    long_across = _long(across[:, 2], usual, whole, shape[1])
    long_upright = _long(upright[:, 3], usual, whole, shape[0])
    keep = long_across, long_upright
    if len(across) <= _MAX_PIECES and len(upright) <= _MAX_PIECES:
        tops, ends, corners = _meetings(across, upright, _CORNER * usual + 3)
        alike = (darkness[0][:, None] < _ALIKE * darkness[1]) & (darkness[1] < _ALIKE * darkness[0][:, None])
        alike[0] = alike[:, 0] = False
        tops, ends = tops & alike, ends & alike
        # A side of a frame runs from one level piece to another, and each of these from one side to another: a 1
        # between two ruled lines is none.
        rail = np.zeros(len(across), bool)
        for _ in range(2):
            side = tops.any(axis=0) & ends.any(axis=0) & (upright[:, 3] > 0.5 * usual)
            met = (tops | ends) & side
            rail = np.asarray((met & corners[0]).any(axis=1) & (met & corners[1]).any(axis=1))
            tops, ends = (tops.T & rail).T, (ends.T & rail).T
        side = tops.any(axis=0) & ends.any(axis=0) & (upright[:, 3] > 0.5 * usual)
        keep = long_across | rail, long_upright | side
    keep[0][0] = keep[1][0] = False
    return keep[0].astype(np.uint8), keep[1].astype(np.uint8)


def _long(lengths: NDArray[np.int32], usual: float, whole: float, side: int) -> NDArray[np.bool_]:
    """Which pieces are rules by their length alone: longer than any digit's bar, or from side to side."""
    across = (lengths > _SHARE * side) & (lengths > 1.5 * usual)
    return np.asarray((lengths > _LONG * whole) | across)


def _parting(rails: NDArray[np.int_], tall: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Which upright rules part a table's columns: they run on across level ones, as no side of a box does."""
    x, y, width, height = (rails[:, None, i] for i in range(4))
    column = tall[None, :, 0] + tall[None, :, 2] / 2
    inside = (y + height / 2 - tall[None, :, 1]) / np.maximum(tall[None, :, 3], 1)
    crossed = (column > x) & (column < x + width) & (inside > 0.15) & (inside < 0.85)
    return np.asarray(crossed.any(axis=0))


def _meetings(
    across: NDArray[np.int32], upright: NDArray[np.int32], reach: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Whether an upright piece begins, or ends, on a level one; and whether near its left end, or its right; (n, m)."""
    left: NDArray[np.int32] = across[:, None, 0]
    right: NDArray[np.int32] = left + across[:, None, 2]
    middle = across[:, None, 1] + across[:, None, 3] / 2
    column = upright[None, :, 0] + upright[None, :, 2] / 2
    top, end = upright[None, :, 1], upright[None, :, 1] + upright[None, :, 3]
    along = (column > left - reach) & (column < right + reach)
    corners = np.abs(column - left) < reach, np.abs(column - right) < reach
    return along & (np.abs(middle - top) < reach), along & (np.abs(middle - end) < reach), corners
