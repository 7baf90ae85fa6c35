"""`sonsu.reading.words`: a word is not read as a number."""

import numpy as np
import pytest

from sonsu.reading.crop import LineInk
from sonsu.reading.ctc import Decoded
from sonsu.reading.line_form import line_form
from sonsu.reading.line_reader import Look
from sonsu.reading.page import Line
from sonsu.reading.words import without_words


def line(text, own, at_px=(0, 0), height=40, confidence=0.99, width=100):
    """A line at a place of the picture, ``own`` its digits' share of the ink, as it was found and as it was read."""
    ink = np.full((height, width), 255, np.uint8)
    share = np.where(np.arange(width) < width * own, ink, 0).astype(np.uint8)
    place = np.array([[1, 0, at_px[0]], [0, 1, at_px[1]], [0, 0, 1.0]])
    answer = Decoded(tuple(map(int, text)), ((0, 1),) * len(text), -0.1, 0)
    glyphs, alone = np.zeros((1, 28, 28), np.uint8), np.ones(1, bool)
    look = Look(line_form(ink), answer, 0, (share,), alone, 0 * ink, glyphs, *np.zeros((2, 1, 11)))
    return LineInk(ink, place), (Line(text, confidence, (*at_px, width, height), ()), look)


def kept(*lines):
    """The texts that are left of some lines."""
    found, read = zip(*lines, strict=True)
    return [one.text if one else None for one, _ in without_words(found, read)]


@pytest.mark.parametrize(
    ("own", "confidence", "text"), [(0.2, 0.99, None), (0.5, 0.6, None), (0.5, 0.95, "10"), (0.9, 0.2, "10")]
)
def test_a_word_is_what_digits_own_little_of(own, confidence, text):
    assert kept(line("10", own, confidence=confidence)) == [text]


def test_a_currency_sign_before_a_digit_is_no_word():
    assert kept(line("4", 0.3, width=80)) == ["4"]


def test_nothing_found_is_nothing_read():
    assert without_words([], []) == []
