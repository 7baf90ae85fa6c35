from dataclasses import fields, replace

import cv2
import numpy as np
import pytest

from sonsu.learning.augment import Augmentation
from sonsu.reading.glyph import glyph

GEOMETRY = ("rotation_deg", "shear", "stretch", "perspective", "elastic_px")
CHANCES = tuple(field.name for field in fields(Augmentation) if field.name not in GEOMETRY)
AROUND = {"haze", "noise"}  # what is left around a digit that is in its place
FAINT = ("faded", "blur", "jpeg", "misplaced", "specks", "neighbours", "noise", None)
STILL = Augmentation(**{field.name: 0.0 for field in fields(Augmentation)})


def digits(n):
    """Printed digits in MNIST's form, uint8 (n, 28, 28)."""
    made = np.zeros((n, 28, 28), np.uint8)
    for i in range(n):
        ink = np.zeros((64, 64), np.uint8)
        cv2.putText(ink, str(i % 10), (14, 52), cv2.FONT_HERSHEY_SIMPLEX, 1.9, 255, 4 + i % 3, cv2.LINE_AA)
        made[i] = glyph(ink)
    return made


def apply(augmentation, images, seed=0):
    return augmentation.apply(images, np.random.default_rng(seed))


def test_keeps_shape_and_dtype_and_its_input():
    images = digits(30)
    before = images.copy()
    changed = apply(Augmentation(), images)
    assert changed.shape == (30, 28, 28) and changed.dtype == np.uint8
    np.testing.assert_array_equal(images, before)
    assert (changed != images).any(axis=(1, 2)).all()


def test_no_images_give_none():
    assert apply(Augmentation(), digits(0)).shape == (0, 28, 28)


def test_follows_from_the_state_of_chance_alone():
    first, again, other = (apply(Augmentation(), digits(30), seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any(axis=(1, 2)).mean() > 0.9


def test_an_image_that_is_not_changed_comes_back_nearly_as_it_was():
    images = digits(10)
    still = apply(STILL, images)
    # one pixel of a darker or fainter edge: the specks of 24 and less are taken away, and the mass moves with them
    for image, same in zip(images, still, strict=True):
        near = [np.roll(same, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
        assert min(np.abs(image.astype(int) - shifted).max() for shifted in near) <= 24


@pytest.mark.parametrize("each", [None, *sorted(set(CHANCES) - AROUND)])
def test_is_in_mnists_form(each):
    augmentation = (
        replace(Augmentation(), misplaced=0.0, **dict.fromkeys(AROUND, 0.0))
        if each is None
        else replace(STILL, **{each: 1.0})
    )
    for image in apply(augmentation, digits(40)):
        assert image.max() == 255 or each in FAINT
        moments = cv2.moments(image)
        middle = moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]
        slack = 2.7 if each == "misplaced" else 0.51
        x, y, width, height = cv2.boundingRect(image)
        at_edge = min(x, y, 28 - x - width, 28 - y - height) == 0
        assert at_edge or np.abs(np.array(middle) - 14).max() <= slack
        assert max(width, height) <= (24 if each == "misplaced" else 20)


def test_none_is_blank():
    assert apply(Augmentation(), digits(600)).any(axis=(1, 2)).all()
    faint = np.zeros((3, 28, 28), np.uint8)
    faint[:, 10:18, 12:16] = 20  # below what counts as ink
    np.testing.assert_array_equal(apply(Augmentation(), faint), faint)


@pytest.mark.parametrize("each", [field.name for field in fields(Augmentation)])
def test_every_setting_changes_something(each):
    images = digits(20)
    strong = {"rotation_deg": 20.0, "perspective": 0.2}.get(each, 1.0)
    changed = apply(replace(STILL, **{each: strong}), images)
    assert (changed != apply(STILL, images)).any(axis=(1, 2)).mean() > 0.5


def test_turns_by_the_angle_that_it_says():
    bar = np.zeros((28, 28), np.uint8)
    bar[4:24, 12:16] = 255
    turned = apply(replace(STILL, rotation_deg=10.0), np.repeat(bar[np.newaxis], 300, axis=0))
    moments = [cv2.moments(image) for image in turned]
    angles = [0.5 * np.degrees(np.arctan2(2 * m["mu11"], m["mu02"] - m["mu20"])) for m in moments]
    assert abs(np.mean(angles)) < 2.0
    assert np.std(angles) == pytest.approx(10.0, rel=0.15)


def test_calmer_halves_every_chance():
    calmer = Augmentation().calmer()
    for name in CHANCES:
        assert getattr(calmer, name) == getattr(Augmentation(), name) / 2
    assert calmer.rotation_deg == 6.0
