from types import SimpleNamespace

import numpy as np
import pytest

from sonsu.reading.crop import LineInk
from sonsu.reading.lines import Found
from sonsu.reading.page import Digit, Line
from sonsu.reading.sizes import without_small


def number(text: str, high: int, confidence: float = 0.95, marks: int = 0, scale: float = 1.0):
    """A line of digits so many px high, with what was read of it; `scale` px of the picture to one of the crop."""
    inks = []
    for i in range(len(text)):
        ink = np.zeros((100, 40 * len(text)), np.uint8)
        ink[5 : 5 + high, 40 * i + 5 : 40 * i + 30] = 255
        inks.append(ink)
    digits = tuple(Digit(int(char), 0.9, "read", (0, 0, 1, 1), (0.1,) * 10) for char in text)
    look = SimpleNamespace(inks=tuple(inks), marks=marks)
    crop = LineInk(np.zeros((100, 40 * max(len(text), 1)), np.uint8), np.diag([scale, scale, 1.0]))
    return crop, (Line(text, confidence, (0, 0, 1, 1), digits) if text else None, look)


def kept(*lines) -> tuple[list[str], tuple[str, ...]]:
    crops, read = zip(*lines, strict=True) if lines else ((), ())
    found, rest = without_small(Found(crops, ()), read)
    assert len(found.lines) == len(rest)
    assert all(any(crop is line for line in crops) for crop in found.lines)
    return [line.text if line else "" for line, _ in rest], found.notes


WRITTEN = number("4019", 60), number("275", 64)


@pytest.mark.parametrize(
    "small",
    [number("3", 25, 1.0), number("31", 25, marks=1), number("317", 25, 0.6)],
    ids=["a digit alone", "beside letters", "in doubt"],
)
def test_what_is_far_lower_than_the_handwriting_is_left_out_with_a_note(small) -> None:
    texts, notes = kept(*WRITTEN, small)
    assert texts == ["4019", "275"]
    assert notes == ("1 far lower than the page's numbers left out",)


@pytest.mark.parametrize(
    "other",
    [number("3", 45), number("3127", 25), number("", 25)],
    ids=["somewhat lower", "a number that is sure", "nothing read"],
)
def test_other_lines_stay(other) -> None:
    assert len(kept(*WRITTEN, other)[0]) == 3


def test_heights_are_those_in_the_picture() -> None:
    assert kept(*WRITTEN, number("3", 25, scale=2.5))[0] == ["4019", "275", "3"]
    assert kept(*WRITTEN, number("3", 60, scale=0.4))[0] == ["4019", "275"]


def test_few_large_digits_do_not_make_others_small() -> None:
    assert kept(number("275", 64), number("3", 25))[0] == ["275", "3"]


def test_print_that_outnumbers_the_handwriting_is_no_measure() -> None:
    doubtful = [number("1", 25, 0.3)] * 6
    assert kept(*WRITTEN, *doubtful)[0] == ["4019", "275"]


def test_a_page_without_lines() -> None:
    assert kept() == ([], ())
