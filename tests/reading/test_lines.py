"""`sonsu.reading.lines`: separate digits in reading order."""

import time

import cv2
import numpy as np
import pytest

from sonsu.reading.lines import find_lines


@pytest.fixture
def sheet(draw_digit):
    """`sheet(*lines)`: digits, each in a cell of 60×80; ink, uint8 (h, w), and each digit's box, line by line."""

    def draw(*lines, height_px=50):
        ink = np.zeros((80 * len(lines) + 40, 60 * max(map(len, lines)) + 40), np.uint8)
        boxes = []
        for row, line in enumerate(lines):
            boxes.append([])
            for column, label in enumerate(line):
                at = 25 + 60 * column, 35 + 80 * row + 3 * (column % 2)
                digit = draw_digit(int(label), height_px, 5, size_px=ink.shape[::-1], at_px=at)
                boxes[-1].append(cv2.boundingRect(digit))
                ink |= digit
        return ink, boxes

    return draw


def assert_boxes(found, boxes, within=3):
    assert [len(line) for line in found.lines] == [len(line) for line in boxes]
    for line, expected in zip(found.lines, boxes, strict=True):
        for spot, box in zip(line, expected, strict=True):
            assert np.abs(np.subtract(spot.box_px, box)).max() <= within, (spot.box_px, box)
            assert spot.ink.max() == 255


def test_lines_from_top_to_bottom_and_digits_from_left_to_right(sheet):
    ink, boxes = sheet("4019", "14", "873")
    found = find_lines(255 - ink)
    assert_boxes(found, boxes)
    assert found.notes == ()
    spot = found.lines[0][0]
    x, y, width, height = spot.box_px
    assert spot.ink.shape == (height, width)
    assert np.corrcoef(spot.ink.ravel(), ink[y : y + height, x : x + width].ravel())[0, 1] > 0.9


def test_colour_and_light_on_dark(sheet):
    ink, boxes = sheet("52", "606")
    found = find_lines(np.dstack([20 + ink // 2, 40 + ink // 2, 30 + ink // 2]))
    assert_boxes(found, boxes)
    assert found.notes == ("light on dark: inverted",)


def test_ruled_paper(sheet):
    ink, boxes = sheet("520", "386")
    ink[10::40] |= 120
    ink[11::40] |= 120
    found = find_lines(255 - ink)
    assert [len(line) for line in found.lines] == [3, 3]
    assert found.notes == ("ruled lines taken away",)
    assert_boxes(found, boxes, within=8)


def test_dots_and_commas_are_left_out(sheet):
    ink, boxes = sheet("123", "456")
    cv2.circle(ink, (79, 82), 4, 255, -1)
    cv2.line(ink, (79, 160), (75, 172), 255, 4)
    assert_boxes(find_lines(255 - ink), boxes)


def test_a_tall_digit_broken_in_two_is_one(sheet):
    ink, boxes = sheet("001", "145", height_px=30)
    tall = np.zeros((200, 120), np.uint8)
    cv2.line(tall, (60, 30), (60, 50), 255, 5)
    cv2.line(tall, (60, 57), (60, 125), 255, 5)
    ink = np.hstack([np.pad(ink, ((0, 0), (200, 0))), tall])
    spots = [spot for line in find_lines(255 - ink).lines for spot in line]
    assert len(boxes[0]) + len(boxes[1]) + 1 == len(spots)
    assert max(spot.box_px[3] for spot in spots) > 90


def test_a_5_and_its_bar_are_one(sheet):
    ink, boxes = sheet("252")
    x, y, width, _ = boxes[0][1]
    ink[y + 5 : y + 9, x : x + width] = 0
    assert cv2.connectedComponents(ink)[0] == 5
    assert_boxes(find_lines(255 - ink), boxes)


def test_columns_far_apart_are_lines_of_their_own(draw_digit):
    left = draw_digit(3, 50, 5, size_px=(800, 120), at_px=(20, 30))
    right = draw_digit(7, 50, 5, size_px=(800, 120), at_px=(700, 30))
    assert [len(line) for line in find_lines(255 - (left | right)).lines] == [1, 1]


def test_boxes_of_a_large_picture_are_in_its_own_px(sheet):
    ink, boxes = sheet("4019", "14")
    larger = cv2.resize(ink, None, fx=9, fy=9, interpolation=cv2.INTER_LINEAR)
    found = find_lines(255 - larger)
    assert_boxes(found, [[np.multiply(box, 9) for box in line] for line in boxes], within=27)
    assert max(found.lines[0][0].ink.shape) < 300, "the ink itself is of working size"


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((120, 160), 240, np.uint8),
        np.zeros((40, 50, 3), np.uint8),
        np.random.default_rng(0).normal(170, 8, (150, 200)).astype(np.uint8),
        np.pad(np.zeros((3, 3), np.uint8), 60, constant_values=240),
    ],
    ids=["white", "black", "grain", "a speck"],
)
def test_blank(pixels):
    found = find_lines(pixels)
    assert found.lines == ()
    assert found.notes[-1] == "blank"


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (2, 32_000), (32_000, 1), (4, 4, 3)])
def test_odd_shapes(shape):
    assert find_lines(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)).notes[-1] == "blank"


def test_a_page_full_of_small_print_takes_no_minutes():
    rng = np.random.default_rng(0)
    page = np.where(cv2.GaussianBlur(rng.random((1000, 1000)), (0, 0), 2.5) > 0.53, 60, 235).astype(np.uint8)
    started = time.perf_counter()
    find_lines(page)
    assert time.perf_counter() - started < 10, "92 s before the comparison of parts was vectorised"
