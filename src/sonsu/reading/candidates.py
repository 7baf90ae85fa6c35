"""Where in a picture its one digit may be: a few candidates, the likeliest first.

One picture gives several masks (either polarity, two windows, three thresholds, with ruled lines and without), each
mask a few groups of strokes that could be the digit. Which of them is one is for the network to say: it knows what is
not a digit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.components import components, edges_touched
from sonsu.reading.formed import forms, is_grain, is_ruled, levelled
from sonsu.reading.glyph import BOX, SIZE
from sonsu.reading.ink import InkMap, clean_ink, evenly_lit, ink_maps, is_plain, least_ink
from sonsu.reading.outer import WITHIN, Outer, outer
from sonsu.reading.page import Box
from sonsu.reading.rules import find_rules, without_rules
from sonsu.reading.whole import narrower, split_ink

WORKING_SIDE_PX = 400
"""Larger pictures are averaged down to this side: a digit an eighth as high still has 50 px."""

# Of the ink's own darkness, and how usual each is. The lowest comes first, as it shows all ruled lines.
_THRESHOLDS = ((0.3, 0.9), (0.5, 1.0), (0.75, 0.8))
_NO_RULES = 0.7  # of the ink's own darkness: above it, ruled lines are mostly gone
_OF_DARKEST = 0.5  # a further threshold where most of the ink is fainter lines
_MIN_AREA = 12  # px
_MAX_PARTS = 200
_MANY_PARTS = 100
_SEEDS = 4  # parts of a mask that are tried
_MAX_CANDIDATES = 24
_LEAST_PRIOR = 0.05  # of 105 digits that were read right in hard photos the least had 0.1
_RING_PX = 3
_LEAST_RANGE = 64  # of 255, between the darkest and the lightest px of a picture in MNIST's form
_FAINTEST = 24  # of 255: ink up to this is left out of a clean picture, as what a lossy file leaves around a digit
_CELL_EDGES = 3  # that a small picture's ink touches where a cell's borders may be in it
_A_GROUND = 0.3  # of strips across the picture as ink
_SMALL_PX = 64  # in pictures of this side strokes are too near to each other to see where they end
# On synthetic photos, 250 of which were looked at, no digit was less sharp than 0.51; a blank page's shades were mostly
# below 0.3. A pencil's contrast is 0.3 and more, though in bad light 0.16 was seen, and 0.1 in too much of it.
_LEAST_SHARPNESS = 0.45
_LEAST_CONTRAST, _USUAL_CONTRAST = 0.09, 0.3


@dataclass(frozen=True, eq=False)
class Candidate:
    """Ink that may be the digit.

    Attributes:
        ink: uint8 (h, w), ink = 255 on 0, cropped to the ink.
        box_px: x, y, width, height in the picture that was given.
        prior: how likely it is before the network has seen it, 0 to 1.
        dark: whether the ink is darker than the paper.
        rivals: other groups of strokes of about the same size.
        rules: whether ruled lines were taken away.
        formed: whether the ink is in MNIST's own form already, with whatever lies around the digit.
        outer: how much it looks like what goes on beyond the picture, such as a cell's border.
    """

    ink: NDArray[np.uint8]
    box_px: Box
    prior: float
    dark: bool
    rivals: int = 0
    rules: bool = False
    formed: bool = False
    outer: Outer = WITHIN


def find_candidates(pixels: NDArray[np.uint8]) -> list[Candidate]:
    """Find the ink that may be a picture's one digit.

    Args:
        pixels: uint8 (h, w) grey or (h, w, 3) RGB, any size.

    Returns:
        Candidates, the likeliest first; none for a blank picture.
    """
    clean = clean_ink(pixels)
    if clean is not None:
        return [] if is_ruled(clean[0]) else [*_of_clean(*clean), *_of_cell(*clean)]
    height, width = pixels.shape[:2]
    scale = min(1.0, WORKING_SIDE_PX / max(height, width))
    if scale < 1:
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = max(grey.shape) <= _SMALL_PX
    found = []
    for even in (grey,) if small or is_plain(grey) else (grey, evenly_lit(grey)):
        for ink, prior, dark in split_ink(even):
            if small:
                found += [*_whole(ink, dark, prior, scale), *_of_cell(ink, dark)]
            elif _is_sharp(ink):
                found += _whole(ink, dark, prior, scale)
    # A small picture that one threshold parts clearly needs no search, which a close crop would mislead.
    if not small or all(candidate.prior < 0.5 for candidate in found):
        found += [candidate for ink_map in ink_maps(pixels) for candidate in _of_map(ink_map, scale)]
    if grey.shape == (SIZE, SIZE):
        found += _formed_either_way(grey)
    likely = [candidate for candidate in found if candidate.prior >= _LEAST_PRIOR]
    return sorted(likely, key=lambda candidate: -candidate.prior)[:_MAX_CANDIDATES]


def _of_cell(ink: NDArray[np.uint8], dark: bool) -> list[Candidate]:
    """What stands in a small picture's ink that leaves it on several sides: a digit among a cell's borders."""
    if ink.shape == (SIZE, SIZE) or edges_touched(np.array([cv2.boundingRect(ink)]), ink.shape)[0] < _CELL_EDGES:
        return []
    return list(_of_map(InkMap(ink.astype(np.float32) / np.float32(255), 0.0, dark), 1.0))


def _formed_either_way(grey: NDArray[np.uint8]) -> list[Candidate]:
    """The forms of a picture of 28×28 whose ink may be dark or light, or both on strips of another ground."""
    low, high, _, _ = cv2.minMaxLoc(grey)
    if high - low < _LEAST_RANGE or is_grain(grey):
        return []
    ink = cv2.convertScaleAbs(grey, alpha=255 / (high - low), beta=-low * 255 / (high - low))
    level = levelled(ink)
    if level is not None:
        return _formed(level, dark=True)
    return [*_formed(ink, dark=False), *_formed(255 - ink, dark=True)]


def _of_clean(ink: NDArray[np.uint8], dark: bool) -> list[Candidate]:
    """A clean small picture whole; one of 28×28 as it is, too, where more is inked than a digit's box.

    To look for the digit there would do more harm. Ink that is a strip across such a picture is the ground that the
    digit stands on: then it is looked at the other way round.
    """
    drawn = cv2.threshold(ink, _FAINTEST, 255, cv2.THRESH_TOZERO)[1]
    box = cv2.boundingRect(drawn)
    if ink.shape != (SIZE, SIZE) or max(box[2:]) <= BOX or is_grain(ink):
        return _whole(drawn, dark, 1.0, 1.0)
    level = levelled(ink)
    if level is not None:
        return [*_whole(drawn, dark, _A_GROUND, 1.0), *_formed(level, dark)]
    return [*_whole(drawn, dark, 1.0, 1.0), *_formed(ink, dark)]


def _formed(ink: NDArray[np.uint8], dark: bool) -> list[Candidate]:
    """A picture of 28×28 in each of its forms, for the network alone to judge."""
    return [Candidate(form, (0, 0, SIZE, SIZE), 1.0, dark, formed=True) for form in forms(ink)]


def _whole(ink: NDArray[np.uint8], dark: bool, prior: float, scale: float) -> list[Candidate]:
    """All the ink of a picture as one candidate, and in narrower forms where it may have been stretched."""
    x, y, width, height = cv2.boundingRect(ink)
    if width == 0:
        return []
    box = (round(x / scale), round(y / scale), max(round(width / scale), 1), max(round(height / scale), 1))
    whole = ink[y : y + height, x : x + width]
    beyond = outer(whole, (x, y), ink.shape)
    return [
        Candidate(whole, box, prior, dark, outer=beyond),
        *(Candidate(form, box, 0.8 * prior, dark, outer=beyond) for form in narrower(ink)),
    ]


def _of_map(ink_map: InkMap, scale: float) -> Iterator[Candidate]:
    ink = ink_map.ink
    least = least_ink(ink_map.noise * 0.6)
    some = ink[ink > least]
    if some.size < _MIN_AREA:
        return
    rules, seen = None, set()
    for level, weight, ruled in _levels(some, least):
        mask = cv2.compare(ink, level, cv2.CMP_GT)
        inked = cv2.countNonZero(mask)
        if inked in seen:  # as in a picture of one bit
            continue
        seen.add(inked)
        rules = rules or find_rules(mask)
        found = list(_groups(mask))
        without = without_rules(mask, rules) if ruled else None
        if without is not None:
            known = {group.ink_box_px for group in found}
            found += (replace(group, rules=True) for group in _groups(without) if group.ink_box_px not in known)
        for group in found:
            if max(group.box_px[2:]) <= ink_map.tallest * max(ink.shape):
                candidate = _cut(ink, group, weight, ink_map.dark, scale)
                if candidate is not None:
                    yield candidate


def _levels(some: NDArray[np.float32], least: float) -> Iterator[tuple[float, float, bool]]:
    """Thresholds for ink of these values: each with how usual it is, and whether ruled lines may show above it."""
    full, darkest = np.percentile(some, (90, 99)).tolist()
    for share, weight in _THRESHOLDS:
        yield max(share * full, least), weight, share < _NO_RULES
    if _OF_DARKEST * darkest > full:  # lines that are fainter than the digit are most of the ink
        yield _OF_DARKEST * darkest, _THRESHOLDS[-1][1], False


@dataclass(frozen=True, eq=False)
class _Group:
    """Strokes that may make up one digit.

    Attributes:
        mask: uint8 (h, w), theirs alone, cropped to what is around them.
        around: where that is in the picture.
        box_px: of the strokes, in the picture.
        area: of the strokes, px.
        score: from 0 to 1.
        rivals: parts of their size.
        rules: whether ruled lines were taken away.
    """

    mask: NDArray[np.uint8]
    around: tuple[slice, slice]
    box_px: Box
    area: int
    score: float
    rivals: int
    rules: bool = False

    @property
    def ink_box_px(self) -> tuple[int, ...]:
        """Their box and area: groups of two masks that have these in common are the same."""
        return *self.box_px, self.area


def _groups(mask: NDArray[np.uint8]) -> Iterator[_Group]:
    """The few parts of a mask that most look like a digit, each alone and with what lies close to it."""
    labels, parts = components(mask)
    count = len(parts)
    if count == 1:
        return
    # Part 0 is the background; of grainy pictures with thousands of parts the largest are enough.
    kept = 1 + np.argsort(-parts[1:, cv2.CC_STAT_AREA], kind="stable")[:_MAX_PARTS]
    grain = _grain(parts[1:], mask.shape)
    parts = parts[kept]
    larger = np.maximum(parts[:, cv2.CC_STAT_WIDTH], parts[:, cv2.CC_STAT_HEIGHT])
    scores = _scores(parts, mask.shape) * (larger > grain)
    for seed in np.argsort(-scores, kind="stable")[:_SEEDS].tolist():
        if scores[seed] < 0.1 * scores.max() or scores[seed] <= 0:
            return
        height = parts[seed, cv2.CC_STAT_HEIGHT]
        alike = (parts[:, cv2.CC_STAT_HEIGHT] > 0.6 * height) & (scores > 0.5 * scores[seed])
        alike &= parts[:, cv2.CC_STAT_AREA] > 0.3 * parts[seed, cv2.CC_STAT_AREA]
        members = _neighbours(parts, seed, mask.shape)
        rivals = int(np.delete(alike, members).sum())
        yield _group(labels, count, kept, parts, members, float(scores[seed]), rivals)
        if len(members) > 1:
            yield _group(labels, count, kept, parts, np.array([seed]), 0.8 * float(scores[seed]), rivals)


def _group(
    labels: NDArray[np.integer],
    count: int,
    numbers: NDArray[np.int_],
    parts: NDArray[np.int32],
    members: NDArray[np.int_],
    score: float,
    rivals: int,
) -> _Group:
    """Some of a mask's parts, whose labels are given in `numbers`, as a group."""
    x, y, w, h, area = parts[members].T
    left, top, right, bottom = int(x.min()), int(y.min()), int((x + w).max()), int((y + h).max())
    around = slice(max(top - _RING_PX, 0), bottom + _RING_PX), slice(max(left - _RING_PX, 0), right + _RING_PX)
    chosen = np.zeros(count, np.uint8)
    chosen[numbers[members]] = 255
    return _Group(
        chosen[labels[around]], around, (left, top, right - left, bottom - top), int(area.sum()), score, rivals
    )


