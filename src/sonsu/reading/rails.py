"""Level straight pieces that may be rules, as lines: which of them go on from each other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DARKER = 1.6
"""Times as dark: rules of one frame differ by less."""

LEAN = 0.03
"""Run over rise of a side, rise over run of a rule: as level as pages become."""

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
    def of(cls, runs: NDArray[np.uint8], labels: NDArray[np.integer], ends: NDArray[np.int_]) -> "Rails":
        """Straight lines by least squares.

        Args:
            runs: uint8 (h, w), how dark; pieces are a px thicker on either side than they are.
            labels: integers (h, w), which piece each px belongs to; 0 is none.
            ends: (n, 2), where each piece begins and ends, px; the first is no piece.
        """
        y, x = np.nonzero(labels)
        of, count = labels[y, x], len(ends)
        n = np.maximum(np.bincount(of, minlength=count), 1)
        mx, my, value = (np.bincount(of, values, minlength=count) / n for values in (x, y, runs[y, x]))
        dx = x - mx[of]
        run = np.maximum(np.bincount(of, dx * dx, minlength=count), 1)
        slope = np.bincount(of, dx * (y - my[of]), minlength=count) / run
        left, right = ends.T.astype(float)
        return cls(
            left, right, my + 0.5 - slope * mx, slope, np.maximum(n / np.maximum(right - left, 1) - 2, 1.0), value
        )

    def __len__(self) -> int:
        return len(self.left)

    def middle(self) -> NDArray[np.float64]:
        """Their heights on the page, (n,), px."""
        return self.start + self.slope * (self.left + self.right) / 2


def joined(rails: Rails, least: float) -> NDArray[np.int_]:
    """Which pieces go on from each other, (n,): a number for all of one line; gaps up to ``least`` px are no matter."""
    number = np.arange(len(rails))
    slope = np.clip(rails.slope, -LEAN, LEAN)
    middle, width = rails.middle(), rails.right - rails.left
    for after in np.argsort(rails.left, kind="stable").tolist():
        gap = rails.left[after] - rails.right
        rise = middle + slope * width / 2 - (middle[after] - slope[after] * width[after] / 2)
        fits = (gap > -3) & (gap < np.maximum(_GAP * np.maximum(width, width[after]), least))
        fits &= np.abs(rise) < 3 + LEAN * np.maximum(gap, 0)
        fits &= np.maximum(rails.value, rails.value[after]) < DARKER * np.minimum(rails.value, rails.value[after])
        fits[[0, after]] = False
        if fits.any():
            number[after] = number[np.where(fits, gap, np.inf).argmin()]
    return number


def ends_of(pieces: NDArray[np.int_], number: NDArray[np.int_]) -> NDArray[np.int_]:
    """Where lines begin and end, (n, 2), that pieces, (n, 2), make up together, each with its line's number, (n,)."""
    ends = np.zeros_like(pieces)
    ends[number] = pieces[number]
    np.minimum.at(ends[:, 0], number, pieces[:, 0])
    np.maximum.at(ends[:, 1], number, pieces[:, 1])
    return ends
