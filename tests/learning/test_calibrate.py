import numpy as np
import pytest
from scipy import optimize, special

from sonsu.learning import calibrate as module
from sonsu.learning import recipes
from sonsu.learning.calibrate import EXPECTED_NON_DIGITS, calibrate, fit_temperature, fit_threshold, not_digit_weight
from sonsu.learning.datasets import Dataset
from sonsu.reading.confidence import Calibration


def honest(n, classes=10, seed=0):
    """Logits float64 (n, classes) and labels drawn from just the probabilities that the logits say."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2.5, (n, classes))
    labels = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    return logits, labels.astype(np.uint8)


def softmax(logits):
    return special.softmax(logits, axis=1).astype(np.float32)


@pytest.mark.parametrize("scaling", [0.5, 1.0, 1.5, 2.5])
def test_temperature_recovers_a_known_scaling(scaling):
    logits, labels = honest(20_000)
    assert fit_temperature(softmax(scaling * logits), labels) == pytest.approx(scaling, rel=0.05)


@pytest.mark.parametrize("scaling", [0.6, 1.8])
def test_temperature_is_the_one_that_an_optimiser_finds(scaling):
    logits, labels = honest(3000, classes=11, seed=1)
    logits *= scaling

    def loss(temperature):
        return -special.log_softmax(logits / temperature, axis=1)[np.arange(len(labels)), labels].mean()

    best = optimize.minimize_scalar(loss, bounds=(0.3, 3.0), method="bounded").x
    assert fit_temperature(softmax(logits), labels) == pytest.approx(best, rel=0.02)


def test_temperature_of_probabilities_that_float32_rounded_to_zero():
    rows = np.zeros((4, 10), np.float32)
    rows[:, 3] = 1
    assert np.isfinite(fit_temperature(rows, np.array([3, 3, 3, 5], np.uint8)))


def test_calibrating_changes_no_answer():
    probabilities = softmax(honest(500)[0])
    calibrated = Calibration(temperature=2.3).apply(probabilities)
    np.testing.assert_array_equal(calibrated.argmax(axis=1), probabilities.argmax(axis=1))
    np.testing.assert_allclose(calibrated.sum(axis=1), 1, rtol=1e-5)


def rows_of(confidence, classes=10):
    """Probabilities (n, classes): that much for a 7, the rest spread over the others."""
    confidence = np.asarray(confidence, np.float32)
    rows = np.repeat((1 - confidence)[:, np.newaxis] / (classes - 1), classes, axis=1).astype(np.float32)
    rows[:, 7] = confidence
    return rows


def test_threshold_is_the_least_that_leaves_enough_right():
    confidence = np.r_[np.full(1000, 0.995), np.full(20, 0.805), np.full(50, 0.6)]
    labels = np.full(len(confidence), 7)
    labels[1010:] = 4  # 10 of the 0.805 and all of the 0.6 are wrong
    assert fit_threshold(rows_of(confidence), labels) == 0.81


def test_threshold_of_a_model_that_is_always_right_is_the_least():
    assert fit_threshold(rows_of(np.linspace(0.3, 1, 50)), np.full(50, 7)) == 0.5


def test_threshold_of_a_model_that_is_surely_wrong_is_the_most():
    assert fit_threshold(rows_of(np.full(50, 0.999)), np.full(50, 4)) == 0.99


def test_a_sure_answer_for_what_is_no_digit_is_wrong():
    confidence = np.r_[np.full(2000, 0.995), np.full(50, 0.705)]
    labels = np.r_[np.full(2000, 7), np.full(50, 10)]
    assert fit_threshold(rows_of(confidence, classes=11), labels) == 0.71


def test_what_weighs_nothing_does_not_move_the_threshold():
    confidence = np.r_[np.full(1000, 0.995), np.full(50, 0.705)]
    labels = np.r_[np.full(1000, 7), np.full(50, 10)]
    assert fit_threshold(rows_of(confidence, classes=11), labels, np.r_[np.ones(1000), np.zeros(50)]) == 0.5


class Model:
    """What `calibrate` asks of a Keras model."""

    def __init__(self, classes):
        self.output_shape = (None, classes)


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_calibrates_on_what_the_recipe_trains_on(monkeypatch, name):
    recipe = recipes.find(name)
    classes = 11 if recipe.outliers else 10
    images = np.zeros((200, 28, 28), np.uint8)
    images[:, 4:24, 10:18] = 255
    seen = []

    def predict(_model, shown):
        seen.append(shown)
        return softmax(honest(len(shown), classes)[0])

    monkeypatch.setattr(module, "predict", predict)
    data = Dataset("some", images, np.zeros(200, np.uint8))
    first, again = (calibrate(Model(classes), data, recipe, seed=0) for _ in range(2))
    assert first == again
    assert len(seen[0]) == (1 if recipe.augmentation is None else 2) * (220 if classes == 11 else 200)
    np.testing.assert_array_equal(seen[0], seen[1])
    np.testing.assert_array_equal(seen[0][:200], images)
    assert 0.3 <= first.temperature <= 3.0 and 0.5 <= first.read_above <= 0.99


def test_odds_of_no_digit_are_brought_to_what_is_expected():
    labels = np.r_[np.zeros(80, np.uint8), np.full(20, 10, np.uint8)]
    weight = not_digit_weight(labels)
    assert 20 * weight / (80 + 20 * weight) == pytest.approx(EXPECTED_NON_DIGITS, abs=1e-4)
    assert not_digit_weight(labels[:80]) == 1.0
