"""Fit how much each doubt about the ink that was chosen weighs: ``python -m sonsu.scenes.choosing --seeds 61 62``.

On photos of one digit, on `sonsu.scenes.situations` and on tight crops, of digits and of letters and signs alike,
written by hands that the default network was not trained on; and on such photos with the digit painted over. Needs
SONSU_DATA with mnist and unipen. What is found is printed, as the defaults of `sonsu.reading.standing.Standing` were.
"""

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.learning import datasets
from sonsu.learning.outliers import NOT_A_DIGIT
from sonsu.reading.choice import is_doubtful, likeliest
from sonsu.reading.confidence import Calibration
from sonsu.reading.network import Network
from sonsu.reading.page import Box
from sonsu.reading.reader import Reader, find_model
from sonsu.reading.standing import Standing, doubts
from sonsu.scenes import digit_photo, situations
from sonsu.scenes.finding import weights_of

Pixels = NDArray[np.uint8]

_WEIGHT_OF_OTHERS = 0.2  # of a letter beside a digit: pictures of one digit are mostly that
_SIDES_PX = (14, 300)
_MARGINS = (0.0, 0.05, 0.2, 0.5)
_WITH_BORDERS = ("newsprint cell", "small newsprint cell", "notebook", "squared paper", "table and fingers")


@dataclass(frozen=True, eq=False)
class Sample:
    """What was chosen in pictures that left a doubt.

    Attributes:
        read: float64 (n,), the network's probability of the digit.
        doubts: float64 (n, 10), see `sonsu.reading.standing.doubts`.
        right: bool (n,).
        weights: float64 (n,), how much each counts.
    """

    read: NDArray[np.float64]
    doubts: NDArray[np.float64]
    right: NDArray[np.bool_]
    weights: NDArray[np.float64]


def fit(sample: Sample) -> Standing:
    """The weights of the doubts; the power is left as it is."""
    fitted = weights_of(sample.read, sample.doubts, sample.right, sample.weights)
    return Standing(*(round(float(weight), 2) for weight in fitted))


def look_at(network: Network, calibration: Calibration, pictures: Iterator[tuple[Pixels, int]]) -> Sample:
    """Choose in each picture, and see whether it was right.

    Args:
        network: of single digits, with an answer for what is none.
        calibration: its own.
        pictures: with the digit that each shows, or `NOT_A_DIGIT`.
    """
    reader = Reader()
    read, doubted, right, weights = [], [], [], []
    for pixels, label in pictures:
        sought = reader.seek(pixels)
        if not sought.candidates or not is_doubtful(sought.candidates):
            continue
        rows = calibration.apply(network.predict(sought.glyphs))
        best = likeliest(sought.candidates, rows)
        if sought.candidates[best].formed:
            continue
        read.append(float(rows[best, :10].max()))
        doubted.append(doubts(best, sought.candidates, rows))
        right.append(int(rows[best, :10].argmax()) == label)
        weights.append(_WEIGHT_OF_OTHERS if label == NOT_A_DIGIT else 1.0)
    return Sample(np.array(read), np.array(doubted), np.array(right), np.array(weights))


