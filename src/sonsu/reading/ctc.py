"""From the line network's steps to digits: CTC decoding, alignment, and how sure the whole answer is.

A step gives twelve probabilities: blank, the ten digits, and "other mark". In a number a comma is as good as nothing,
so decoding lets other marks count as blank; where they stand is told apart.

References:
    Graves, Fernández, Gomez, Schmidhuber (2006), "Connectionist temporal classification".
    Hannun, Maas, Jurafsky, Ng (2014), "First-pass large vocabulary continuous speech recognition using bi-directional
    recurrent DNNs": prefix beam search.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonsu.reading.components import runs

BLANK, FIRST, OTHER = 0, 1, 11
"""Classes of a step: blank, the digit 0 (the others follow), any other mark."""

_IMPOSSIBLE = -1e30
_UNLIKELY = 1e-4  # a digit with less at a step does not begin there
_HOPELESS = 1e-6  # of all answers' probability: of those with less none becomes the likeliest
_NOTHING = 0.15  # weight of an answer without digits: a line was found because there is ink


@dataclass(frozen=True)
class Decoded:
    """What a line says.

    Attributes:
        digits: from left to right.
        steps: for each digit its first and last step, both included.
        log_probability: of these digits, summed over all alignments, natural logarithm.
        marks: how many other marks stand in the line.
    """

    digits: tuple[int, ...]
    steps: tuple[tuple[int, int], ...]
    log_probability: float
    marks: int


def decode(probabilities: NDArray[np.float32], beam: int = 8) -> Decoded:
    """The likeliest digits of a line.

    Args:
        probabilities: float32 (steps, 12), rows adding up to 1.
        beam: how many answers are kept at each step.
    """
    merged = merge_marks(probabilities)
    digits = _search(merged, beam)
    logs = np.log(np.maximum(merged, 1e-30))
    return Decoded(digits, align(logs, digits), forward(logs, digits), len(mark_steps(probabilities)))


def greedy(probabilities: NDArray[np.float32]) -> list[int]:
    """The likeliest class of each step, repeats and blanks taken away: 1 to 10 for digits, 11 for other marks."""
    path = probabilities.argmax(axis=-1)
    kept = path[np.concatenate(([True], path[1:] != path[:-1]))]
    return [int(value) for value in kept if value != BLANK]


def merge_marks(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """Other marks counted as blank: float64 (steps, 11)."""
    merged = probabilities[:, :OTHER].astype(np.float64)
    merged[:, BLANK] += probabilities[:, OTHER]
    return merged


def forward(logs: NDArray[np.float64], digits: Sequence[int]) -> float:
    """The logarithm of the probability of an answer, over all its alignments (Graves et al. 2006, equation 6).

    Args:
        logs: float64 (steps, 11), logarithms of `merge_marks`.
        digits: the answer.
    """
    states, skip = _states(digits)
    count = len(states)
    into = np.eye(count) + np.eye(count, k=-1) + np.eye(count, k=-2) * skip[:, None]
    rows = np.exp(logs[:, states])
    now, total = np.where(np.arange(count) < 2, rows[0], 0.0), 0.0
    for row in rows[1:]:
        now = into @ now * row
        scale = now.sum()  # kept near 1, or long lines would underflow
        now /= scale
        total += math.log(scale)
    return total + math.log(max(now[-2:].sum(), 1e-300))


def align(logs: NDArray[np.float64], digits: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """The likeliest place of each digit of an answer, as its first and last step (Viterbi).

    Args:
        logs: float64 (steps, 11).
        digits: the answer.
    """
    if not digits:
        return ()
    states, skip = _states(digits)
    ways = _Ways(logs[0, states[:2]], skip)
    back = np.zeros((len(logs), len(states)), np.int8)
    for t, row in enumerate(logs[1:, states], 1):
        into = ways.into()
        back[t] = into.argmax(axis=0)
        ways.scores[:] = into.max(axis=0) + row
    state = len(states) - 1 - int(ways.scores[-2] > ways.scores[-1])
    path = [state]
    for t in range(len(logs) - 1, 0, -1):
        state -= int(back[t, state])
        path.append(state)
    places = np.array(path[::-1])
    found = [np.flatnonzero(places == 2 * i + 1) for i in range(len(digits))]
    return tuple((int(steps[0]), int(steps[-1])) for steps in found)


class _Ways:
    """From step to step through an answer's states: logarithms, kept in the same memory for all steps of a line."""

    def __init__(self, first: NDArray[np.float64], skip: NDArray[np.bool_]) -> None:
        self._padded = np.full(len(skip) + 2, _IMPOSSIBLE)
        self._into = np.full((3, len(skip)), _IMPOSSIBLE)
        self._skip = skip
        self.scores = self._padded[2:]  # of being in each state
        self.scores[:2] = first

    def into(self) -> NDArray[np.float64]:
        """Of coming to each state by staying, from the state before, and past the blank between, float64 (3, n)."""
        self._into[0], self._into[1] = self.scores, self._padded[1:-1]
        np.copyto(self._into[2], self._padded[:-2], where=self._skip)
        return self._into


def _states(digits: Sequence[int]) -> tuple[NDArray[np.int_], NDArray[np.bool_]]:
    """The answer with blanks around each digit, as classes, and where the blank before may be left out."""
    states = np.zeros(2 * len(digits) + 1, int)
    states[1::2] = np.asarray(digits, int) + FIRST
    skip = np.zeros(len(states), bool)
    skip[3::2] = states[3::2] != states[1:-2:2]
    return states, skip


def _search(merged: NDArray[np.float64], beam: int) -> tuple[int, ...]:
    """Prefix beam search: the likeliest digits, those of all alignments added up; none only if that is clear."""
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}  # probability ending in blank, in a digit
    for row in merged.tolist():  # Python's own numbers are twice as quick as NumPy's here
        likely = [value for value in range(OTHER - FIRST) if row[FIRST + value] > _UNLIKELY]
        if not likely:  # as most steps are: nothing is added, and next to nothing lost
            beams = {
                prefix: ((blank + digit) * row[BLANK], digit * row[FIRST + prefix[-1]] if prefix else 0.0)
                for prefix, (blank, digit) in beams.items()
            }
            continue
        following: dict[tuple[int, ...], list[float]] = defaultdict(lambda: [0.0, 0.0])
        for prefix, (blank, digit) in beams.items():
            both = blank + digit
            now = following[prefix]
            now[0] += both * row[BLANK]
            if prefix:
                now[1] += digit * row[FIRST + prefix[-1]]
            for value in likely:
                start = blank if prefix and prefix[-1] == value else both
                following[(*prefix, value)][1] += start * row[FIRST + value]
        best = sorted(following.items(), key=lambda item: -(item[1][0] + item[1][1]))[:beam]
        total = sum(pair[0] + pair[1] for _, pair in best)  # kept near 1, or long lines would underflow
        hopeless = _HOPELESS * total
        beams = {prefix: (pair[0] / total, pair[1] / total) for prefix, pair in best if sum(pair) > hopeless}
    return max(beams.items(), key=lambda item: sum(item[1]) * (1.0 if item[0] else _NOTHING))[0]


def mark_steps(probabilities: NDArray[np.float32]) -> list[tuple[int, int]]:
    """The first and last step of each other mark, from left to right."""
    return [(first, end - 1) for first, end in runs(probabilities.argmax(axis=1) == OTHER).tolist()]
