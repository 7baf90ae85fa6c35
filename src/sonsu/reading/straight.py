"""Straight level pieces of a page's ink: which of them may be rules, and which lines they make up.

For upright ones the page is transposed. Runs are what an erosion and a dilation along a line leave of the evened ink,
with its darkness; bands are where those may be rules, and pieces the bands' connected parts.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.components import components
from sonsu.reading.contrast import quantile
from sonsu.reading.rails import Rails, ends_of, joined, sums_of

Pieces = tuple[NDArray[np.integer], NDArray[np.int32]]
"""As `sonsu.reading.components.components` gives them: labels, (h, w), and x, y, width, height and area, (n, 5)."""

FAINT = 0.45
"""Of the ink's full value: below it a rule is fainter than what is written over it."""

LONG = 2.6
"""Usual heights of a digit: no bar is as long."""

_SHORTEST, _LEAST_PX = 8.0, 32  # strokes, px: straight pieces from this length on are looked at
_LEAST_SIDE_PX, _PIECE = 14, 0.75  # px: lower boxes are none; of a box's side, that a straight piece of it is long
_HOLLOW, _CLOSED, _TILT = 0.5, 0.9, 0.06  # of a frame's box is inked at most, and of its edges, within so much of them
_FEWEST_FRAMES, _ALIKE = 2, 0.2  # small frames on a page, whose sides differ by less
_INKED, _UNBROKEN = 0.5, 0.9  # of its darkness, that a rule has, and of its length, where it has as much
_SHARE = 0.85  # of the page's side: nothing that is written is as long
_EVEN = 0.62  # of its mean darkness that a rule has everywhere…
_CAP = 3.0  # …what is this much darker, because something is written over it, counting as no darker than that
_BESIDE = 1.35  # of its darkness: as much may be written right above or below a faint rule, on average


def shortest_px(ink: NDArray[np.uint8], stroke_px: float, faintest: float) -> int:
    """How long straight pieces are at least: longer than strokes, but for the sides of boxes as small as digits.

    Args:
        ink: uint8 (h, w), 0 to 255, of a level page.
        stroke_px: width of the strokes.
        faintest: the least value of a rule.
    """
    return min(round(max(_SHORTEST * stroke_px, _LEAST_PX)), _shortest_side(ink, faintest))


def _shortest_side(ink: NDArray[np.uint8], faintest: float) -> int:
    """How long, px, the straight pieces of a page's small boxes are; large where it has none of one size."""
    labels, stats = components(cv2.threshold(ink, 2 * faintest, 255, cv2.THRESH_BINARY)[1])
    short, long = np.sort(stats[:, 2:4], axis=1).T
    may_be = (short > _LEAST_SIDE_PX) & (long < 2 * short) & (stats[:, 4] < _HOLLOW * short * long)
    may_be[0] = False
    sides = []
    for part in np.flatnonzero(may_be).tolist():
        x, y, width, height = stats[part, :4].tolist()
        if _is_frame(labels[y : y + height, x : x + width] == part):
            sides.append(min(width, height))
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


