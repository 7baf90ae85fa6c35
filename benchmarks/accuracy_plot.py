"""The plot of `accuracy.py`: each recipe's errors on the test set, a dot a seed."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

_INK, _LINE, _DOT = "#24292f", "#d8dce2", "#2f6fbf"
_TICKS = (20, 30, 40, 50, 70, 100, 150, 200)


def draw(runs: Mapping[str, Sequence[Mapping[str, Any]]], folder: Path) -> None:
    """Write ladder-accuracy.png: a row a recipe, top down, its errors of 10,000 on a logarithmic axis.

    Args:
        runs: by the recipe; those without are left out.
        folder: where the picture goes.
    """
    shown = {name: done for name, done in runs.items() if done}
    figure = Figure((7.4, 0.9 + 0.5 * len(shown)), layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    for row, done in enumerate(shown.values()):
        errors = [run["errors"] for run in done]
        axes.axhline(row, color=_LINE, linewidth=1, zorder=0)
        axes.plot(errors, [row] * len(errors), "o", color=_DOT, alpha=0.55, markersize=8)
        mean = statistics.mean(errors)
        axes.annotate(
            f"{mean:.3g}", (mean, row), (0, 8), textcoords="offset points", ha="center", fontsize=9, color=_INK
        )
    axes.set_yticks(
        range(len(shown)), [f"{name}\n{done[0]['parameters']:,} parameters" for name, done in shown.items()]
    )
    axes.set_xscale("log")
    everything = [run["errors"] for done in shown.values() for run in done]
    axes.set_xlim(0.85 * min(everything), 1.18 * max(everything))
    axes.xaxis.set_major_locator(FixedLocator(_TICKS))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter("{x:.0f}")
    axes.set_ylim(len(shown) - 0.5, -0.65)
    axes.set_xlabel("errors of 10,000 test images, a dot a seed")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(labelsize=9, colors=_INK)
    axes.tick_params(axis="y", length=0)
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "ladder-accuracy.png", dpi=130, metadata={"Software": None})
