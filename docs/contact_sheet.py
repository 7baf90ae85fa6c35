"""Rows of pictures with their names: what the scripts beside draw for the docs."""

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.learning import strokes

COLUMNS = 20
_SCALE, _GAP_PX = 1.5, 3


def digits(seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """400 made-up digits, uint8 (400, 28, 28), their labels, and COLUMNS of them, two of each."""
    images, labels, _ = strokes.digits(400, seed=seed)
    return images, labels, images[np.argsort(labels, kind="stable")[:: 400 // COLUMNS]]


def row(name: str, images: NDArray[np.uint8], label_px: int) -> NDArray[np.uint8]:
    """Pictures uint8 (COLUMNS, 28, 28) side by side after their name, uint8 (h, w), ink = 255."""
    padded = np.pad(images, ((0, 0), (_GAP_PX, _GAP_PX), (_GAP_PX, _GAP_PX)))
    strip = cv2.resize(np.hstack(list(padded)), None, fx=_SCALE, fy=_SCALE, interpolation=cv2.INTER_CUBIC)
    label = np.zeros((len(strip), label_px), np.uint8)
    cv2.putText(label, name, (6, len(strip) // 2 + 5), cv2.FONT_HERSHEY_SIMPLEX, 0.45, 190, 1, cv2.LINE_AA)
    return np.hstack((label, strip))
