from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from sonsu.reading.survey import survey

EXAMPLES = Path(__file__).parents[2] / "examples"


def page(paper: NDArray[np.float64] | float, ink: float) -> NDArray[np.float64]:
    """Three rows of digits, strokes 3 px wide, ink taking the same share of the light everywhere."""
    light = np.full((320, 240), paper) if isinstance(paper, float) else paper
    strokes = np.zeros((320, 240), np.uint8)
    for y in (100, 170, 240):
        cv2.putText(strokes, "2568", (60, y), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 255, 3)
    return light * np.where(strokes > 0, ink, 1.0)


def grey(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    noise = np.random.default_rng(0).normal(0, 1.5, values.shape)
    return np.clip(values + noise, 0, 255).astype(np.uint8)


def test_a_dark_pen_that_reaches_in_does_not_hide_pale_ink() -> None:
    picture = grey(page(200.0, 0.8))
    cv2.line(picture, (20, -10), (45, 140), 25, 14)
    look = survey(picture)
    assert look is not None
    assert 2 < look.stroke_px < 5
    assert look.writing[80:250, 60:160].any()
    assert not look.mask[:100, :40].any()


@pytest.mark.parametrize("table", [20.0, 60.0])
def test_a_dark_table_around_the_sheet_does_not_hide_pale_ink(table: float) -> None:
    sheet = np.zeros((320, 240), np.uint8)
    cv2.fillConvexPoly(sheet, np.array([(0, 50), (200, 20), (239, 300), (0, 319)]), 255)
    look = survey(grey(cv2.GaussianBlur(np.where(sheet > 0, page(230.0, 0.75), table), (0, 0), 0.7)))
    assert look is not None
    assert look.dark
    assert cv2.countNonZero(look.writing[80:250, 50:165]) > 2000
    assert cv2.countNonZero(look.writing) < 3200


@pytest.mark.parametrize("table", [60.0, 90.0])
def test_a_bright_sheet_between_a_dark_table_and_a_shadow_is_no_light_ink(table: float) -> None:
    y, x = np.mgrid[:320, :240]
    light = 230 - 110 / (1 + np.exp(((x - 120) ** 2 / 80**2 + (y - 160) ** 2 / 120**2 - 1) * 8))
    on = (x > 25) & (x < 215) & (y > 20) & (y < 300)
    look = survey(grey(cv2.GaussianBlur(np.where(on, page(light, 0.7), table), (0, 0), 0.7)))
    assert look is not None
    assert look.dark
    assert 2 < look.stroke_px < 6


def test_a_shaded_sheet_full_of_print_on_a_dark_table_is_no_light_ink() -> None:
    look = survey(np.asarray(Image.open(EXAMPLES / "form" / "photographed.jpg").convert("L")))
    assert look is not None
    assert look.dark


def test_a_close_crop_is_taken_as_it_is() -> None:
    picture = np.full((60, 40), 255, np.uint8)
    cv2.line(picture, (5, 0), (34, 59), 0, 5)
    cv2.line(picture, (34, 0), (5, 59), 0, 5)
    look = survey(picture)
    assert look is not None
    assert look.dark
    assert cv2.countNonZero(look.mask) > 200


@pytest.mark.parametrize(
    ("dim", "spot", "ink", "squares"), [(30, 90, 0.65, 1.0), (30, 90, 0.5, 0.4), (30, 180, 0.5, 0.6)]
)
def test_dark_ink_in_dim_light_is_dark_beside_a_bright_spot(dim: int, spot: int, ink: float, squares: float) -> None:
    y, x = np.mgrid[:320, :240]
    lit = dim + spot / (1 + np.exp(((x - 60) ** 2 / 2500 + (y - 300) ** 2 / 2500 - 1) * 12))
    values = page(lit, ink)
    values[::24] *= squares
    values[:, ::24] *= squares
    look = survey(grey(values))
    assert look is not None
    assert look.dark


def test_light_ink_on_dark_paper_is_light() -> None:
    picture = cv2.bitwise_not(grey(page(225.0, 0.2)))
    look = survey(picture)
    assert look is not None
    assert not look.dark


@pytest.mark.parametrize("dark", [True, False])
def test_a_page_full_of_tiny_digits_is_looked_at_in_a_larger_copy(dark: bool) -> None:
    cell = np.zeros((20, 20), np.uint8)
    cv2.putText(cell, "8", (4, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 2)
    collage = np.tile(cell, (50, 100))
    look = survey(cv2.bitwise_not(collage) if dark else collage)
    assert look is not None and look.dark is dark
    assert 1 < look.stroke_px < 5
    assert max(look.mask.shape) > 320


@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_blank_strip_of_next_to_no_width_is_blank(width: int) -> None:
    assert survey(np.full((20_000, width), 255, np.uint8)) is None


def test_grain_alone_is_no_writing_however_close_one_looks() -> None:
    grain = np.random.default_rng(1).normal(128, 60, (1280, 960))
    assert survey(np.clip(grain, 0, 255).astype(np.uint8)) is None


@pytest.mark.parametrize(
    ("light", "ink", "dark"),
    [(200.0, 0.2, True), (200.0, 0.8, True), (80.0, 0.8, True), (80.0, 2.0, False), (80.0, 3.0, False)],
)
def test_light_ink_is_looked_at_wherever_it_could_be_the_writing(
    light: float, ink: float, dark: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = grey(page(light, ink))
    look = survey(picture)
    monkeypatch.setattr("sonsu.reading.survey._at_most", lambda *_: np.inf)
    always = survey(picture)
    assert look is not None
    assert always is not None
    assert look.dark is always.dark is dark
    assert look.stroke_px == always.stroke_px
    np.testing.assert_array_equal(look.writing, always.writing)
