"""Which candidate is the picture's one digit: the network's opinion, with what speaks for it beside."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sonsu.reading.candidates import Candidate
from sonsu.reading.standing import Standing, doubts, same_place

# Chosen on synthetic photos: a candidate's place and size count; any stray stroke is a 1 to a network; most writing is
# dark on light.
_PRIOR_POWER = 0.8
_WEIGHT_OF_ONE = 0.7
_AGREEMENT = 0.6  # how much it counts what others show at the same place
_WEIGHT_OF_LIGHT = 0.85
# A form of a noisy picture shows a digit from this probability on; below it, this share is left to the digits.
_LEAST_FORMED, _UNPROVEN = 0.6, 0.5
_STANDING = Standing()


def choose(candidates: Sequence[Candidate], probabilities: NDArray[np.float32]) -> tuple[int, NDArray[np.float32]]:
    """The candidate that is likeliest to be a digit, and its probabilities.

    Args:
        candidates: at least one.
        probabilities: calibrated, float32 (n, classes).

    Returns:
        Its number, and float32 (classes,): its row, less sure where the picture tells of doubts, as far as the network
        knows what is not a digit, and where it is one form of a noisy picture.
    """
    if not is_doubtful(candidates):
        return 0, probabilities[0]
    best = likeliest(candidates, probabilities)
    row = probabilities[best]
    if candidates[best].formed:
        row = _confirmed(best, candidates, probabilities)
    elif len(row) > 10:
        row = _STANDING.weigh(row, doubts(best, candidates, probabilities))
    return best, row


def is_doubtful(candidates: Sequence[Candidate]) -> bool:
    """Whether there is a choice among candidates, at least one, or the only one may be no digit."""
    return len(candidates) > 1 or (any(candidates[0].outer) and not candidates[0].formed)


def likeliest(candidates: Sequence[Candidate], probabilities: NDArray[np.float32]) -> int:
    """The number of the candidate that is likeliest to be a digit, at least one, by float32 (n, classes)."""
    return int(_agreed(candidates, probabilities, _plausibility(candidates, probabilities)).argmax())


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
    same = same_place(candidates) & np.equal.outer(digits, digits)
    return np.asarray(plausible ** (1 - _AGREEMENT) * (same @ plausible) ** _AGREEMENT)


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
