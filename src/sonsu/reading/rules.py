"""Ruled lines and the borders of boxes: find them by their length and straightness, take them out of the ink."""

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.components import components

_LONG = 0.55  # of the picture's side: no stroke of a digit that is to be read among lines is as long
_SLOPES = np.linspace(-0.35, 0.35, 57)  # rise over run of the lines that are looked for
_SIDE_PX = 160  # the size at which lines are looked for
_MAX_LINES = 40
_LEAST_SPAN = 0.3  # of the picture's side that one connected part must span before lines are looked for


Line = tuple[float, float]  # y = start + slope · x; of upright lines with x and y exchanged


def find_rules(mask: NDArray[np.uint8]) -> tuple[list[Line], list[Line]]:
    """Long straight lines of a mask: those from left to right, and the upright ones.

    Args:
        mask: uint8 (h, w), ink = 255.
    """
    parts = components(mask)[1][1:]
    longest = parts[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=0, initial=0)
    ways = zip((mask, mask.T), longest, strict=True)
    across, upright = (
        _find_lines(np.ascontiguousarray(ink)) if length > _LEAST_SPAN * ink.shape[1] and _reaches_across(ink) else []
        for ink, length in ways
    )
    return across, upright


def _reaches_across(mask: NDArray[np.uint8]) -> bool:
    """Whether as many columns are inked as a rule is long."""
    return np.count_nonzero(mask.max(axis=0)) >= _LONG * mask.shape[1]


def without_rules(
    mask: NDArray[np.uint8], rules: tuple[list[Line], list[Line]] | None = None
) -> NDArray[np.uint8] | None:
    """Take long straight lines out of a mask, leaving the strokes that cross them.

    Args:
        mask: uint8 (h, w), ink = 255.
        rules: where they may be, from a mask with more ink of the same picture; found in this one if None.

    Returns:
        The mask without its lines, uint8 (h, w); None when there are none.
    """
    kept = mask
    for turned, lines in enumerate(rules or find_rules(mask)):
        if lines:
            erased = _erase(np.ascontiguousarray(mask.T) if turned else mask, lines)
            kept = kept & (erased.T if turned else erased) if erased is not None else kept
    return None if kept is mask else kept


def _erase(mask: NDArray[np.uint8], lines: list[Line]) -> NDArray[np.uint8] | None:
    """The mask without those lines that run more or less from left to right; None when there are none."""
    kept = mask.copy()
    erased = [_erase_line(mask, kept, start, slope) for start, slope in lines]
    return kept if any(erased) else None


def _find_lines(mask: NDArray[np.uint8]) -> list[Line]:
    """Lines y = start + slope · x that may be ruled ones: rows that are full of ink once the mask is sheared level.

    The shears are a Radon transform (Radon 1917) over the few directions that matter.
    """
    height, width = mask.shape
    scale = min(1.0, _SIDE_PX / max(height, width))
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    middle = (size[0] - 1) / 2
    shears = [np.array([[1.0, 0.0, 0.0], [-slope, 1.0, slope * middle]]) for slope in _SLOPES]
    level = [cv2.warpAffine(small, shear, size, flags=cv2.INTER_NEAREST) for shear in shears]
    filled = np.stack([cv2.reduce(rows, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel() for rows in level]) / 255
    best = filled.max(axis=0)  # (h,) over the slopes
    peaks = best >= cv2.dilate(best[:, None], np.ones((5, 1), np.uint8)).ravel()
    rows = np.flatnonzero(peaks & (best > 0.5 * _LONG))  # thin lines are grey at this size
    rows = rows[np.argsort(-best[rows], kind="stable")][:_MAX_LINES]
    slopes = _SLOPES[filled[:, rows].argmax(axis=0)]
    starts = (rows + 0.5 - slopes * (middle + 0.5)) / scale - 0.5
    return list(zip(starts.tolist(), slopes.tolist(), strict=True))


def _erase_line(mask: NDArray[np.uint8], kept: NDArray[np.uint8], start: float, slope: float) -> bool:
    """Erase from `kept` the line y = start + slope · x where it is no thicker than it mostly is."""
    height, width = mask.shape
    reach = max(height // 12, 4)
    columns = np.arange(width)
    middle = np.rint(start + slope * columns).astype(int)
    offsets = np.arange(-reach, reach + 1)
    rows = middle[None, :] + offsets[:, None]  # (2 reach + 1, width)
    inside = (rows >= 0) & (rows < height)
    band = np.where(inside, mask[np.clip(rows, 0, height - 1), columns], 0) > 0
    on = band[reach - 1 : reach + 2].any(axis=0)
    if on.mean() < _LONG:
        return False
    up = _run(band[reach::-1])
    down = _run(band[reach:])
    thickness = (up + down)[on]
    usual = float(np.percentile(thickness, 35))
    if usual > max(0.04 * height, 6):
        return False
    thin = (up <= usual + 1) & (down <= usual + 1) & (up + down <= 1.5 * usual + 2)
    doomed = band & thin & (np.abs(offsets)[:, None] <= usual + 1)
    kept[rows[doomed], np.broadcast_to(columns, rows.shape)[doomed]] = 0
    return True


def _run(band: NDArray[np.bool_]) -> NDArray[np.int_]:
    """How far ink goes on from the first rows of a band (n, w), allowing for a first row just beside the line."""
    start = band.copy()
    start[0] |= band[1]
    return np.cumprod(start, axis=0).sum(axis=0)
