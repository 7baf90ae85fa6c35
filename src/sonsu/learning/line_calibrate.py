"""Fit how the line network and the digit network together become confidence, on lines of validation hands.

``python -m sonsu.learning.line_calibrate MODEL.onnx --data SPEC…`` writes what it finds into the file's card; with
``--int8`` the network is brought into whole numbers of 8 bits first.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sonsu.learning.export import write_card
from sonsu.learning.line_data import Hands, Lines, load_hands
from sonsu.learning.quantise import quantise
from sonsu.reading.confidence import Calibration
from sonsu.reading.line_form import line_form
from sonsu.reading.line_network import LineNetwork
from sonsu.reading.line_reader import LineCalibration, LineReader, Look, line_odds
from sonsu.reading.network import Network
from sonsu.reading.reader import find_model

NONE = 10
_SEED = 2_000_003
_RANGED = 150  # lines that the ranges of int8 are taken from
_LINE_WEIGHTS = (0.4, 0.6, 0.8, 1.0, 1.2)
_GLYPH_WEIGHTS = (0.1, 0.2, 0.35, 0.5, 0.7, 1.0)
_NONE_WEIGHTS = (0.03, 0.1, 0.3, 1.0, 3.0)


@dataclass(frozen=True, eq=False)
class Sample:
    """Looks at lines with their truth.

    Attributes:
        looks: what both networks see.
        texts: what is written.
    """

    looks: Sequence[Look]
    texts: Sequence[str]


def look_at(reader: LineReader, hands: Hands, lines: int, seed: int = _SEED) -> Sample:
    """Look at so many made-up lines, as a reader finds them."""
    looks, texts = [], []
    for ink, text in Lines(hands, seed).found(lines):
        looks.append(reader.look(ink))
        texts.append(text)
    return Sample(looks, texts)


def fit(sample: Sample) -> LineCalibration:
    """Fit the weights of digits that touch others on a grid, then a logistic regression for whole lines."""
    some = [look for look in sample.looks if look.answer.digits]
    texts = [text for look, text in zip(sample.looks, sample.texts, strict=True) if look.answer.digits]
    truth = np.concatenate([digit_truth(look.answer.digits, text) for look, text in zip(some, texts, strict=True)])
    first, second, alone = (
        np.concatenate([getattr(look, name) for look in some]) for name in ("first", "second", "alone")
    )
    rows = np.arange(len(truth))

    def loss(weights: tuple[float, float, float]) -> float:
        combined = LineCalibration(*weights).combine(first, second, alone)
        return float(-np.log(np.maximum(combined[rows, truth], 1e-9)).mean())

    best = LineCalibration(*min(product(_LINE_WEIGHTS, _GLYPH_WEIGHTS, _NONE_WEIGHTS), key=loss))
    odds, right = [], []
    for look, text in zip(some, texts, strict=True):
        combined = best.combine(look.first, look.second, look.alone)
        labels = combined.argmax(axis=1)
        odds.append((1.0, *line_odds(look, combined)))
        right.append("".join(str(label) for label in labels if label != NONE) == text)
    offset, slope_line, slope_digits = _logistic(np.array(odds), np.array(right))
    return replace(best, offset=offset, slope_line=slope_line, slope_digits=slope_digits)


def digit_truth(found: Sequence[int], text: str) -> NDArray[np.int_]:
    """For each digit found what is really there, or `NONE`, by the cheapest alignment (Levenshtein).

    Args:
        found: digits, from left to right.
        text: the digits that are written.
    """
    truth = [int(char) for char in text]
    cost = np.zeros((len(found) + 1, len(truth) + 1), int)
    cost[:, 0], cost[0] = np.arange(len(found) + 1), np.arange(len(truth) + 1)
    for i, value in enumerate(found, 1):
        for j, real in enumerate(truth, 1):
            cost[i, j] = min(cost[i - 1, j - 1] + (value != real), cost[i - 1, j] + 1, cost[i, j - 1] + 1)
    is_there = np.full(len(found), NONE)
    i, j = len(found), len(truth)
    while i > 0 and j > 0:
        if cost[i, j] == cost[i - 1, j - 1] + (found[i - 1] != truth[j - 1]):
            i, j = i - 1, j - 1
            is_there[i] = truth[j]
        elif cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
    return is_there


def _logistic(features: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, ...]:
    """Weights of a logistic regression by Newton's method, held a little towards 0; the slopes are not negative."""
    weights = np.zeros(features.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        gradient = features.T @ (right - p) - weights
        curvature = (features * (p * (1 - p))[:, None]).T @ features + np.eye(len(weights))
        weights += np.clip(np.linalg.solve(curvature, gradient), -1, 1)
        weights[1:] = np.maximum(weights[1:], 0.0)
    return tuple(round(float(weight), 4) for weight in weights)


def main() -> None:
    """Calibrate a line network's file in place."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--digits", default="default", help="the digit network that takes the second look")
    parser.add_argument("--data", action="append", required=True, help="SPEC of hands; those held back are used")
    parser.add_argument("--int8", action="store_true", help="quantise first, by lines of the hands to train on")
    parser.add_argument("--lines", type=int, default=6000)
    given = parser.parse_args()
    learnt, held_back = load_hands(given.data)
    if given.int8:
        quantise(
            given.model, given.model, (line_form(ink).image[None] for ink, _ in Lines(learnt, _SEED).found(_RANGED))
        )
    network, digits = LineNetwork(given.model), Network(find_model(given.digits))
    calibration = Calibration.from_card(digits.card)
    reader = LineReader(network, digits, calibration, calibration.read_above)
    found = fit(look_at(reader, held_back, given.lines))
    write_card(given.model, dict(network.card) | asdict(found))
    print(found)


if __name__ == "__main__":
    main()
