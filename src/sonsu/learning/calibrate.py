"""Fit a network's confidence to how often it is right, on validation data and what pictures do to it."""

import keras
import numpy as np
from numpy.typing import NDArray

from sonsu.learning.datasets import Dataset
from sonsu.learning.export import predict
from sonsu.learning.outliers import NOT_A_DIGIT, outliers
from sonsu.learning.recipes import Recipe
from sonsu.reading.confidence import Calibration

TRUSTED = 0.998
"""How many of the digits given as "read" should be right on the validation data, pens and non-digits included.

Of the pens' labels 0.5 % are wrong, and some hands write a 9 that is a 7 to anyone else. On MNIST's validation images
99.9 % are then right.
"""

EXPECTED_NON_DIGITS = 0.05
"""The share of non-digits in what is read in earnest; training sees many more, and so learns to expect them."""

_TEMPERATURES = np.geomspace(0.3, 3.0, 70)


def calibrate(model: keras.Model, validation: Dataset, recipe: Recipe, seed: int) -> Calibration:
    """Fit the temperature and the threshold of "unsure".

    The temperature is fitted on the validation data as it is and once more as the recipe augments it in its last,
    calmer epochs, if it does; the threshold on the data as it is, since augmentation leaves some digits that nobody
    could read. A network that knows what is not a digit sees made-up outliers too.

    Args:
        model: gives probabilities (n, 10) or (n, 11).
        validation: data that it was not trained on.
        recipe: what the model was trained with.
        seed: of the augmentation.
    """
    rng = np.random.default_rng(seed)
    images, truth = validation.images, validation.labels
    if model.output_shape[-1] > NOT_A_DIGIT:
        digits = truth < NOT_A_DIGIT
        made = outliers(images[digits], len(truth) // 10, rng, truth[digits])
        images = np.concatenate([images, made])
        truth = np.concatenate([truth, np.full(len(made), NOT_A_DIGIT, np.uint8)])
    undistorted = len(truth)
    if recipe.augmentation is not None:
        images = np.concatenate([images, recipe.augmentation.calmer().apply(images, rng)])
        truth = np.concatenate([truth, truth])
    probabilities = predict(model, images)
    temperature = fit_temperature(probabilities, truth)
    weight = not_digit_weight(truth)
    as_found = slice(undistorted)
    calibrated = Calibration(temperature, not_digit_weight=weight).apply(probabilities[as_found])
    weights = np.where(truth[as_found] == NOT_A_DIGIT, weight, 1.0)
    threshold = fit_threshold(calibrated, truth[as_found], weights)
    return Calibration(temperature, threshold, weight)


def not_digit_weight(labels: NDArray[np.uint8]) -> float:
    """What brings the share of non-digits among some labels to the expected one, as a ratio of odds; at most 1."""
    share = float((labels == NOT_A_DIGIT).mean())
    if share == 0.0:
        return 1.0
    odds = EXPECTED_NON_DIGITS / (1 - EXPECTED_NON_DIGITS)
    return round(min(odds * (1 - share) / share, 1.0), 4)


def fit_temperature(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> float:
    """The temperature with the smallest mean negative log probability of the truth.

    Args:
        probabilities: float32 (n, classes).
        labels: uint8 (n,).

    Reference:
        Guo, Pleiss, Sun, Weinberger (2017), "On calibration of modern neural networks".
    """
    rows = np.arange(len(labels))
    losses = [
        -np.log(np.maximum(Calibration(t).apply(probabilities)[rows, labels], 1e-30)).mean() for t in _TEMPERATURES
    ]
    return round(float(_TEMPERATURES[int(np.argmin(losses))]), 4)


def fit_threshold(
    probabilities: NDArray[np.float32], labels: NDArray[np.uint8], weights: NDArray[np.float64] | None = None
) -> float:
    """The least confidence, from 0.5 to 0.99, above which `TRUSTED` of the answers are right.

    Args:
        probabilities: calibrated, float32 (n, classes).
        labels: uint8 (n,).
        weights: float64 (n,), how much each image counts; None counts all alike.
    """
    weights = np.ones(len(labels)) if weights is None else weights
    digits = probabilities[:, :10]
    confidence, right = digits.max(axis=1), digits.argmax(axis=1) == labels
    for threshold in np.arange(0.5, 0.99, 0.01):
        read = confidence >= threshold
        if not read.any() or np.average(right[read], weights=weights[read]) >= TRUSTED:
            return round(float(threshold), 2)
    return 0.99
