"""The main job from start to end, as `make demo` shows it."""

import shutil
import sys
from pathlib import Path

import sonsu
from sonsu.errors import DataError
from sonsu.learning import mnist
from sonsu.learning.run import run
from sonsu.reading.inputs import ENDINGS

OUT = Path("runs") / "demo"


def run_demo(data_dir: Path | None, examples: Path = Path("examples")) -> None:
    """Train the post's network on MNIST, print its accuracy, and read the sample pictures.

    Args:
        data_dir: where MNIST is looked for first.
        examples: the folder of sample pictures.
    """
    trained = _train(data_dir)
    if examples.is_dir():
        _read(examples)
    else:
        print(f"No folder {examples} here: the sample pictures come with the source code.", file=sys.stderr)
    if trained:
        print(f"\nLook at the training: {(OUT / 'report.html').resolve()}")


def _train(data_dir: Path | None) -> bool:
    """Train `mlp` into `OUT`; False where MNIST cannot be had, which is said and not an error."""
    try:
        for split in ("train", "test"):
            mnist.load("train" if split == "train" else "test", data_dir)
    except DataError as error:
        print(f"MNIST cannot be had here, so nothing is trained:\n  {error}\n", flush=True)
        print("Reading with the network that comes with sonsu works all the same:\n", flush=True)
        return False
    print("Training the post's network, Dense(512) – Dense(10), on MNIST's 60,000 digits…\n", flush=True)
    shutil.rmtree(OUT, ignore_errors=True)
    shutil.rmtree(OUT.with_name(OUT.name + ".partial"), ignore_errors=True)
    done = run("mlp", out=OUT, data_dir=data_dir, show_progress=True)
    print(f"\nTest loss: {done.evaluation['loss']:.4f}\nTest accuracy: {done.evaluation['accuracy']:.4f}\n", flush=True)
    return True


def _read(examples: Path) -> None:
    print("Reading pictures that no network was trained on, with the one that comes with sonsu:\n")
    for path in sorted(path for path in examples.iterdir() if path.suffix.lower() in ENDINGS):
        digit = sonsu.read_digit(path)
        answer = "no digit" if digit.label is None else f"{digit.label}  {digit.confidence:6.1%}  {digit.status}"
        notes = f"  ({'; '.join(digit.notes)})" if digit.notes else ""
        print(f"  {path.name:28} {answer}{notes}")
