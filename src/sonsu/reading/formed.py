"""Pictures that may be in MNIST's own form already, with noise, lines or strips of another ground around the digit.

To look for the digit in them would find pieces of what lies around it: they are shown to the network whole, as they
are and mended in two ways. Which of these forms shows a digit is for the network to say.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.components import runs
from sonsu.reading.glyph import SIZE

_PEN = np.ones((2, 2), np.uint8)  # px: what is thinner is no stroke in MNIST's form, but a line across it
_GAP = np.ones((3, 3), np.uint8)  # px: what is narrower is no gap between strokes, but one in a stroke
_STRIP = np.ones((1, 5), np.uint8)  # px: what is narrower is a stroke or a ruled line
_ALIKE = 0.8  # of the px at one edge are as those at the other edge where strips cross a picture
_RULE = 64  # of 255: fainter than this is no line, or no digit beside the lines
_GRAIN = 0.32  # of the variance that is left in means of four px: 0.25 of grain alone, 0.35 and more with a digit in it


def forms(ink: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """A picture as it is; without thin lines and specks (a grey opening); with its gaps filled (a grey closing).

    Args:
        ink: uint8 (28, 28), ink = 255.

    Returns:
        uint8 (28, 28) each; without those that change nothing.
    """
    yield ink
    # An even pen has its anchor off its middle, at the other side on the way back.
    opened = cv2.dilate(cv2.erode(ink, _PEN, anchor=(1, 1)), _PEN, anchor=(0, 0))
    for mended in (opened, cv2.morphologyEx(ink, cv2.MORPH_CLOSE, _GAP)):
        if not np.array_equal(mended, ink):
            yield mended


def is_grain(picture: NDArray[np.uint8]) -> bool:
    """Whether a picture, uint8 (h, w), is grain alone, each px of which is independent of the next."""
    values = picture.astype(np.float32)
    means = cv2.blur(values, (2, 2))[1:, 1:]
    return float(means.var()) < _GRAIN * float(values.var())


def is_ruled(ink: NDArray[np.uint8]) -> bool:
    """Whether ink, uint8 (h, w), ink = 255, is nothing but two lines or more that run from edge to edge."""
    on_rows, on_columns = ink.min(axis=1) > _RULE, ink.min(axis=0) > _RULE
    if len(runs(on_rows)) + len(runs(on_columns)) < 2:
        return False
    off_rows, off_columns = ~on_rows, ~on_columns
    return int(ink[off_rows][:, off_columns].max(initial=0)) <= _RULE


def levelled(ink: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """A picture on whose ground strips go from edge to edge, with these turned to the same ground.

    Args:
        ink: uint8 (28, 28), of either polarity.

    Returns:
        uint8 (28, 28), ink = 255, the ground 0; None where there is no strip, or nothing but one.
    """
    for picture in (ink, ink.T):
        ends = picture[[0, -1]] > 127  # (2, w)
        strip = cv2.morphologyEx(ends.all(axis=0, keepdims=True).astype(np.uint8), cv2.MORPH_OPEN, _STRIP) > 0
        if 0 < strip.sum() < SIZE and (ends[0] == ends[1]).mean() > _ALIKE:
            level = np.where(strip, 255 - picture, picture)
            return np.ascontiguousarray(level if picture is ink else level.T)
    return None
