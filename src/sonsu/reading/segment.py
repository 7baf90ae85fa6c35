"""A line's ink shared out among its digits: which strokes belong to which, and cuts where digits touch.

The line network says *that* there is a digit and about where; this says which ink is its own, so that it has a box and
can be looked at a second time by itself.
"""

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.components import components

_INKED = 40  # of 255
_CROSSING = 40.0  # what it costs a cut to cross ink, in sideways steps
_NEAR = 0.25  # of the line's height: a part this near to a digit, and to no other, is a piece of it


def share_out(
    ink: NDArray[np.uint8], owners: Sequence[tuple[float, float]]
) -> tuple[list[NDArray[np.uint8]], NDArray[np.bool_]]:
    """Share a line's ink out among characters.

    Args:
        ink: uint8 (h, w), ink = 255 on 0.
        owners: for each character, from left to right, where the network saw it: first and last x in px.

    Returns:
        For each character its ink, uint8 (h, w); what is near to nobody is nobody's. And bool (n,), which of them touch
        no other.
    """
    labels, alone = _own_labels(ink, owners)
    return [np.where(labels == i, ink, np.uint8(0)) for i in range(1, len(owners) + 1)], alone


def _own_labels(
    ink: NDArray[np.uint8], owners: Sequence[tuple[float, float]]
) -> tuple[NDArray[np.uint16], NDArray[np.bool_]]:
    """Whose each pixel is: uint16 (h, w), 0 is nobody's, i the i-th character's, counted from 1; and who is alone."""
    mask = (ink > _INKED).astype(np.uint8)
    parts, stats = components(mask)
    owned = np.zeros(ink.shape, np.uint16)
    alone = np.ones(len(owners), bool)
    middles = [(first + last) / 2 for first, last in owners]
    for part in range(1, len(stats)):
        x, y, width, height, _ = stats[part].tolist()
        inside = [i for i, middle in enumerate(middles) if x - 1 <= middle <= x + width]
        place = (slice(y, y + height), slice(x, x + width))
        own = parts[place] == part
        if len(inside) > 1:
            alone[inside] = False
            whose = _cut(ink[place], own, [middles[i] - x for i in inside])
            owned[place][own] = np.array(inside)[whose[own]] + 1
        else:
            nearest = inside[0] if inside else _nearest(own, x, owners, ink.shape[0])
            if nearest is not None:
                owned[place][own] = nearest + 1
    # Soft edges belong to the stroke that they are the edge of.
    edge = cv2.dilate(owned, np.ones((3, 3), np.uint8))
    return np.where(owned > 0, owned, np.where(ink > 0, edge, 0)), alone


def _nearest(own: NDArray[np.bool_], left: int, owners: Sequence[tuple[float, float]], height: int) -> int | None:
    """Whose a part is, bool (h, w), that begins at this x: its nearest owner's, None where none is near."""
    right, centre = left + own.shape[1], left + float(np.nonzero(own)[1].mean())
    apart = [max(first - right, left - last, 0.0) for first, last in owners]
    nearest = min(range(len(owners)), key=lambda i: (apart[i], abs(sum(owners[i]) / 2 - centre)))
    return nearest if apart[nearest] <= _NEAR * height else None


def _cut(ink: NDArray[np.uint8], own: NDArray[np.bool_], middles: Sequence[float]) -> NDArray[np.int_]:
    """Part touching characters by seams from top to bottom that cross as little ink as they can, int (h, w) from 0."""
    width = ink.shape[1]
    cost = 1.0 + _CROSSING * np.where(own, ink, 0).astype(np.float64) / 255
    columns = np.arange(width)
    whose = np.zeros(ink.shape, int)
    for left, right in pairwise(middles):
        first, last = int(np.clip(round(left), 0, width - 1)), int(np.clip(round(right), 0, width - 1))
        last = max(last, first + 1)
        seam = first + _seam(cost[:, first : last + 1])
        whose += columns[None, :] > seam[:, None]
    return whose


def _seam(cost: NDArray[np.float64]) -> NDArray[np.int_]:
    """The cheapest way from top to bottom, one column a row and at most one step aside, int (h,).

    Reference:
        Avidan, Shamir (2007), "Seam carving for content-aware image resizing".
    """
    height, width = cost.shape
    middle = np.abs(np.arange(width) - (width - 1) / 2) / max(width, 1)
    total = cost[0] + middle
    back = np.zeros((height, width), np.int8)
    ways = np.full((3, width), np.inf)
    for y in range(1, height):
        ways[0, 1:], ways[1], ways[2, :-1] = total[:-1] + 0.4, total, total[1:] + 0.4
        back[y] = ways.argmin(axis=0) - 1
        total = ways.min(axis=0) + cost[y]
    x = int((total + middle).argmin())
    seam = np.empty(height, int)
    for y in range(height - 1, -1, -1):
        seam[y] = x
        x += int(back[y, x])
    return seam
