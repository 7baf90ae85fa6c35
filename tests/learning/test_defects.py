import cv2
import numpy as np
import pytest

from sonsu.learning import defects
from sonsu.reading.glyph import stroke_width


def seven():
    """A 7 in ink on a canvas with room around it, uint8 (40, 40)."""
    ink = np.zeros((40, 40), np.uint8)
    cv2.polylines(ink, [np.array([[12, 10], [27, 10], [18, 30]])], False, 255, 3, cv2.LINE_AA)
    return ink


CHANGES = {
    "repen": lambda ink, _: defects.repen(ink, 1.5),
    "fade": defects.fade,
    "speck": defects.speck,
    "grain": defects.grain,
    "edge": defects.edge,
    "neighbour": lambda ink, rng: defects.neighbour(ink, seven(), rng),
    "line": defects.line,
    "ligature": defects.ligature,
    "haze": defects.haze,
    "noise": defects.noise,
    "cut": defects.cut,
    "square": lambda ink, rng: defects.square(ink, rng)[0],
    "coarsen": lambda ink, _: defects.coarsen(ink, 0.4),
    "jpeg": lambda ink, _: defects.jpeg(ink, 20),
    "one_bit": defects.one_bit,
}


@pytest.mark.parametrize("name", CHANGES)
def test_changes_a_copy_and_leaves_ink(name):
    changed = 0
    for seed in range(30):
        ink = seven()
        after = CHANGES[name](ink, np.random.default_rng(seed))
        np.testing.assert_array_equal(ink, seven())
        assert after.dtype == np.uint8 and after.ndim == 2 and (after > 127).sum() > 10
        changed += after.shape != ink.shape or (after != ink).any()
    assert changed > 15


@pytest.mark.parametrize("name", CHANGES)
def test_nothing_stays_nothing_or_a_mark(name):
    blank = np.zeros((40, 40), np.uint8)
    assert CHANGES[name](blank, np.random.default_rng(0)).dtype == np.uint8


@pytest.mark.parametrize("change_px", [0.5, 1.0, 2.5])
def test_a_pen_is_as_much_thicker_as_was_asked(change_px):
    ink = np.zeros((60, 60), np.uint8)
    ink[10:50, 28:32] = 255
    thicker = defects.repen(ink, change_px)
    # each step of the cross adds a pixel on both sides
    assert thicker[30].sum() / 255 == pytest.approx(4 + 2 * change_px, abs=0.05)
    assert stroke_width(defects.repen(ink, -1.0)) < stroke_width(ink)


def test_a_thin_pen_gets_no_thinner():
    ink = np.zeros((40, 40), np.uint8)
    ink[10:30, 20:22] = 255
    assert defects.repen(ink, -1.0).sum() > ink.sum()


def test_an_edge_is_longer_than_the_digit_and_hides_little_of_it():
    for seed in range(40):
        marked = defects.edge(seven(), np.random.default_rng(seed))
        assert (marked < seven()).sum() < 0.3 * (seven() > 0).sum()
        _, _, width, height = cv2.boundingRect(marked)
        _, _, w, h = cv2.boundingRect(seven())
        assert height >= h + 4 or width >= w + 4


def test_the_next_digit_shows_only_its_end():
    for seed in range(20):
        beside = defects.neighbour(seven(), seven(), np.random.default_rng(seed))
        assert (beside >= seven()).all()
        assert cv2.boundingRect(beside)[2] <= cv2.boundingRect(seven())[2] + 5


def test_a_line_goes_beyond_the_digit_and_hides_nothing_of_it():
    for seed in range(20):
        crossed = defects.line(seven(), np.random.default_rng(seed))
        assert (crossed >= seven()).all()
        assert max(cv2.boundingRect(crossed)[2:]) >= 16 and (crossed > seven()).sum() >= 5


def test_a_ligature_leaves_the_digit_at_a_side():
    sides = set()
    for seed in range(20):
        joined = defects.ligature(seven(), np.random.default_rng(seed))
        assert (joined >= seven()).all()
        x, _, width, _ = cv2.boundingRect(joined)
        left, _, w, _ = cv2.boundingRect(seven())
        sides |= {"left"} if x < left else set()
        sides |= {"right"} if x + width > left + w else set()
        assert left - x <= 11 and x + width - left - w <= 11
    assert sides == {"left", "right"}


def test_haze_covers_the_paper_and_not_the_ink():
    hazy = [defects.haze(seven(), np.random.default_rng(seed)) for seed in range(20)]
    assert all((image >= seven()).all() and image[seven() == 255].min() == 255 for image in hazy)
    assert np.mean([image[seven() == 0].mean() for image in hazy]) > 15


def test_a_cut_loses_at_most_a_tenth_of_a_side():
    _, _, width, height = cv2.boundingRect(seven())
    for seed in range(40):
        _, _, w, h = cv2.boundingRect(defects.cut(seven(), np.random.default_rng(seed)))
        assert w >= width - round(0.1 * width) - 1 and h >= height - round(0.1 * height) - 1


def test_a_square_fills_its_box_and_slim_ink_is_narrowed_again():
    slim = np.zeros((40, 40), np.uint8)
    slim[10:30, 18:22] = 255
    for seed in range(20):
        squared, share = defects.square(slim, np.random.default_rng(seed))
        assert cv2.boundingRect(squared)[2:] == (28, 28) and 0.4 <= share <= 0.5
    shares = {defects.square(seven(), np.random.default_rng(seed))[1] for seed in range(30)}
    assert shares == {1.0, 0.7, 0.45}


def test_one_bit_is_one_bit():
    assert set(np.unique(defects.one_bit(seven(), np.random.default_rng(3)))) == {0, 255}
