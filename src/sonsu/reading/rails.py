"""Level straight pieces that may be rules, as lines: which of them go on from each other."""

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

DARKER = 1.6
"""Times as dark: rules of one frame differ by less."""

LEAN = 0.03
"""Run over rise of a side, rise over run of a rule: as level as pages become."""

MOST = 2000
"""Pieces that are compared with each other: the longest, hatching and weave have many thousands."""

_GAP = 0.5  # of the longer piece: what goes on from it is no farther away


@dataclass(frozen=True, eq=False)
class Rails:
    """Level pieces that may be rules, (n,) each: y = `start` + `slope` · x from `left` to `right`, px.

    `thick` is how thick they are, `value` how dark, 0 to 255. The first one stands for what is none.
    """

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    start: NDArray[np.float64]
    slope: NDArray[np.float64]
    thick: NDArray[np.float64]
    value: NDArray[np.float64]

    @classmethod
    def of(cls, sums: NDArray[np.float64], ends: NDArray[np.int_]) -> "Rails":
        """Straight lines by least squares.

        Args:
            sums: (6, n) of each piece, from `sums_of`; pieces are a px thicker on either side than they are.
            ends: (n, 2), where each piece begins and ends, px; the first is no piece.
        """
        n = np.maximum(sums[0], 1)
        mx, my, value = sums[1:4] / n
        run = np.maximum(sums[4] - n * mx * mx, 1)
        slope = (sums[5] - n * mx * my) / run
        left, right = ends.T.astype(float)
        return cls(
            left, right, my + 0.5 - slope * mx, slope, np.maximum(n / np.maximum(right - left, 1) - 2, 1.0), value
        )

    def __len__(self) -> int:
        return len(self.left)

    def longest(self, most: int) -> NDArray[np.int_]:
        """The numbers of so many of them, at most, in their order; the first, which is none, is one."""
        length = self.right - self.left
        length[0] = np.inf
        return np.sort(np.argsort(-length, kind="stable")[:most])

    def some(self, which: NDArray[np.int_]) -> "Rails":
        """Those with these numbers."""
        return Rails(*(values[which] for values in astuple(self)))

    def middle(self) -> NDArray[np.float64]:
        """Their heights on the page, (n,), px."""
        return self.start + self.slope * (self.left + self.right) / 2


def sums_of(runs: NDArray[np.uint8], labels: NDArray[np.integer], count: int) -> NDArray[np.float64]:
    """What straight lines follow from: of each piece the number of its px, and sums of x, y, darkness, x² and xy.

    Args:
        runs: uint8 (h, w), how dark.
        labels: integers (h, w), which piece each px belongs to; 0 is none.
        count: n, of labels, 0 too.

    Returns:
        (6, n): of a line that several pieces make up it is the sum of theirs.
    """
    places = np.flatnonzero(labels > 0)
    of, dark = labels.ravel()[places], runs.ravel()[places]
    y, x = np.divmod(places, labels.shape[1])
    each = (np.ones(len(of)), x, y, dark, x * x, x * y)
    return np.stack([np.bincount(of, values, minlength=count) for values in each])


def joined(rails: Rails, least: float) -> NDArray[np.int_]:
    """Which pieces go on from each other, (n,): a number for all of one line; gaps up to ``least`` px are no matter."""
    number = np.arange(len(rails))
    if len(rails) > MOST:  # each is compared with every other
        some = rails.longest(MOST)
        number[some] = some[joined(rails.some(some), least)]
        return number
    slope = np.clip(rails.slope, -LEAN, LEAN)
    middle, width = rails.middle(), rails.right - rails.left
    gap = rails.left - rails.right[:, None]  # (before, after)
    rise = middle - slope * width / 2 - (middle + slope * width / 2)[:, None]
    fits = (gap > -3) & (gap < np.maximum(_GAP * np.maximum.outer(width, width), least))
    fits &= np.abs(rise) < 3 + LEAN * np.maximum(gap, 0)
    fits &= as_dark(rails)
    np.fill_diagonal(fits, False)
    fits[0] = fits[:, 0] = False
    nearest = np.where(fits, gap, np.inf).argmin(axis=0)
    for after in np.argsort(rails.left, kind="stable"):
        if fits[nearest[after], after]:
            number[after] = number[nearest[after]]
    return number


def as_dark(rails: Rails) -> NDArray[np.bool_]:
    """Which of them are as dark as which others, (n, n)."""
    return (rails.value < DARKER * rails.value[:, None]) & (rails.value[:, None] < DARKER * rails.value)


def ends_of(pieces: NDArray[np.int_], number: NDArray[np.int_]) -> NDArray[np.int_]:
    """Where lines begin and end, (n, 2), that pieces, (n, 2), make up together, each with its line's number, (n,)."""
    ends = np.zeros_like(pieces)
    ends[number] = pieces[number]
    np.minimum.at(ends[:, 0], number, pieces[:, 0])
    np.maximum.at(ends[:, 1], number, pieces[:, 1])
    return ends
