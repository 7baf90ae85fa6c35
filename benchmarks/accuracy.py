"""The ladder: every recipe measured in the same way, several seeds each, the last epoch's weights.

Each run is the documented command in a process of its own, ``sonsu train RECIPE --seed S --out …``. A run that is done
is a JSON line in ``benchmarks/results/accuracy.jsonl`` and is not trained again; one that was interrupted is resumed::

    python benchmarks/accuracy.py --seeds 5
    python benchmarks/accuracy.py --recipes nano best --seeds 2     # only these; the page still shows all there is

Nothing is chosen on the test set. An ensemble is not trained anew: it averages the runs of `best` that there are. Lines
of a recipe that has changed since are left out. The table goes to stdout and into ``docs/benchmarks.md``.
"""

import argparse
import itertools
import json
import statistics
import subprocess
import sys
from collections import Counter
from pathlib import Path

import journal
from accuracy_plot import draw
from journal import Run
from page import machine, write_section

DOCS = Path(__file__).resolve().parents[1] / "docs"
RESULTS = Path(__file__).parent / "results" / "accuracy.jsonl"
RECIPES = ("mlp", "deep-mlp", "nano", "fast", "best")


def main() -> None:
    """Train what is missing, measure it, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipes", nargs="+", choices=RECIPES, default=list(RECIPES))
    parser.add_argument("--seeds", type=int, default=5, help="how many runs of each, seeded 0, 1, 2, …")
    parser.add_argument("--runs", type=Path, default=Path("runs/accuracy"), help="where the run folders are kept")
    parser.add_argument("--results", type=Path, default=RESULTS, help="what has been measured, a JSON line a run")
    parser.add_argument("--out", type=Path, default=DOCS / "benchmarks", help="the page: OUT.md")
    args = parser.parse_args()
    results = args.results
    for recipe in args.recipes:
        for seed in range(args.seeds):
            if not any((run["recipe"], run["seed"]) == (recipe, seed) for run in current(results)):
                journal.append(results, train(recipe, seed, args.runs))
    runs = current(results)
    ensembles = [average(count, args.runs) for count in members(args.runs)]
    text = section(runs, ensembles, f"python benchmarks/accuracy.py {' '.join(sys.argv[1:])}".strip())
    print(text)
    write_section(args.out.with_suffix(".md"), "accuracy", "The ladder of recipes", text)
    if runs:
        draw({name: [run for run in runs if run["recipe"] == name] for name in RECIPES}, args.out.parent / "images")


def train(recipe: str, seed: int, folder: Path) -> Run:
    """One run, trained unless its folder is complete, and what was measured of it."""
    out = folder / f"{recipe}-seed{seed}"
    command = [sys.executable, "-m", "sonsu.cli", "train", recipe, "--resume", "--seed", str(seed), "--out", str(out)]
    subprocess.run(command, check=True, stdout=sys.stderr)
    config, evaluation = (json.loads((out / f"{name}.json").read_text("utf-8")) for name in ("config", "evaluation"))
    return {
        "recipe": recipe,
        "seed": seed,
        "settings": config["recipe"],
        "versions": config["versions"],
        "accelerator": config["accelerator"],
        "seconds_an_epoch": statistics.median(row["seconds"] for row in history(out)),
        "errors": evaluation["errors"],
        "accuracy": evaluation["accuracy"],
        **measure(out / "model.onnx", out / "model.keras"),
    }


def measure(onnx: Path, keras_file: Path) -> Run:
    """What a network costs, and what its int8 form loses."""
    from sonsu.learning import datasets
    from sonsu.learning.export import load_keras
    from sonsu.learning.networks import multiply_adds
    from sonsu.learning.quantise import quantise, some
    from sonsu.reading.network import Network

    model = load_keras(keras_file)
    small = onnx.with_name("model.int8.onnx")
    quantise(onnx, small, some(datasets.load("mnist:train").images))
    test = datasets.load("mnist:test")
    right = Network(small).predict(test.images)[:, :10].argmax(axis=1) == test.labels
    return {
        "parameters": model.count_params(),
        "multiply_adds": multiply_adds(model),
        "bytes": onnx.stat().st_size,
        "int8_bytes": small.stat().st_size,
        "int8_accuracy": float(right.mean()),
    }


def history(out: Path) -> list[dict[str, float]]:
    """A run's epochs."""
    from sonsu.learning.train import read_history

    return read_history(out / "history.csv")


def members(folder: Path) -> list[int]:
    """How many networks of `best` as it is there are to average, of seeds 0, 1, …, from two on; empty for fewer."""
    count = next(seed for seed in itertools.count() if not _is_best(folder / f"best-seed{seed}"))
    return [count] if count > 1 else []


