"""The ticks of combs: short upright marks on a level rule, as regular as only print is."""

import numpy as np
from numpy.typing import NDArray

_LEAST = 3  # ticks make a comb
_SLENDER = 3.0  # times as high as wide, and more
_ALIKE = 0.2  # their heights differ by less
_REGULAR = 0.12  # of the distance of two: how far one may be from where it is due


def ticks(boxes: NDArray[np.float64], rails: NDArray[np.int_], stroke_px: float) -> NDArray[np.bool_]:
    """Which parts are ticks.

    Args:
        boxes: (n, 4): x, y, width, height of parts.
        rails: (m, 4): of level rules.
        stroke_px: width of the strokes.

    Returns:
        (n,).
    """
    found = np.zeros(len(boxes), bool)
    x, y, width, height = boxes.T
    slender = (height > _SLENDER * width) & (width < 2 * stroke_px + 2)
    for left, top, wide, thick in rails:
        on = slender & (x > left - 2 * stroke_px) & (x + width < left + wide + 2 * stroke_px)
        on &= np.abs(y + height - (top + thick / 2)) < 1.5 * stroke_px + thick / 2
        on &= height < 0.5 * wide
        candidates = np.flatnonzero(on)
        candidates = candidates[np.argsort(x[candidates])]
        found[_regular(candidates, x + width / 2, height)] = True
    return found


def _regular(
    candidates: NDArray[np.int_], middles: NDArray[np.float64], heights: NDArray[np.float64]
) -> NDArray[np.int_]:
    """Those of some parts, from left to right, that stand at whole steps of one distance, most of them as high."""
    if len(candidates) < _LEAST:
        return candidates[:0]
    usual = np.median(heights[candidates])
    alike = np.abs(heights[candidates] - usual) < _ALIKE * usual
    if alike.sum() < _LEAST:
        return candidates[:0]
    apart = np.diff(middles[candidates[alike]])
    step = float(np.median(apart[apart <= 1.5 * apart.min()]))
    if step < 0.3 * usual:
        return candidates[:0]
    steps = (middles[candidates] - middles[candidates[alike][0]]) / step
    start = np.median((steps - np.round(steps))[alike])
    due = np.abs(steps - start - np.round(steps - start)) < _REGULAR
    # A comb's ends are often higher than its other ticks.
    return candidates[due] if (due & alike).sum() >= max(_LEAST, 0.7 * alike.sum()) else candidates[:0]
