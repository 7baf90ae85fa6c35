"""`sonsu.reading.line_reader`: two networks that disagree, on digits that touch and on digits that do not."""

from types import SimpleNamespace

import numpy as np
import pytest

from sonsu.reading.confidence import Calibration
from sonsu.reading.crop import LineInk
from sonsu.reading.line_reader import LineReader

CARD = {"line_weight": 0.8, "glyph_weight": 0.2, "none_weight": 0.1}
THREE, FIVE, OTHER = 4, 6, 11  # the line network's classes


def reader(steps: dict[int, int]) -> LineReader:
    """A line network that sees these classes at these steps of 24, and a digit network that sees 5s, surer of it."""
    seen = np.full((24, 12), 0.001, np.float32)
    seen[:, 0] = 0.989
    for step, answer in steps.items():
        seen[step, [0, FIVE]], seen[step, answer] = (0.19, 0.05), 0.75
    five = np.full(11, 0.003, np.float32)
    five[5] = 0.97
    lines = SimpleNamespace(card=CARD, predict=lambda image: seen)
    digits = SimpleNamespace(predict=lambda glyphs: np.tile(five, (len(glyphs), 1)))
    return LineReader(lines, digits, Calibration(), 0.5)  # type: ignore[arg-type]


def ink(*bars_px: tuple[int, int]) -> LineInk:
    """Bars from one x to another, uint8 (36, 80): the line network's form of it has 24 steps, begun 8 px before it."""
    drawn = np.zeros((36, 80), np.uint8)
    for left, right in ((0, 2), *bars_px, (78, 80)):
        drawn[:, left:right] = 255
    return LineInk(drawn, np.eye(3))


@pytest.mark.parametrize(
    ("bars_px", "text"),
    [
        ([(20, 30), (50, 60)], "55"),  # apart: both networks count alike, and the surer one is right
        ([(20, 60)], "33"),  # one piece of ink
    ],
)
def test_the_second_look_counts_more_where_digits_do_not_touch(bars_px, text):
    line, look = reader({8: THREE, 15: THREE}).read(ink(*bars_px))
    assert line is not None
    assert line.text == text
    assert look.alone.tolist() == [text == "55"] * 2


def test_a_digit_that_touches_a_mark_is_not_alone():
    _, look = reader({8: THREE, 15: OTHER, 18: THREE}).read(ink((20, 55), (62, 68)))
    assert look.answer.digits == (3, 3)
    assert look.alone.tolist() == [False, True]
