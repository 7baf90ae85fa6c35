from collections import Counter

import cv2
import numpy as np
import pytest

from sonsu.errors import UsageError
from sonsu.scenes import camera, digit_photo, paper

PLAIN = {"screenshot", "white paper", "crisp", "black"}  # nothing but the digit: what `photo` adds shows up against it


@pytest.fixture(scope="module")
def ring() -> np.ndarray:
    """A zero, off the middle: uint8 (300, 300), ink = 255 on 0."""
    ink = np.zeros((300, 300), np.uint8)
    cv2.ellipse(ink, (140, 160), (60, 90), 0, 0, 360, 255, 24)
    return ink


def take(ink, kinds, seed=0, **options):
    return digit_photo.photo(
        ink, np.random.default_rng(seed), kinds=kinds, **{"size_px": (160, 200), "fill": 0.4} | options
    )


def dark_box(picture: np.ndarray) -> tuple[int, int, int, int]:
    return cv2.boundingRect((picture.mean(axis=2) < 128).astype(np.uint8))


@pytest.mark.parametrize("seed", range(12))
def test_photo_is_seeded_and_has_the_whole_digit_in_it(ring, seed):
    picture, scene = digit_photo.photo(ring, np.random.default_rng(seed), label="0", size_px=(150, 200))
    again, same = digit_photo.photo(ring, np.random.default_rng(seed), label="0", size_px=(150, 200))
    np.testing.assert_array_equal(picture, again)
    assert scene == same
    assert scene.label == "0"
    assert picture.dtype == np.uint8
    assert picture.shape == (200, 150, 3)
    x, y, w, h = scene.box_px
    assert 0 <= x < x + w <= 150
    assert 0 <= y < y + h <= 200
    assert h >= 16


@pytest.mark.parametrize("size_px", [(60, 48), (300, 400), (2000, 1500)])
def test_box_is_that_of_the_ink(ring, size_px):
    picture, scene = take(ring, PLAIN, size_px=size_px, fill=0.5)
    np.testing.assert_allclose(scene.box_px, dark_box(picture), atol=1 + max(size_px) / 400)
    assert scene.box_px[3] == pytest.approx(max(20, 0.5 * size_px[1]), rel=0.08)


def test_kinds_are_on_record(ring):
    _, scene = take(ring, PLAIN | {"ruled"})
    assert scene.kinds == ("black", "crisp", "lossless", "ruled", "screenshot", "white paper")
    _, scene = take(ring, {"phone", "white paper", "felt", "red"})
    assert any(kind.startswith("jpeg ") for kind in scene.kinds)


