"""Connected components, by the quickest way that OpenCV has: labels of 16 bits take a quarter of the time of 32."""

import cv2
import numpy as np
from numpy.typing import NDArray

_SHORT = 65_535  # labels of 16 bits
_AS_DARK = 0.5  # of a part's darkness: the paper beside it falls off by as much where its other side is no paper
_OPEN = 0.2  # of a part's outline: less is where a stroke crosses a shadow's edge


def components(mask: NDArray[np.uint8]) -> tuple[NDArray[np.integer], NDArray[np.int32]]:
    """Connected parts of a mask, px that touch at a corner included.

    Args:
        mask: uint8 (h, w), ink = 255.

    Returns:
        Labels (h, w), 0 for paper; and for each label, 0 too, x, y, width, height and area, int32 (n, 5).
    """
    beginnings = cv2.subtract(mask[:, 1:], mask[:, :-1])  # of runs; no part has fewer than one
    runs = np.count_nonzero(mask[:, 0]) + np.count_nonzero(beginnings)
    kind = cv2.CV_16U if runs < _SHORT else cv2.CV_32S
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, kind, cv2.CCL_SPAGHETTI)
    return labels, stats


def edges_touched(parts: NDArray[np.int32], shape: tuple[int, ...]) -> NDArray[np.int_]:
    """How many of a mask's four edges each part touches.

    Args:
        parts: int32 (n, 5), as `components` gives them.
        shape: of the mask, (h, w).
    """
    x, y, w, h = (parts[:, i] for i in range(4))
    return (x <= 0).astype(int) + (y <= 0) + (x + w >= shape[1]) + (y + h >= shape[0])


def runs(on: NDArray[np.bool_]) -> NDArray[np.int_]:
    """Where each run of True in a row, bool (w,), begins and ends, (n, 2); the end is no part of it."""
    return np.flatnonzero(np.diff(on, prepend=False, append=False)).reshape(-1, 2)


def by_part(
    labels: NDArray[np.integer], where: NDArray[np.uint8], values: NDArray[np.uint8]
) -> tuple[NDArray[np.integer], NDArray[np.uint8]]:
    """The parts that some px belong to, and their values, (n,) both: what is counted by part.

    Args:
        labels: integers (h, w), as `components` gives them.
        where: uint8 (h, w), > 0 at these px.
        values: uint8 (h, w).
    """
    places = np.flatnonzero(where > 0)  # of few px this is several times as quick as a mask
    return labels.ravel()[places], values.ravel()[places]


def along_steps(
    outlines: NDArray[np.integer], steps: NDArray[np.uint8], darkness: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which parts lie along an edge of the paper: a stroke is darker than both its sides, these than one of them.

    Args:
        outlines: (k,), the part of each px of an outline, and…
        steps: …how much darker the paper is right beside it, uint8 (k,), as `by_part` gives both.
        darkness: (n,), of each part, as its mean ink.
    """
    length = np.bincount(outlines, minlength=len(darkness))
    open_px = np.bincount(outlines[steps > _AS_DARK * darkness[outlines]], minlength=len(darkness))
    return np.asarray(open_px > _OPEN * length)


def chosen(labels: NDArray[np.integer], which: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Where some parts are: uint8 (h, w), 255 there.

    Args:
        labels: integers (h, w), as `components` gives them.
        which: (n,), of each label; the first, paper's, does not count.
    """
    mask = np.zeros(labels.shape, np.uint8)
    places = np.flatnonzero(labels > 0)
    mask.ravel()[places] = (which * np.uint8(255))[labels.ravel()[places]]
    return mask


def outline_of(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The px of a mask, uint8 (h, w), that lie at its edge."""
    return cv2.subtract(mask, cv2.erode(mask, np.ones((3, 3), np.uint8), borderValue=0))
