"""`sonsu.reading.parts`: which connected parts of a mask may be handwriting."""

import cv2
import numpy as np

from sonsu.reading.parts import find_parts, remnants


def test_what_lies_on_rules_alone_is_what_was_left_of_them():
    rules, mask = np.zeros((120, 300), np.uint8), np.zeros((120, 300), np.uint8)
    rules[100:106] = 200
    mask[100:106, 20:80] = 255  # a piece of the rule
    mask[40:106, 150:156] = 255  # a stroke that stands on it
    parts = find_parts(mask, mask, np.zeros_like(mask), np.zeros_like(mask), 6.0)
    gone = remnants(parts, mask, mask, rules)
    assert {int(parts.boxes[i, 0]): bool(gone[i]) for i in range(len(gone))} == {20: True, 150: False}


def test_dark_writing_all_over_paler_rules_is_no_remnant():
    rules, mask = np.zeros((120, 300), np.uint8), np.zeros((120, 300), np.uint8)
    rules[::4] = rules[:, ::4] = 60
    cv2.putText(mask, "9", (100, 90), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 255, 4)
    parts = find_parts(mask, mask, np.zeros_like(mask), np.zeros_like(mask), 4.0)
    assert not remnants(parts, mask, np.maximum(cv2.convertScaleAbs(mask, alpha=0.7), rules), rules).any()
    assert remnants(parts, mask, cv2.convertScaleAbs(mask, alpha=0.3), rules).all()


def test_digits_on_dotted_paper_are_as_high_as_digits():
    mask = np.zeros((600, 600), np.uint8)
    mask[::15, ::15] = mask[1::15, ::15] = mask[::15, 1::15] = 255
    mask[100:220, 100:300] = 0
    cv2.putText(mask, "26", (120, 200), cv2.FONT_HERSHEY_SIMPLEX, 2, 255, 6)
    parts = find_parts(mask, mask, np.zeros_like(mask), np.zeros_like(mask), 6.0)
    assert len(parts.boxes) == 2
    assert parts.usual_px > 30


def test_the_shadow_along_a_sheets_edge_does_not_make_digits_small():
    mask, edge = np.zeros((400, 300), np.uint8), np.zeros((400, 300), np.uint8)
    edge[:2] = edge[-2:] = 255
    edge[:, :2] = edge[:, -2:] = 255
    for y in range(60, 340, 40):
        for x in (80, 110, 140, 170):
            cv2.rectangle(mask, (x, y), (x + 18, y + 28), 255, 5)
    for y in (20, 200):
        cv2.fillPoly(mask, [np.array([(0, y), (9, y), (30, y + 150), (20, y + 150)])], 255)
    parts = find_parts(mask, mask, edge, np.zeros_like(mask), 6.0)
    assert len(parts.boxes) == 28 and parts.boxes[:, 3].max() < 40
    assert parts.usual_px < 40


def test_a_close_crops_digit_may_reach_the_edge():
    mask, edge = np.zeros((120, 80), np.uint8), np.zeros((120, 80), np.uint8)
    edge[:2] = edge[-2:] = 255
    cv2.line(mask, (40, 0), (34, 119), 255, 6)
    cv2.circle(mask, (60, 100), 5, 255, 3)
    assert find_parts(mask, mask, edge, np.zeros_like(mask), 6.0).boxes[:, 3].max() == 120


def test_what_lies_along_the_edge_of_the_paper_is_no_stroke():
    mask, steps = np.zeros((120, 300), np.uint8), np.zeros((120, 300), np.uint8)
    for x in (60, 150):
        cv2.line(mask, (x, 40), (x, 100), 255, 6)
    steps[:, 55:60] = 200  # left of the first one it is as dark as its ink
    steps[70:76] = 200  # a shadow's edge across the second
    kept = find_parts(mask, mask, np.zeros_like(mask), steps, 6.0)
    assert kept.boxes[:, 0].tolist() == [147]
