"""The post's recipe, `mlp`, on every Keras backend that is installed: test accuracy on MNIST over several seeds.

Each run is the documented command in a process of its own, ``sonsu train mlp --seed S --out …`` with ``KERAS_BACKEND``
set. A run folder that is complete is not trained again, and one that was interrupted is resumed::

    python benchmarks/backends.py --seeds 5

The table goes to stdout and into ``docs/benchmarks.md``, between ``<!-- backends -->`` and ``<!-- /backends -->``.
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from page import machine, write_section

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
DOCS = Path(__file__).resolve().parents[1] / "docs"

Run = dict[str, Any]


def main() -> None:
    """Train what is missing, print the section, write it into the docs."""
    installed = [name for name in BACKENDS if importlib.util.find_spec(name)]
    parser = argparse.ArgumentParser(description="The recipe mlp on every Keras backend installed.")
    parser.add_argument("--seeds", type=int, default=5, help="how many runs on each backend, seeded 0, 1, 2, …")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=installed)
    parser.add_argument("--runs", type=Path, default=Path("runs/backends"), help="where the run folders are kept")
    parser.add_argument("--out", type=Path, default=DOCS / "benchmarks", help="the page: OUT.md")
    args = parser.parse_args()
    runs = {
        backend: [train(backend, seed, args.epochs, args.runs) for seed in range(args.seeds)]
        for backend in args.backends
    }
    text = section(runs, f"python benchmarks/backends.py {' '.join(sys.argv[1:])}".strip())
    print(text)
    write_section(args.out.with_suffix(".md"), "backends", "The same recipe on every backend", text)


def train(backend: str, seed: int, epochs: int, folder: Path) -> Run:
    """One run, trained unless its folder is complete: its accuracy on the test set and its config."""
    out = folder / f"{backend}-{epochs}-epochs-seed{seed}"
    if not out.exists():
        command = [sys.executable, "-m", "sonsu.cli", "train", "mlp", "--resume"]
        command += ["--seed", str(seed), "--epochs", str(epochs), "--out", str(out)]
        environment = os.environ | {"KERAS_BACKEND": backend}
        subprocess.run(command, env=environment, check=True, stdout=sys.stderr)
    evaluation = json.loads((out / "evaluation.json").read_text(encoding="utf-8"))
    config = json.loads((out / "config.json").read_text(encoding="utf-8"))
    return {"accuracy": evaluation["accuracy"], "config": config}


def section(runs: dict[str, list[Run]], command: str) -> str:
    """The figures of all runs as Markdown."""
    config = next(iter(runs.values()))[0]["config"]
    lines = [
        f"The recipe `mlp`, {config['recipe']['epochs']} epochs, accuracy on MNIST's 10,000 test images:",
        "",
        "| backend | n | test accuracy, mean ± sd | lowest |",
        "|---|---|---|---|",
    ]
    for backend, done in runs.items():
        accuracies = [100 * run["accuracy"] for run in done]
        spread = f"{statistics.stdev(accuracies):.2f}" if len(done) > 1 else "–"
        lines.append(
            f"| {BACKENDS[backend]} | {len(done)} | {statistics.mean(accuracies):.2f} ± {spread} % "
            f"| {min(accuracies):.2f} % |"
        )
    versions = ", ".join(f"{name} {version}" for name, version in config["versions"].items())
    return "\n".join([*lines, "", f"{machine()}; {versions}.", "", f"    {command}"])


if __name__ == "__main__":
    main()
