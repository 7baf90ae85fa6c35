"""How far a page is turned that has few ruled lines or none: from its frames, or else from its lines of writing."""

import numpy as np
from numpy.typing import NDArray

from sonsu.reading.components import components
from sonsu.reading.rulings import MOST_DEG

_UNEVEN = 0.08  # usual heights, that digits of a line stand higher or lower by for no reason
_STEP_DEG = 0.5
_PEAK = 1.5  # times the usual sharpness: frames and rules give as much, handwriting alone hardly does
_BOTH_PEAK, _AGREE_DEG = 1.25, 1.6  # less will do where level and upright lines say the same
_FEWEST_PX = 200


def skew(thin: NDArray[np.uint8], writing: NDArray[np.uint8]) -> float:
    """The angle that a page's lines rise by, in degrees, clockwise as it is seen; 0.0 where nothing tells.

    Args:
        thin: uint8 (h, w) of a small copy of a page, 255 where there are thin lines, strokes among them.
        writing: the same, of what looks like writing.
    """
    framed = _of_frames(thin)
    return _of_writing(writing) if framed is None else framed


def _of_frames(thin: NDArray[np.uint8]) -> float | None:
    """The angle at which most ink falls into few rows, and into few columns; None where none stands out.

    Reference:
        Postl (1986), "Detection of linear oblique structures and skew scan in digitized documents".
    """
    y, x = np.nonzero(thin)
    if len(x) < _FEWEST_PX:
        return None
    x = x - thin.shape[1] / 2
    y = y - thin.shape[0] / 2
    across, high = _peak(x, y)
    if high > _PEAK:
        return across
    upright, also = _peak(y, -x)
    agree = min(high, also) > _BOTH_PEAK and abs(across - upright) <= _AGREE_DEG
    return across if agree else None


def _peak(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """The angle, in degrees, of the lines that most of some points lie on, and how many times the usual that is."""
    angles = np.radians(np.arange(-MOST_DEG, MOST_DEG + _STEP_DEG / 2, _STEP_DEG))
    middle = float(np.hypot(np.abs(x).max(), np.abs(y).max())) + 1
    rows = [
        (y * cos - x * sin + middle).astype(np.int32) for sin, cos in zip(np.sin(angles), np.cos(angles), strict=True)
    ]
    sharpness = np.array([float((np.bincount(row).astype(float) ** 2).sum()) for row in rows])
    best = int(sharpness.argmax())
    inside = 0 < best < len(angles) - 1
    return float(np.degrees(angles[best])), float(sharpness[best] / np.median(sharpness)) if inside else 0.0


def _of_writing(mask: NDArray[np.uint8]) -> float:
    """The angle of lines of writing; 0.0 where there are none."""
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
