from dataclasses import fields, replace

import cv2
import numpy as np
import pytest

from sonsu.learning.distort import Distortion

STILL = Distortion(**{field.name: 0.0 for field in fields(Distortion)})
STRONG = {
    "rotation_deg": 15.0,
    "shear": 0.3,
    "scale": 0.2,
    "stretch": 0.3,
    "shift_px": 2.0,
    "elastic_px": 1.0,
    "thickness": 1.0,
    "erasing": 1.0,
}


def letters(n):
    """An F in the middle, which no turn or mirror brings back: uint8 (n, 28, 28)."""
    image = np.zeros((28, 28), np.uint8)
    cv2.putText(image, "F", (8, 21), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 255, 2, cv2.LINE_AA)
    return np.repeat(image[np.newaxis], n, axis=0)


def apply(distortion, images, seed=0):
    return distortion.apply(images, np.random.default_rng(seed))


def test_without_strength_nothing_changes():
    images = letters(5)
    np.testing.assert_array_equal(apply(STILL, images), images)


def test_no_images_give_none():
    assert apply(Distortion(), letters(0)).shape == (0, 28, 28)


@pytest.mark.parametrize("name", [field.name for field in fields(Distortion)])
def test_each_change_alone_changes_and_keeps_shape_dtype_and_input(name):
    images = letters(40)
    before = images.copy()
    changed = apply(replace(STILL, **{name: STRONG[name]}), images)
    assert changed.shape == images.shape and changed.dtype == np.uint8
    np.testing.assert_array_equal(images, before)
    assert (changed != images).any(axis=(1, 2)).mean() > 0.8
    assert len(np.unique(changed, axis=0)) > 20


def test_follows_from_the_state_of_chance_alone():
    first, again, other = (apply(Distortion(erasing=0.3, thickness=0.3), letters(30), seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any(axis=(1, 2)).all()


def test_a_turn_is_as_large_as_was_asked_for():
    bars = np.zeros((500, 28, 28), np.uint8)
    bars[:, 4:24, 13:15] = 255
    angles = []
    for bar in apply(replace(STILL, rotation_deg=10.0), bars):
        y, x = np.nonzero(bar > 100)
        spread = np.cov(x, y)
        angles.append(np.degrees(0.5 * np.arctan2(2 * spread[0, 1], spread[1, 1] - spread[0, 0])))
    assert np.std(angles) == pytest.approx(10.0, rel=0.1)
    assert abs(np.mean(angles)) < 1.5


def test_a_shift_is_as_large_as_was_asked_for():
    dots = np.zeros((500, 28, 28), np.uint8)
    dots[:, 12:16, 12:16] = 255
    moved = apply(replace(STILL, shift_px=2.0), dots).astype(float)
    across = (moved.sum(axis=1) * np.arange(28)).sum(axis=1) / moved.sum(axis=(1, 2))
    assert across.std() == pytest.approx(2.0, rel=0.1)
    assert across.mean() == pytest.approx(13.5, abs=0.3)


def test_calmer_is_half_of_everything():
    assert Distortion(thickness=0.4).calmer() == Distortion(3.0, 0.05, 0.025, 0.025, 0.35, 0.35, 0.2, 0.0)
