"""`sonsu.reading.formed`: pictures that may be in MNIST's own form already."""

import cv2
import numpy as np
import pytest

from sonsu.reading.formed import forms, is_grain, levelled


def stroke(thickness=3):
    ink = np.zeros((28, 28), np.uint8)
    cv2.line(ink, (9, 5), (18, 22), 255, thickness)
    return ink


def test_thin_lines_are_taken_away_and_gaps_filled():
    crossed, broken = stroke(), stroke()
    crossed[12] = 255
    broken[14] = 0
    assert np.array_equal(list(forms(crossed))[1][12, :9], np.zeros(9))
    assert list(forms(broken))[-1][14].max() == 255
    assert all(np.array_equal(form.shape, (28, 28)) and form[10, 12] == 255 for form in forms(crossed))


def test_no_form_is_there_twice():
    plain = np.zeros((28, 28), np.uint8)
    plain[6:22, 12:16] = 255
    assert len(list(forms(plain))) == 1


@pytest.mark.parametrize("sd", [5, 40, 120])
def test_grain_alone_is_told_from_a_digit_in_grain(sd):
    grain = np.random.default_rng(sd).normal(120, sd, (28, 28))
    assert is_grain(grain.clip(0, 255).astype(np.uint8))
    assert not is_grain((grain + 2 * sd / 255 * stroke(4)).clip(0, 255).astype(np.uint8))


def test_ruled_lines_and_strokes_are_no_strips():
    ruled = np.zeros((28, 28), np.uint8)
    ruled[3::6] = 255
    assert levelled(ruled) is None
    assert levelled(stroke()) is None
    wide = np.zeros((28, 28), np.uint8)
    cv2.line(wide, (6, 0), (20, 27), 255, 9)  # leaves the picture at both ends, elsewhere
    assert levelled(wide) is None
