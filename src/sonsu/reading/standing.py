"""Whether the ink that was chosen is what a picture's writer meant: by all the other ink that was not.

A piece of a letter, a ruled line or a shadow's edge may look like a perfect digit to a network that sees nothing else.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from sonsu.reading.candidates import Candidate

_NONE = 0.8  # from this probability of "not a digit" on a candidate is surely none
_SAME_PLACE = 0.6  # that boxes' intersection over union is greater than
_SHOWN = 0.5  # a candidate shows the digit that has this probability
_USUAL = 0.25  # of all candidates show a digit that was meant, at its place
_LEAST_WHOLE, _MOST_WHOLE = 0.5, 12.0  # times its ink has what it may be a piece of: no speck, not the table
_MOST = 2.0  # that any doubt grows to


@dataclass(frozen=True)
class Standing:
    """How likely the chosen candidate is to be what was meant.

    The log odds are ``offset`` less each doubt times its weight (logistic regression); fitted by
    `sonsu.scenes.choosing` on 2,143 pictures, seeds 61 and 62.

    Attributes:
        offset: the log odds where nothing is doubtful.
        faint: weight of its own prior, as -log.
        thing: of a likelier thing elsewhere that is surely no digit, of its polarity and about as much ink: it may be a
            piece of that.
        anything: of anything likelier elsewhere that is surely no digit.
        alone: of few others that show the same digit at its place.
        disputed: of others at its place that do not.
        one: of a 1: any stroke is one.
        light: of ink that is lighter than the paper.
        rivals: of strokes of its size beside it.
        border: of its following the picture's sides.
        cut: of its reaching an edge off the middle.
        power: that all probabilities are raised to in the end: with 1 too few are sure (docs/experiments.md).
    """

    offset: float = 6.08
    faint: float = 2.08
    thing: float = 0.86
    anything: float = 0.74
    alone: float = 2.31
    disputed: float = 2.21
    one: float = 2.69
    light: float = 0.79
    rivals: float = 1.79
    border: float = 4.93
    cut: float = 2.04
    power: float = 1.8

    def meant(self, doubts: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability that each was meant, (n,), of its `doubts`, (n, 10)."""
        offset, *weights, _ = astuple(self)
        return np.asarray(1 / (1 + np.exp(doubts @ np.array(weights) - offset)))

    def weigh(self, row: NDArray[np.float32], doubts: NDArray[np.float64]) -> NDArray[np.float32]:
        """Probabilities as a network sees the ink, as they are with what the picture tells.

        Args:
            row: float32 (11,).
            doubts: float64 (10,), see `doubts`.
        """
        digits = row[:10].astype(np.float64) * self.meant(doubts[None])[0]
        powered = np.append(digits, max(1 - digits.sum(), 1e-9)) ** self.power
        return np.asarray(powered / powered.sum(), np.float32)


def doubts(best: int, candidates: Sequence[Candidate], probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """What speaks against a candidate, float64 (10,), 0 where nothing does, in the order of the weights of `Standing`.

    Args:
        best: its number.
        candidates: all of them.
        probabilities: calibrated, float32 (n, 11).
    """
    chosen, label = candidates[best], probabilities[best, :10].argmax()
    here = same_place(candidates)[best]
    priors = np.array([candidate.prior for candidate in candidates])
    likelier = priors / max(chosen.prior, 1e-3) * (probabilities[:, 10] >= _NONE) * ~here
    ink = np.array([_area(candidate) for candidate in candidates])
    ink /= max(ink[best], 1.0)
    dark = np.array([candidate.dark for candidate in candidates])
    alike = (dark == chosen.dark) & (ink >= _LEAST_WHOLE) & (ink <= _MOST_WHOLE)
    digits = probabilities[:, :10]
    shown = here & (digits.argmax(axis=1) == label) & (digits.max(axis=1) > _SHOWN)
    found = (
        -np.log(chosen.prior + 0.01),
        (likelier * alike).max(),
        likelier.max(),
        np.log(_USUAL * len(candidates) / max(shown.sum(), 1)),
        1 - shown.sum() / here.sum(),
        float(label == 1),
        float(not chosen.dark),
        float(chosen.rivals > 0),
        *chosen.outer,
    )
    return np.clip(np.array(found, np.float64), 0.0, _MOST)


def same_place(candidates: Sequence[Candidate]) -> NDArray[np.bool_]:
    """Which candidates lie at one place, bool (n, n)."""
    x, y, w, h = np.array([candidate.box_px for candidate in candidates], float).T
    right, bottom = x + w, y + h
    across = np.minimum.outer(right, right) - np.maximum.outer(x, x)
    down = np.minimum.outer(bottom, bottom) - np.maximum.outer(y, y)
    shared = np.maximum(across, 0) * np.maximum(down, 0)
    return np.asarray(shared > _SAME_PLACE * (np.add.outer(w * h, w * h) - shared))


def _area(candidate: Candidate) -> float:
    """Ink in px of the picture that was given."""
    return float(candidate.ink.mean()) * candidate.box_px[2] * candidate.box_px[3] / 255
