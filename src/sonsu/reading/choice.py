"""Which candidate is the picture's one digit: the network's opinion, with what speaks for it beside."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sonsu.reading.candidates import Candidate

# Chosen on synthetic photos: a candidate's place and size count; any stray stroke is a 1 to a network; most writing is
# dark on light.
_PRIOR_POWER = 0.8
_WEIGHT_OF_ONE = 0.7
# How much it counts what others show at the same place: there, their boxes' intersection over union is greater.
_AGREEMENT, _SAME_PLACE = 0.6, 0.6
_WEIGHT_OF_LIGHT = 0.85
# What is left of a digit's probability where it is a piece of something that is none, set by eye on letters, signs and
# Hangul.
_FRAGMENT = 0.55
# A form of a noisy picture shows a digit from this probability on; below it, this share is left to the digits.
_LEAST_FORMED, _UNPROVEN = 0.6, 0.5
_NONE = 0.8  # from this probability on a candidate is surely no digit
# Of such a one's prior: none of 105 hard photos that were read right was below, half of 103 false digits were.
_STRAY = 0.45
_PART = 0.85  # of the whole, in width and in height


def choose(candidates: Sequence[Candidate], probabilities: NDArray[np.float32]) -> tuple[int, NDArray[np.float32]]:
    """The candidate that is likeliest to be a digit, and its probabilities.

    Args:
        candidates: at least one.
        probabilities: calibrated, float32 (n, classes).

    Returns:
        Its number, and float32 (classes,): its row, less sure where it is a piece of something that is no digit, or
        one form of a noisy picture.
    """
    if len(candidates) == 1:
        return 0, probabilities[0]
    best = int(_agreed(candidates, probabilities, _plausibility(candidates, probabilities)).argmax())
    row = probabilities[best]
    if candidates[best].formed:
        row = _confirmed(best, candidates, probabilities)
    elif _is_stray(best, candidates, probabilities):
        row = _less_sure(row, _UNPROVEN)
    elif _is_fragment(best, candidates, probabilities):
        row = _less_sure(row, _FRAGMENT)
    return best, row


def _confirmed(best: int, candidates: Sequence[Candidate], probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of a form's probabilities and of those of the form that bears its digit out best.

    One form alone is no proof: among noise the network sees a digit in one or another. Less than a likely digit in the
    best of them is none.
    """
    digit = probabilities[best, :10].argmax()
    others = [i for i, candidate in enumerate(candidates) if candidate.formed and i != best]
    if probabilities[best, digit] < _LEAST_FORMED or not others:
        return _less_sure(probabilities[best], _UNPROVEN)
    second = probabilities[others][probabilities[others, digit].argmax()]
    return np.asarray((probabilities[best] + second) / 2, np.float32)


def _less_sure(row: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """Probabilities of which this share is left to the digits."""
    return np.append(share * row[:10], 1 - share * row[:10].sum()).astype(np.float32)


def _plausibility(candidates: Sequence[Candidate], probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """How likely each candidate is to be the digit that was meant, up to a factor, float64 (n,)."""
    digits = probabilities[:, :10].astype(np.float64)
    priors = np.array([candidate.prior for candidate in candidates]) ** _PRIOR_POWER
    stray = np.array([not candidate.formed for candidate in candidates])
    ones = np.where(stray & (digits.argmax(axis=1) == 1), _WEIGHT_OF_ONE, 1.0)
    polarity = np.where([candidate.dark for candidate in candidates], 1.0, _WEIGHT_OF_LIGHT)
    return digits.max(axis=1) * priors * ones * polarity


def _agreed(
    candidates: Sequence[Candidate], probabilities: NDArray[np.float32], plausible: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Each candidate's plausibility and that of all that show the same digit at its place, float64 (n,)."""
    digits = probabilities[:, :10].argmax(axis=1)
    x, y, w, h = np.array([candidate.box_px for candidate in candidates], float).T
    right, bottom = x + w, y + h
    across = np.minimum.outer(right, right) - np.maximum.outer(x, x)
    down = np.minimum.outer(bottom, bottom) - np.maximum.outer(y, y)
    shared = np.maximum(across, 0) * np.maximum(down, 0)
    same = (shared > _SAME_PLACE * (np.add.outer(w * h, w * h) - shared)) & np.equal.outer(digits, digits)
    return np.asarray(plausible ** (1 - _AGREEMENT) * (same @ plausible) ** _AGREEMENT)


def _is_stray(best: int, candidates: Sequence[Candidate], probabilities: NDArray[np.float32]) -> bool:
    """Whether the chosen candidate is far less likely to be what was meant than one that is surely no digit."""
    priors = [other.prior for other, none in zip(candidates, probabilities[:, 10:], strict=True) if none.sum() >= _NONE]
    weight = _WEIGHT_OF_ONE if probabilities[best, :10].argmax() == 1 else 1.0
    return weight * candidates[best].prior < _STRAY * max(priors, default=0.0)


def _is_fragment(best: int, candidates: Sequence[Candidate], probabilities: NDArray[np.float32]) -> bool:
    """Whether the chosen candidate is a piece of something that the network is sure is no digit: the stem of a K.

    What reaches the picture's corner is a cell with its borders. A digit with rivals may be one of several, beside
    or below each other; as one part of a Hangul syllable it is smaller than the whole both ways.
    """
    piece = candidates[best]
    x, y, width, height = piece.box_px
    for whole, row in zip(candidates, probabilities[:, 10:], strict=True):
        left, top, wide, high = whole.box_px
        holds = 0 < left <= x + 2 and 0 < top <= y + 2 and left + wide >= x + width - 2 and top + high >= y + height - 2
        near = max(wide, high) <= 3.0 * max(width, height) and whole.prior >= 0.5 * piece.prior
        if piece.rivals and (width > _PART * wide or height > _PART * high):
            continue
        if holds and near and whole.dark == piece.dark and row.sum() >= _NONE and _area(whole) >= 1.3 * _area(piece):
            return True
    return False


def _area(candidate: Candidate) -> float:
    """Ink in px of the picture that was given."""
    return float(candidate.ink.mean()) * candidate.box_px[2] * candidate.box_px[3] / 255


def notes_on(candidate: Candidate, label: int | None) -> list[str]:
    """What a person should know of a candidate that was chosen."""
    notes = [] if candidate.dark else ["light on dark: inverted"]
    if candidate.rules:
        notes.append("ruled lines taken away")
    if candidate.rivals:
        notes.append(f"looks like {candidate.rivals + 1} digits")
    if label is None:
        notes.append("not a digit")
    return notes