def pictures(
    digits: list[datasets.Dataset], others: list[datasets.Dataset], n: int, seed: int
) -> Iterator[tuple[Pixels, int]]:
    """Pictures of one character, of each of the three kinds in turn, and photos of none.

    There are n of digits, half as many of others, and as many again of none.

    Args:
        digits: whose are shown by turns.
        others: likewise, of what is no digit.
        n: how many of digits.
        seed: the same seed gives the same pictures.
    """
    yield from of_characters(digits, n, seed)
    yield from of_characters(others, n // 2, seed)
    yield from of_none(digits, n // 2, seed)


def of_characters(hands: list[datasets.Dataset], n: int, seed: int) -> Iterator[tuple[Pixels, int]]:
    """Pictures of one character each, and its label; `hands` and `seed` as `pictures` takes them."""
    for i in range(n):
        rng = np.random.default_rng((seed, i, len(hands)))
        shown = hands[i // 3 % len(hands)]
        which = int(rng.integers(len(shown)))
        ink = digit_photo.enlarge(shown.images[which])
        if i % 3 == 0:
            pixels, _ = digit_photo.photo(ink, rng)
        elif i % 3 == 1:
            pixels, _ = situations.photo(ink, str(rng.choice(list(situations.SITUATIONS))), rng)
        else:
            pixels = bordered(crop(ink, rng), rng)
        yield pixels, int(shown.labels[which])


def of_none(hands: list[datasets.Dataset], n: int, seed: int) -> Iterator[tuple[Pixels, int]]:
    """Photos whose digit was painted over, whole or in part, half of them with borders or an edge in view."""
    for i in range(n):
        rng = np.random.default_rng((seed, i, 0))
        shown = hands[i // 2 % len(hands)]
        ink = digit_photo.enlarge(shown.images[int(rng.integers(len(shown)))])
        situation = str(rng.choice(_WITH_BORDERS if i % 2 else list(situations.SITUATIONS)))
        pixels, scene = situations.photo(ink, situation, rng)
        yield bordered(part(painted_over(pixels, scene.box_px), rng), rng), NOT_A_DIGIT


def painted_over(pixels: Pixels, box_px: Box) -> Pixels:
    """A photo without its digit, uint8 (h, w, 3), what is around its box drawn in from all sides."""
    x, y, width, height = box_px
    hole = np.zeros(pixels.shape[:2], np.uint8)
    hole[y : y + height, x : x + width] = 255
    margin = max(height // 16, 3)
    hole = cv2.dilate(hole, np.ones((2 * margin + 1, 2 * margin + 1), np.uint8))
    return np.asarray(cv2.inpaint(pixels, hole, 3, cv2.INPAINT_TELEA), np.uint8)


def part(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Half of the time all of a picture, else a window of it."""
    if rng.random() < 0.5:
        return pixels
    size = [max(round(side * rng.uniform(0.4, 0.95)), min(side, 16)) for side in pixels.shape[:2]]
    y, x = (int(rng.integers(side - own + 1)) for side, own in zip(pixels.shape, size, strict=False))
    return np.ascontiguousarray(pixels[y : y + size[0], x : x + size[1]])


def crop(ink: Pixels, rng: np.random.Generator) -> Pixels:
    """A character as forms and scans are cut up: of any size, with little around it; some stretched, some one-bit.

    Args:
        ink: uint8 (h, w), ink = 255 on 0; large.
        rng: the source of chance.

    Returns:
        uint8 (s, s), s from 14 to 300; dark on light or light on dark.
    """
    x, y, w, h = cv2.boundingRect(ink)
    tight, margin = ink[y : y + h, x : x + w], rng.choice(_MARGINS)
    across = down = round(margin * max(h, w))
    if rng.random() > 0.2 or w < 0.3 * h:  # else it is stretched into a square
        across, down = across + max(h - w, 0) // 2, down + max(w - h, 0) // 2
    framed = cv2.copyMakeBorder(tight, down, down, across, across, cv2.BORDER_CONSTANT)
    side = round(np.exp(rng.uniform(*np.log(_SIDES_PX))))
    small = cv2.resize(framed, (side, side), interpolation=cv2.INTER_AREA).astype(np.float64)
    if rng.random() < 0.35:
        small = 255.0 * (small > 110)
    elif rng.random() < 0.5:
        small = small * rng.uniform(0.5, 1) + rng.normal(0, rng.uniform(0, 10), small.shape)
    pixels = np.clip(small, 0, 255).astype(np.uint8)
    return 255 - pixels if rng.random() < 0.6 else pixels


def bordered(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A third of the time with parts of a cell's borders along some of its sides, darker than the paper.

    Args:
        pixels: uint8 (h, w) or (h, w, 3).
        rng: the source of chance.
    """
    if rng.random() > 1 / 3:
        return pixels
    height, width = pixels.shape[:2]
    thick = max(round(rng.uniform(0.01, 0.07) * min(height, width)), 1)
    lines = np.zeros((height, width), np.uint8)
    for start, end in (((0, 0), (1, 0)), ((1, 0), (1, 1)), ((0, 1), (1, 1)), ((0, 0), (0, 1))):
        if rng.random() < 0.5:
            inwards = 0.5 - np.add(start, end) / 2  # from the side's middle
            ends = np.array([start, end]) + inwards * 2 * rng.uniform(-0.02, 0.1, (2, 1))
            points = [tuple(int(v) for v in point) for point in np.rint(ends * (width - 1, height - 1))]
            cv2.line(lines, points[0], points[1], 255, thick)
    shade = 1 - rng.uniform(0.3, 0.9) * cv2.blur(lines, (3, 3)).astype(np.float64) / 255
    return np.asarray(np.rint(pixels * (shade if pixels.ndim == 2 else shade[..., None])), np.uint8)


def held_back(data: Path) -> tuple[list[datasets.Dataset], list[datasets.Dataset]]:
    """Digits, and what is none, of hands that the default network was not trained on."""
    names = ("digits", "upper", "lower", "symbols")
    specs = ["mnist:train", *(f"pen:{data}/unipen/{name}.jsonl.gz" for name in names)]
    held = [datasets.split(datasets.load(spec), datasets.VALIDATION_SHARE, seed=0)[1] for spec in specs]
    return held[:2], held[2:]


def main() -> None:
    """Fit, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", nargs="+", type=int, default=[61, 62])
    parser.add_argument(
        "--n", type=int, default=600, help="pictures of digits of each seed; half as many of others and of none"
    )
    given = parser.parse_args()
    network = Network(find_model("default"))
    hands = held_back(Path(os.environ.get("SONSU_DATA", "")))
    shown = (picture for seed in given.seeds for picture in pictures(*hands, given.n, seed))
    sample = look_at(network, Calibration.from_card(network.card), shown)
    print(f"{len(sample.right)} pictures, {int(sample.right.sum())} right")
    print(fit(sample))


if __name__ == "__main__":
    main()
