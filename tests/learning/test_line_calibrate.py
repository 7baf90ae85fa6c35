"""Fitting the line networks' confidence: on looks that are made up, so that the answer is known."""

import numpy as np
import pytest

from sonsu.learning.line_calibrate import NONE, Sample, digit_truth, fit
from sonsu.reading.ctc import Decoded
from sonsu.reading.line_form import LineForm
from sonsu.reading.line_reader import LineCalibration, Look, line_odds


@pytest.mark.parametrize(
    ("found", "text", "truth"),
    [
        ((1, 2, 3), "123", [1, 2, 3]),
        ((1, 7, 3), "123", [1, 2, 3]),
        ((1, 1, 2), "12", [1, NONE, 2]),
        ((4,), "", [NONE]),
        ((), "12", []),
        ((2, 3), "123", [2, 3]),
    ],
)
def test_what_was_found_is_laid_beside_what_is_there(found: tuple[int, ...], text: str, truth: list[int]) -> None:
    aligned = digit_truth(found, text).tolist()
    if found == (1, 1, 2):  # either 1 may be the one too many
        assert sorted(aligned) == sorted(truth)
    else:
        assert aligned == truth


def looks(n: int, right_first: float, right_second: float, rng: np.random.Generator) -> Sample:
    """Lines of one digit, where each network is right as often as it says."""
    made, texts = [], []
    for _ in range(n):
        truth = int(rng.integers(10))
        rows = []
        for right in (right_first, right_second):
            said = truth if rng.random() < right else int((truth + 1 + rng.integers(9)) % 10)
            row = np.full(11, (1 - right) / 10)
            row[said] = right
            rows.append(row[None])
        answer = Decoded((int(rows[0].argmax()),), ((0, 0),), float(np.log(right_first)), 0)
        form = LineForm(np.zeros((40, 8), np.uint8), 1.0, 0.0, 0.0)
        touching, glyphs = np.zeros(1, bool), np.zeros((1, 28, 28), np.uint8)
        made.append(Look(form, answer, 0, (), touching, 0 * form.image, glyphs, rows[0], rows[1]))
        texts.append(str(truth))
    return Sample(made, texts)


def test_the_better_network_has_the_greater_weight() -> None:
    found = fit(looks(800, 0.97, 0.75, np.random.default_rng(0)))
    assert found.line_weight > 0.5
    other = fit(looks(800, 0.75, 0.97, np.random.default_rng(0)))
    looks_at_one = [np.full((1, 11), 0.01) + np.eye(11)[[i]] * value for i, value in ((3, 0.74), (5, 0.96))]
    assert other.combine(*looks_at_one, np.array([False])).argmax() == 5


def test_where_a_digit_touches_no_other_both_networks_count_alike() -> None:
    sure, surer = (np.full((1, 11), 0.01) + np.eye(11)[[i]] * value for i, value in ((3, 0.8), (5, 0.97)))
    weights = LineCalibration(line_weight=0.8, glyph_weight=0.2)
    for first, second in ((sure, surer), (surer, sure)):
        rows = weights.combine(np.vstack([first] * 2), np.vstack([second] * 2), np.array([False, True]))
        assert rows[0].argmax() == first.argmax()
        assert rows[1].argmax() == surer.argmax()
        assert rows.sum(axis=1) == pytest.approx(1)


def test_lines_are_right_as_often_as_they_are_said_to_be() -> None:
    sample = looks(3000, 0.9, 0.8, np.random.default_rng(1))
    found = fit(sample)
    said, right = [], []
    for look, text in zip(sample.looks, sample.texts, strict=True):
        rows = found.combine(look.first, look.second, look.alone)
        said.append(found.confidence(*line_odds(look, rows)))
        right.append(str(rows[0].argmax()) == text)
    assert np.mean(said) == pytest.approx(np.mean(right), abs=0.02)
    agree = np.array(said) > min(said) + 1e-9
    assert np.mean(np.array(right)[agree]) > np.mean(np.array(right)[~agree])
