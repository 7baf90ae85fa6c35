"""Which line that was found is which true one."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np

from sonsu.scenes.sheet import TrueLine


class Placed(Protocol):
    """What has a place in a picture."""

    @property
    def box_px(self) -> tuple[int, int, int, int]:
        """x, y, width, height."""


Found = TypeVar("Found", bound=Placed)


def match(truth: Sequence[TrueLine], found: Sequence[Found]) -> list[Found | None]:
    """For each true line the found one that overlaps it most; each found line is matched once at most."""
    overlaps = np.array([[overlap(line.box_px, other.box_px) for other in found] for line in truth], float)
    matched: list[Found | None] = [None] * len(truth)
    while overlaps.size and overlaps.max() > 0:
        row, column = np.unravel_index(overlaps.argmax(), overlaps.shape)
        matched[int(row)] = found[int(column)]
        overlaps[row], overlaps[:, column] = 0, 0
    return matched


def overlap(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """Area that two boxes x, y, width, height share."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return float(max(width, 0) * max(height, 0))
