"""Ruled lines and the borders of boxes: find them by their length and straightness, take them out of the ink."""

import cv2
import numpy as np
from numpy.typing import NDArray

_LONG = 0.55  # of the picture's side: no stroke of a digit that is to be read among lines is as long
_SLOPE = 0.35  # rise over run of the most turned line
_MAX_LINES = 60


def without_rules(mask: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Take long straight lines out of a mask, leaving the strokes that cross them.

    Args:
        mask: uint8 (h, w), ink = 255.

    Returns:
        The mask without its lines, uint8 (h, w); None when there are none.
    """
    across = _erase(mask)
    upright = _erase(np.ascontiguousarray(mask.T))
    if across is None and upright is None:
        return None
    kept = mask.copy()
    if across is not None:
        kept &= across
    if upright is not None:
        kept &= upright.T
    return kept


def _erase(mask: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """The mask without lines that run more or less from left to right; None when there are none."""
    width = mask.shape[1]
    found = cv2.HoughLinesP(mask, 1, np.pi / 360, max(int(0.4 * width), 10), None, _LONG * width, 0.06 * width)
    if found is None:
        return None
    kept = mask.copy()
    erased = False
    for x1, y1, x2, y2 in found.reshape(-1, 4)[:_MAX_LINES].astype(float):
        slope = (y2 - y1) / (x2 - x1) if x1 != x2 else np.inf
        if abs(slope) <= _SLOPE:
            erased |= _erase_line(mask, kept, y1 - slope * x1, slope)
    return kept if erased else None


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
