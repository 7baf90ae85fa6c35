"""`sonsu.Reader`: blank pictures, ruled paper, pepper, salt and shades of light hold no digit."""

from pathlib import Path

import numpy as np
import pytest

import sonsu

EXAMPLES = Path(__file__).parents[2] / "examples"

BLANK = [
    *[(f"plain {value} {shape}", np.full(shape, value, np.uint8))
      for value in (0, 128, 255) for shape in ((28, 28), (60, 80, 3), (300, 400))],
    *[(f"grain {sd} {side}", np.random.default_rng(sd).normal(160, sd, (side, side)).clip(0, 255).astype(np.uint8))
      for sd in (3, 10, 30, 60) for side in (28, 60, 300)],
    ("uniform noise", np.random.default_rng(0).integers(0, 256, (200, 300), dtype=np.uint8)),
    ("a speck", np.pad(np.zeros((2, 2), np.uint8), 100, constant_values=240)),
    ("faint light from the side", np.tile(np.linspace(190, 230, 300).astype(np.uint8), (200, 1))),
]  # fmt: skip


@pytest.mark.parametrize("picture", [picture for _, picture in BLANK], ids=[name for name, _ in BLANK])
def test_blank(reader, picture):
    digit = reader.read_digit(picture)
    assert digit == sonsu.Digit(None, 0.0, "unsure", (0, 0, 0, 0), (0.0,) * 10, ("blank",))
    page = reader.read(picture)
    assert (page.text, page.lines) == ("", ())
    assert "blank" in page.notes


def sheet(*, across=0, upright=0, shape=(240, 320)):
    picture = np.full(shape, 245, np.uint8)
    if across:
        picture[across // 2 :: across] = 150
    if upright:
        picture[:, upright // 2 :: upright] = 150
    return picture


@pytest.mark.parametrize("shape", [(28, 28), (60, 60), (240, 320), (480, 640)])
def test_ruled_paper_alone_is_no_digit(reader, shape):
    step = shape[0] // 7
    for picture in (sheet(across=step, shape=shape), sheet(across=step, upright=step, shape=shape)):
        assert reader.read_digit(picture).label is None


@pytest.mark.parametrize("rules", [6, 9, 11])
def test_a_ruled_sheet_beside_a_dark_table_has_no_lines(reader, rules):
    picture = np.full((900, 700), 235, np.uint8)
    for y in np.linspace(100, 850, rules).astype(int):
        picture[y : y + 2, 50:650] = 129
    picture[:, :20] = 40
    noise = np.random.default_rng(rules).normal(0, 2, picture.shape)
    assert reader.read((picture + noise).clip(0, 255).astype(np.uint8)).text == ""


def peppered(share, salt, shape, seed=0):
    chance = np.random.default_rng(seed).random(shape)
    picture = np.full(shape, 128 if salt else 255, np.uint8)
    picture[chance < share] = 0
    if salt:
        picture[chance > 1 - share] = 255
    return picture


def lit(low, high, direction, shape=(300, 400)):
    y, x = np.mgrid[: shape[0], : shape[1]]
    along = {"across": x / shape[1], "down": y / shape[0], "aslant": (x / shape[1] + y / shape[0]) / 2}[direction]
    return (low + (high - low) * along).astype(np.uint8)


@pytest.mark.parametrize("shape", [(28, 28), (60, 60)])
@pytest.mark.parametrize("share", [0.01, 0.05, 0.2])
def test_pepper_is_no_digit(reader, shape, share):
    for seed in range(5):
        assert reader.read_digit(peppered(share, False, shape, seed)).status == "unsure"


@pytest.mark.parametrize(
    ("share", "salt"),
    [(0.01, False), (0.05, False), (0.2, False), (0.01, True), (0.05, True), (0.2, True)],
)
def test_salt_and_pepper_have_no_label(reader, share, salt):
    for seed in range(2):
        assert reader.read_digit(peppered(share, salt, (200, 300), seed)).label is None


@pytest.mark.parametrize("direction", ["across", "aslant", "down"])
@pytest.mark.parametrize("low", [60, 100, 140])
def test_light_from_one_side_is_no_digit(reader, low, direction):
    for shape in ((60, 60), (300, 400)):
        picture = lit(low, 230, direction, shape)
        assert reader.read_digit(picture).label is None
        assert reader.read(picture).text == ""


def test_an_empty_sheet_has_no_lines(reader):
    assert reader.read(EXAMPLES / "blank.jpg").text == ""
