"""CTC decoding against brute force: every alignment of a short line, added up."""

from collections import defaultdict
from itertools import groupby, product

import numpy as np
import pytest
from numpy.typing import NDArray

from sonsu.reading.ctc import OTHER, align, decode, forward, greedy, mark_steps, merge_marks


def answers_by_hand(probabilities: NDArray[np.float32]) -> dict[tuple[int, ...], float]:
    """The probability of every answer, from the definition: all paths, repeats and blanks taken away."""
    merged = merge_marks(probabilities)
    total: dict[tuple[int, ...], float] = defaultdict(float)
    some = [np.flatnonzero(row > 0).tolist() for row in merged]
    for path in product(*some):
        answer = tuple(value - 1 for value, _ in groupby(path) if value)
        total[answer] += float(np.prod([row[value] for row, value in zip(merged, path, strict=True)]))
    return total


def random_steps(seed: int, steps: int = 6, classes: tuple[int, ...] = (0, 2, 5, OTHER)) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    rows = np.zeros((steps, 12), np.float32)
    rows[:, list(classes)] = rng.dirichlet(np.full(len(classes), 0.6), steps)
    return rows


@pytest.mark.parametrize("seed", range(8))
def test_forward_adds_up_all_alignments(seed: int) -> None:
    steps = random_steps(seed)
    logs = np.log(np.maximum(merge_marks(steps), 1e-30))
    for answer, probability in answers_by_hand(steps).items():
        assert np.exp(forward(logs, answer)) == pytest.approx(probability, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_the_likeliest_answer_is_found(seed: int) -> None:
    steps = random_steps(seed)
    by_hand = answers_by_hand(steps)
    found = decode(steps, beam=50)
    assert found.digits == max(by_hand, key=lambda answer: by_hand[answer] * (1.0 if answer else 0.15))
    assert np.exp(found.log_probability) == pytest.approx(by_hand[found.digits], rel=1e-6)


def test_each_digit_lies_where_it_was_seen() -> None:
    steps = np.full((9, 12), 0.001, np.float32)
    for step, value in enumerate((0, 5, 5, 0, 0, 5, 0, 9, 0)):
        steps[step, value] = 1.0
    steps /= steps.sum(axis=1, keepdims=True)
    found = decode(steps)
    assert found.digits == (4, 4, 8)
    assert found.steps == ((1, 2), (5, 5), (7, 7))


def test_a_mark_between_equal_digits_keeps_them_apart() -> None:
    steps = np.full((5, 12), 1e-4, np.float32)
    for step, value in enumerate((3, OTHER, OTHER, 3, 0)):
        steps[step, value] = 1.0
    steps /= steps.sum(axis=1, keepdims=True)
    found = decode(steps)
    assert found.digits == (2, 2)
    assert found.marks == 1
    assert mark_steps(steps) == [(1, 2)]
    assert greedy(steps) == [3, OTHER, 3]


def test_nothing_but_blanks_has_no_digits() -> None:
    steps = np.zeros((4, 12), np.float32)
    steps[:, 0] = 1.0
    found = decode(steps)
    assert (found.digits, found.steps, found.marks) == ((), (), 0)
    assert found.log_probability == pytest.approx(0.0)


def test_ink_that_may_be_a_digit_is_one_rather_than_nothing() -> None:
    steps = np.zeros((3, 12), np.float32)
    steps[:, 0] = 1.0
    steps[1, 0], steps[1, 2] = 0.6, 0.4
    found = decode(steps)
    assert found.digits == (1,)
    assert np.exp(found.log_probability) == pytest.approx(0.4)


def test_a_line_of_a_hundred_digits_does_not_underflow() -> None:
    rng = np.random.default_rng(0)
    steps = np.full((400, 12), 0.02, np.float32)
    steps[np.arange(400), np.where(np.arange(400) % 4 == 1, rng.integers(1, 11, 400), 0)] = 0.9
    steps /= steps.sum(axis=1, keepdims=True)
    found = decode(steps)
    assert len(found.digits) == 100
    assert np.isfinite(found.log_probability)


def test_alignment_is_in_order_and_of_the_right_length() -> None:
    steps = random_steps(3, steps=12, classes=(0, 1, 2, 3))
    logs = np.log(np.maximum(merge_marks(steps), 1e-30))
    places = align(logs, (0, 1, 2))
    assert [first <= last for first, last in places] == [True] * 3
    assert places[0][1] < places[1][0] and places[1][1] < places[2][0]
