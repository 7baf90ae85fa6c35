"""`sonsu.reading.glyph`: one digit's ink to MNIST's own form."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import ndimage

from sonsu.reading.glyph import centre, fit, glyph, stroke_width


def longer_side(image):
    return max(cv2.boundingRect(image)[2:])


def likeness(one, other):
    """Correlation of two images, blurred so that half a pixel counts little; two digits' are mostly below 0.8."""
    one, other = (cv2.GaussianBlur(image.astype(np.float32), (0, 0), 1) for image in (one, other))
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]


@pytest.mark.mnist
def test_an_image_of_mnist_comes_back(mnist_train):
    images, _ = mnist_train
    changed = sum(not np.array_equal(glyph(image), image) for image in images)
    assert len(images) == 60_000
    assert changed <= 2


@pytest.mark.mnist
def test_a_picture_made_of_mnist_comes_close_to_it(mnist_train):
    for image in mnist_train[0][:50]:
        larger = cv2.resize(image, (168, 168), interpolation=cv2.INTER_CUBIC)
        larger[larger < 24] = 0
        assert likeness(glyph(larger), image) > 0.85


@pytest.mark.parametrize("label", range(10))
@pytest.mark.parametrize("thickness", [0.03, 0.08, 0.16])
def test_the_form_is_mnists(draw_digit, label, thickness):
    for height in (16, 50, 300):
        form = glyph(draw_digit(label, height, max(1, round(thickness * height))))
        assert form.shape == (28, 28)
        assert form.dtype == np.uint8
        assert form.max() >= 250
        assert 19 <= longer_side(form) <= 20
        assert np.abs(np.subtract(ndimage.center_of_mass(form), 14)).max() <= 0.5


def test_where_it_lies_does_not_matter(draw_digit):
    form = glyph(draw_digit(5, 90))
    for at in ((0, 0), (110, 0), (3, 97), (110, 110)):
        np.testing.assert_array_equal(glyph(draw_digit(5, 90, size_px=(200, 200), at_px=at)), form)


@pytest.mark.parametrize("label", range(10))
def test_its_size_hardly_matters(draw_digit, label):
    form = glyph(draw_digit(label, 100, 8))
    for height, thickness in ((50, 4), (200, 16), (800, 64)):
        assert likeness(glyph(draw_digit(label, height, thickness)), form) > 0.85


@pytest.mark.parametrize("label", range(10))
def test_how_thick_the_pen_was_hardly_matters(draw_digit, label):
    forms = [glyph(draw_digit(label, 300, thickness)) for thickness in (2, 8, 24, 48)]
    inks = [form.sum() for form in forms]
    assert max(inks) < 2.3 * min(inks), "left as drawn, the thickest has about 20 times the ink of the thinnest"
    assert min(likeness(form, forms[2]) for form in forms) > 0.88


def test_faint_ink_becomes_as_dark_as_any(draw_digit):
    ink = draw_digit(3, 100)
    assert likeness(glyph(ink // 4), glyph(ink)) > 0.98
    assert glyph(ink // 4).max() == 255


def test_aspect_ratio_is_kept():
    ring = cv2.ellipse(np.zeros((110, 60), np.uint8), (30, 55), (24, 49), 0, 0, 360, 255, 9)
    width, height = cv2.boundingRect(glyph(ring))[2:]
    assert height == 20
    assert width in {10, 11}


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (2, 3), (28, 28), (400, 400)])
def test_any_ink_at_all_leaves_some(shape):
    form = glyph(np.full(shape, 255, np.uint8))
    assert form.shape == (28, 28)
    assert form.max() > 0


def test_no_ink_is_no_glyph():
    for shape in ((28, 28), (3, 50)):
        form = glyph(np.zeros(shape, np.uint8))
        assert form.shape == (28, 28)
        assert form.max() == 0


@pytest.mark.parametrize("shape", [(20, 20), (20, 7), (9, 20), (19, 12), (12, 19)])
def test_what_is_of_mnists_size_is_not_touched(shape):
    ink = np.random.default_rng(0).integers(1, 200, shape).astype(np.uint8)
    np.testing.assert_array_equal(fit(ink), ink)


@pytest.mark.parametrize("shape", [(21, 20), (18, 18), (100, 30), (7, 400)])
def test_what_is_not_is_fitted(shape):
    assert max(fit(np.full(shape, 255, np.uint8)).shape) == 20


# Not all zero, as of cropped ink.
crops = npst.arrays(np.uint8, npst.array_shapes(min_dims=2, max_dims=2, max_side=20), elements=st.integers(0, 255))


@settings(max_examples=150, deadline=None)
@given(crops.filter(np.any))
def test_centre_of_mass_against_scipy(ink):
    placed = centre(ink)
    assert placed.sum() == ink.sum()
    mass = ndimage.center_of_mass(placed)
    for axis in (0, 1):
        rows = np.flatnonzero(placed.any(axis=1 - axis))
        at_an_edge = rows[0] < 20 - ink.shape[axis] + 1 or rows[-1] > 27 - ink.shape[axis]
        off = abs(mass[axis] - 14)
        assert off <= 0.5 + 1e-9 or at_an_edge


def test_ink_all_on_one_side_stays_inside():
    ink = np.ones((20, 20), np.uint8)
    ink[:, 0] = 255
    assert centre(ink).any(axis=0).nonzero()[0].tolist() == list(range(8, 28))


@pytest.mark.parametrize("thickness", [3, 5, 9, 15])
def test_stroke_width(thickness):
    ink = np.zeros((100, 400), np.uint8)
    ink[20 : 20 + thickness, 20:380] = 255
    assert stroke_width(ink) == pytest.approx(thickness, rel=0.05)
    assert stroke_width(ink.T.copy()) == pytest.approx(thickness, rel=0.05)
    assert stroke_width(ink // 2 + (ink > 0)) == stroke_width(ink), "from 128 on it is ink"
    assert stroke_width(ink // 2) == 0
