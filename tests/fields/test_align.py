import cv2
import numpy as np
import pytest

from sonsu.fields.align import Aligner, pixel_matrix, warp_points
from sonsu.reading.picture import load


@pytest.fixture(scope="module")
def aligner(blank):
    return Aligner(load(blank))


@pytest.fixture(scope="module")
def page(fill):
    return fill(number="48203178", year="2024", amount="1250", note="31415926")


def seen(page, matrix, size_px, *, blur=0.6, noise=3.0, shadow=False):
    """What a camera sees: the page through a homography on grey ground, soft, grainy, half of it in shadow."""
    picture = cv2.warpPerspective(page, pixel_matrix(matrix), size_px, flags=cv2.INTER_AREA, borderValue=120)
    picture = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), blur)
    if shadow:
        picture *= 1 - 0.5 / (1 + np.exp(-(np.arange(size_px[0]) - size_px[0] / 2) / 15))
    picture += np.random.default_rng(0).normal(0, noise, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def placed(corners_px):
    """The homography that lays the blank's corners, clockwise from the left upper one, there."""
    own = np.array([[0, 0], [700, 0], [700, 980], [0, 980]], np.float32)
    return cv2.getPerspectiveTransform(own, np.array(corners_px, np.float32))


def error_px(found, truth):
    """The largest distance of a grid on the blank from where it is, in px of the blank."""
    grid = np.stack(np.meshgrid(np.linspace(0, 700, 8), np.linspace(0, 980, 10)), -1).reshape(-1, 2)
    back = warp_points(np.linalg.inv(truth) @ found.to_picture, grid)
    return np.linalg.norm(back - grid, axis=1).max()


SCAN = [[25, 12], [724, 36], [690, 1015], [-9, 991]]
CASES = {
    "as it is": ([[0, 0], [700, 0], [700, 980], [0, 980]], (700, 980), {}, 0.3),
    "shifted and turned a little": (SCAN, (740, 1030), {}, 0.3),
    "smaller": ([[10, 10], [430, 10], [430, 598], [10, 598]], (450, 610), {}, 1.5),
    "larger": ([[20, 20], [1420, 20], [1420, 1980], [20, 1980]], (1440, 2000), {}, 0.3),
    "upside down": ([[700, 980], [0, 980], [0, 0], [700, 0]], (700, 980), {}, 0.3),
    "on its side": ([[980, 0], [980, 700], [0, 700], [0, 0]], (980, 700), {}, 0.3),
    "photographed": ([[160, 90], [640, 140], [760, 900], [60, 860]], (820, 960), {"shadow": True, "noise": 5}, 0.5),
    "cut off": ([[-90, -60], [610, -60], [610, 920], [-90, 920]], (600, 800), {}, 0.5),
}


@pytest.mark.parametrize("name", CASES)
def test_known_homographies(aligner, page, name):
    corners, size_px, how, most = CASES[name]
    truth = placed(corners)
    found = aligner.align(load(seen(page, truth, size_px, **how)))
    assert found is not None
    assert error_px(found, truth) < most
    assert found.agreement > 0.9
    assert found.matches >= 12


def test_the_turn_is_told(aligner, page):
    assert aligner.align(load(page)).turned_deg == pytest.approx(0, abs=0.1)
    assert abs(aligner.align(load(page[::-1, ::-1].copy())).turned_deg) == pytest.approx(180, abs=0.1)
    assert aligner.align(load(np.rot90(page, -1).copy())).turned_deg == pytest.approx(90, abs=0.1)


def test_a_large_picture_that_was_reduced(aligner, page):
    """Px of the picture are those of the original."""
    large = cv2.resize(page, None, fx=6, fy=6, interpolation=cv2.INTER_CUBIC)
    picture = load(large)
    assert picture.pixels.shape[1] < picture.width_px
    assert error_px(aligner.align(picture), np.diag([6.0, 6.0, 1.0])) < 0.3


def test_colour(aligner, page):
    assert error_px(aligner.align(load(np.dstack([page] * 3))), np.eye(3)) < 0.3


def test_other_pages_are_not_the_form(aligner, blank, draw_digit):
    rng = np.random.default_rng(0)
    parts = [blank[y : y + 140] for y in range(0, 980, 140)]
    pictures = {
        "nothing": np.full((600, 500), 240, np.uint8),
        "noise": rng.integers(0, 256, (600, 500), dtype=np.uint8),
        "a digit": 255 - draw_digit(8, 300),
        "mirrored": blank[:, ::-1].copy(),
        "strips in another order": np.vstack([parts[i] for i in (3, 0, 5, 1, 6, 2, 4)]),
        "a corner of it": blank[:200, :300].copy(),
        "one pixel": np.zeros((1, 1), np.uint8),
    }
    for name, picture in pictures.items():
        assert aligner.align(load(picture)) is None, name


def test_a_blank_without_print_is_never_found(page):
    assert Aligner(load(np.full((980, 700), 255, np.uint8))).align(load(page)) is None
