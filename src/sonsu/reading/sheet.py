"""Where the sheet is that was written on: table, floor and fingers around it are left out."""

import cv2
import numpy as np
from numpy.typing import NDArray

_STEP = 5  # grey levels from one px to the next: shadows have softer edges, sheets sharper ones
_LEAST_DIFFERENCE = 18  # grey levels between sheet and table, on average
_SIDE_PX = 160
_LEAST_SHARE = 0.02  # of the picture: less beside the sheet is not worth a thought
_MOST_SHARE = 0.85
_MAX_SEEDS = 60


def off_sheet(pixels: NDArray[np.uint8], writing: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Find what lies around the sheet: what cannot be reached from the writing without crossing a sharp edge.

    Args:
        pixels: uint8 (h, w) or (h, w, 3), a small copy of a picture.
        writing: uint8 (h, w), 255 where there is writing.

    Returns:
        uint8 (h', w'), smaller: 255 off the sheet; None where the sheet fills the picture.
    """
    scale = min(1.0, _SIDE_PX / max(writing.shape))
    size = max(round(writing.shape[1] * scale), 1), max(round(writing.shape[0] * scale), 1)
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    ink = cv2.resize(writing, size, interpolation=cv2.INTER_AREA)
    paper = _without_writing(small, ink)
    seeds = np.argwhere(ink > 60)
    if len(seeds) == 0:
        return None
    reached = np.zeros((size[1] + 2, size[0] + 2), np.uint8)
    flags = 4 | (255 << 8) | cv2.FLOODFILL_MASK_ONLY
    step = (_STEP + 3 * _grain(paper),) * 3
    for y, x in seeds[:: max(len(seeds) // _MAX_SEEDS, 1)]:
        if not reached[y + 1, x + 1]:
            cv2.floodFill(paper, reached, (int(x), int(y)), 0, step, step, flags)
    sheet = cv2.morphologyEx(reached[1:-1, 1:-1], cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.bitwise_not(sheet), connectivity=4)
    x, y, width, height, area = stats.T
    at_edge = (x == 0) | (y == 0) | (x + width == size[0]) | (y + height == size[1])
    large = at_edge & (area > _LEAST_SHARE * sheet.size)
    large[0] = False
    off = (large.astype(np.uint8) * np.uint8(255))[labels]
    share = float((off > 0).mean())
    if not _LEAST_SHARE < share < _MOST_SHARE or _difference(paper, off) < _LEAST_DIFFERENCE:
        return None
    return off


def _difference(paper: NDArray[np.uint8], off: NDArray[np.uint8]) -> float:
    """How much the two sides of a border differ, in the channel where they do most."""
    reach = np.ones((9, 9), np.uint8)
    beside = (off > 0) & (cv2.dilate(cv2.bitwise_not(off), reach) > 0)
    within = (off == 0) & (cv2.dilate(off, reach) > 0)
    return float(np.abs(paper[beside].mean(axis=0) - paper[within].mean(axis=0)).max())


def _grain(paper: NDArray[np.uint8]) -> float:
    """How much neighbours differ for no reason, in grey levels."""
    return float(np.median(cv2.absdiff(paper[:, 1:], paper[:, :-1]))) if paper.shape[1] > 1 else 0.0


def _without_writing(small: NDArray[np.uint8], ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The paper alone, without rules and texture: each inked px takes the level of the paper nearest to it."""
    inked = cv2.dilate(cv2.threshold(ink, 20, 255, cv2.THRESH_BINARY)[1], np.ones((3, 3), np.uint8))
    free = cv2.bitwise_not(inked)
    paper = small
    if free.any():
        _, labels = cv2.distanceTransformWithLabels(inked, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
        places = np.zeros(int(labels.max()) + 1, np.int64)
        places[labels[free > 0]] = np.flatnonzero(free)
        flat = small.reshape(-1, *small.shape[2:])
        paper = np.ascontiguousarray(flat[places[labels.ravel()]].reshape(small.shape))
    return cv2.medianBlur(cv2.morphologyEx(paper, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), 5)
