"""The table and the plot of `post_as_written.py`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
VARIANTS = ("raw", "scaled", "logits", "detached")
COLOURS = {"tensorflow": "#e8710a", "jax": "#7b3fc4", "torch": "#0b8f8c"}
DASHES: dict[str, Any] = {"raw": (0, (4, 1.5)), "scaled": "-"}
LEGEND = {"raw": "pixels 0–255, as printed", "scaled": "pixels / 255"}
STYLE: dict[str, Any] = {
    "font.size": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11.5,
    "axes.xmargin": 0.01,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "lines.linewidth": 1.8,
}

Run = dict[str, Any]


def table(runs: list[Run]) -> str:
    """A Markdown table: one row a backend and variant, mean ± sample standard deviation over the seeds."""
    rows = ["| backend | variant | n | test accuracy, % | digits in use | silent, % | seconds |"]
    rows.append("|---|---|---|---|---|---|---|")
    for backend, name in BACKENDS.items():
        for variant in VARIANTS:
            group = chosen(runs, backend, variant)
            if group:
                accuracy = spread([100 * run["test_accuracy"] for run in group], ".2f")
                digits = ", ".join(str(run["digits_ever_answered"]) for run in group)
                silent = spread([100 * run["probe"][-1]["silent"] for run in group], ".1f")
                seconds = spread([run["seconds"] for run in group], ".0f")
                cells = (name, variant, str(len(group)), accuracy, digits, silent, seconds)
                rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def chosen(runs: list[Run], backend: str, variant: str) -> list[Run]:
    """The runs of one backend and variant, one a seed."""
    return [run for run in runs if (run["backend"], run["variant"]) == (backend, variant)]


def spread(values: list[float], form: str) -> str:
    """Mean ± sample standard deviation as text; the value alone where there is one only."""
    mean = f"{np.mean(values):{form}}"
    return f"{mean} ± {np.std(values, ddof=1):{form}}" if len(values) > 1 else mean


def draw(runs: list[Run], file: Path) -> None:
    """Draw the training loss (log scale) and the part of the training set that teaches nothing any more.

    Colour is the backend, dashes are raw pixels; a line is the mean over the seeds, its band their range.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.lines import Line2D

    small: dict[str, Any] = {"color": "#555555", "fontsize": 9, "ha": "right", "va": "bottom"}
    with plt.style.context(STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=(11.5, 4.8), width_ratios=(3, 2), layout="constrained")
        for backend, colour in COLOURS.items():
            for variant in DASHES:
                for run_axes, curve in ((left, loss_curve), (right, silent_curve)):
                    group = [curve(run) for run in chosen(runs, backend, variant)]
                    if group:
                        band(run_axes, group, colour, DASHES[variant])
        left.set(yscale="log", xlabel="epoch", title="Training loss")
        left.yaxis.set_major_formatter("{x:g}")
        left.minorticks_off()
        left.axhline(-np.log(1e-7), color="#777777", linewidth=0.9, linestyle=":")
        note = "−ln 10⁻⁷ = 16.1: as large as a clipped loss can get"
        left.text(0.98, 17, note, transform=left.get_yaxis_transform(), **small)
        right.set(xlabel="epoch", ylim=(-2, 100))
        right.set_title("Training images answered wrongly\nwith a gradient of exactly zero, %")
        right.text(
            0.98,
            3,
            "0: TensorFlow, and all three with pixels / 255",
            transform=right.get_yaxis_transform(),
            **small,
        )
        handles = [Line2D([], [], color=COLOURS[key], linewidth=3, label=BACKENDS[key]) for key in COLOURS]
        handles += [Line2D([], [], color="#444444", linestyle=DASHES[key], label=LEGEND[key]) for key in DASHES]
        figure.legend(handles=handles, loc="outside lower center", ncols=5, frameon=False)
        figure.savefig(file, dpi=160, facecolor="white")
        plt.close(figure)


def band(axes: "Axes", curves: list[tuple[Any, Any]], colour: str, dashes: Any) -> None:
    """Draw the mean of several seeds' curves, and their range as a band behind it."""
    x, y = curves[0][0], np.array([values for _, values in curves])  # (points,), (seeds, points)
    axes.plot(x, y.mean(axis=0), linestyle=dashes, color=colour)
    axes.fill_between(x, y.min(axis=0), y.max(axis=0), color=colour, alpha=0.15, linewidth=0)


def loss_curve(run: Run) -> tuple[Any, Any]:
    """Training loss against the epoch, each point in the middle of the steps it is the mean of."""
    points = len(run["loss"])
    return (np.arange(points) + 0.5) * run["epochs"] / points, run["loss"]


def silent_curve(run: Run) -> tuple[Any, Any]:
    """Per cent of the probed examples answered wrongly with a gradient of zero, at each epoch's end."""
    return np.arange(run["epochs"] + 1), [100 * look["silent"] for look in run["probe"]]
