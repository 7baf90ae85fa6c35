"""A line's ink in the line network's form."""

import cv2
import numpy as np
import pytest

from sonsu.reading.line_form import HEIGHT, STEP, WIDEST, line_form


@pytest.mark.parametrize("height", [9, 36, 200])
def test_the_ink_is_36_px_high_whatever_its_size(height: int) -> None:
    ink = np.zeros((height + 10, 3 * height + 20), np.uint8)
    cv2.rectangle(ink, (7, 5), (7 + 2 * height - 1, 5 + height - 1), 255, -1)
    form = line_form(ink)
    _, y, width, drawn = cv2.boundingRect((form.image > 127).astype(np.uint8))
    assert form.image.shape[0] == HEIGHT and form.image.shape[1] % STEP == 0
    assert (y, drawn) == (2, 36)
    assert width == pytest.approx(72, abs=2)


def test_places_lead_back_to_the_ink() -> None:
    ink = np.zeros((80, 300), np.uint8)
    ink[10:70, 40] = 255
    ink[10:70, 250:253] = 255
    form = line_form(ink)
    seen = np.flatnonzero(form.image.max(axis=0) > 100)
    assert form.left_px + seen[0] / form.scale == pytest.approx(40, abs=2)
    assert form.left_px + seen[-1] / form.scale == pytest.approx(252, abs=2)
    assert form.top_px + 2 / form.scale == pytest.approx(10, abs=1)


def test_a_long_rule_does_not_make_a_form_without_end() -> None:
    ink = np.zeros((3, 5000), np.uint8)
    ink[1] = 255
    assert line_form(ink).image.shape[1] <= WIDEST
    assert line_form(ink).squeezed and not line_form(ink[:, :40]).squeezed


def test_ink_too_faint_to_have_an_extent_is_taken_whole() -> None:
    assert line_form(np.full((20, 50), 3, np.uint8)).image.shape[0] == HEIGHT
