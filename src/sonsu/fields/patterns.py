"""What a field may hold, and the likeliest of it: a pattern and a checksum against a network's probabilities."""

import heapq
import math
import re
import warnings
from collections.abc import Callable, Iterator, Sequence

from sonsu.reading.page import Digit

Choice = tuple[str, float]
"""What a mark may stand for, a digit or nothing, and the probability of that."""

_ALLOWED = re.compile(r"(?:[0-9\[\]\-^?*+{},|()]|\\d)*")
_REPEATS = re.compile(r"\{\d*,\d*\}|\{\d+\}")
_LITERAL = re.compile(r"[{},]")  # no number has these: what is left of them is a mistake
_LEAST = 1e-6  # a choice that is less probable than this is none
_NEAR = 1e-3  # as likely as this, against the likeliest, an alternative still counts as near
_MOST = 4000  # alternatives that are looked at: a checksum lets through one in ten, a pattern usually more


def compile_pattern(pattern: str) -> re.Pattern[str]:
    r"""Compile a regular expression of digits.

    Args:
        pattern: made of digits, ``\d``, ``[ ] - ^ ( ) | ? * + { } ,`` only; the whole text has to match it.

    Raises:
        ValueError: it holds anything else, or is not a regular expression.

    >>> bool(compile_pattern(r"(19|20)\d\d").fullmatch("1984"))
    True
    """
    if not pattern:
        raise ValueError("it is empty; leave it out where anything may stand")
    if not _ALLOWED.fullmatch(pattern):
        raise ValueError(r"a pattern is made of digits, \d and [ ] - ^ ( ) | ? * + { } , only")
    if _LITERAL.search(_REPEATS.sub("", pattern)):
        raise ValueError("{ } and , count, as in {4} or {1,5}")
    try:
        with warnings.catch_warnings(action="error", category=FutureWarning):  # brackets within brackets
            return re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError, FutureWarning) as error:
        raise ValueError(f"not a regular expression ({error})") from None


def choices(digit: Digit) -> list[Choice]:
    """What a digit may stand for, the likeliest first; nothing at all with what its probabilities lack of 1.

    What it was read as is always the first.
    """
    told = [(str(label), p) for label, p in enumerate(digit.probabilities)]
    told.append(("", max(1.0 - sum(digit.probabilities), 0.0)))
    read = "" if digit.label is None else str(digit.label)
    return sorted((c for c in told if c[1] >= _LEAST or c[0] == read), key=lambda c: (c[0] != read, -c[1]))


def likeliest(marks: Sequence[Sequence[Choice]], fits: Callable[[str], bool]) -> tuple[list[str], float] | None:
    """The likeliest text near to what was read that fits.

    Args:
        marks: the choices of each mark from left to right, the likeliest first.
        fits: whether a text is what the field may hold.

    Returns:
        One string a mark, empty where the mark is left out, and the probability of all of them together; None where
        no text within a thousandth of the likeliest one's probability fits.
    """
    for texts, probability in _by_probability(marks):
        if fits("".join(texts)):
            return texts, probability
    return None


def _by_probability(marks: Sequence[Sequence[Choice]]) -> Iterator[tuple[list[str], float]]:
    """All near texts, the likeliest first: each choice is put back once, by one place, from the last that was."""
    costs = [[-math.log(max(p, _LEAST)) for _, p in mark] for mark in marks]
    first = (0,) * len(marks)
    queue = [(sum(cost[0] for cost in costs), first, 0)]
    furthest = queue[0][0] - math.log(_NEAR)
    for _ in range(_MOST):
        if not queue:
            return
        cost, ranks, start = heapq.heappop(queue)
        yield [mark[rank][0] for mark, rank in zip(marks, ranks, strict=True)], math.exp(-cost)
        for place in range(start, len(marks)):
            rank = ranks[place] + 1
            if rank < len(costs[place]):
                dearer = cost + costs[place][rank] - costs[place][rank - 1]
                if dearer <= furthest:
                    heapq.heappush(queue, (dearer, (*ranks[:place], rank, *ranks[place + 1 :]), place))
