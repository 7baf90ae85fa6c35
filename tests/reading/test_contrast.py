import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from sonsu.reading.contrast import quantile, threshold

FULL = 200.0


def share_kept(value: int, dark: int) -> float:
    """Of a thin stroke this dark, with bars `dark` beside it over a quarter of the page, how much the mask keeps."""
    ink = np.zeros((200, 300), np.uint8)
    ink[:, ::40], ink[:, 1::40] = dark, dark
    for y in range(20, 200, 40):
        ink[y : y + 8] = dark
    stroke = cv2.line(np.zeros_like(ink), (50, 32), (110, 52), 1, 3) > 0
    ink[stroke] = value
    return float((threshold(ink, 12.0, FULL)[stroke] > 0).mean())


def test_pencil_among_dark_print_is_ink() -> None:
    assert share_kept(65, dark=200) > 0.95


def test_texture_fainter_than_strokes_is_not() -> None:
    ink = np.random.default_rng(0).integers(0, 70, (200, 300)).astype(np.uint8)
    cv2.line(ink, (50, 30), (110, 170), 200, 4)
    mask = threshold(ink, 12.0, FULL)
    assert mask[30:170, 50:110].any()
    assert (mask[:, 150:] > 0).mean() < 0.05


def test_a_page_full_of_ink_is_ink() -> None:
    assert threshold(np.full((40, 60), 180, np.uint8), 12.0, FULL).all()


def fine_squares(value: int) -> NDArray[np.uint8]:
    ink = np.zeros((200, 300), np.uint8)
    ink[::12], ink[:, ::12] = value, value
    return ink


def test_fine_squares_paler_than_strokes_are_no_ink() -> None:
    ink = cv2.line(fine_squares(90), (50, 30), (110, 170), int(FULL), 6)
    mask = threshold(ink, 12.0, FULL)
    stroke = cv2.line(np.zeros_like(ink), (50, 30), (110, 170), 255, 6) > 0
    assert mask[stroke].all()
    assert not mask[~stroke].any()


def test_pale_strokes_on_a_page_without_squares_are_ink() -> None:
    ink = cv2.line(np.zeros((200, 300), np.uint8), (50, 30), (110, 170), 90, 6)
    assert threshold(ink, 12.0, FULL)[100, 80] == 255


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.85, 1.0])
@pytest.mark.parametrize("count", [1, 2, 7, 1000])
def test_quantiles_are_those_of_numpy(share: float, count: int) -> None:
    values = np.random.default_rng(count).integers(0, 256, count).astype(np.uint8)
    assert quantile(values, share) == pytest.approx(np.quantile(values, share))
