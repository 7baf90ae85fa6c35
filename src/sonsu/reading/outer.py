"""Ink that goes on beyond the picture: a cell's border, a ruled line, a table's edge."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_INKED = 100  # of 255
_ALONG = 1 / 7  # of the shorter side: a border lies no farther in
_RUN = 0.8  # of a side that has ink along it


class Outer(NamedTuple):
    """How much ink looks like what goes on beyond the picture.

    A digit that fills its picture reaches edges, too, but lies in the middle, and few of its strokes follow a side.

    Attributes:
        border: how much more of the ink than half of it lies along sides which it follows nearly all the way, 0 to 1.
        cut: how far off the middle ink lies that reaches an edge, 0 to 1.
    """

    border: float = 0.0
    cut: float = 0.0


WITHIN = Outer()
"""Of ink that ends within the picture."""


def outer(ink: NDArray[np.uint8], at_px: tuple[int, int], shape: tuple[int, ...]) -> Outer:
    """See whether ink goes on beyond the picture.

    Args:
        ink: uint8 (h, w), ink = 255 on 0, cropped to the ink.
        at_px: x and y of its corner in the picture.
        shape: height and width of the picture.
    """
    (height, width), (x, y), (rows, columns) = ink.shape, at_px, shape
    right, bottom = columns - x - width, rows - y - height
    if min(x, y, right, bottom) > 1:
        return WITHIN
    inked = ink > _INKED
    along = np.zeros_like(inked)
    band = round(_ALONG * min(rows, columns))
    for side, axis, length in (
        (np.s_[:, : max(band - x, 0)], 1, rows),
        (np.s_[:, max(columns - band - x, 0) :], 1, rows),
        (np.s_[: max(band - y, 0)], 0, columns),
        (np.s_[max(rows - band - y, 0) :], 0, columns),
    ):
        if np.count_nonzero(inked[side].any(axis=axis)) >= _RUN * length:
            along[side] = True
    share = int((inked & along).sum()) / max(int(inked.sum()), 1)
    return Outer(max(2 * share - 1, 0.0), max(abs(x - right) / columns, abs(y - bottom) / rows))
