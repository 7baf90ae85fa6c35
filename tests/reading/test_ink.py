"""`sonsu.reading.ink`: from pixels to how much each differs from the paper."""

import cv2
import numpy as np
import pytest

from sonsu.reading import ink as ink_module
from sonsu.reading.ink import clean_ink, ink_maps, is_plain, least_ink


def on_paper(ink, light):
    """Black ink on white paper under light, (h, w) of 0 to 1."""
    return (light * (255 - ink.astype(float))).astype(np.uint8)


def light_of(kind, shape):
    y, x = np.mgrid[: shape[0], : shape[1]] / max(shape)
    return {
        "even": np.full(shape, 0.9),
        "from the left": 0.95 - 0.45 * x,
        "from above": 0.95 - 0.45 * y,
        "shadow": np.where(x + 0.3 * y > 0.6, 0.45, 0.95),
    }[kind]


# --- the quick road


@pytest.mark.parametrize("height", [18, 28, 40])
def test_clean_ink_of_either_polarity(draw_digit, height):
    ink = draw_digit(3, height)
    for pixels, was_dark in ((ink, False), (255 - ink, True)):
        found, dark = clean_ink(pixels)
        assert dark is was_dark
        np.testing.assert_array_equal(found, ink)


def test_clean_ink_of_little_contrast_is_stretched(draw_digit):
    ink = draw_digit(3, 20)
    for pixels in (40 + ink * (160 / 255), 200 - ink * (160 / 255)):
        found, _ = clean_ink(np.rint(pixels).astype(np.uint8))
        assert np.abs(found.astype(int) - ink).max() <= 2


def test_what_is_no_clean_picture_takes_the_long_road(draw_digit):
    ink = draw_digit(3, 30)  # 48×48
    gradient = np.linspace(0, 255, 48).astype(np.uint8) * np.ones((48, 1), np.uint8)
    half = np.zeros((48, 48), np.uint8)
    half[:, :30] = 128
    half[0, 0] = 255
    for pixels in (
        np.dstack([ink] * 3),
        np.pad(ink, 10),  # 68 px
        ink[20:27],  # 7 px high
        ink // 5,  # a contrast of 51
        gradient,
        half,
        on_paper(ink, light_of("from the left", ink.shape)),
    ):
        assert clean_ink(pixels) is None


# --- maps


@pytest.mark.parametrize("kind", ["even", "from the left", "from above", "shadow"])
@pytest.mark.parametrize("colour", [False, True])
def test_uneven_light_falls_away(draw_digit, kind, colour):
    ink = draw_digit(8, 120, 8, size_px=(300, 240), at_px=(100, 60))
    picture = on_paper(ink, light_of(kind, ink.shape))
    dark, light, *_ = ink_maps(np.dstack([picture, picture, picture]) if colour else picture)
    assert dark.dark
    assert not light.dark
    assert dark.ink.dtype == light.ink.dtype == np.float32
    assert dark.ink.shape == light.ink.shape == ink.shape
    assert dark.ink.min() >= 0
    assert dark.ink.max() <= 1
    strokes = dark.ink[ink == 255]
    paper = dark.ink[60:180, 100:220][ink[60:180, 100:220] == 0]
    assert np.percentile(strokes, 5) > 0.6, "as dark in the shadow as in the light"
    # A pixel at a shadow's hard edge is bound to be wrong.
    assert np.percentile(paper, 90) < 0.3 * np.median(strokes), "below a candidate's lowest threshold"


