"""How far a page without ruled lines is turned: from its lines of writing."""

import numpy as np
from numpy.typing import NDArray

from sonsu.reading.components import components
from sonsu.reading.rulings import MOST_DEG

_UNEVEN = 0.08  # usual heights, that digits of a line stand higher or lower by for no reason


def skew(mask: NDArray[np.uint8]) -> float:
    """The angle that lines of writing rise by, in degrees, clockwise as it is seen; 0.0 where nothing tells.

    Args:
        mask: uint8 (h, w) of a small copy of a page, ink = 255.
    """
    parts = components(mask)[1][1:].astype(float)
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
    slopes, weights, length = [], [], 0.0
    for chain in _chains(parts, usual):
        centres = parts[chain, 0] + parts[chain, 2] / 2
        length += np.ptp(centres)
        # Of tops and bottoms those in line count for more: a word's capital is taller than its other letters.
        for edge in (parts[chain, 1], parts[chain, 1] + parts[chain, 3]):
            slope, start = np.polyfit(centres, edge, 1)
            slopes.append(slope)
            weights.append(np.ptp(centres) / (np.abs(edge - slope * centres - start).mean() + _UNEVEN * usual))
    if length < 3 * usual:
        return 0.0
    order = np.argsort(slopes)
    weight = np.cumsum(np.array(weights)[order])
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
