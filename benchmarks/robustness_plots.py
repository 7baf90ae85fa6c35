"""The plots of `robustness.py`, each once for a light and once for a dark page."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import mnist_c
import numpy as np
from numpy.typing import NDArray

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

Shares = Mapping[str, float]  # by the network's name, 0 to 1

_LABELS = {
    "mlp": "mlp, the tutorial's",
    "convnet": "convnet, Keras' example",
    "default": "default, fed straight",
    "default, reader": "default, through the reader",
}
_MARKS = {"mlp": "s", "convnet": "D", "default": "o", "default, reader": "o"}
_LIGHT = {"mlp": "#8a8f98", "convnet": "#d9730d", "default": "#2f6fbf", "default, reader": "#1a7f4b"}
_DARK = {"mlp": "#8d939d", "convnet": "#f0a04b", "default": "#72b5f5", "default, reader": "#5ccb8f"}
_TICKS = {"Turned": (-45, -30, -15, 0, 15, 30, 45), "Size": (0.5, 0.75, 1, 1.25, 1.5), "Stroke width": range(1, 7)}
_THEMES = {"light": ("#ffffff", "#24292f", "#d8dce2", _LIGHT), "dark": ("#0d1117", "#e6edf3", "#30363d", _DARK)}


def corruptions(results: Sequence[tuple[str, Shares]], images: NDArray[np.uint8], folder: Path) -> None:
    """A row a corruption, easiest for the convnet first: how it looks, and each network's accuracy."""
    clean, changed = results[0], sorted(results[1:], key=lambda result: -result[1]["convnet"])
    rows = [clean, *changed]
    samples = [
        images[0] if name == "none" else mnist_c.corrupt(name.replace(" ", "_"), images[:1])[0] for name, _ in rows
    ]
    for theme, figure, colours in _themes((8.6, 7.0)):
        axes = _dots(figure, colours, rows, left=0.235, bottom=0.105)
        axes.set_xlabel("answered right, %")
        axes.tick_params(axis="y", pad=42)
        _, bottom, _, height = axes.get_position().bounds
        step = height / len(rows)
        for row, sample in enumerate(samples):
            small = figure.add_axes((0.195, bottom + height - (row + 0.95) * step, 0.036, 0.9 * step))
            small.imshow(sample, cmap="gray", vmin=0, vmax=255)
            small.axis("off")
        _save(figure, folder, "robustness-mnist-c", theme)


def strangers(results: Sequence[tuple[str, Shares]], folder: Path) -> None:
    """A row a kind of picture that is no digit: the share that each network passes off as read."""
    for theme, figure, colours in _themes((8.6, 3.8)):
        axes = _dots(figure, colours, results, left=0.24, bottom=0.2)
        axes.set_xlabel("no digit, but given as one and as sure, %")
        _save(figure, folder, "robustness-strangers", theme)


def sweeps(curves: Sequence[tuple[str, str, Sequence[float], Sequence[Shares]]], folder: Path) -> None:
    """A panel a sweep, a line a network."""
    for theme, figure, colours in _themes((8.6, 3.5)):
        panels = figure.subplots(1, len(curves), sharey=True)
        for axes, (title, unit, values, accuracies) in zip(panels, curves, strict=True):
            for name in _LABELS:
                style = "--" if name == "default" else "-"
                shares = [100 * each[name] for each in accuracies]
                axes.plot(values, shares, style, **_mark(name, colours), linewidth=1.8)
            axes.set_title(f"{title},{unit}" if unit.startswith(" ") else f"{title}, {unit}", loc="left", fontsize=10.5)
            axes.set(ylim=(0, 103))
            axes.set_xticks(_TICKS[title])
            axes.grid(axis="y")
        panels[0].set_ylabel("answered right, %")
        figure.subplots_adjust(0.075, 0.2, 0.985, 0.9, wspace=0.08)
        figure.legend(handles=_handles(colours), loc="lower center", ncols=4, frameon=False, fontsize=9)
        _save(figure, folder, "robustness-sweeps", theme)


def _dots(
    figure: Figure, colours: Mapping[str, str], rows: Sequence[tuple[str, Shares]], left: float, bottom: float
) -> Axes:
    """Rows of dots from 0 to 100 %, a dot a network, tied together; with the legend below."""
    axes = figure.add_axes((left, bottom, 0.98 - left, 0.985 - bottom))
    for row, (_, shares) in enumerate(rows):
        values = [100 * shares[name] for name in _LABELS]
        axes.plot([min(values), max(values)], [row, row], color=plt.rcParams["grid.color"], linewidth=2, zorder=1)
        for name, value in zip(_LABELS, values, strict=True):
            axes.plot(value, row, **_mark(name, colours))
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.set(ylim=(len(rows) - 0.5, -0.5), xlim=(-1.2, 101.2))
    axes.grid(axis="x")
    figure.legend(handles=_handles(colours), loc="lower center", ncols=4, frameon=False, fontsize=9)
    return axes


def _mark(name: str, colours: Mapping[str, str]) -> dict[str, Any]:
    face = plt.rcParams["figure.facecolor"] if name == "default" else colours[name]
    return {
        "color": colours[name],
        "marker": _MARKS[name],
        "markersize": 6.5,
        "markerfacecolor": face,
        "markeredgewidth": 1.6,
        "zorder": 3 if name.startswith("default") else 2,
    }


def _handles(colours: Mapping[str, str]) -> list[Line2D]:
    return [Line2D([], [], linestyle="", label=label, **_mark(name, colours)) for name, label in _LABELS.items()]


def _themes(size: tuple[float, float]) -> Iterator[tuple[str, Figure, Mapping[str, str]]]:
    for theme, (paper, ink, line, colours) in _THEMES.items():
        with plt.style.context(_style(paper, ink, line)):
            yield theme, plt.figure(figsize=size), colours


def _style(paper: str, ink: str, line: str) -> dict[str, Any]:
    return {
        "font.size": 10,
        "figure.facecolor": paper,
        "axes.facecolor": paper,
        "axes.edgecolor": line,
        "axes.labelcolor": ink,
        "axes.titlecolor": ink,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.axisbelow": True,
        "xtick.color": ink,
        "ytick.color": ink,
        "ytick.major.size": 0,
        "text.color": ink,
        "grid.color": line,
        "grid.linewidth": 0.8,
    }


def _save(figure: Figure, folder: Path, name: str, theme: str) -> None:
    figure.savefig(folder / f"{name}-{theme}.png", dpi=150)
    plt.close(figure)
