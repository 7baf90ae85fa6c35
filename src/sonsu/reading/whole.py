"""The whole picture as one digit: what is cut so close that no paper is left around it to compare with.

One threshold for the whole picture (Otsu 1979) parts ink from paper where there are just these two; how well it does
so is the candidate's prior. A crop stretched into a square has lost its aspect ratio: narrower forms of it are tried.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.components import components, edges_touched

_FAINTEST = 0.3  # of the ink's own darkness: what is fainter is grain or blur
_SPECK = 0.03  # of the largest part's area
# The share of the variance that lies between ink and paper, and its worth: light that rises evenly has 0.75.
_POOR, _CLEAR = 0.76, 0.84
_FILLS = 0.6  # of the picture's width or height: smaller ink has paper around it to be compared with
_MOST_INK = 0.7  # of a close crop's area
_MAX_PARTS, _GRAINY = 6, 60  # of a digit with its gaps; specks included
_NARROWER = (0.7, 0.45)


def split_ink(grey: NDArray[np.uint8]) -> list[tuple[NDArray[np.uint8], float, bool]]:
    """Ink and paper by one threshold, either way round.

    Args:
        grey: uint8 (h, w).

    Returns:
        Up to two of: ink, uint8 (h, w), ink = 255 on 0; a prior from 0 to 1; whether the ink is dark.
    """
    _, upper = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    is_light = upper > 0
    if is_light.all() or not is_light.any():
        return []
    light, dark = grey[is_light], grey[~is_light]
    shares = light.size / grey.size, dark.size / grey.size
    between = shares[0] * shares[1] * (float(light.mean()) - float(dark.mean())) ** 2
    clear = float(np.clip((between / max(float(grey.var()), 1e-6) - _POOR) / (_CLEAR - _POOR), 0.0, 1.0))
    if clear == 0.0 or float(np.median(light)) - float(np.median(dark)) < 20:
        return []
    corners = is_light[[0, 0, -1, -1], [0, -1, 0, -1]].sum()  # paper is what the corners show
    ways = []
    for paper, ink, is_dark in ((light, dark, True), (dark, light, False)):
        if ink.size > _MOST_INK * grey.size:
            continue
        low, high = float(np.median(paper)), float(np.median(ink))
        soft = np.clip((grey.astype(np.float32) - low) / (high - low), 0.0, 1.0)
        in_corners = corners if is_dark else 4 - corners
        likely = (0.3, 0.5, 0.7, 0.9, 1.0)[in_corners] * (1.0 if ink.size < paper.size else 0.6)
        inked = _strokes(soft)
        if inked is not None:
            ways.append((inked, clear * likely, is_dark))
    return ways


def narrower(ink: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Narrower forms of ink that fills a square picture from top to bottom; none of other ink.

    Args:
        ink: uint8 (h, w), not cropped.
    """
    height, width = ink.shape
    _, _, w, h = cv2.boundingRect(ink)
    if not 0.9 <= width / height <= 1.1 or w < 0.45 * width or h < 0.9 * height:
        return []
    if cv2.connectedComponents((ink > 0).astype(np.uint8))[0] > 1 + _MAX_PARTS:
        return []
    tall = 4 * height
    return [
        cv2.resize(ink, (max(round(share * 4 * width), 1), tall), interpolation=cv2.INTER_CUBIC) for share in _NARROWER
    ]


def _strokes(soft: NDArray[np.float32]) -> NDArray[np.uint8] | None:
    """Ink uint8 (h, w) of float32 0–1, less what is faint or a speck; None where it is no close crop of few strokes."""
    ink = cv2.convertScaleAbs(np.where(soft < _FAINTEST, 0, soft), alpha=255.0)
    labels, parts = components((ink > 0).astype(np.uint8))
    count = len(parts)
    if count > _GRAINY:
        return None
    areas = parts[1:, cv2.CC_STAT_AREA]
    kept = np.zeros(count, np.uint8)
    kept[1:][areas >= _SPECK * areas.max(initial=0)] = 255
    leaves = edges_touched(parts, ink.shape) > 0
    if count > 1 and not leaves[1 + areas.argmax()]:
        kept[leaves] = 0
    ink &= kept[labels]
    _, _, width, height = cv2.boundingRect(ink)
    fills = width >= _FILLS * ink.shape[1] or height >= _FILLS * ink.shape[0]
    heights = parts[kept > 0, cv2.CC_STAT_HEIGHT]
    several = (heights > 0.6 * heights.max(initial=0)).sum() > 1  # digits side by side
    return ink if fills and not several and len(heights) <= _MAX_PARTS else None
