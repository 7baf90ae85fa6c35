"""`sonsu.reading.picture`: arrays of any shape, layout and type to one plain form."""

import hypothesis.extra.numpy as npst
import numpy as np
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
