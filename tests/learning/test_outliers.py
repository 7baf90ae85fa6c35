import cv2
import numpy as np
import pytest

from sonsu.learning import outliers as module
from sonsu.learning.outliers import NOT_A_DIGIT, outliers
from sonsu.reading.glyph import glyph


def digits():
    """Printed digits in MNIST's form, uint8 (10, 28, 28)."""
    made = np.zeros((10, 28, 28), np.uint8)
    for i in range(10):
        ink = np.zeros((64, 64), np.uint8)
        cv2.putText(ink, str(i), (14, 52), cv2.FONT_HERSHEY_SIMPLEX, 1.9, 255, 5, cv2.LINE_AA)
        made[i] = glyph(ink)
    return made


def test_shape_dtype_and_label():
    made = outliers(digits(), 40, np.random.default_rng(0))
    assert made.shape == (40, 28, 28) and made.dtype == np.uint8
    assert outliers(digits(), 0, np.random.default_rng(0)).shape == (0, 28, 28)
    assert NOT_A_DIGIT == 10


def test_follows_from_the_state_of_chance_alone():
    first, again, other = (outliers(digits(), 60, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any(axis=(1, 2)).mean() > 0.9


def test_are_in_mnists_form():
    for image in outliers(digits(), 200, np.random.default_rng(3)):
        np.testing.assert_array_equal(glyph(image), image)


def test_none_is_blank():
    assert outliers(digits(), 600, np.random.default_rng(4)).any(axis=(1, 2)).all()


def test_no_two_are_alike():
    made = outliers(digits(), 300, np.random.default_rng(5))
    assert len(np.unique(made.reshape(300, -1), axis=0)) > 285


def test_the_shares_add_up():
    assert sum(module.SHARES.values()) == pytest.approx(1)


@pytest.mark.parametrize("kind", ["_scribble", "_noise", "_mark", "_texture", "_sign"])
def test_every_kind_leaves_ink_and_paper(kind):
    rng = np.random.default_rng(6)
    for _ in range(60):
        ink = getattr(module, kind)(rng)
        assert ink.dtype == np.uint8
        assert 0.001 < (ink > 127).mean() < 0.95


def test_a_pair_holds_both_digits_side_by_side():
    left, right = digits()[1], digits()[8]
    for seed in range(20):
        pair = module._pair(left, right, np.random.default_rng(seed))
        widths = [cv2.boundingRect(image)[2] for image in (left, right)]
        assert sum(widths) - 1 <= pair.shape[1] <= sum(widths) + 5
        assert int(pair.sum()) == pytest.approx(int(left.sum()) + int(right.sum()), rel=0.1)


def test_a_half_is_one_side_of_the_digit():
    zero = digits()[0]
    _, y, width, height = cv2.boundingRect(zero)
    shapes = set()
    for seed in range(20):
        half = module._half(zero, 0, np.random.default_rng(seed))
        _, top, same_width, rows = cv2.boundingRect(half)
        assert same_width == width and 0.4 * height < rows < 0.65 * height
        shapes.add("upper" if len(half) < len(zero) and top == y else "lower")
    assert shapes == {"upper", "lower"}


def test_halves_only_of_digits_whose_label_is_known(monkeypatch):
    cut = []
    monkeypatch.setattr(module, "_half", lambda image, label, rng: cut.append(label) or image)
    outliers(digits(), 60, np.random.default_rng(0), kinds={"half": 1.0})
    assert not cut
    outliers(digits(), 60, np.random.default_rng(0), np.arange(10, dtype=np.uint8), kinds={"half": 1.0})
    assert set(cut) == set(module.HALVES)
