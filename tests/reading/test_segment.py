"""Ink shared out among a line's digits."""

import cv2
import numpy as np

from sonsu.reading.segment import share_out


def test_separate_strokes_go_to_whoever_stands_there() -> None:
    ink = np.zeros((40, 60), np.uint8)
    cv2.line(ink, (10, 5), (10, 35), 255, 3)
    cv2.circle(ink, (40, 20), 12, 255, 3)
    (one, zero), alone = share_out(ink, [(9, 11), (38, 42)])
    assert alone.tolist() == [True, True]
    assert np.array_equal(one + zero, ink)
    assert cv2.boundingRect(one)[0] + cv2.boundingRect(one)[2] < 20 < cv2.boundingRect(zero)[0]


def test_touching_digits_are_cut_where_they_touch() -> None:
    ink = np.zeros((40, 70), np.uint8)
    cv2.circle(ink, (18, 20), 14, 255, 3)
    cv2.circle(ink, (48, 20), 14, 255, 3)  # they touch at x = 33
    (left, right), _ = share_out(ink, [(16, 20), (46, 50)])
    for own, other in ((left, right), (right, left)):
        assert np.count_nonzero(own) > 0.4 * np.count_nonzero(ink)
        assert not (own.astype(bool) & other.astype(bool)).any()
    x, _, width, _ = cv2.boundingRect(left)
    assert 29 <= x + width <= 37


def test_who_touches_another_is_not_alone() -> None:
    ink = np.zeros((40, 90), np.uint8)
    cv2.circle(ink, (18, 20), 14, 255, 3)
    cv2.circle(ink, (48, 20), 14, 255, 3)
    cv2.line(ink, (80, 5), (80, 35), 255, 3)
    assert share_out(ink, [(16, 20), (46, 50), (79, 81)])[1].tolist() == [False, False, True]


def test_a_slanted_pair_is_cut_along_its_slant() -> None:
    ink = np.zeros((60, 90), np.uint8)
    cv2.line(ink, (40, 5), (20, 55), 255, 4)
    cv2.line(ink, (62, 5), (42, 55), 255, 4)
    cv2.line(ink, (31, 30), (53, 30), 255, 2)  # a thin bridge
    (left, right), _ = share_out(ink, [(28, 32), (50, 54)])
    assert left[8, 40] and not right[8, 40]
    assert right[52, 43] and not left[52, 43]


def test_a_bar_that_hangs_loose_belongs_to_the_nearest_digit() -> None:
    ink = np.zeros((40, 80), np.uint8)
    cv2.line(ink, (20, 10), (20, 35), 255, 3)
    cv2.line(ink, (25, 6), (32, 6), 255, 3)  # the bar of a 5, its middle not over where the network saw the digit
    cv2.line(ink, (60, 5), (60, 35), 255, 3)
    (five, _), alone = share_out(ink, [(19, 22), (59, 61)])
    assert five[6, 28]
    assert alone.all()


def test_what_is_near_to_nobody_is_nobodys() -> None:
    ink = np.zeros((40, 200), np.uint8)
    cv2.line(ink, (20, 10), (20, 35), 255, 3)
    cv2.circle(ink, (150, 30), 3, 255, -1)
    (digit,), _ = share_out(ink, [(19, 21)])
    assert not digit[:, 100:].any()
