"""The plots of a study, as PNG: its accuracy over the trials, and how much each parameter mattered."""

from collections.abc import Sequence
from pathlib import Path

import optuna
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState

_INK, _QUIET, _ACCENT = "#24292f", "#8a8f98", "#2f6fbf"


def plot_history(trials: Sequence[FrozenTrial], path: Path) -> None:
    """A dot a trial, the best so far as a line, trials given up below them as crosses.

    Args:
        trials: finished ones, at least one of them complete.
        path: the PNG file to write.
    """
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    numbers = [trial.number for trial in complete]
    values = [100 * float(trial.value or 0) for trial in complete]
    best = [max(values[: i + 1]) for i in range(len(values))]
    axes, figure = _axes(7.0, 3.6)
    bottom = min(values) - 0.08 * max(max(values) - min(values), 0.1)
    given_up = [trial.number for trial in trials if trial.state == TrialState.PRUNED]
    axes.plot(given_up, [bottom] * len(given_up), "x", color=_QUIET, markersize=5, label="given up early")
    axes.plot(numbers, values, "o", color=_ACCENT, alpha=0.6, markersize=5, label="a trial")
    axes.step(numbers, best, where="post", color=_INK, linewidth=1.6, label="best so far")
    axes.set_xlabel("trial")
    axes.set_ylabel("validation accuracy, %")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter("{x:.2f}")
    figure.legend(frameon=False, fontsize=9, loc="outside upper right", ncols=3)
    figure.savefig(path, dpi=130, metadata={"Software": None})


def plot_importance(study: optuna.Study, path: Path) -> None:
    """A bar a parameter: its share in what tells good trials from the others; nothing before four trials are complete.

    Args:
        study: with or without complete trials.
        path: the PNG file to write.

    Reference:
        Watanabe, Bansal, Hutter (2023), "PED-ANOVA: efficiently quantifying hyperparameter importance in arbitrary
        subspaces".
    """
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len(complete) < 4 or len({trial.value for trial in complete}) < 2:
        return
    shares = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
    names = list(shares)[::-1]
    axes, figure = _axes(7.0, 0.9 + 0.4 * len(names))
    bars = axes.barh(names, [shares[name] for name in names], color=_ACCENT, height=0.6)
    axes.bar_label(bars, fmt="{:.0%}", padding=4, fontsize=9, color=_INK)
    axes.set_xlabel("share of importance")
    axes.set_xlim(0, 1.12 * max([*shares.values(), 0.01]))
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.tick_params(axis="y", length=0)
    figure.savefig(path, dpi=130, metadata={"Software": None})


def _axes(width: float, height: float) -> tuple[Axes, Figure]:
    """Axes without a box, on white; a figure that no window system ever sees."""
    figure = Figure((width, height), layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=9, colors=_INK)
    return axes, figure
