"""Lines of handwriting: what is written where."""

import cv2
import numpy as np
import pytest

from sonsu.learning import strokes
from sonsu.learning.marks import INNER, LEADING, MARKS, TRAILING, draw_mark
from sonsu.learning.writing import DIGITS, ImageHand, Layout, StrokesHand, write_line


def bars() -> ImageHand:
    """A hand whose digit d is a block d + 4 px wide and 20 px high."""
    images = np.zeros((10, 28, 28), np.uint8)
    for digit in range(10):
        images[digit, 4:24, 6 : 10 + digit] = 255
    return ImageHand(images, np.arange(10, dtype=np.uint8))


EVEN = Layout(gap=0.2, gap_sd=0.0, kerned=False, size_sd=0.0, wander=0.0)


def test_digits_stand_side_by_side_with_the_gap_between_them() -> None:
    written = write_line("105", bars(), np.random.default_rng(0), 40, EVEN)
    assert [char for char, _ in written.boxes] == ["1", "0", "5"]
    assert written.text == "105"
    for (_, (x, _, width, height)), digit in zip(written.boxes, (1, 0, 5), strict=True):
        assert (width, height) == (2 * (digit + 4), 40)
        assert written.ink[:, x : x + width].max() == 255
    (_, a), (_, b), _ = written.boxes
    assert b[0] - (a[0] + a[2]) == 8


def test_boxes_hold_all_the_ink() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        hand = StrokesHand(strokes.draw_writer(rng))
        written = write_line("-7,204/^0^0", hand, rng, 30)
        left = written.ink.copy()
        for _, (x, y, width, height) in written.boxes:
            left[y : y + height, x : x + width] = 0
        assert not left.any()
        assert written.text == "720400"


def test_touching_digits_touch() -> None:
    written = write_line("00", bars(), np.random.default_rng(0), 40, Layout(gap=-0.02, gap_sd=0, size_sd=0, wander=0))
    assert cv2.connectedComponents((written.ink > 60).astype(np.uint8))[0] == 2  # the paper, and one piece of ink


def test_no_digit_hides_another() -> None:
    far_too_close = Layout(gap=-3.0, gap_sd=0.0, size_sd=0.0, wander=0.0)
    written = write_line("0123", bars(), np.random.default_rng(0), 40, far_too_close)
    lefts = [box[0] for _, box in written.boxes]
    assert lefts == sorted(lefts) and len(set(lefts)) == 4


def test_raised_digits_are_smaller_and_higher() -> None:
    written = write_line("5^5", bars(), np.random.default_rng(0), 40, EVEN)
    (_, full), (_, raised) = written.boxes
    assert raised[3] == pytest.approx(0.6 * full[3], abs=1)
    assert raised[1] + raised[3] < full[1] + full[3] - 10


@pytest.mark.parametrize("mark", sorted(MARKS))
def test_every_mark_leaves_ink_near_the_line(mark: str) -> None:
    rng = np.random.default_rng(2)
    written = write_line(f"8{mark}8", bars(), rng, 40, EVEN)
    _, (_, (x, y, width, height)), _ = written.boxes
    assert written.ink[y : y + height, x : x + width].max() > 100
    assert height < 80 and width < 80
    points = np.concatenate(draw_mark(mark, rng))
    assert points[:, 1].min() > -0.5 and points[:, 1].max() < 1.6


def test_marks_and_digits_are_different_things() -> None:
    assert not set(MARKS) & set(DIGITS)
    assert set(INNER + LEADING + TRAILING) - {" "} <= set(MARKS)


def test_a_letter_that_the_hand_does_not_know_is_an_error() -> None:
    with pytest.raises(KeyError):
        write_line("Q", bars(), np.random.default_rng(0), 40)


def test_the_same_chance_writes_the_same_line() -> None:
    first, second = (write_line("31415", bars(), np.random.default_rng(7), 33) for _ in range(2))
    assert np.array_equal(first.ink, second.ink) and first.boxes == second.boxes
