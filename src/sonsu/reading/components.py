"""Connected components, by the quickest way that OpenCV has for a mask's size."""

import cv2
import numpy as np
from numpy.typing import NDArray

_SHORT = 4 * 65_535  # px: labels of masks up to this fit into 16 bits, as no four px in a square have two


def components(mask: NDArray[np.uint8]) -> tuple[NDArray[np.integer], NDArray[np.int32]]:
    """Connected parts of a mask, px that touch at a corner included.

    Args:
        mask: uint8 (h, w), ink = 255.

    Returns:
        Labels (h, w), 0 for paper; and for each label, 0 too, x, y, width, height and area, int32 (n, 5).
    """
    kind = cv2.CV_16U if mask.size + sum(mask.shape) * 2 < _SHORT else cv2.CV_32S
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, kind, cv2.CCL_GRANA)
    return labels, stats


def edges_touched(parts: NDArray[np.int32], shape: tuple[int, ...]) -> NDArray[np.int_]:
    """How many of a mask's four edges each part touches.

    Args:
        parts: int32 (n, 5), as `components` gives them.
        shape: of the mask, (h, w).
    """
    x, y, w, h = (parts[:, i] for i in range(4))
    return (x <= 0).astype(int) + (y <= 0) + (x + w >= shape[1]) + (y + h >= shape[0])
