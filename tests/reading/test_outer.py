"""Ink that goes on beyond the picture is told from a digit that fills it."""

import cv2
import numpy as np
import pytest

from sonsu.reading.outer import Outer, outer

SHAPE = 100, 80


def of(picture):
    x, y, width, height = cv2.boundingRect(picture)
    return outer(picture[y : y + height, x : x + width], (x, y), picture.shape)


def lines(*ends):
    picture = np.zeros(SHAPE, np.uint8)
    for start, end in ends:
        cv2.line(picture, start, end, 255, 4)
    return picture


LEFT, RIGHT, TOP, BOTTOM = ((5, 0), (5, 99)), ((75, 0), (75, 99)), ((0, 5), (79, 5)), ((0, 95), (79, 95))


@pytest.mark.parametrize(
    "ends",
    [[LEFT], [RIGHT], [TOP], [BOTTOM], [TOP, RIGHT], [LEFT, BOTTOM], [LEFT, TOP, RIGHT], [LEFT, TOP, RIGHT, BOTTOM]],
)
def test_what_follows_the_pictures_sides_is_a_border(ends):
    assert of(lines(*ends)).border > 0.8


def test_what_an_edge_cuts_is_the_more_so_the_farther_off_the_middle_it_is():
    off = [of(lines(((x, 0), (x, 99)))) for x in (40, 52, 60)]
    assert [border for border, _ in off] == [0.0] * 3
    assert off[0].cut < 0.05 < 0.2 < off[1].cut < off[2].cut
    assert of(lines(((60, 30), (60, 99)))).cut == pytest.approx(0.5, abs=0.05)


def test_what_lies_within_the_picture_is_neither():
    assert of(lines(((5, 10), (5, 90)))) == Outer(0.0, 0.0)


@pytest.mark.parametrize("label", range(10))
def test_a_digit_that_fills_its_picture_is_neither(draw_digit, label):
    digit = draw_digit(label, 90, 9)
    x, y, width, height = cv2.boundingRect(digit)
    found = of(digit[y : y + height, x : x + width])
    assert found.border == 0 and found.cut < 0.05


def test_a_square_full_of_ink_such_as_a_1_in_a_tight_crop_is_neither():
    assert of(np.full((21, 21), 255, np.uint8)) == Outer(0.0, 0.0)