def _is_best(folder: Path) -> bool:
    config = folder / "config.json"
    return (folder / "model.onnx").is_file() and json.loads(config.read_text("utf-8"))["recipe"] == _settings("best")


def average(count: int, folder: Path) -> Run:
    """The ensemble of the first runs of `best`: the mean of their probabilities on the test set."""
    import numpy as np

    from sonsu.learning import datasets
    from sonsu.reading.network import Network

    test = datasets.load("mnist:test")
    networks = [folder / f"best-seed{seed}" / "model.onnx" for seed in range(count)]
    mean = np.mean([Network(path).predict(test.images) for path in networks], axis=0)
    wrong = int((mean.argmax(axis=1) != test.labels).sum())
    return {
        "members": count,
        "errors": wrong,
        "accuracy": 1 - wrong / len(test),
        "bytes": sum(p.stat().st_size for p in networks),
    }


def current(results: Path) -> list[Run]:
    """The runs done so far of the recipes as they are now, by seed."""
    now = {recipe: _settings(recipe) for recipe in RECIPES}
    runs = [run for run in journal.read(results) if run["settings"] == now[run["recipe"]]]
    return sorted(runs, key=lambda run: (RECIPES.index(run["recipe"]), run["seed"]))


def _settings(recipe: str) -> object:
    """What a run of a recipe has in its config.json, as the recipe is now."""
    from sonsu.learning import recipes
    from sonsu.learning.config import make_config

    return make_config(recipes.find(recipe), [], None, 0)["recipe"]


def section(runs: list[Run], ensembles: list[Run], command: str) -> str:
    """The figures of all runs as Markdown."""
    lines = [
        "Trained on 55,000 of MNIST's training images (5,000 are held back), the last epoch's weights, accuracy on",
        "the 10,000 test images. Nothing was chosen on the test set. int8 is ONNX Runtime's static quantisation.",
        "Seconds an epoch are the processor's, or those of an accelerator that is named, shared with other trainings.",
        "",
        "| recipe | n | test accuracy, mean ± sd | errors, best to worst seed | parameters | multiply-adds | epochs "
        "| s an epoch | file | int8 file | int8 accuracy |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    by_recipe = {recipe: [run for run in runs if run["recipe"] == recipe] for recipe in RECIPES}
    lines += [_row(recipe, done) for recipe, done in by_recipe.items() if done]
    lines += [
        f"| mean of {run['members']} `best` | 1 | {run['accuracy']:.2%} | {run['errors']} | | | | "
        f"| {run['bytes'] / 1e3:,.0f} kB | | |"
        for run in ensembles
    ]
    if not runs:
        return "No run is complete yet."
    versions = Counter(", ".join(f"{name} {version}" for name, version in run["versions"].items()) for run in runs)
    helped = Counter((run["recipe"], run["accelerator"]) for run in runs if run.get("accelerator"))
    if helped:
        lines += [
            "",
            f"Trained by an accelerator: {', '.join(f'{n} `{name}` ({by})' for (name, by), n in helped.items())}.",
        ]
    lines += ["", f"{machine()}. Trained with:", "", *(f"- {n} of them: {each}" for each, n in versions.most_common())]
    return "\n".join([*lines, "", f"    {command}"])


def _row(recipe: str, runs: list[Run]) -> str:
    errors = sorted(run["errors"] for run in runs)
    first = runs[0]
    return (
        f"| `{recipe}` | {len(runs)} | {_mean([run['accuracy'] for run in runs])} | {errors[0]} to {errors[-1]} "
        f"| {first['parameters']:,} | {first['multiply_adds'] / 1e6:.1f} M | {first['settings']['epochs']} "
        f"| {_seconds(runs)} | {first['bytes'] / 1e3:,.0f} kB "
        f"| {first['int8_bytes'] / 1e3:,.0f} kB | {_mean([run['int8_accuracy'] for run in runs])} |"
    )


def _seconds(runs: list[Run]) -> str:
    """Of an epoch: the mean of the runs that the processor trained, if there are any."""
    here = [run for run in runs if not run.get("accelerator")]
    shown = here or runs
    mean = statistics.mean(run["seconds_an_epoch"] for run in shown)
    return f"{mean:.1f}" if here else f"{mean:.1f} ({shown[0]['accelerator']})"


def _mean(shares: list[float]) -> str:
    spread = f" ± {100 * statistics.stdev(shares):.3f}" if len(shares) > 1 else ""
    return f"{100 * statistics.mean(shares):.3f}{spread} %"


if __name__ == "__main__":
    main()
