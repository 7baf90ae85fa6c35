"""Ruled lines, boxes and combs, printed around handwriting: taken out of a level page's mask.

What is straight, level or upright, thin, and longer than any digit's bar is a rule; shorter pieces are when they make
up a frame. Strokes that cross a rule or stand on it are thicker there than the rule is, so that they stay whole.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_SHORTEST = 8.0  # strokes: straight pieces from this length on are looked at
_LEAST_PX = 24
_LONG = 2.6  # usual heights of a digit: no bar is as long
_CORNER = 0.2  # usual heights: as near to each other the sides of a frame end
_MAX_PIECES = 600


@dataclass(frozen=True, eq=False)
class Unruled:
    """A mask without its rules.

    Attributes:
        mask: uint8 (h, w), ink = 255.
        rules: uint8 (h, w), 255 where a rule was taken out.
        frames: boxes x, y, width, height around connected frames, (n, 4) in px.
    """

    mask: NDArray[np.uint8]
    rules: NDArray[np.uint8]
    frames: NDArray[np.int_]


def without_boxes(mask: NDArray[np.uint8], stroke_px: float) -> Unruled | None:
    """Take rules and frames out of a mask.

    Args:
        mask: uint8 (h, w), ink = 255, of a level page.
        stroke_px: width of the strokes.

    Returns:
        The mask without them; None where there are none.
    """
    shortest = round(max(_SHORTEST * stroke_px, _LEAST_PX))
    across, upright = _straight(mask, shortest), _straight(mask.T, shortest).T
    if not across.any() and not upright.any():
        return None
    usual = _usual_height(_erased(mask, across, upright, stroke_px))
    pieces = [cv2.connectedComponentsWithStats(np.ascontiguousarray(found)) for found in (across, upright)]
    keep_across, keep_upright = _chosen(pieces[0][2], pieces[1][2], usual, mask.shape)
    across, upright = (
        (keep[labels] * np.uint8(255)) & found
        for (_, labels, _, _), keep, found in zip(pieces, (keep_across, keep_upright), (across, upright), strict=True)
    )
    if not across.any() and not upright.any():
        return None
    erased = _erased(mask, across, upright, stroke_px)
    frames = cv2.connectedComponentsWithStats(cv2.dilate(across | upright, np.ones((5, 5), np.uint8)))[2][1:, :4]
    return Unruled(erased, cv2.subtract(mask, erased), frames)


def _straight(mask: NDArray[np.uint8], shortest: int) -> NDArray[np.uint8]:
    """Runs from left to right of at least this length, a px of unevenness above and below allowed; uint8 (h, w)."""
    thick = cv2.dilate(np.ascontiguousarray(mask), np.ones((3, 1), np.uint8))
    thick = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))
    return cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, shortest), np.uint8))


def _erased(
    mask: NDArray[np.uint8], across: NDArray[np.uint8], upright: NDArray[np.uint8], stroke_px: float
) -> NDArray[np.uint8]:
    kept = mask
    for flip, found in ((False, across), (True, upright)):
        if not found.any():
            continue
        turned, band = (np.ascontiguousarray(a.T if flip else a) for a in (mask, found))
        thickness = _thickness(turned, band, stroke_px)
        crossing = cv2.morphologyEx(turned, cv2.MORPH_OPEN, np.ones((thickness + 3, 1), np.uint8))
        doomed = cv2.subtract(turned & cv2.dilate(band, np.ones((3, 3), np.uint8)), crossing)
        kept = cv2.subtract(kept, np.ascontiguousarray(doomed.T) if flip else doomed)
    return kept


def _thickness(mask: NDArray[np.uint8], band: NDArray[np.uint8], stroke_px: float) -> int:
    """How thick the rules in a band mostly are, px."""
    inside = mask & band
    columns = np.count_nonzero(inside, axis=0)
    outline = np.count_nonzero(cv2.subtract(inside[1:], inside[:-1]), axis=0)  # rules in each column
    some = outline > 0
    if not some.any():
        return 1
    usual = float(np.percentile(columns[some] / outline[some], 40))
    return int(np.clip(round(usual), 1, round(1.6 * stroke_px + 2)))


def _usual_height(mask: NDArray[np.uint8]) -> float:
    """The height that weighs most among the parts of a mask, px."""
    parts = cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:]
    if len(parts) == 0:
        return float(mask.shape[0])
    order = np.argsort(parts[:, cv2.CC_STAT_HEIGHT])
    weight = np.cumsum(parts[order, cv2.CC_STAT_AREA])
    return float(parts[order[np.searchsorted(weight, weight[-1] / 2)], cv2.CC_STAT_HEIGHT])


def _chosen(
    across: NDArray[np.int32], upright: NDArray[np.int32], usual: float, shape: tuple[int, ...]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Which of the straight pieces are rules or sides of frames; 1 or 0 for each piece's label."""
    long_across = across[:, 2] > max(_LONG * usual, 0.2 * shape[1])
    long_upright = upright[:, 3] > max(_LONG * usual, 0.2 * shape[0])
    if len(across) > _MAX_PIECES or len(upright) > _MAX_PIECES:
        keep = long_across, long_upright
    else:
        meets = _meets(across, upright, _CORNER * usual + 3)  # (n, m, 2): a corner at the upright's top, at its end
        tops, ends = meets[..., 0], meets[..., 1]
        # A side of a frame runs from one level piece to another; each of these meets two such sides.
        side = tops[1:].any(axis=0) & ends[1:].any(axis=0) & (upright[:, 3] > 0.5 * usual)
        rail = ((tops | ends) & side[None]).sum(axis=1) >= 2
        side &= ((tops & rail[:, None]).any(axis=0)) & ((ends & rail[:, None]).any(axis=0))
        keep = long_across | rail, long_upright | side
    keep[0][0] = keep[1][0] = False
    return keep[0].astype(np.uint8), keep[1].astype(np.uint8)


def _meets(across: NDArray[np.int32], upright: NDArray[np.int32], reach: float) -> NDArray[np.bool_]:
    """Whether an upright piece begins, or ends, on a level one; (n, m, 2)."""
    middle = across[:, 1] + across[:, 3] / 2
    column = upright[:, 0] + upright[:, 2] / 2
    along = (column[None] > across[:, None, 0] - reach) & (
        column[None] < across[:, None, 0] + across[:, None, 2] + reach
    )
    top, end = upright[:, 1], upright[:, 1] + upright[:, 3]
    at_top = along & (np.abs(middle[:, None] - top[None]) < reach)
    at_end = along & (np.abs(middle[:, None] - end[None]) < reach)
    return np.stack([at_top, at_end], axis=2)
