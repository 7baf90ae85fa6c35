"""A manner of writing a digit, from the text of `sonsu.learning.skeletons` to matrices that draw its curves.

A curve is a linear function of its control points, so many digits of one manner are drawn by one product.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sonsu.learning.skeletons import FORMS


@dataclass(frozen=True, eq=False)
class Manner:
    """One way to write a digit.

    Attributes:
        name: The digit, and what is special.
        forms: float32 (f, k, 2), control points of the extremes, in units: the digit is about 1000 high.
        last: Index of the last control point of each stroke.
        curve: float32 (m, k): ``curve @ controls`` are the points of the pen's way, all strokes' together.
        rounding: float32 (m, k) to add to ``curve``, times a share of the way to the next point, to round the corners.
        parts: Index of the first point of each stroke but the first, for `numpy.split`.
    """

    name: str
    forms: NDArray[np.float32]
    last: tuple[int, ...]
    curve: NDArray[np.float32]
    rounding: NDArray[np.float32]
    parts: tuple[int, ...]


@cache
def manner(name: str, cuts: int = 3) -> Manner:
    """The manner of that name, one of those in `skeletons.FORMS`.

    Args:
        name: which.
        cuts: how finely the curve is drawn, each one doubling its points: 2 are enough for 28×28, 3 for any size.
    """
    forms = [[stroke.split() for stroke in form.split("/")] for form in FORMS[name]]
    strokes = forms[0]
    sizes = [len(stroke) for stroke in strokes]
    controls = np.array([[_point(point) for stroke in form for point in stroke] for form in forms], np.float32)
    pairs = [_basis([point.endswith("!") for point in stroke], cuts) for stroke in strokes]
    rows, columns = np.cumsum([0, *(len(curve) for curve, _ in pairs)]), np.cumsum([0, *sizes])
    both = np.zeros((2, rows[-1], columns[-1]), np.float32)
    for i, pair in enumerate(pairs):
        both[:, rows[i] : rows[i + 1], columns[i] : columns[i + 1]] = pair
    last = tuple((columns[1:] - 1).tolist())
    return Manner(name, controls * 10, last, both[0], both[1], tuple(rows[1:-1].tolist()))


def _point(text: str) -> list[float]:
    return [float(number) for number in text.rstrip("!").split(",")]


def _basis(corners: list[bool], cuts: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The linear maps from one stroke's control points to its curve, and to what rounds its corners."""
    one = np.eye(len(corners))
    sharp, change = [], []
    for i, corner in enumerate(corners):
        for other in (i - 1, i + 1) if corner else (i,):
            sharp.append(one[i])
            change.append(one[other] - one[i])
    return _cut(np.array(sharp), cuts), _cut(np.array(change), cuts)


def _cut(line: NDArray[np.float64], cuts: int) -> NDArray[np.float64]:
    """Cut the corners of a line until it is nearly a quadratic B-spline (Chaikin 1974); the ends stay."""
    for _ in range(cuts):
        near, far = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        inner = np.stack((near, far), axis=1).reshape(-1, line.shape[1])
        line = np.concatenate((line[:1], inner[1:-1], line[-1:]))
    return line
