"""Which candidate is the digit."""

from dataclasses import replace

import numpy as np
import pytest

from sonsu.reading.candidates import Candidate
from sonsu.reading.choice import choose, notes_on
from sonsu.reading.outer import Outer


def candidate(box, *, prior=0.5, dark=True, fill=1.0, rivals=0):
    ink = np.zeros((10, 10), np.uint8)
    ink[: round(10 * fill)] = 255
    return Candidate(ink, box, prior, dark, rivals)


def row(label, probability, none=0.0):
    values = np.full(11, (1 - probability - none) / 9, np.float32)
    values[label], values[10] = probability, none
    return values


def test_the_surer_of_two_alike_is_chosen():
    two = [candidate((0, 0, 20, 40)), candidate((60, 0, 20, 40))]
    best, probabilities = choose(two, np.stack([row(3, 0.6), row(8, 0.95)]))
    assert best == 1 and probabilities.argmax() == 8


def test_a_stray_stroke_that_looks_like_a_1_gives_way():
    two = [candidate((0, 0, 4, 40)), candidate((60, 0, 20, 40))]
    assert choose(two, np.stack([row(1, 0.99), row(8, 0.75)]))[0] == 1


def test_a_piece_of_what_is_no_digit_is_less_sure_than_a_digit():
    stem, rest = candidate((12, 12, 10, 36)), candidate((10, 10, 30, 40), prior=0.9)
    best, piece = choose([stem, rest], np.stack([row(7, 0.98), row(4, 0.04, 0.95)]))
    assert best == 0
    assert piece.sum() == pytest.approx(1.0, abs=1e-5)
    assert piece[7] < choose([stem, rest], np.stack([row(7, 0.98), row(7, 0.6)]))[1][7] - 0.03


def test_a_cells_border_alone_in_a_picture_is_no_sure_digit():
    within, beyond = candidate((0, 0, 20, 40)), replace(candidate((0, 0, 20, 40)), outer=Outer(1.0, 0.9))
    np.testing.assert_array_equal(choose([within], row(7, 0.98)[None])[1], row(7, 0.98))
    assert choose([beyond], row(7, 0.98)[None])[1][7] < 0.5
    form = replace(beyond, formed=True)
    np.testing.assert_array_equal(choose([form], row(7, 0.98)[None])[1], row(7, 0.98))


def test_a_network_of_ten_answers_has_no_opinion_on_pieces():
    two = [candidate((12, 12, 10, 36)), candidate((10, 10, 30, 40))]
    rows = np.stack([row(7, 0.98), row(4, 0.5)])[:, :10]
    np.testing.assert_array_equal(choose(two, rows)[1], rows[0])


def test_notes_say_what_was_done():
    assert notes_on(candidate((0, 0, 1, 1), dark=False, rivals=2), None) == [
        "light on dark: inverted",
        "looks like 3 digits",
        "not a digit",
    ]


def test_a_form_of_a_noisy_picture_needs_another_to_be_sure():
    three = [candidate((0, 0, 28, 28)), *[replace(candidate((0, 0, 28, 28)), formed=True) for _ in range(2)]]
    best, probabilities = choose(three, np.stack([row(7, 0.2, 0.5), row(4, 0.99), row(4, 0.95)]))
    assert best == 1 and probabilities[4] == pytest.approx(0.97)
    best, probabilities = choose(three, np.stack([row(7, 0.2, 0.5), row(4, 0.99), row(4, 0.1)]))
    assert best == 1 and probabilities[4] < 0.6
    best, probabilities = choose(three[:2], np.stack([row(7, 0.2, 0.5), row(4, 0.99)]))
    assert best == 1 and probabilities[4] < 0.6


def test_a_form_in_which_no_digit_is_likely_is_none():
    two = [replace(candidate((0, 0, 28, 28)), formed=True) for _ in range(2)]
    best, probabilities = choose(two, np.stack([row(4, 0.55, 0.1), row(4, 0.5, 0.1)]))
    assert best == 0 and probabilities.argmax() == 10


def test_a_1_that_is_the_whole_picture_is_no_stray_stroke():
    two = [candidate((0, 0, 28, 28), prior=1.0), replace(candidate((0, 0, 28, 28), prior=1.0), formed=True)]
    assert choose(two, np.stack([row(8, 0.6), row(1, 0.9)]))[0] == 1


def test_several_that_show_the_same_at_one_place_outweigh_a_surer_one():
    alone, *others = candidate((60, 0, 20, 40), prior=0.6), *[candidate((0, 0, 20, 40), prior=0.5) for _ in range(4)]
    rows = np.stack([row(8, 0.95), *[row(3, 0.9)] * 4])
    assert choose([alone, *others], rows)[0] > 0
    elsewhere = [replace(other, box_px=(100 * i, 100, 20, 40)) for i, other in enumerate(others)]
    assert choose([alone, *elsewhere], rows)[0] == 0
    rows[2:, 3], rows[2:, 5] = 0.0, 0.5
    assert choose([alone, *others], rows)[0] == 0
