"""`sonsu.reading.confidence`: calibration, "unsure", "not a digit"."""

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from sonsu.errors import ModelError
from sonsu.reading.confidence import Calibration, judge


@pytest.fixture
def logits():
    return np.random.default_rng(0).normal(0, 3, (50, 11)).astype(np.float32)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.7, 4.0])
def test_temperature_against_scipy(logits, temperature):
    """Softmax of the logits over T, though only the probabilities are known."""
    calibrated = Calibration(temperature).apply(softmax(logits, axis=1))
    assert calibrated.dtype == np.float32
    np.testing.assert_allclose(calibrated, softmax(logits / temperature, axis=1), atol=2e-6)
    np.testing.assert_array_equal(calibrated.argmax(axis=1), logits.argmax(axis=1))


def test_probabilities_that_were_rounded_to_zero():
    row = np.zeros((1, 10), np.float32)
    row[0, 3] = 1
    for temperature in (0.1, 1.0, 20.0):
        calibrated = Calibration(temperature).apply(row)
        assert np.isfinite(calibrated).all()
        assert calibrated.sum() == pytest.approx(1)
    expected = log_softmax(np.log(np.maximum(row, 1e-30)) / 20, axis=1)
    np.testing.assert_allclose(np.log(calibrated), expected, atol=1e-4)


def test_what_a_card_says():
    assert Calibration.from_card({"temperature": "1.5", "read_above": 0.8, "name": "x"}) == Calibration(1.5, 0.8)
    assert Calibration.from_card({}) == Calibration(1.0, 0.5)


@pytest.mark.parametrize("temperature", [None, "warm", 0, -1, float("nan"), float("inf"), [1.5]])
def test_a_card_that_holds_no_calibration(temperature):
    with pytest.raises(ModelError, match=r"card says .*'temperature': .*; expected a temperature above 0"):
        Calibration.from_card({"temperature": temperature})


def probabilities(classes, **values):
    row = np.zeros(classes, np.float32)
    for name, value in values.items():
        row[int(name[1:])] = value
    return row


@pytest.mark.parametrize(
    ("row", "label", "status"),
    [
        (probabilities(10, _4=0.75, _9=0.25), 4, "read"),
        (probabilities(10, _4=0.5, _9=0.25), 4, "read"),  # at the threshold
        (probabilities(10, _4=0.375, _9=0.25), 4, "unsure"),
        (probabilities(11, _4=0.75, _10=0.25), 4, "read"),
        (probabilities(11, _4=0.25, _10=0.125), 4, "unsure"),
        (probabilities(11, _4=0.25, _10=0.25), 4, "unsure"),
        (probabilities(11, _4=0.25, _10=0.75), None, "unsure"),
        (probabilities(11, _10=1.0), None, "unsure"),
    ],
)
def test_verdicts(row, label, status):
    verdict = judge(row, read_above=0.5)
    assert (verdict.label, verdict.status) == (label, status)
    assert verdict.confidence == row[:10].max()
    assert verdict.probabilities == tuple(row[:10].tolist())


def test_what_is_no_digit_is_never_read():
    verdict = judge(probabilities(11, _4=0.25, _10=0.75), read_above=0.0)
    assert (verdict.label, verdict.status) == (None, "unsure")


def test_odds_of_no_digit_are_weighed():
    weighed = Calibration(not_digit_weight=0.25).apply(probabilities(11, _4=0.5, _10=0.5)[np.newaxis])[0]
    assert weighed[4] == pytest.approx(0.8)
    assert weighed[10] == pytest.approx(0.2)
