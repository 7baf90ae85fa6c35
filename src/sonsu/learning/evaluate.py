"""Measure a model: accuracy, calibration, and how much it can be trusted with."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonsu.errors import DataError

ECE_BINS = 15
_SMALLEST = 1e-12  # below float32's reach: keeps the loss of an impossible answer finite


@dataclass(frozen=True)
class Evaluation:
    """How well a model did on one data set.

    Attributes:
        n: images.
        accuracy: share answered right, 0 to 1.
        errors: images answered wrong.
        loss: mean negative log probability of the truth, in nats.
        ece: expected calibration error, 0 to 1 (Guo et al. 2017, 15 equal bins).
        coverage_at_99_9: the largest share of images, taken from the surest down, of which 99.9 % are right.
        confusion: counts, row = truth, column = answer, (10, 10), or (11, 11) where some are not digits.
    """

    n: int
    accuracy: float
    errors: int
    loss: float
    ece: float
    coverage_at_99_9: float
    confusion: list[list[int]]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain Python values, ready for JSON."""
        return asdict(self)


def evaluate(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> Evaluation:
    """Compare a model's answers with the truth.

    Args:
        probabilities: float32 (n, classes), each row adding up to 1; an eleventh column is "not a digit".
        labels: uint8 (n,).

    Raises:
        DataError: a label that the model has no answer for, or another number of rows than of labels.
    """
    n, classes = probabilities.shape
    if n != len(labels) or n == 0:
        raise DataError(f"{n} answers for {len(labels)} labels; expected as many, and at least one.")
    if labels.max() >= classes:
        raise DataError(f"label {labels.max()} found, but the model knows only {classes} classes.")
    answers = probabilities.argmax(axis=1)
    right = answers == labels
    truth = probabilities[np.arange(n), labels].astype(np.float64)
    size = max(10, int(labels.max()) + 1, int(answers.max()) + 1)
    confusion = np.zeros((size, size), int)
    np.add.at(confusion, (labels, answers), 1)
    confidence = probabilities.max(axis=1).astype(np.float64)
    return Evaluation(
        n=n,
        accuracy=float(right.mean()),
        errors=int(n - right.sum()),
        loss=float(-np.log(np.maximum(truth, _SMALLEST)).mean()),
        ece=expected_calibration_error(confidence, right),
        coverage_at_99_9=coverage(confidence, right, 0.999),
        confusion=confusion.tolist(),
    )


def expected_calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Mean distance of confidence from accuracy over 15 equal bins, weighted by their size.

    Args:
        confidence: float64 (n,), 0 to 1.
        right: bool (n,).

    Reference:
        Guo, Pleiss, Sun, Weinberger (2017), "On calibration of modern neural networks".
    """
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = np.bincount(bins, confidence - right, minlength=ECE_BINS)
    return float(np.abs(gaps).sum() / len(right))


def coverage(confidence: NDArray[np.float64], right: NDArray[np.bool_], accuracy: float) -> float:
    """The largest share of answers, taken from the surest down, that is right at least this often.

    Answers of equal confidence are taken or left together.

    Args:
        confidence: float64 (n,), 0 to 1.
        right: bool (n,).
        accuracy: the share that must be right, 0 to 1.
    """
    order = np.argsort(-confidence, kind="stable")
    taken = np.arange(1, len(order) + 1)
    last_of_equals = np.append(np.diff(confidence[order]) != 0, True)
    # right ≥ accuracy · taken, in whole answers and with room for the rounding of the product
    enough = np.cumsum(right[order]) >= accuracy * taken - 1e-9
    return float((taken * (enough & last_of_equals)).max() / len(order))
