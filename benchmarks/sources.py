"""What recorded pens and made-up strokes are worth as training data: with, without and instead of each other.

    SONSU_DATA=… python benchmarks/sources.py --out docs/benchmarks

Short trainings of the shipped recipe, all on as many images: the shares differ, not the amount. Measured on what each
source holds back, and on real digits from elsewhere where SONSU_DATA has them; ten answers, "not a digit" left out.
"""

import argparse
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from page import machine, write_section

from sonsu.learning import datasets, recipes
from sonsu.learning.datasets import Dataset
from sonsu.learning.export import predict
from sonsu.learning.train import fit

MIXES: dict[str, Mapping[str, float]] = {
    "MNIST": {"MNIST": 1.0},
    "MNIST + strokes": {"MNIST": 0.6, "strokes": 0.4},
    "MNIST + pens": {"MNIST": 0.6, "pens": 0.4},
    "MNIST + strokes + pens": {"MNIST": 0.5, "strokes": 0.25, "pens": 0.25},
    "strokes instead": {"strokes": 1.0},
    "pens instead": {"pens": 1.0},
}


def main() -> None:
    """Train each mix, measure it, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    shared = Path(os.environ["SONSU_DATA"])
    specs = {"MNIST": "mnist:train", "strokes": "strokes:24000", "pens": f"pen:{shared / 'unipen' / 'digits.jsonl.gz'}"}
    parts = {
        name: datasets.split(datasets.load(spec), datasets.VALIDATION_SHARE, seed=0) for name, spec in specs.items()
    }
    measured = {f"{name}, held back": held for name, (_, held) in parts.items()}
    for name in ("hwd1000", "optdigits_tra"):
        if (shared / "real" / f"{name}.npz").is_file():
            measured[name] = datasets.load(f"npz:{shared / 'real' / f'{name}.npz'}")
    head = "| trained on | " + " | ".join(f"{name} ({len(data):,})" for name, data in measured.items()) + " |"
    rows = [head, "|---" * (len(measured) + 1) + "|"]
    print("\n".join(rows), flush=True)
    for mix, shares in MIXES.items():
        training = datasets.join([_take(parts[name][0], round(share * given.images)) for name, share in shares.items()])
        model = _train(training, parts["MNIST"][1], given.epochs)
        rows.append(f"| {mix} | " + " | ".join(f"{_accuracy(model, data):.2%}" for data in measured.values()) + " |")
        print(rows[-1], flush=True)
    if given.out:
        text = (
            f"The recipe `default`, {given.epochs} epochs of {given.images:,} images, one seed; ten answers.\n\n"
            + "\n".join(rows)
            + f"\n\n{machine()}.\n\n    python benchmarks/sources.py --images {given.images} --epochs {given.epochs}"
        )
        write_section(given.out.with_suffix(".md"), "sources", "What pens and strokes are worth", text)


def _take(data: Dataset, n: int) -> Dataset:
    """So many images, each at most once more often than another."""
    rng = np.random.default_rng(0)
    chosen = np.concatenate([rng.permutation(len(data)) for _ in range(-(-n // len(data)))])[:n]
    return Dataset(data.name, data.images[chosen], data.labels[chosen])


def _train(training: Dataset, validation: Dataset, epochs: int) -> keras.Model:
    with tempfile.TemporaryDirectory() as folder:
        recipe = replace(recipes.default(), epochs=epochs)
        return fit(recipe, training, validation, seed=0, folder=Path(folder)).model


def _accuracy(model: keras.Model, data: Dataset) -> float:
    answers: NDArray[np.int_] = predict(model, data.images)[:, :10].argmax(axis=1)
    return float((answers == data.labels).mean())


if __name__ == "__main__":
    main()
