"""What each kind of distortion is worth: a recipe with all of its kinds, with each one left out, and with none.

Measured on the 5,000 images that training holds back: the test set is not looked at. A run that is done is a JSON line
in ``RUNS/results.jsonl`` and is not trained again; one that was interrupted goes on from its last whole epoch::

    python benchmarks/ablation.py --seeds 5
    python benchmarks/ablation.py --recipe nano --epochs 20

Lines of a recipe that has changed since, or of other epochs, are left out. The table goes to stdout and into
``docs/benchmarks.md``.
"""

import argparse
import statistics
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import journal
from journal import Run
from page import machine, write_section

from sonsu.learning import datasets, recipes
from sonsu.learning.config import make_config
from sonsu.learning.recipes import Recipe
from sonsu.learning.train import Checkpoints, fit

DOCS = Path(__file__).resolve().parents[1] / "docs"
RECIPES = ("fast", "nano", "best", "deep-mlp")


def main() -> None:
    """Train what is missing, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", choices=RECIPES, default="fast")
    parser.add_argument("--epochs", type=int, help="instead of the recipe's own number")
    parser.add_argument("--seeds", type=int, default=5, help="how many runs of each, seeded 0, 1, 2, …")
    parser.add_argument("--runs", type=Path, default=Path("runs/ablation"), help="where the results are kept")
    parser.add_argument("--out", type=Path, default=DOCS / "benchmarks", help="the page: OUT.md")
    args = parser.parse_args()
    recipe = recipes.find(args.recipe)
    ablated = variants(replace(recipe, epochs=args.epochs or recipe.epochs))
    results = args.runs / "results.jsonl"
    for seed in range(args.seeds):
        for name in ablated:
            if not any((run["variant"], run["seed"]) == (name, seed) for run in current(results, ablated)):
                journal.append(results, train(name, ablated[name], seed, args.runs))
    text = section(current(results, ablated), f"python benchmarks/ablation.py {' '.join(sys.argv[1:])}".strip())
    print(text)
    write_section(args.out.with_suffix(".md"), "ablation", "What each distortion is worth", text)


def variants(recipe: Recipe) -> dict[str, Recipe]:
    """The recipe by what is left of its distortion."""
    distortion: Any = recipe.augmentation  # a Distortion, as that of all RECIPES
    kinds = [kind for kind, strength in asdict(distortion).items() if strength]
    left_out = {
        f"without {kind.partition('_')[0]}": replace(recipe, augmentation=replace(distortion, **{kind: 0.0}))
        for kind in kinds
    }
    return {"all": recipe, **left_out, "none": replace(recipe, augmentation=None)}


def train(name: str, recipe: Recipe, seed: int, runs: Path) -> Run:
    """One run, resumed where it was interrupted, and what was measured of it."""
    parts = datasets.split(datasets.load("mnist:train"), datasets.VALIDATION_SHARE, seed=0)
    folder = runs / f"{recipe.name}-{recipe.epochs}-{name.replace(' ', '-')}-seed{seed}"
    last = fit(recipe, *parts, seed=seed, folder=folder, resume=True).history[-1]
    Checkpoints(folder).clear()
    print(f"{recipe.name}, {name}, seed {seed}: {last['val_accuracy']:.2%}", file=sys.stderr, flush=True)
    figures = {key: last[key] for key in ("accuracy", "val_accuracy", "val_loss")}
    return {"variant": name, "seed": seed, "settings": settings(recipe), **figures}


def settings(recipe: Recipe) -> Mapping[str, Any]:
    """All of a recipe as plain values."""
    plain: Mapping[str, Any] = make_config(recipe, [], None, 0)["recipe"]
    return plain


def current(results: Path, ablated: Mapping[str, Recipe]) -> list[Run]:
    """The runs done so far of these recipes as they are now."""
    now = {name: settings(recipe) for name, recipe in ablated.items()}
    return [run for run in journal.read(results) if run["settings"] == now.get(run["variant"])]


def section(runs: list[Run], command: str) -> str:
    """The figures of all runs as Markdown."""
    if not runs:
        return "No run is complete yet."
    by_variant: dict[str, dict[int, Run]] = {}
    for run in runs:
        by_variant.setdefault(run["variant"], {})[run["seed"]] = run
    recipe = runs[0]["settings"]
    epochs = f"{recipe['epochs']} epoch{'s' * (recipe['epochs'] > 1)}"
    lines = [
        f"Recipe `{recipe['name']}`, {epochs}, on the 5,000 images that training holds back. The last column is the",
        "mean difference from the same seeds with all kinds, in points, ± its standard error.",
        "",
        "| distortion | n | training accuracy | validation accuracy, mean ± sd | validation loss | against all |",
        "|---|---|---|---|---|---|",
        *(_row(variant, own, by_variant.get("all", {})) for variant, own in by_variant.items()),
    ]
    return "\n".join([*lines, "", f"{machine()}.", "", f"    {command}"])


def _row(variant: str, own: Mapping[int, Run], everything: Mapping[int, Run]) -> str:
    shares = [100 * run["val_accuracy"] for run in own.values()]
    spread = f" ± {statistics.stdev(shares):.3f}" if len(shares) > 1 else ""
    trained, loss = (statistics.mean(run[key] for run in own.values()) for key in ("accuracy", "val_loss"))
    return (
        f"| {variant} | {len(own)} | {trained:.2%} | {statistics.mean(shares):.3f}{spread} % | {loss:.4f} "
        f"| {_against(own, everything) if variant != 'all' else ''} |"
    )


def _against(own: Mapping[int, Run], everything: Mapping[int, Run]) -> str:
    """The mean difference of the seeds that both have."""
    gaps = [100 * (own[seed]["val_accuracy"] - everything[seed]["val_accuracy"]) for seed in own if seed in everything]
    if not gaps:
        return "–"
    error = f" ± {statistics.stdev(gaps) / len(gaps) ** 0.5:.3f}" if len(gaps) > 1 else ""
    return f"{statistics.mean(gaps):+.3f}{error}"


if __name__ == "__main__":
    main()