def even_out(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink in which level lines are thicker by a px on either side, and small gaps in them closed."""
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    return cv2.blur(cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8)), (9, 1))


def of_rules(thick: NDArray[np.uint8], runs: NDArray[np.uint8], shortest: int, full: float) -> NDArray[np.uint8]:
    """Where straight runs may be rules: uint8 (h, w), 255 there.

    A rule is about as dark everywhere, where a row of digits has its gaps; a faint one is free above and below, too.
    """
    capped = cv2.min(thick, cv2.convertScaleAbs(runs, alpha=_CAP))
    even = cv2.compare(cv2.convertScaleAbs(runs, alpha=1 / _EVEN), cv2.blur(capped, (shortest, 1)), cv2.CMP_GE)
    around = cv2.blur(cv2.min(thick, round(FAINT * full)), (shortest, 1))
    most = cv2.convertScaleAbs(runs, alpha=_BESIDE)
    free = np.full_like(even, 255)
    away = min(round(shortest / _SHORTEST) + 3, len(free) - 1)
    rest = len(free) - away
    free[away:] &= cv2.compare(around[:rest], most[away:], cv2.CMP_LE)
    free[:rest] &= cv2.compare(around[away:], most[:rest], cv2.CMP_LE)
    dark = cv2.threshold(runs, FAINT * full, 255, cv2.THRESH_BINARY)[1]
    return cv2.threshold(cv2.min(runs, even & (free | dark)), 0, 255, cv2.THRESH_BINARY)[1]


def lines_of(runs: NDArray[np.uint8], pieces: Pieces, shortest: int) -> tuple[Rails, NDArray[np.int_]]:
    """The lines that level pieces make up, (n,), those that are none, too; and the number of each piece's, (n,)."""
    labels, stats = pieces
    ends = stats[:, [0, 2]].astype(int).cumsum(axis=1)
    sums = sums_of(runs, labels, len(ends))
    line = joined(Rails.of(sums, ends), shortest)
    rails = Rails.of(np.stack([np.bincount(line, each, minlength=len(line)) for each in sums]), ends_of(ends, line))
    return rails, line


def long_ones(
    ink: NDArray[np.uint8], pieces: Pieces, line: NDArray[np.int_], usual: float, whole: float
) -> NDArray[np.bool_]:
    """Which level pieces, (n,), are rules by their own length or that of the ``line`` they make up, without gaps.

    A rule is longer than any digit's bar, or goes from side to side. Digits may part it into pieces that are too short,
    and glare a line into pieces that are rules each.
    """
    labels, stats = pieces
    places = np.flatnonzero(labels > 0)
    of, (rows, columns) = labels.ravel()[places], np.divmod(places, labels.shape[1])
    inner = cv2.erode((labels > 0).astype(np.uint8), np.ones((3, 1), np.uint8)).ravel()[places]  # pieces are thicker
    inked = ink.ravel()[places] * inner
    long = np.zeros(len(line), bool)
    for lines in (np.arange(len(line)), line):
        length = np.bincount(lines, stats[:, 2], minlength=len(line))
        rules = (length > LONG * whole) | ((length > _SHARE * ink.shape[1]) & (length > 1.5 * usual))
        which = np.unique(lines[1:][rules[lines[1:]] & ~long[1:]])
        own = np.isin(lines, which)[of]
        order = np.flatnonzero(own)[np.argsort(lines[of[own]], kind="stable")]
        ends = np.cumsum(np.bincount(lines[of[own]], minlength=len(line))[which])
        parts = np.split(order, ends[:-1]) if len(which) else []
        whole_ones = [not _broken(ink, columns[part], rows[part], inked[part]) for part in parts]
        long |= np.isin(lines, which[np.array(whole_ones, bool)])
    return long


def _broken(
    ink: NDArray[np.uint8], columns: NDArray[np.int_], rows: NDArray[np.int_], inked: NDArray[np.uint8]
) -> bool:
    """Whether a level line has gaps: it runs through writing or print, from stroke to stroke.

    Args:
        ink: uint8 (h, w), of the page.
        columns: (k,), of its px, and…
        rows: …(k,), of the same.
        inked: uint8 (k,), their ink.
    """
    count = np.bincount(columns)
    there = np.flatnonzero(count)
    every = np.arange(there[0], there[-1] + 1)
    middle = np.rint(np.interp(every, there, np.bincount(columns, rows)[there] / count[there])).astype(int)
    darkest = ink[(middle + np.array([[-1], [0], [1]])).clip(0, len(ink) - 1), every].max(axis=0)
    np.maximum.at(darkest, columns - there[0], inked)
    return bool(np.mean(darkest > _INKED * quantile(darkest, 0.6)) < _UNBROKEN)


def as_rules_are(
    runs: NDArray[np.uint8], labels: NDArray[np.integer], line: NDArray[np.int_], length: tuple[int, int]
) -> None:
    """Make the runs of pieces no darker than their lines usually are: what is darker was written over them.

    Args:
        runs: uint8 (h, w), how dark; is changed.
        labels: integers (h, w), which piece each px belongs to; 0 is none.
        line: (n,), the line of each piece.
        length: height and width, px, of what is longer than strokes along these lines: where they are as dark for so
            long, it is their own darkness.
    """
    places = np.flatnonzero(labels > 0)
    of, dark = line[labels.ravel()[places]], runs.ravel()[places]
    upto = np.bincount(256 * of + dark, minlength=256 * len(line)).reshape(-1, 256).cumsum(axis=1)
    usual = np.count_nonzero(upto < 0.5 * upto[:, -1:], axis=1).astype(np.uint8)
    own = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones(length, np.uint8)).ravel()[places]
    np.put(runs, places, np.minimum(dark, np.maximum(usual[of], own)))


def drawn_out(chosen: NDArray[np.uint8], runs: NDArray[np.uint8], shortest: int) -> NDArray[np.uint8]:
    """Rules made longer by runs in line with them, no darker, that writing close by had hidden."""
    if not chosen.any():
        return chosen
    reach = cv2.dilate(cv2.min(runs, chosen), np.ones((1, 4 * shortest + 1), np.uint8))
    alike = cv2.compare(runs, cv2.convertScaleAbs(reach, alpha=1.3), cv2.CMP_LE)
    return cv2.max(chosen, alike & cv2.threshold(runs, 0, 255, cv2.THRESH_BINARY)[1])
