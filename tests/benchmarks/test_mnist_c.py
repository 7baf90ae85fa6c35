"""The corruptions against what their publication says, and against other libraries where these do the same."""

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("skimage")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
PUBLISHED = [
    *("shot_noise", "impulse_noise", "glass_blur", "motion_blur", "shear", "scale", "rotate", "brightness"),
    *("translate", "stripe", "fog", "spatter", "dotted_line", "zigzag", "canny_edges"),
]


@pytest.fixture
def mnist_c(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import mnist_c

    return mnist_c


@pytest.fixture(scope="module")
def digits(draw_digit):
    """uint8 (20, 28, 28), two of each digit."""
    return np.stack([draw_digit(i % 10, 20, 2, (28, 28)) for i in range(20)])


def test_the_fifteen_of_the_paper(mnist_c):
    assert list(mnist_c.NAMES) == PUBLISHED
    assert mnist_c.UNGRADED == ("stripe", "dotted_line", "zigzag", "canny_edges")


@pytest.mark.parametrize("name", PUBLISHED)
def test_form_chance_and_severity(mnist_c, digits, name):
    before = digits.copy()
    changed = mnist_c.corrupt(name, digits, seed=3)
    assert (changed.shape, changed.dtype) == (digits.shape, np.uint8)
    assert (changed != digits).any(axis=(1, 2)).all()
    np.testing.assert_array_equal(digits, before)
    np.testing.assert_array_equal(mnist_c.corrupt(name, digits, seed=3), changed)
    by_chance = name not in ("scale", "brightness", "stripe", "canny_edges")
    assert (mnist_c.corrupt(name, digits, seed=4) != changed).any() == by_chance
    if name not in mnist_c.UNGRADED:
        assert not np.array_equal(mnist_c.corrupt(name, digits, 1, 3), mnist_c.corrupt(name, digits, 5, 3))


@pytest.mark.parametrize("name", sorted(set(PUBLISHED) - {"stripe", "dotted_line", "zigzag", "canny_edges", "spatter"}))
def test_more_severe_is_further_from_the_original(mnist_c, digits, name):
    distances = [
        np.mean(
            [np.abs(mnist_c.corrupt(name, digits, severity, seed) - digits.astype(float)).mean() for seed in (0, 1)]
        )
        for severity in range(1, 6)
    ]
    assert distances[0] < distances[2] < distances[4]
    assert (np.diff(distances) > -2).all()  # the two strongest blurs and fogs are alike


@pytest.mark.parametrize(("name", "severity"), [("brightness", 6), ("stripe", 2), ("fog", 0), ("frost", 1)])
def test_what_is_not_published_is_refused(mnist_c, digits, name, severity):
    with pytest.raises(ValueError, match=f"{name}.*received {severity}|no corruption 'frost'"):
        mnist_c.corrupt(name, digits, severity)


def test_shot_noise_counts_photons(mnist_c):
    flat = np.full((40, 28, 28), 102, np.uint8)  # 0.4, times 3 photons
    noisy = mnist_c.corrupt("shot_noise", flat) / 255
    assert set(np.unique(np.rint(noisy * 3))) == {0, 1, 2, 3}
    assert (noisy == 0).mean() == pytest.approx(np.exp(-1.2), abs=0.01)


def test_impulse_noise_turns_a_share_of_the_pixels_half_of_them_white(mnist_c):
    noisy = mnist_c.corrupt("impulse_noise", np.full((60, 28, 28), 100, np.uint8))
    assert [(noisy == value).mean() for value in (0, 100, 255)] == pytest.approx([0.085, 0.83, 0.085], abs=0.005)


def test_brightness_adds_half_of_white(mnist_c, digits):
    expected = np.minimum(digits / 255 + 0.5, 1) * 255
    np.testing.assert_allclose(mnist_c.corrupt("brightness", digits), expected, atol=0.51)


def test_stripe_inverts_both_quarters(mnist_c, digits):
    striped = mnist_c.corrupt("stripe", digits)
    np.testing.assert_array_equal(striped[:, :, 7:21], digits[:, :, 7:21])
    np.testing.assert_array_equal(striped[:, :, :7], 255 - digits[:, :, :7])
    np.testing.assert_array_equal(striped[:, :, 21:], 255 - digits[:, :, 21:])


def test_translate_moves_by_three_pixels_in_one_of_four_directions(mnist_c):
    dots = np.zeros((60, 28, 28), np.uint8)
    dots[:, 14, 14] = 200
    places = np.argwhere(mnist_c.corrupt("translate", dots) == 200)
    assert {tuple(place) for place in places[:, 1:]} == {(11, 11), (11, 17), (17, 11), (17, 17)}


def test_scale_is_opencvs_shrinking_to_seven_tenths_about_the_centre(mnist_c, digits):
    matrix = np.array([[0.7, 0, 13.5 * 0.3], [0, 0.7, 13.5 * 0.3]])
    expected = np.stack([cv2.warpAffine(digit, matrix, (28, 28)) for digit in digits])
    assert np.abs(mnist_c.corrupt("scale", digits).astype(int) - expected).max() <= 8  # it counts in 1/32 px


@pytest.mark.parametrize(("name", "shear"), [("rotate", False), ("shear", True)])
def test_turns_and_slants_by_0_4_either_way(mnist_c, digits, name, shear):
    """OpenCV's inverse maps, with the cosine that scikit-image's shear matrix had."""

    def expected(angle):
        cos, sin = np.cos(angle), np.sin(angle)
        linear = np.array([[1.0, -sin], [0.0, cos]]) if shear else np.array([[cos, -sin], [sin, cos]])
        matrix = np.column_stack([linear, 13.5 - linear @ (13.5, 13.5)])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.stack([cv2.warpAffine(digit, matrix, (28, 28), flags=flags) for digit in digits]).astype(int)

    changed = mnist_c.corrupt(name, digits).astype(int)
    distances = np.stack([np.abs(changed - expected(angle)).max(axis=(1, 2)) for angle in (0.4, -0.4)])
    assert distances.min(axis=0).max() <= 16
    assert set(distances.argmin(axis=0)) == {0, 1}


def test_motion_blur_draws_a_dot_into_half_a_gaussian(mnist_c):
    dots = np.zeros((30, 28, 28), np.uint8)
    dots[:, 14, 25] = 255
    blurred = mnist_c.corrupt("motion_blur", dots).astype(int)
    assert not blurred[:, :, 26:].any()  # the trail goes one way only
    share = 1 / np.exp(-(np.arange(21) ** 2) / 18).sum()
    assert (blurred[:, 14, 25] == round(255 * share)).all()
    assert blurred.sum(axis=(1, 2)) == pytest.approx(np.full(30, 255), abs=12)


def test_glass_blur_moves_ink_but_keeps_it(mnist_c):
    blocks = np.zeros((30, 28, 28), np.uint8)
    blocks[:, 10:18, 13] = 255
    blurred = mnist_c.corrupt("glass_blur", blocks) / 255
    assert blurred.sum(axis=(1, 2)) == pytest.approx(np.full(30, 8.0), rel=0.05)
    assert blurred[:, :, 11:16].sum() > 0.9 * blurred.sum()
    # Without its shuffling it blurs down the columns only, as the published code does.
    assert not mnist_c._glass_blur(blocks / 255, (0.7, 1, 0), np.random.default_rng(0))[:, :, 12].any()


def test_fog_lightens_and_is_smooth(mnist_c):
    foggy = mnist_c.corrupt("fog", np.full((20, 28, 28), 255, np.uint8)) / 255
    assert foggy.min() >= 1 / 4 - 0.01  # x / (1 + 3) is left of the ink
    assert np.abs(np.diff(foggy, axis=2)).mean() < 0.05
    assert foggy.mean(axis=(1, 2)).std() > 0.03  # each has its own
    assert not mnist_c.corrupt("fog", np.zeros((2, 28, 28), np.uint8)).any()  # its strength follows the ink's


def test_spatter_is_grey_on_paper_and_a_hole_in_ink(mnist_c):
    mud = mnist_c.corrupt("spatter", np.zeros((30, 28, 28), np.uint8))
    assert 50 <= mud.max() <= 63
    assert 0.05 < (mud > 0).mean() < 0.6
    muddy = mnist_c.corrupt("spatter", np.full((30, 28, 28), 255, np.uint8))
    assert ((muddy < 255) == (mud > 0)).all()


def test_dotted_line_is_made_of_dots_two_columns_wide(mnist_c):
    lines = mnist_c.corrupt("dotted_line", np.zeros((30, 28, 28), np.uint8))
    columns = lines.any(axis=1)
    assert columns[:, 2:4].all() and columns[:, 22:24].all()
    assert not columns[:, np.arange(28) // 2 % 2 == 0].any()


def test_zigzag_runs_from_side_to_side_and_up_and_down(mnist_c):
    lines = mnist_c.corrupt("zigzag", np.zeros((30, 28, 28), np.uint8))
    columns = lines.any(axis=1)
    assert not columns[:, :2].any() and not columns[:, 26:].any()
    middle = lines[lines.any(axis=1)[:, 5:20].all(axis=1)]
    assert len(middle) > 15
    heights = (np.arange(28)[:, None] * middle).sum(axis=1)[:, 4:24] / middle.sum(axis=1)[:, 4:24]
    turns = (np.diff(np.sign(np.diff(heights, axis=1)), axis=1) != 0).sum(axis=1)
    assert turns.min() >= 3


def test_canny_leaves_thin_outlines(mnist_c):
    disk = np.zeros((1, 28, 28), np.uint8)
    cv2.circle(disk[0], (14, 14), 8, 255, -1)
    edges = mnist_c.corrupt("canny_edges", disk)[0]
    assert set(np.unique(edges)) == {0, 255}
    rows, columns = np.nonzero(edges)
    assert np.hypot(rows - 14, columns - 14) == pytest.approx(np.full(len(rows), 8), abs=1.5)
