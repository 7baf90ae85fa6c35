"""`sonsu.reading.whole`: a picture cut close around its digit."""

import cv2
import numpy as np
import pytest

from sonsu.reading.whole import narrower, split_ink


def close_crop(draw_digit, label=3):
    ink = draw_digit(label, 60, 9, size_px=(80, 80), at_px=(15, 10))
    x, y, width, height = cv2.boundingRect(ink)
    return ink[y : y + height, x : x + width]


@pytest.mark.parametrize("dark", [True, False])
def test_ink_is_told_from_paper_by_the_corners(draw_digit, dark):
    ink = close_crop(draw_digit)
    picture = (220 - 0.6 * ink if dark else 40 + 0.6 * ink).astype(np.uint8)
    best, prior, is_dark = max(split_ink(picture), key=lambda way: way[1])
    assert is_dark == dark
    assert prior > 0.6
    assert np.abs(best.astype(int) - ink).mean() < 4


def test_light_that_rises_evenly_has_no_ink():
    assert split_ink(np.tile(np.linspace(60, 230, 120).astype(np.uint8), (90, 1))) == []


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_plain_picture_has_none(value):
    assert split_ink(np.full((40, 30), value, np.uint8)) == []


def test_grain_small_ink_and_several_digits_have_next_to_none(draw_digit):
    pepper = np.where(np.random.default_rng(0).random((60, 60)) < 0.1, 0, 255).astype(np.uint8)
    speck = np.full((60, 60), 255, np.uint8)
    speck[20:30, 20:30] = 0
    crop = close_crop(draw_digit)
    pair = 255 - np.hstack([crop, np.zeros((len(crop), 8), np.uint8), crop])
    for picture in (pepper, speck, pair):
        assert all(prior < 0.2 for _, prior, _ in split_ink(picture))


def test_specks_are_left_out(draw_digit):
    picture = 255 - cv2.copyMakeBorder(close_crop(draw_digit), 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=0)
    picture[0, 0] = 0
    ink = max(split_ink(picture), key=lambda way: way[1])[0]
    assert ink[0, 0] == 0


def test_a_1_as_high_as_the_picture_may_have_been_stretched():
    fat = np.zeros((32, 32), np.uint8)
    fat[:, 8:26] = 255
    assert [form.shape[1] / form.shape[0] for form in narrower(fat)] == pytest.approx([0.7, 0.45], abs=0.01)
    assert narrower(np.pad(fat, ((0, 0), (8, 8)))) == []


def test_a_square_filled_to_its_edges_may_have_been_stretched(draw_digit):
    square = cv2.resize(close_crop(draw_digit), (16, 16), interpolation=cv2.INTER_AREA)
    forms = narrower(square)
    assert [form.shape[1] / form.shape[0] for form in forms] == pytest.approx([0.7, 0.45], abs=0.01)
    assert narrower(close_crop(draw_digit)) == []
    assert narrower(np.pad(square, 4)) == []


@pytest.mark.parametrize("label", [0, 2, 3, 4, 5, 6, 7, 8, 9])  # a 1 is but a bar
def test_a_close_grey_crop_is_read(draw_digit, reader, label):
    crop = cv2.GaussianBlur(255 - close_crop(draw_digit, label), (0, 0), 1.5)
    assert reader.read_digit(crop).label == label
