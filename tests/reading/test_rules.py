"""`sonsu.reading.rules`: ruled lines out, the strokes that cross them kept."""

import cv2
import numpy as np
import pytest

from sonsu.reading import rules
from sonsu.reading.rules import find_rules, without_rules


def ruled(shape, step, thickness, slope=0.0, upright=False):
    """Ruled lines alone, uint8 (h, w), ink = 255."""
    height, width = shape[::-1] if upright else shape
    mask = np.zeros((height, width), np.uint8)
    # Only lines that run from side to side.
    rise = round(slope * width)
    for start in range(step // 2 + max(0, -rise), height - max(0, rise), step):
        cv2.line(mask, (0, start), (width, start + rise), 255, thickness)
    return np.ascontiguousarray(mask.T) if upright else mask


@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("slope", [0.0, 0.08, -0.2])
@pytest.mark.parametrize("thickness", [2, 3])
def test_rules_go_and_the_strokes_that_cross_them_stay(draw_digit, upright, slope, thickness):
    for label in (3, 8):
        digit = cv2.threshold(draw_digit(label, 180, 12, size_px=(300, 260)), 127, 255, cv2.THRESH_BINARY)[1]
        lines = ruled(digit.shape, 52, thickness, slope, upright)
        kept = without_rules(digit | lines)
        only_lines = (lines > 0) & (cv2.dilate(digit, np.ones((7, 7))) == 0)
        assert (kept[only_lines] > 0).mean() < 0.1
        assert (kept[digit > 0] > 0).mean() > 0.9
        assert not (kept & ~(digit | lines)).any(), "nothing is added"


def test_squared_paper(draw_digit):
    digit = cv2.threshold(draw_digit(6, 180, 12, size_px=(280, 280)), 127, 255, cv2.THRESH_BINARY)[1]
    lines = ruled(digit.shape, 50, 2) | ruled(digit.shape, 50, 2, upright=True)
    kept = without_rules(digit | lines)
    assert (kept[(lines > 0) & (cv2.dilate(digit, np.ones((9, 9))) == 0)] > 0).mean() < 0.1
    assert (kept[digit > 0] > 0).mean() > 0.85


def test_ruled_paper_alone_becomes_empty():
    lines = ruled((200, 300), 40, 2)
    assert (without_rules(lines) > 0).sum() < 0.02 * (lines > 0).sum()


@pytest.mark.parametrize("label", range(10))
def test_a_digit_has_no_rules(draw_digit, label):
    mask = cv2.threshold(draw_digit(label, 150, 10), 127, 255, cv2.THRESH_BINARY)[1]
    assert without_rules(mask) is None


def test_where_less_is_inked_than_a_rule_is_long_none_is_looked_for(draw_digit, monkeypatch):
    monkeypatch.setattr(rules, "_find_lines", None)
    mask = cv2.threshold(draw_digit(8, 100, 10, size_px=(280, 240)), 127, 255, cv2.THRESH_BINARY)[1]
    assert without_rules(mask) is None


def test_what_is_no_rule():
    blank = np.zeros((200, 300), np.uint8)
    short, steep, bar = blank.copy(), blank.copy(), blank.copy()
    short[100:102, 90:210] = 255  # 0.4 of the width
    cv2.line(steep, (60, 0), (240, 199), 255, 2)  # a slash at 48°
    bar[60:140, 10:290] = 255  # far thicker than any pen rules
    for mask in (blank, short, steep, bar):
        assert without_rules(mask) is None


def test_rules_of_another_mask_of_the_same_picture_are_taken_out(draw_digit):
    lines = ruled((200, 300), 40, 2)
    digit = draw_digit(3, 100, 10, size_px=(300, 200))
    given = without_rules(digit | lines, find_rules(lines))
    np.testing.assert_array_equal(given, without_rules(digit | lines))
    assert without_rules(digit | lines, ([], [])) is None


def test_the_mask_that_was_given_stays_as_it_was():
    lines = ruled((100, 120), 30, 2)
    before = lines.copy()
    without_rules(lines)
    np.testing.assert_array_equal(lines, before)
