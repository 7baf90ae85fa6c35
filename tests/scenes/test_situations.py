import cv2
import numpy as np
import pytest

from sonsu.errors import UsageError
from sonsu.scenes import camera, digit_photo, paper, situations


@pytest.fixture(scope="module")
def ring() -> np.ndarray:
    """A zero: uint8 (300, 300), ink = 255 on 0."""
    ink = np.zeros((300, 300), np.uint8)
    cv2.ellipse(ink, (150, 150), (60, 90), 0, 0, 360, 255, 24)
    return ink


@pytest.mark.parametrize("situation", situations.SITUATIONS)
def test_pictures_are_seeded_and_as_large_as_they_should_be(ring, situation):
    low, high = situations.SITUATIONS[situation].sides_px
    picture, scene = situations.photo(ring, situation, np.random.default_rng(3), label="0")
    again, same = situations.photo(ring, situation, np.random.default_rng(3), label="0")
    np.testing.assert_array_equal(picture, again)
    assert scene == same
    assert low - 1 <= max(picture.shape) <= high + 1
    x, y, w, h = scene.box_px
    assert 0 <= x < x + w <= picture.shape[1] and 0 <= y < y + h <= picture.shape[0]


def test_every_kind_named_is_one_that_can_be_shown():
    shown = {*digit_photo.PRINTS, *digit_photo.EFFECTS, *digit_photo.RARE}
    for chosen in situations.SITUATIONS.values():
        assert set(chosen.kinds) <= shown
        assert set(chosen.papers) <= set(paper.PAPERS) and set(chosen.pens) <= set(paper.PENS)
        assert set(chosen.inks) <= set(paper.INKS) and set(chosen.cameras) <= set(camera.CAMERAS)


def test_far_away_is_small_and_thick_is_thick(ring):
    def inked(situation, seed):
        picture, scene = situations.photo(ring, situation, np.random.default_rng(seed))
        return scene.box_px[3] / picture.shape[0], scene

    assert all(inked("far away", seed)[0] < 0.2 for seed in range(3))
    assert all(inked("filling the picture", seed)[0] > 0.6 for seed in range(3))
    assert cv2.countNonZero(situations._thicken(ring, 20)) > 1.5 * cv2.countNonZero(ring)


@pytest.mark.parametrize("kind", digit_photo.RARE)
def test_rare_kinds_show(ring, kind):
    plain = {"phone" if kind == "moire" else "screenshot", "white paper", "crisp", "black"}

    def rest(kinds, seed):
        picture, scene = digit_photo.photo(ring, np.random.default_rng(seed), kinds=kinds, size_px=(240, 320), fill=0.4)
        x, y, w, h = scene.box_px
        grey = picture.mean(axis=2)
        grey[y - 3 : y + h + 3, x - 3 : x + w + 3] = np.nan
        return np.nanstd(grey)

    assert max(rest(plain | {kind}, seed) for seed in range(4)) > 1.3 * max(rest(plain, seed) for seed in range(4))


def test_an_unknown_situation_is_refused(ring):
    with pytest.raises(UsageError, match="no situation 'under water'"):
        situations.photo(ring, "under water", np.random.default_rng(0))
