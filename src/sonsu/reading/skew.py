"""How far a page is turned: from its ruled lines and boxes where it has any, else from its lines of writing."""

import cv2
import numpy as np
from numpy.typing import NDArray

MOST_DEG = 17.0  # farther turned pages are left as they are, as slanting strokes would mislead
_LONG = 0.3  # of the picture's longer side: lines as long are ruled ones, not strokes
_RULES = 3  # so many have to agree
_AGREE_DEG = 1.5


def skew(mask: NDArray[np.uint8], stroke_px: float) -> float:
    """The angle that a page is turned by, in degrees, clockwise as it is seen; 0.0 where nothing tells.

    Args:
        mask: uint8 (h, w) of a small copy of the page, ink = 255.
        stroke_px: width of the strokes in it.
    """
    by_rules = _by_rules(mask, stroke_px)
    return by_rules if by_rules is not None else _by_writing(mask)


def _by_rules(mask: NDArray[np.uint8], stroke_px: float) -> float | None:
    long = max(_LONG * max(mask.shape), 12 * stroke_px)
    if long > 0.95 * max(mask.shape):
        return None
    found = cv2.HoughLinesP(mask, 1, np.pi / 360, 40, minLineLength=long, maxLineGap=4)
    if found is None:
        return None
    x0, y0, x1, y1 = found.reshape(-1, 4).astype(float).T
    angles = (np.degrees(np.arctan2(y1 - y0, x1 - x0)) + 45) % 90 - 45  # across and upright alike
    lengths = np.hypot(x1 - x0, y1 - y0)
    if len(angles) < _RULES:
        return None
    near = np.abs(angles[:, None] - angles[None]) < _AGREE_DEG
    best = int((near @ lengths).argmax())
    agreeing = near[best]
    if agreeing.sum() < _RULES or lengths[agreeing].sum() < 0.5 * lengths.sum() or abs(angles[best]) > MOST_DEG:
        return None
    return float(np.average(angles[agreeing], weights=lengths[agreeing]))


def _by_writing(mask: NDArray[np.uint8]) -> float:
    parts = cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:].astype(float)
    x, y, width, height, area = parts.T
    inside = (x > 0) & (y > 0) & (x + width < mask.shape[1]) & (y + height < mask.shape[0])
    parts = parts[inside & (height >= 4) & (area >= 6)]
    if len(parts) < 3:
        return 0.0
    order = np.argsort(parts[:, 3])
    weight = np.cumsum(parts[order, 4])
    usual = parts[order[np.searchsorted(weight, weight[-1] / 2)], 3]
    parts = parts[(parts[:, 3] > 0.5 * usual) & (parts[:, 3] < 2 * usual)]
    parts = parts[np.argsort(parts[:, 0], kind="stable")][:400]
    slopes, spans = [], []
    for chain in _chains(parts, usual):
        centres = parts[chain, 0] + parts[chain, 2] / 2
        for edge in (parts[chain, 1], parts[chain, 1] + parts[chain, 3]):
            slopes.append(np.polyfit(centres, edge, 1)[0])
            spans.append(np.ptp(centres))
    if not spans or sum(spans) < 6 * usual:
        return 0.0
    order = np.argsort(slopes)
    weight = np.cumsum(np.array(spans)[order])
    angle = float(np.degrees(np.arctan(slopes[order[np.searchsorted(weight, weight[-1] / 2)]])))
    return angle if abs(angle) <= MOST_DEG else 0.0


def _chains(parts: NDArray[np.float64], usual: float) -> list[list[int]]:
    """Parts from left to right that follow each other closely, whatever the slope; chains of three and more."""
    if len(parts) < 3:
        return []
    left, right = parts[:, 0], parts[:, 0] + parts[:, 2]
    middle = parts[:, 1] + parts[:, 3] / 2
    ahead = left[None] - right[:, None]  # (n, n): from part to the one after it
    rise = np.abs(middle[None] - middle[:, None])
    beside = left[None] + parts[None, :, 2] / 2 > right[:, None] - 0.3 * parts[:, None, 2]
    fits = beside & (ahead < 1.5 * usual) & (rise < 0.35 * np.maximum(ahead, 0) + 0.4 * usual)
    np.fill_diagonal(fits, False)
    cost = np.where(fits, np.maximum(ahead, 0) + 2 * rise, np.inf)
    after = cost.argmin(axis=1)
    taken: set[int] = set()
    chains = []
    for start in range(len(parts)):
        chain, at = [], start
        while at not in taken:
            taken.add(at)
            chain.append(at)
            if not np.isfinite(cost[at, after[at]]):
                break
            at = int(after[at])
        if len(chain) >= 3:
            chains.append(chain)
    return chains
