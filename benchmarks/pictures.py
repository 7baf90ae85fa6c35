"""How many pictures of one digit are read right, and how many of none are read, beside the usual road.

The usual road: grey, Otsu's threshold, the ink's box fitted into MNIST's form, the same network. Synthetic photos show
only digits and signs held back from the default network's training. Needs SONSU_DATA with mnist, unipen and real; what
is not there is left out, and said. Prints it and writes a section of OUT.md.

    python benchmarks/pictures.py
"""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from page import machine, write_section

from sonsu.learning import datasets
from sonsu.learning.datasets import VALIDATION_SHARE
from sonsu.reading.glyph import glyph
from sonsu.reading.network import Network
from sonsu.reading.page import Digit
from sonsu.reading.reader import Reader, find_model
from sonsu.scenes import choosing, digit_photo, situations


@dataclass
class Tally:
    """Counts over one set of pictures."""

    n: int = 0
    right: int = 0
    read: int = 0
    read_right: int = 0
    usual_right: int = 0

    def add(self, label: int, digit: Digit, usual: int) -> None:
        """Count one picture."""
        self.n += 1
        self.right += digit.label == label
        self.read += digit.status == "read"
        self.read_right += digit.status == "read" and digit.label == label
        self.usual_right += usual == label

    def row(self, name: str) -> str:
        """The counts as a row of a table."""
        return (
            f"| {name} | {self.n:,} | {self.usual_right / self.n:.1%} | {self.right / self.n:.1%} | "
            f"{self.read / self.n:.1%} | {self.read_right / max(self.read, 1):.1%} |"
        )


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks"), help="the page: OUT.md")
    parser.add_argument("--photos", type=int, default=600)
    parser.add_argument("--each", type=int, default=20, help="photos of each of sonsu.scenes.situations")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    data = Path(os.environ.get("SONSU_DATA", ""))
    reader, network = Reader(), Network(find_model("default"))
    rows = []
    for name, pictures in _sets(data, arguments.photos, arguments.each, arguments.seed):
        tally = Tally()
        for pixels, label in pictures:
            usual = int(network.predict(glyph(_otsu(pixels))[None])[0, :10].argmax())
            tally.add(label, reader.read_digit(pixels), usual)
        rows.append(tally.row(name))
        print(rows[-1], flush=True)
    none = []
    for name, pictures in _of_none(data, arguments.photos // 2, arguments.seed):
        digits = [reader.read_digit(pixels) for pixels, _ in pictures]
        given = [digit for digit in digits if digit.label is not None]
        read = sum(digit.status == "read" for digit in given)
        none.append(f"| {name} | {len(digits)} | {len(given) / len(digits):.1%} | {read / len(digits):.1%} |")
        print(none[-1], flush=True)
    text = "\n".join(
        [
            "The usual road is Otsu's threshold into MNIST's form with the same network; read means not unsure.",
            "",
            "| pictures | n | usual road | sonsu | read | of those, right |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            "Of pictures that show no digit, in each of which the usual road finds one:",
            "",
            "| pictures | n | given a digit | read |",
            "|---|---|---|---|",
            *none,
            "",
            f"The default network, sha256 {network.sha256[:12]}; {machine()}.",
            "",
            f"    python benchmarks/pictures.py {' '.join(sys.argv[1:])}".rstrip(),
        ]
    )
    write_section(arguments.out.with_suffix(".md"), "pictures", "Pictures of one digit", text)


Pictures = Iterator[tuple[NDArray[np.uint8], int]]


def _sets(data: Path, photos: int, each: int, seed: int) -> Iterator[tuple[str, Pictures]]:
    for name, what in (("hwd1000", "drawn with many pens"), ("optdigits_tra", "Turkish forms, 32×32 one-bit")):
        path = data / "real" / f"{name}.npz"
        if path.is_file():
            arrays = np.load(path)
            yield f"{name}: {what}", zip(arrays["x"], arrays["y"].tolist(), strict=True)
        else:
            print(f"left out: {name}, which is not under SONSU_DATA")
    sources = {"MNIST's": "mnist:train", "recorded pens'": f"pen:{data}/unipen/digits.jsonl.gz"}
    held = {what: datasets.split(datasets.load(spec), VALIDATION_SHARE, seed=0)[1] for what, spec in sources.items()}
    for what, digits in held.items():
        yield f"synthetic photos, digits of {what} validation share", _photos(digits, photos // 2, seed)
    for number, situation in enumerate(situations.SITUATIONS if each else ()):
        yield f"of both: {situation}", _situation(list(held.values()), number, situation, each, seed)


def _of_none(data: Path, n: int, seed: int) -> Iterator[tuple[str, Pictures]]:
    digits, others = choosing.held_back(data)
    yield (
        "letters and signs of recorded pens' validation share: photos, situations, crops",
        choosing.of_characters(others, n, seed),
    )
    yield "the situations' photos with the digit painted over, whole or in part", choosing.of_none(digits, n, seed)


def _photos(held: datasets.Dataset, n: int, seed: int) -> Pictures:
    for i in range(n):
        rng = np.random.default_rng((seed, i))
        which = int(rng.integers(len(held)))
        label = int(held.labels[which])
        pixels, _ = digit_photo.photo(digit_photo.enlarge(held.images[which]), rng, label=str(label))
        yield pixels, label


def _situation(held: list[datasets.Dataset], number: int, situation: str, n: int, seed: int) -> Pictures:
    for i in range(n):
        rng, digits = np.random.default_rng((seed, number, i)), held[i % len(held)]
        which = int(rng.integers(len(digits)))
        ink, label = digit_photo.enlarge(digits.images[which]), int(digits.labels[which])
        yield situations.photo(ink, situation, rng, label=str(label))[0], label


def _otsu(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink = 255 by one global threshold, the rarer side being ink."""
    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    mask = np.asarray(cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)[1], np.uint8)
    return mask if mask.mean() < 127.5 else 255 - mask


if __name__ == "__main__":
    main()
