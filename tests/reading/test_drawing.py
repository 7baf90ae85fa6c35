"""`sonsu.reading.drawing`: boxes around the ink, labels that can be read and hide nothing."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from sonsu.reading.drawing import NO_DIGIT, READ, UNSURE, colour_of
from sonsu.reading.page import Digit, Line, Page


def a_digit(box_px, label=4, status="read"):
    return Digit(label, 0.9, status, box_px, (0.1,) * 10)


def a_page(*digits, size_px=(100, 120), shade=255, reduced=1):
    boxes = np.array([digit.box_px for digit in digits])
    low, high = boxes[:, :2].min(axis=0), (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
    text = "".join(str(digit.label) for digit in digits if digit.label is not None)
    line = Line(text, 0.9, (*low.tolist(), *(high - low).tolist()), digits)
    picture = Image.new("L", (size_px[0] // reduced, size_px[1] // reduced), shade)
    return Page("sheet.jpg", *size_px, (line,), (), {}, picture)


def where(drawn, colour):
    """Rows and columns that hold a colour: top, bottom, left, right."""
    rows, columns = np.nonzero((np.asarray(drawn) == colour).all(axis=2))
    return rows.min(), rows.max(), columns.min(), columns.max()


def test_boxes_lie_just_outside_the_ink_of_a_reduced_picture_too():
    page = a_page(a_digit((40, 60, 30, 40)), size_px=(300, 160), reduced=2)
    pixels = np.asarray(page.draw())
    assert pixels.shape == (80, 150, 3)
    assert pixels[40, 19].tolist() == pixels[51, 27].tolist() == list(READ)
    assert (pixels[30:50, 20:35] == 255).all(), "inside its box the digit is left alone"
    assert np.asarray(page.picture).min() == 255, "the picture itself stays as it was"


def test_boxes_of_a_picture_that_was_reduced_more_one_way_and_of_small_digits_in_a_long_one():
    page = a_page(a_digit((40, 3000, 20, 30)), size_px=(100, 6000))
    page = replace(page, picture=Image.new("L", (49, 3000), 255))
    pixels = np.asarray(page.draw())
    assert pixels[1499, 24].tolist() == pixels[1516, 24].tolist() == list(READ)
    assert (pixels[1500:1515, 20:29] == 255).all()


def test_colours_say_what_was_read():
    digits = a_digit((0, 0, 9, 9)), a_digit((0, 0, 9, 9), 4, "unsure"), a_digit((0, 0, 9, 9), None, "unsure")
    assert [colour_of(digit) for digit in digits] == [READ, UNSURE, NO_DIGIT]
    apart = (a_digit((20 + 90 * i, 60, 60, 80), d.label, d.status) for i, d in enumerate(digits))
    drawn = a_page(*apart, size_px=(500, 200)).draw()
    assert {READ, UNSURE, NO_DIGIT} <= {colour for _, colour in drawn.getcolors(10_000)}


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_labels_stand_on_their_own_ground(shade):
    drawn = a_page(a_digit((40, 60, 60, 80)), a_digit((110, 60, 60, 80)), size_px=(400, 200), shade=shade).draw()
    label = np.asarray(drawn)[:57, 40:100]
    assert (label == READ).all(axis=2).sum() > 100, "the ground of the label above the box"
    assert (label == 255).all(axis=2).any(), "the label, in white"
    text = np.asarray(drawn)[60:140, 180:]
    assert (text == (32, 33, 36)).all(axis=2).sum() > 500, "the line's text, right of it"


@pytest.mark.parametrize("box_px", [(0, 0, 60, 80), (340, 120, 60, 80), (170, 60, 60, 80), (2, 100, 380, 98)])
def test_labels_stay_in_the_picture_and_off_the_digits(box_px):
    x, y, width, height = box_px
    halves = (x, y, width // 2 - 6, height), (x + width // 2 + 6, y, width // 2 - 6, height)
    page = a_page(*map(a_digit, halves), size_px=(400, 200), shade=200)
    before, after = np.asarray(page.picture), np.asarray(page.draw())
    for x, y, width, height in halves:
        inside = np.s_[y + 2 : y + height - 2, x + 2 : x + width - 2]
        assert (after[inside] == before[inside][..., None]).all()
    top, bottom, left, right = where(after, (32, 33, 36))
    assert top >= 0 and left >= 0 and bottom < 200 and right < 400


def test_neighbours_in_a_table_keep_their_digits():
    """The text of the left line would lie on the digits right of it."""
    left, right = a_page(a_digit((20, 60, 60, 80))).lines[0], a_page(a_digit((110, 60, 60, 80))).lines[0]
    page = Page("x", 400, 300, (left, right), (), {}, Image.new("L", (400, 300), 200))
    pixels = np.asarray(page.draw())
    assert (pixels[64:136, 114:166] == 200).all()


def test_in_a_table_of_single_digits_each_has_one_label_above_it():
    lines = [a_page(a_digit((20 + 60 * i, 30 + 65 * j, 40, 50))).lines[0] for j in range(4) for i in range(6)]
    page = Page("x", 380, 320, tuple(lines), (), {}, Image.new("L", (380, 320), 200))
    pixels = np.asarray(page.draw())
    assert not (pixels == (32, 33, 36)).all(axis=2).any(), "no line has a text beside it"
    for x, y, width, height in (line.box_px for line in lines):
        assert (pixels[y + 1 : y + height - 6, x + 1 : x + width - 1] == 200).all()
        assert (pixels[y - 12 : y - 4, x + 10 : x + width - 10] == READ).all(axis=2).sum() > 50


def test_small_pictures_are_enlarged_on_request():
    page = a_page(a_digit((5, 5, 20, 28)), size_px=(100, 40))
    assert page.draw().size == (100, 40)
    drawn = page.draw(least_px=200)
    assert drawn.size == (500 + 100, 200 + 100), "five times, and a margin of a quarter"
    pixels = np.asarray(drawn)
    assert pixels[150, 50 + 25 - 1].tolist() == pixels[150, 50 + 125 + 1].tolist() == list(READ)
    assert pixels[150, 100].tolist() == [255, 255, 255]
    assert page.draw(least_px=10_000).size == (800 + 160, 320 + 160), "eight times at most"