@pytest.mark.parametrize("kind", [*digit_photo.PRINTS, "backside", "dirt", "crease", "desk", "finger", "pen in view"])
def test_each_thing_before_the_camera_shows_and_leaves_the_digit(ring, kind):
    def rest(picture, scene):
        x, y, w, h = scene.box_px
        grey = picture.mean(axis=2)
        grey[y - 2 : y + h + 2, x - 2 : x + w + 2] = np.nan
        return grey

    bare = max(np.nanstd(rest(*take(ring, PLAIN, seed))) for seed in range(6))
    shown = []
    for seed in range(6):
        picture, scene = take(ring, PLAIN | {kind}, seed)
        shown.append(np.nanstd(rest(picture, scene)))
        x, y, w, h = scene.box_px
        column = picture[y : y + h, x + w // 2].mean(axis=1)
        assert max(column[1:4].max(), column[-4:-1].max()) < 125  # the ring's top and bottom are still ink
    assert max(shown) > 1.3 * bare


@pytest.mark.parametrize("kind", ["gradient", "vignette", "soft shadow", "hard shadow"])
def test_light_falls_off_on_bare_paper(ring, kind):
    phone = {"phone", "white paper", "crisp", "black"}

    def unevenness(kinds):
        picture, scene = take(ring, kinds, seed=3)
        bare = cv2.GaussianBlur(picture.mean(axis=2), (0, 0), 3)
        x, y, w, h = scene.box_px
        outside = np.ones(bare.shape, bool)
        outside[max(0, y - 8) : y + h + 8, max(0, x - 8) : x + w + 8] = False
        return np.ptp(bare[outside])

    assert unevenness(phone | {kind}) > unevenness(phone) + 10


@pytest.mark.parametrize("surface", ["blackboard", "greenboard", "screen"])
def test_boards_and_screens_are_light_on_dark(ring, surface):
    ink = "light" if surface == "screen" else "white chalk"
    picture, scene = take(ring, {"phone", surface, "chalk", ink})
    x, y, w, h = scene.box_px
    grey = picture.mean(axis=2)
    assert np.percentile(grey[y : y + h, x : x + w], 90) > np.median(grey) + 40


def test_fax_has_one_bit_and_scan_is_cut_off_to_white(ring):
    fax, _ = take(ring, {"fax", "grey paper", "ballpoint", "blue"})
    assert set(np.unique(fax)) == {0, 255}
    scan, _ = take(ring, {"scan", "grey paper", "ballpoint", "blue"})
    assert np.median(scan) > 225


@pytest.mark.parametrize("pen", paper.PENS)
@pytest.mark.parametrize("surface", paper.PAPERS)
def test_every_pen_writes_on_every_surface(ring, pen, surface):
    dark = sum(paper.PAPERS[surface]) < 1.0
    picture, _ = take(ring, {"phone", surface, pen, "light" if dark else "black"}, size_px=(64, 64), fill=0.5)
    assert np.ptp(picture) > 30


def test_draw_kinds_has_one_of_each_group_and_reaches_everything():
    rng = np.random.default_rng(0)
    seen: Counter[str] = Counter()
    for _ in range(1500):
        kinds = digit_photo.draw_kinds(rng)
        for group in (paper.PAPERS, paper.INKS, paper.PENS, camera.CAMERAS):
            assert len(kinds & set(group)) == 1
        seen.update(kinds)
    everything = {*paper.PAPERS, *paper.INKS, *paper.PENS, *camera.CAMERAS, *digit_photo.PRINTS, *digit_photo.EFFECTS}
    assert everything == set(seen)


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        (PLAIN - {"black"}, "one ink; received none"),
        (PLAIN | {"pencil"}, r"one pen; received \['crisp', 'pencil'\]"),
        (PLAIN - {"white paper"} | {"vellum"}, "one paper"),
        (PLAIN - {"screenshot"}, "one camera"),
    ],
)
def test_photo_refuses_what_cannot_be_drawn(ring, kinds, message):
    with pytest.raises(UsageError, match=message):
        take(ring, kinds)


def test_photo_refuses_a_blank():
    with pytest.raises(UsageError, match="no ink"):
        take(np.zeros((20, 20), np.uint8), PLAIN)


def test_legible_asks_for_a_whole_digit_and_for_contrast(ring):
    drawn = ring.astype(np.float32) / 255
    strong, faint = (np.repeat((230 - k * drawn)[..., None], 3, axis=2).astype(np.uint8) for k in (150, 6))
    assert digit_photo.legible(strong, drawn)
    assert not digit_photo.legible(faint, drawn)
    assert not digit_photo.legible(strong[:, 100:], drawn[:, 100:])
    noisy = np.random.default_rng(0).integers(0, 255, strong.shape, np.uint8)
    assert not digit_photo.legible(noisy, drawn)


def test_enlarge_keeps_the_form_and_is_sharp(ring):
    small = cv2.resize(ring, (28, 28), interpolation=cv2.INTER_AREA)
    large = digit_photo.enlarge(small, 280)
    assert large.shape == (280, 280)
    assert large.dtype == np.uint8
    back = cv2.resize(large, (28, 28), interpolation=cv2.INTER_AREA).astype(float)
    assert np.corrcoef(back.ravel(), small.ravel().astype(float))[0, 1] > 0.97
    assert ((large > 20) & (large < 235)).mean() < 0.06
