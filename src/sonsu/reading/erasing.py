"""Dark rules erased from a mask, the strokes that cross them kept."""

import cv2
import numpy as np
from numpy.typing import NDArray


def erased(
    mask: NDArray[np.uint8], across: NDArray[np.uint8], upright: NDArray[np.uint8], stroke_px: float
) -> NDArray[np.uint8]:
    """A mask without its rules: of what lies there, that goes which is no thicker than they mostly are.

    Args:
        mask: uint8 (h, w), ink = 255.
        across: uint8 (h, w), 255 on and close to level rules.
        upright: the same of upright ones.
        stroke_px: width of the strokes.
    """
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
