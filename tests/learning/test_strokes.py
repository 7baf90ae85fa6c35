import numpy as np
import pytest

from sonsu.learning import manners, pen, skeletons, strokes
from sonsu.reading.glyph import glyph


def writer(seed=0, tradition=None):
    return strokes.draw_writer(np.random.default_rng(seed), tradition)


# writers


def test_a_writer_follows_from_the_seed():
    one, same, other = writer(3), writer(3), writer(4)
    assert one.manners == same.manners and one.pen_width == same.pen_width and one.slant == same.slant
    assert one.slant != other.slant


@pytest.mark.parametrize("tradition", skeletons.TRADITIONS)
def test_a_writer_has_one_manner_for_each_digit_from_the_own_tradition(tradition):
    hand = writer(tradition=tradition)
    assert hand.tradition == tradition
    assert [name[0] for name in hand.manners] == list("0123456789")
    assert all(name in skeletons.TRADITIONS[tradition] for name in hand.manners)


def test_europeans_flag_their_ones_and_cross_their_sevens_more_often():
    def share(tradition, manner):
        return np.mean([manner in writer(seed, tradition).manners for seed in range(60)])

    assert share("European", "1 flagged") > 0.4 and share("American", "1 flagged") == 0
    assert share("European", "7 crossed") > 0.4 > share("American", "7 crossed")


def test_all_traditions_and_pens_are_drawn():
    drawn = [writer(seed) for seed in range(120)]
    assert {w.tradition for w in drawn} == set(skeletons.TRADITIONS)
    assert {w.pen for w in drawn} == set(strokes.PENS)
    for hand in drawn:
        thinnest, thickest, _ = strokes.PENS[hand.pen]
        assert thinnest <= hand.pen_width <= thickest


# writing


@pytest.mark.parametrize("digit", range(10))
def test_strokes_have_the_form_of_a_recorded_character(digit):
    for seed in range(10):
        hand = writer(seed)
        written = strokes.write(digit, hand, np.random.default_rng(seed))
        assert len(written) == len(manners.manner(hand.manners[digit]).last)
        assert all(s.dtype == np.float32 and s.ndim == 2 and s.shape[1] == 2 for s in written)
        points = np.concatenate(written)
        np.testing.assert_allclose(points.min(axis=0), 0.0, atol=1e-2)
        assert 600 < points.max() < 1600
        assert pen.render(written, size_px=40, width_px=40 * hand.pen_width).max() > 100


def test_writing_follows_from_the_seed_and_is_never_twice_the_same():
    hand, rng = writer(), np.random.default_rng(0)
    first, second = (np.concatenate(strokes.write(5, hand, rng)) for _ in range(2))
    again = np.concatenate(strokes.write(5, hand, np.random.default_rng(0)))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - second).max() > 1.0


def test_digits_of_one_hand_are_more_alike_than_those_of_many():
    def spread(hands):
        written = [np.concatenate(strokes.write(3, hand, rng)) for hand in hands]
        return np.mean(np.std([points / points.max() for points in written], axis=0))

    rng = np.random.default_rng(1)
    many = [hand for hand in map(writer, range(80)) if hand.manners[3] == "3"]
    assert spread([many[0]] * len(many)) < 0.6 * spread(many)


def test_slant_leans_to_the_right():
    from dataclasses import replace

    rng = np.random.default_rng(0)
    for slant, sign in ((0.6, 1), (-0.6, -1)):
        (one,) = strokes.write(1, replace(writer(0, "East Asian"), manners=("1",) * 10, slant=slant), rng)
        assert np.sign(one[0, 0] - one[-1, 0]) == sign


# data sets


def test_digits_come_in_mnists_form():
    images, labels, writers = strokes.digits(200, seed=5)
    assert images.shape == (200, 28, 28) and images.dtype == np.uint8
    assert labels.dtype == np.uint8 and writers.dtype.kind == "U"
    for image in images:
        np.testing.assert_array_equal(glyph(image), image)
        assert image.max() == 255


def test_labels_are_balanced_and_writers_write_ten_to_twenty():
    _, labels, writers = strokes.digits(205, seed=5)
    assert set(np.bincount(labels)) == {20, 21}
    counts = np.unique(writers, return_counts=True)[1]
    assert sorted(counts)[1] >= 10 and counts.max() <= 20  # the last writer may be cut short
    assert set(np.bincount(strokes.digits(1000, seed=5)[1])) == {100}


def test_digits_follow_from_the_seed():
    for one, same, other in zip(*(strokes.digits(30, seed) for seed in (1, 1, 2)), strict=True):
        np.testing.assert_array_equal(one, same)
        assert (one != other).any()


@pytest.mark.parametrize("n", [0, 1])
def test_few_digits(n):
    images, labels, writers = strokes.digits(n, seed=0)
    assert images.shape == (n, 28, 28) and len(labels) == len(writers) == n
