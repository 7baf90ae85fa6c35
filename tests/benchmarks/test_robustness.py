"""The robustness benchmark's measures and pictures, and all of it on a few digits drawn here."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

for package in ("keras", "matplotlib", "skimage"):
    pytest.importorskip(package)
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)


@pytest.fixture
def measures(benchmarks):
    import measures

    return measures


@pytest.fixture
def distortions(benchmarks):
    import distortions

    return distortions


@pytest.fixture
def strangers(benchmarks):
    import strangers

    return strangers


@pytest.fixture(scope="module")
def digits(draw_digit):
    return np.stack([draw_digit(i % 10, 20, 2, (28, 28)) for i in range(20)])


def test_auroc_is_mann_and_whitneys(measures):
    rng = np.random.default_rng(0)
    digits, others = rng.integers(0, 9, 40) / 9, rng.integers(0, 7, 30) / 9
    expected = mannwhitneyu(digits, others).statistic / (40 * 30)
    assert measures.auroc(digits, others) == pytest.approx(expected)
    assert measures.auroc(np.array([0.9, 0.8]), np.array([0.1])) == 1.0


def test_what_is_judged_no_digit_is_wrong_but_keeps_its_likeliest(measures):
    answers = measures.Answers(
        likeliest=np.array([1, 2, 3, 4]),
        confidence=np.array([1.0, 1.0, 0.3, 1.0]),
        digit=np.array([True, True, False, True]),
        read=np.array([True, True, False, False]),
    )
    labels = np.array([1, 7, 3, 4], np.uint8)
    assert answers.accuracy(labels) == 0.5
    assert answers.read_share() == 0.5
    assert answers.right_of_read(labels) == 0.5
    assert answers.ece(labels) == pytest.approx((0.7 + 1.0) / 4)  # 0.3 sure and right; three at 1, one of them wrong


def test_both_roads_agree_on_clean_digits(measures, digits):
    subject = measures.Subject("default")
    labels = np.arange(20) % 10
    straight, by_reader = subject.straight(digits), subject.by_reader(255 - digits)
    np.testing.assert_array_equal(straight.likeliest, labels)
    np.testing.assert_array_equal(by_reader.likeliest, labels)
    assert straight.read.mean() > 0.8 and by_reader.read.mean() > 0.8


def test_a_pen_of_one_width_draws_lines_of_that_width(distortions):
    line = np.zeros((1, 28, 28), np.uint8)
    line[0, 4:24, 11:17] = 255
    for width_px in (1.0, 2.0, 4.0):
        drawn = distortions.redrawn(line, width_px)[0] / 255
        assert drawn[10:18].sum(axis=1).mean() == pytest.approx(width_px, abs=0.3)


def test_turns_and_sizes_keep_the_centre(distortions, digits):
    np.testing.assert_array_equal(distortions.turned(digits, 0), digits)
    np.testing.assert_array_equal(distortions.resized(digits, 1), digits)
    upright = distortions.turned(distortions.turned(digits, 30), -30)
    assert np.abs(upright.astype(int) - digits).mean() < 12
    assert distortions.resized(digits, 0.5).sum() == pytest.approx(digits.sum() / 4, rel=0.05)
    corner = np.zeros((1, 28, 28), np.uint8)
    corner[0, 4, 14] = 255
    assert np.argwhere(distortions.turned(corner, 45) > 40)[0, 2] < 10  # from above to the left: anticlockwise


def test_tones(distortions, digits):
    grey = distortions.in_tones(digits, (255, 150))
    assert (grey.min(), grey.max(), grey[0, 0, 0]) == (150, 255, 255)


def test_pictures_come_light_on_dark_and_28_a_side(strangers, digits):
    np.testing.assert_array_equal(strangers.as_mnist(255 - digits), digits)
    large = np.zeros((2, 56, 84), np.uint8)
    large[:, 20:30] = 200
    assert strangers.as_mnist(large).shape == (2, 28, 28)
    assert strangers.as_mnist(large)[0, 12].min() == 200


def test_shapes_are_made_anew_for_each_seed(strangers):
    made = strangers.shapes(12, seed=1)
    assert made.pictures.shape == (12, 64, 64) and made.forms.shape == (12, 28, 28)
    assert all((form > 0).any() for form in made.forms)
    np.testing.assert_array_equal(strangers.shapes(12, seed=1).pictures, made.pictures)
    assert (strangers.shapes(12, seed=2).pictures != made.pictures).any(axis=(1, 2)).all()


def test_hangul_is_drawn_or_said_to_be_missing(strangers, monkeypatch):
    made = strangers.hangul(6, seed=0)
    if not isinstance(made, str):
        assert made.forms.shape == (6, 28, 28) and made.forms.any(axis=(1, 2)).all()
    monkeypatch.setattr(strangers, "HANGUL_FONTS", ("no such font.ttf",))
    assert "fonts-nanum" in strangers.hangul(6, seed=0)


def test_the_whole_report_without_the_optional_sets(benchmarks, digits, tmp_path, monkeypatch, capsys):
    import baselines
    import robustness

    labels = (np.arange(20) % 10).astype(np.uint8)
    monkeypatch.setattr(baselines, "models", lambda _folder: dict.fromkeys(robustness.NETWORKS, "default"))
    monkeypatch.setattr(robustness.mnist, "load", lambda _part: (digits, labels))
    monkeypatch.setattr(
        robustness.distortions, "SWEEPS", [(*sweep[:3], sweep[3][:1]) for sweep in robustness.distortions.SWEEPS]
    )
    monkeypatch.setattr("sys.argv", ["robustness.py", "--n", "10", "--out", str(tmp_path / "page.md")])
    monkeypatch.setenv("SONSU_DATA", str(tmp_path))
    robustness.main()
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "| none | 10 | 100.0% | 100.0% | 100.0% | 100.0% |" in page
    assert "| convnet | " in page and " | 1.00 |" in page
    assert page.count("Left out: ") >= 6
    assert "robustness.py --n 10" in page
    names = ("mnist-c", "sweeps", "strangers")
    expected = {f"robustness-{name}-{theme}.png" for name in names for theme in ("light", "dark")}
    assert {path.name for path in (tmp_path / "images").iterdir()} == expected
    assert "turned -45°: 10" in capsys.readouterr().err
