"""What a network answers to many pictures, and how good these answers are."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from sonsu.learning.evaluate import expected_calibration_error
from sonsu.reading.confidence import Calibration, judge
from sonsu.reading.network import Network
from sonsu.reading.reader import Reader, find_model


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers to n pictures.

    Attributes:
        likeliest: int (n,), the likeliest digit, also where the picture is judged not to be one.
        confidence: float64 (n,), its probability.
        digit: bool (n,), whether it is judged to be a digit at all.
        read: bool (n,), whether the answer is given as sure.
    """

    likeliest: NDArray[np.intp]
    confidence: NDArray[np.float64]
    digit: NDArray[np.bool_]
    read: NDArray[np.bool_]

    def accuracy(self, labels: NDArray[np.uint8]) -> float:
        """The share answered right; "not a digit" is wrong."""
        return float((self.digit & (self.likeliest == labels)).mean())

    def ece(self, labels: NDArray[np.uint8]) -> float:
        """Expected calibration error of the likeliest digits."""
        return expected_calibration_error(self.confidence, self.likeliest == labels)

    def read_share(self) -> float:
        """The share given as sure."""
        return float(self.read.mean())

    def right_of_read(self, labels: NDArray[np.uint8]) -> float:
        """Of those given as sure, the share that is right; not a number where there is none."""
        return float((self.likeliest == labels)[self.read].mean()) if self.read.any() else float("nan")


class Subject:
    """One network, with its calibration, to be asked in two ways."""

    def __init__(self, model: str) -> None:
        self._network = Network(find_model(model))
        self._calibration = Calibration.from_card(self._network.card)
        self._reader = Reader(model)
        self.sha256 = self._network.sha256

    def straight(self, images: NDArray[np.uint8]) -> Answers:
        """Its answers to uint8 (n, 28, 28), ink = 255, fed to the network as they are."""
        rows = self._calibration.apply(self._network.predict(images))
        verdicts = [judge(row, self._calibration.read_above) for row in rows]
        return Answers(
            rows[:, :10].argmax(axis=1),
            rows[:, :10].max(axis=1).astype(np.float64),
            np.array([verdict.label is not None for verdict in verdicts]),
            np.array([verdict.status == "read" for verdict in verdicts]),
        )

    def by_reader(self, pictures: Iterable[NDArray[np.uint8]]) -> Answers:
        """Its answers to pictures, each through `Reader.read_digit` as a user's would be."""
        digits = [self._reader.read_digit(picture) for picture in pictures]
        return Answers(
            np.array([int(np.argmax(digit.probabilities)) for digit in digits]),
            np.array([digit.confidence for digit in digits]),
            np.array([digit.label is not None for digit in digits]),
            np.array([digit.status == "read" for digit in digits]),
        )


def auroc(digits: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """The chance that a digit has a higher score than a picture of something else, ties counting half.

    Args:
        digits: float64 (n,), the digits' scores.
        others: float64 (m,), those of what is not a digit.
    """
    ranks = rankdata(np.concatenate([digits, others]))
    above = ranks[: len(digits)].sum() - len(digits) * (len(digits) + 1) / 2
    return float(above / (len(digits) * len(others)))
