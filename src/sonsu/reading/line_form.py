"""A line's ink, brought to the form that the line network takes: training and reading share this one function."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT = 40
STEP = 4
"""Pixels of a line's form to one step of the network's answer."""
WIDEST = 2048
"""A line's form is at most this wide: eighty digits and more."""

_INK_PX = 36  # of the height is ink
_MARGIN_PX = 8  # left and right
_FAINTEST = 24  # of 255: what is fainter does not count as the line's extent


@dataclass(frozen=True, eq=False)
class LineForm:
    """A line as the network sees it.

    Attributes:
        image: uint8 (40, w), ink = 255 on 0, w a multiple of 4.
        scale: pixels of the form to one of the ink.
        left_px: where the form begins in the ink, in its px; below 0 by the margin.
        top_px: likewise.
    """

    image: NDArray[np.uint8]
    scale: float
    left_px: float
    top_px: float

    @property
    def squeezed(self) -> bool:
        """Whether the line was too long to be as high as others."""
        return self.image.shape[1] > WIDEST - 2 * STEP


def line_form(ink: NDArray[np.uint8]) -> LineForm:
    """Scale a line's ink to 36 px, whatever its size, and place it in 40.

    Args:
        ink: uint8 (h, w), ink = 255 on 0, of one level line; not empty.
    """
    x, y, width, height = cv2.boundingRect((ink >= _FAINTEST).astype(np.uint8))
    if width == 0:
        x, y, height, width = 0, 0, *ink.shape
    scale = min(_INK_PX / height, (WIDEST - 2 * _MARGIN_PX - STEP) / width)
    size = max(round(width * scale), 1), min(max(round(height * scale), 1), HEIGHT)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    drawn = cv2.resize(ink[y : y + height, x : x + width], size, interpolation=method)
    top = (HEIGHT - size[1]) // 2
    form = np.zeros((HEIGHT, -(-(size[0] + 2 * _MARGIN_PX) // STEP) * STEP), np.uint8)
    form[top : top + size[1], _MARGIN_PX : _MARGIN_PX + size[0]] = drawn
    return LineForm(form, scale, x - _MARGIN_PX / scale, y - top / scale)
