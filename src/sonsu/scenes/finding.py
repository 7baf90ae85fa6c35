"""Fit how much each doubt about a line weighs, on scenes: ``python -m sonsu.scenes.finding FOLDER…``.

The folders are those of `sonsu data scenes`, drawn with hands that no network was trained on. With ``--write
MODEL.onnx`` what is found goes into the line network's card; else it is printed, as the defaults of
`sonsu.reading.doubts.Finding` were.
"""

import argparse
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sonsu.reading.doubts import Finding, doubts
from sonsu.reading.reader import Reader
from sonsu.scenes import pages
from sonsu.scenes.exposure import Shot
from sonsu.scenes.matching import match

_HELD = 0.3  # that weights are held towards 0 with
_ROUNDS = 40


@dataclass(frozen=True, eq=False)
class Sample:
    """Lines that were found.

    Attributes:
        read: float64 (n,), how sure each is to be read right, whatever the page shows.
        doubts: float64 (n, 9), see `sonsu.reading.doubts.doubts`.
        right: bool (n,), whether it is a true line and each of its digits is right.
    """

    read: NDArray[np.float64]
    doubts: NDArray[np.float64]
    right: NDArray[np.bool_]


def look_at(reader: Reader, shots: Iterable[Shot]) -> Sample:
    """Read scenes."""
    read, doubted, right = [np.zeros(0)], [np.zeros((0, 9))], [np.zeros(0, bool)]
    for shot in shots:
        height, width = shot.pixels.shape[:2]
        reading = reader.read_lines(shot.pixels)
        lines = [line for line, _ in reading.read if line is not None]
        texts = {id(line): truth.text for truth, line in zip(shot.lines, match(shot.lines, lines), strict=True) if line}
        read.append(np.array([line.confidence for line in lines]))
        right.append(np.array([line.text == texts.get(id(line)) for line in lines], bool))
        doubted.append(doubts(reading, width, height)[[line is not None for line, _ in reading.read]])
    return Sample(np.concatenate(read), np.concatenate(doubted), np.concatenate(right))


def fit(sample: Sample) -> Finding:
    """The weights of the doubts; the power is left as it is."""
    fitted = weights_of(sample.read, sample.doubts, sample.right, np.ones(len(sample.read)))
    return Finding(*(round(float(weight), 2) for weight in fitted))


def weights_of(
    read: NDArray[np.float64], doubted: NDArray[np.float64], right: NDArray[np.bool_], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Fit weights: something is right if it was read right *and* found, by expectation and maximisation.

    Args:
        read: (n,), how sure it is to be read right.
        doubted: (n, k), doubts about its having been found.
        right: (n,), whether it is.
        counts: (n,), how much each counts.

    Returns:
        (1 + k,): the log odds of having been found where nothing is doubtful, and what each doubt takes from them.

    Reference:
        Dempster, Laird, Rubin (1977), "Maximum likelihood from incomplete data via the EM algorithm".
    """
    features = np.column_stack([np.ones(len(read)), -doubted])
    read = np.clip(read, 1e-6, 1 - 1e-6)
    weights = np.zeros(features.shape[1])
    weights[0] = 4.0
    for _ in range(_ROUNDS):
        found = 1 / (1 + np.exp(-features @ weights))
        likely = np.where(right, 1.0, found * (1 - read) / (1 - found * read))
        weights = _logistic(features, likely, counts, weights)
    return weights


def _logistic(
    features: NDArray[np.float64],
    likely: NDArray[np.float64],
    counts: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Logistic regression by Newton's method; all but the offset are held towards 0, and not negative."""
    held = np.full(len(weights), _HELD)
    held[0] = 0.0
    for _ in range(25):
        p = 1 / (1 + np.exp(-features @ weights))
        gradient = features.T @ (counts * (likely - p)) - held * weights
        curvature = (features * (counts * p * (1 - p))[:, None]).T @ features + np.diag(held + 1e-6)
        weights = weights + np.clip(np.linalg.solve(curvature, gradient), -1, 1)
        weights[1:] = np.maximum(weights[1:], 0.0)
    return weights


def main() -> None:
    """Fit on folders of scenes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--digits", default="default", help="the digit network that takes the second look")
    parser.add_argument("--write", type=Path, help="a line network's file to write the weights into")
    given = parser.parse_args()
    found = fit(look_at(Reader(given.digits), (shot for folder in given.folders for shot in pages.load(folder))))
    if given.write:
        from sonsu.learning.export import write_card
        from sonsu.reading.line_network import LineNetwork

        write_card(given.write, dict(LineNetwork(given.write).card) | {"finding": asdict(found)})
    print(found)


if __name__ == "__main__":
    main()