def test_light_ink_is_in_the_other_map(draw_digit):
    ink = draw_digit(8, 120, 8, size_px=(300, 240), at_px=(100, 60))
    dark, light, *_ = ink_maps(20 + ink // 2)
    assert np.percentile(light.ink[ink == 255], 5) > 0.4
    assert light.ink[cv2.dilate(ink, np.ones((5, 5))) == 0].max() < 0.05
    assert dark.ink[ink == 255].max() == 0


@pytest.mark.parametrize("pen", [(200, 30, 40), (30, 40, 200), (20, 20, 20)])
def test_ink_of_any_colour_counts(draw_digit, pen):
    ink = draw_digit(2, 100, 8)[..., None] / 255
    picture = (ink * pen + (1 - ink) * (250, 245, 235)).astype(np.uint8)
    dark, *_ = ink_maps(picture)
    assert np.percentile(dark.ink[ink[..., 0] == 1], 5) > 0.7


@pytest.mark.parametrize("sd", [2, 8, 20])
def test_the_grain_is_measured(draw_digit, sd):
    ink = draw_digit(6, 150, 10)
    grain = np.random.default_rng(0).normal(170, sd, ink.shape)
    picture = np.where(ink > 0, 40, grain).clip(0, 255).astype(np.uint8)
    dark, light, *_ = ink_maps(picture)
    assert dark.noise == light.noise == pytest.approx(sd / 255, rel=0.15)
    assert (dark.ink[ink == 0] > least_ink(dark.noise)).mean() < 0.03
    assert (dark.ink[ink > 0] > least_ink(dark.noise)).mean() > 0.95


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("paper", [0, 255, 200])
def test_plain_paper_needs_no_search_for_its_light(draw_digit, monkeypatch, paper, colour):
    monkeypatch.setattr(ink_module, "_either_side", None)
    ink = draw_digit(2, 150, 40, size_px=(280, 280))
    drawn = np.where(ink > 127, 90, paper).astype(np.uint8)
    dark, light, *_ = ink_maps(np.dstack([drawn] * 3) if colour else drawn)
    inked, other = (dark, light) if paper > 90 else (light, dark)
    assert np.percentile(inked.ink[ink > 127], 5) > 0.3
    far = cv2.dilate(ink, np.ones((9, 9))) == 0
    assert inked.ink[far].max() == other.ink.max() == 0


def test_what_is_not_plain(draw_digit):
    drawn = 255 - draw_digit(3, 150, 12, size_px=(280, 280))
    assert is_plain(drawn)
    shaded, framed, full = drawn.copy(), drawn.copy(), drawn.copy()
    shaded[0, 100:] = 254  # a light that changes along the edge
    framed[20:-20, 20:-20] -= 5  # a photo with a white border
    full[100:, 10:-10] = 0
    assert not any(is_plain(picture) for picture in (shaded, framed, full))


def test_a_clean_picture_has_no_grain_but_a_least_contrast():
    dark, *_ = ink_maps(np.full((50, 60), 200, np.uint8))
    assert dark.noise == 0
    assert dark.ink.max() < least_ink(0.0)
    assert 0.02 < least_ink(0.0) < 0.1


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (1, 500), (500, 2), (2, 900, 3)])
def test_pictures_too_narrow_for_a_grain(shape):
    for ink_map in ink_maps(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)):
        assert ink_map.noise == 0
        assert ink_map.ink.shape == shape[:2]
        assert np.isfinite(ink_map.ink).all()


@pytest.mark.parametrize("dark", [True, False])
def test_a_step_is_no_ink_and_neither_is_what_lies_along_the_edge(dark):
    picture = np.full((300, 400), 200, np.uint8)
    picture[:, 250:] = 90  # a table, or a shadow
    picture[:5] = 30
    for ink_map in ink_maps(picture if dark else 255 - picture):
        assert ink_map.ink[8:].max() < least_ink(0.0)
        assert ink_map.ink[:5].max() < least_ink(0.0)


def test_paper_between_strokes_is_no_light_ink():
    picture = np.full((300, 400), 210, np.uint8)
    cv2.ellipse(picture, (200, 150), (40, 60), 0, 0, 360, 40, 20)
    lightest = [ink_map.ink.max() for ink_map in ink_maps(picture) if not ink_map.dark]
    assert max(lightest) < least_ink(0.0)
    darkest = [ink_map.ink.max() for ink_map in ink_maps(255 - picture) if ink_map.dark]
    assert max(darkest) < least_ink(0.0)


def test_a_narrow_window_leaves_out_the_shade_of_a_small_thing():
    picture = np.full((300, 400), 210, np.uint8)
    picture[:100] = 205  # no drawing
    picture[100:160, 150:210] = 120  # narrower than the wide window
    wide, narrow = (ink_map for ink_map in ink_maps(picture) if ink_map.dark)
    assert wide.ink[130, 180] > 0.3
    assert narrow.ink[130, 180] < least_ink(0.0)
    assert narrow.tallest < wide.tallest