def _grain(parts: NDArray[np.int32], shape: tuple[int, ...]) -> float:
    """The size in px up to which parts are clumps of grain: four times the usual one where there are very many.

    What leaves the picture is no grain, but a ruled line or a table.
    """
    inside = parts[edges_touched(parts, shape) == 0]
    if len(inside) < _MANY_PARTS:
        return 0.0
    return 4.0 * float(np.percentile(np.maximum(inside[:, cv2.CC_STAT_WIDTH], inside[:, cv2.CC_STAT_HEIGHT]), 95))


def _scores(parts: NDArray[np.int32], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """How much each connected part looks like the main stroke of a digit, 0 to 1, by size, place and shape alone."""
    height, width = shape
    x, y, w, h, area = (parts[:, i].astype(float) for i in range(5))
    big = np.clip(np.maximum(w / width, h / height) / 0.25, 0.05, 1.0) * (area >= _MIN_AREA) * (np.maximum(w, h) >= 6)
    inside = np.array([1.0, 0.35, 0.12, 0.04, 0.02])[edges_touched(parts, shape)]
    off_centre = np.hypot((x + w / 2) / width - 0.5, (y + h / 2) / height - 0.5)
    fill = area / (w * h)
    stroke = np.where((fill > 0.75) & (w > 0.5 * h), 0.3, 1.0) * np.where(fill < 0.04, 0.3, 1.0)
    upright = np.where(w > 1.8 * h, 0.35, 1.0)
    return big * inside * stroke * upright * (1 - 0.6 * off_centre)


def _neighbours(parts: NDArray[np.int32], seed: int, shape: tuple[int, ...]) -> NDArray[np.int_]:
    """The seed and the parts close enough to belong to the same digit, such as the bar of a 5.

    What leaves the picture does not belong to a seed that lies within it: it is a cell's border, or a neighbour.
    """
    x, y, w, h, area = (parts[:, i].astype(float) for i in range(5))
    size = max(w[seed], h[seed])
    right, below = x - (x[seed] + w[seed]), y - (y[seed] + h[seed])
    apart = np.maximum(np.maximum(right, x[seed] - (x + w)), np.maximum(below, y[seed] - (y + h)))
    substantial = (area >= 0.025 * area[seed]) & (np.maximum(w, h) <= 1.1 * size)
    # A part as tall as the seed beside it is another digit.
    beside = (x > x[seed] + 0.8 * w[seed]) | (x + w < x[seed] + 0.2 * w[seed])
    edges = edges_touched(parts, shape)
    leaves = (edges > 0) & (edges[seed] == 0)
    belongs = (apart < 0.22 * size) & substantial & ~leaves & ~(beside & (h > 0.7 * h[seed]))
    belongs[seed] = True
    return np.flatnonzero(belongs)


def _cut(ink: NDArray[np.float32], group: _Group, weight: float, dark: bool, scale: float) -> Candidate | None:
    """Cut a group's ink out of its map, soft edges and darkest parts at 255; None for what is too soft for a pen."""
    part, values = group.mask, ink[group.around]
    inside = values[part > 0]
    darkest = float(np.percentile(inside, 60))
    if darkest < _LEAST_CONTRAST or _sharpness(part, values, float(inside.mean())) < _LEAST_SHARPNESS:
        return None
    x, y, width, height = cv2.boundingRect(part)
    values, part = values[y : y + height, x : x + width], part[y : y + height, x : x + width]
    soft = cv2.convertScaleAbs(np.clip(values / darkest, 0, 1), alpha=255.0) & part
    left, top, wide, high = (round(value / scale) for value in group.box_px)
    prior = weight * group.score * min(darkest / _USUAL_CONTRAST, 1.0)
    beyond = outer(soft, group.box_px[:2], ink.shape)
    box = left, top, max(wide, 1), max(high, 1)
    return Candidate(soft, box, prior, dark, group.rivals, group.rules, outer=beyond)


def _is_sharp(ink: NDArray[np.uint8]) -> bool:
    """Whether the ink of a whole picture ends like strokes do."""
    mask = (ink > 127).astype(np.uint8)
    return _sharpness(mask, ink.astype(np.float32), float(ink[mask > 0].mean())) >= _LEAST_SHARPNESS


def _sharpness(part: NDArray[np.uint8], values: NDArray[np.float32], inside: float) -> float:
    """How much of the ink is gone a few pixels outside of it: near 1 for a pen's stroke, little for a shade."""
    near, far = (cv2.dilate(part, np.ones((2 * r + 1, 2 * r + 1), np.uint8)) for r in (1, _RING_PX))
    ring = values[(far > 0) & (near == 0)]
    return 1.0 - float(ring.mean()) / inside if ring.size else 1.0
