"""`sonsu.reading.picture`: arrays of any shape, layout and type to one plain form."""

import hypothesis.extra.numpy as npst
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonsu.errors import PictureError
from sonsu.reading.picture import Limits, load


def test_the_quick_way_does_not_copy():
    array = np.zeros((28, 28), np.uint8)
    assert load(array).pixels is array


def test_shapes():
    grey_array = np.random.default_rng(1).integers(0, 256, (4, 6), dtype=np.uint8)
    for array in (grey_array[:, :, None], grey_array[None], grey_array.view(np.ndarray)):
        np.testing.assert_array_equal(load(array).pixels, grey_array)
    colour = np.stack([grey_array, grey_array // 2, grey_array // 3], axis=2)
    np.testing.assert_array_equal(load(colour).pixels, colour)
    opaque = np.concatenate([colour, np.full((4, 6, 1), 255, np.uint8)], axis=2)
    np.testing.assert_array_equal(load(opaque).pixels, colour)


def test_layouts():
    array = np.random.default_rng(2).integers(0, 256, (8, 6), dtype=np.uint8)
    for view in (array.T, array[::-1, ::2], np.asfortranarray(array), np.ma.masked_array(array)):
        pixels = load(view).pixels
        np.testing.assert_array_equal(pixels, np.asarray(view))
        assert type(pixels) is np.ndarray
        assert pixels.flags.c_contiguous
    assert load(array > 127).pixels.tolist() == np.where(array > 127, 255, 0).tolist()


def test_a_blank_deep_scan_stays_blank():
    noise = np.random.default_rng(0).integers(3000, 3030, (40, 60)).astype(np.uint16)
    assert np.ptp(load(noise).pixels.astype(int)) <= 2


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, ">f4"])
def test_floats(dtype):
    ramp = np.linspace(0, 1, 256).reshape(16, 16)
    want = np.arange(256).reshape(16, 16)
    for scale, offset in ((1, 0), (255, 0), (1, -0.5), (4000, 0), (3, -1)):
        pixels = load((ramp * scale + offset).astype(dtype)).pixels
        assert np.abs(pixels.astype(int) - want).max() <= 1, (scale, offset)


def test_floats_of_one_that_were_resized_go_a_little_beyond():
    ramp = np.linspace(0, 1.004, 256, dtype=np.float32).reshape(16, 16)
    pixels = load(ramp).pixels
    assert pixels.min() == 0 and pixels.max() == 255 and abs(int(pixels[8, 0]) - 128) <= 2
    assert load(ramp * 2).pixels.max() == 2, "0 to 255, and nearly black"


def test_one_value_everywhere():
    assert load(np.full((3, 4), 7e6)).pixels.max() == 0
    assert load(np.ones((3, 4))).pixels.min() == 255


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.int64, np.float16, np.float64, bool, ">u2"])
@pytest.mark.parametrize("channels", [None, 3, 4])
def test_large_arrays_are_reduced(dtype, channels):
    shape = (80, 100) if channels is None else (80, 100, channels)
    picture = load(np.ones(shape, dtype), limits=Limits(working_pixels=2000))
    assert picture.pixels.shape[:2] == (40, 50)
    assert (picture.width_px, picture.height_px) == (100, 80)
    assert "reduced from 100×80" in picture.notes


def test_a_long_strip_fits_what_opencv_can_index():
    picture = load(np.zeros((2, 60_000), np.uint8))
    assert picture.pixels.shape == (1, 32_000)
    assert picture.original_box((16_000, 0, 8_000, 1)) == (30_000, 0, 15_000, 2)


numbers = st.one_of(
    npst.boolean_dtypes(), npst.integer_dtypes(endianness="?"), npst.unsigned_integer_dtypes(endianness="?"),
    npst.floating_dtypes(endianness="?"), npst.complex_number_dtypes(), st.just(np.dtype(object)),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(array=npst.arrays(numbers, npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6)))
def test_any_array_gives_a_plain_picture_or_a_plain_error(array):
    try:
        picture = load(array, limits=Limits(working_pixels=20))
    except PictureError as error:
        assert str(error).startswith("cannot read <array>: ")
        return
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.ndim == 2 or picture.pixels.shape[2] == 3
    assert 0 < picture.pixels.shape[0] * picture.pixels.shape[1] <= 20
    assert picture.pixels.shape[0] <= picture.height_px
    assert picture.pixels.shape[1] <= picture.width_px
    assert picture.pixels.flags.c_contiguous
