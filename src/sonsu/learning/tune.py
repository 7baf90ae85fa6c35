"""`sonsu tune`: search a recipe's parameters on validation data with Optuna, on one machine or several at once.

The study lies in a journal file or a database; whoever opens it goes on with it. Its folder holds what came of it:

================ ===================================================================
study.journal    the study, where no other storage was named
best.json        the best parameters so far: a recipe file that `sonsu train` takes
trials.csv       every trial
history.png      its accuracy over the trials
importance.png   how much each parameter mattered
================ ===================================================================

References:
    Akiba et al. (2019), "Optuna: a next-generation hyperparameter optimization framework".
"""

import contextlib
import csv
import logging
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import optuna
from optuna.storages import BaseStorage, JournalStorage, RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState
from sqlalchemy.exc import IntegrityError, ProgrammingError, SQLAlchemyError

from sonsu.errors import UsageError
from sonsu.learning import datasets, recipes
from sonsu.learning.config import write_json
from sonsu.learning.train import fit
from sonsu.learning.tune_plots import plot_history, plot_importance

_FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
_HEARTBEAT_S = 30  # a trial of a process silent for twice as long is tried again; databases only
_OWN = "recipe"  # what the trial of the recipe as it is has as an attribute
_ATTEMPTS = 5  # to open a database that others begin at the same time


@dataclass(frozen=True)
class Tuning:
    """What a study has come to.

    Attributes:
        folder: where its files lie.
        trials: finished trials of the whole study, pruned ones included.
        accuracy: the best trial's on the validation data; None where no trial has finished.
        parameters: the best trial's.
    """

    folder: Path
    trials: int
    accuracy: float | None
    parameters: Mapping[str, float]


def tune(
    recipe_name: str,
    *,
    data: Sequence[str] = ("mnist:train",),
    trials: int = 50,
    timeout_s: float | None = None,
    storage: str | None = None,
    epochs: int | None = None,
    seed: int = 0,
    out: Path | None = None,
    data_dir: Path | None = None,
    say: Callable[[str], None] = lambda _line: None,
) -> Tuning:
    """Go on with a study, or begin it, until it has so many trials.

    The first trial is the recipe as it is. A trial whose validation accuracy after some epoch lies below the median of
    the trials before it is given up there. The test set is not touched.

    Args:
        recipe_name: one with a space in `sonsu.learning.recipes.SPACES`.
        data: SPECs; the same share of each is held back as in `sonsu train`, and the trials are measured on it.
        trials: finished trials of the whole study, whoever ran them.
        timeout_s: begin no trial after so many seconds.
        storage: a database's URL or a journal file's path; a journal file in the folder by default.
        epochs: instead of the recipe's own number.
        seed: of every trial's training; which parameters come next is left to chance.
        out: the folder; ``runs/tune-RECIPE`` by default.
        data_dir: where MNIST is looked for first.
        say: told a line a trial.

    Raises:
        UsageError: the recipe has nothing to tune, or the storage cannot be opened.
        DataError: the data is missing or damaged.
    """
    if recipe_name not in recipes.SPACES:
        raise UsageError(f"recipe {recipe_name!r} has nothing to tune. There are: {', '.join(recipes.SPACES)}.")
    out = out or Path("runs") / f"tune-{recipe_name}"
    out.mkdir(parents=True, exist_ok=True)
    study = open_study(recipe_name, storage or str(out / "study.journal"))
    epochs = epochs or recipes.find(recipe_name).epochs
    _check_settings(study, {"data": list(data), "epochs": epochs, "seed": seed})
    objective = _Objective(recipe_name, data, epochs, seed, data_dir)
    try:
        if _finished(study) < trials:
            study.optimize(
                objective,
                timeout=timeout_s,
                callbacks=[
                    optuna.study.MaxTrialsCallback(trials, states=_FINISHED),
                    lambda study, trial: say(_told(study, trial)),
                ],
            )
    finally:
        result = write_results(study, recipe_name, out)
    return result


def open_study(recipe_name: str, storage: str) -> optuna.Study:
    """The study of a recipe in a storage, begun there if need be, with the recipe's own parameters first.

    Raises:
        UsageError: the storage cannot be opened.
    """
    logging.getLogger("optuna").setLevel(logging.WARNING)
    try:
        study = optuna.create_study(
            storage=_open(storage),
            study_name=f"sonsu-{recipe_name}",
            direction="maximize",
            sampler=optuna.samplers.TPESampler(multivariate=True),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=1),
            load_if_exists=True,
        )
    except (OSError, ImportError, ValueError, SQLAlchemyError, optuna.exceptions.OptunaError) as error:
        said = str(error).strip().splitlines()[0]
        raise UsageError(
            f"cannot open the study in {storage!r}: {said}. Expected a journal file's path, or a URL such as "
            "postgresql://USER:PASSWORD@HOST/DATABASE."
        ) from None
    own = recipes.defaults(recipe_name)
    kept = (trial for trial in study.get_trials(deepcopy=False) if trial.state != TrialState.FAIL)  # interrupted
    if not any(_OWN in trial.user_attrs for trial in kept):
        study.enqueue_trial({key: own[key] for key in recipes.SPACES[recipe_name]}, user_attrs={_OWN: True})
    return study


def write_results(study: optuna.Study, recipe_name: str, out: Path) -> Tuning:
    """Write what the study has come to into a folder; the plots once there is something to show."""
    done = study.get_trials(deepcopy=False, states=_FINISHED)
    complete = [trial for trial in done if trial.state == TrialState.COMPLETE]
    _write_trials(done, list(recipes.SPACES[recipe_name]), out / "trials.csv")
    if not complete:
        return Tuning(out, len(done), None, {})
    best = study.best_trial
    about = {"validation_accuracy": best.value, "trial": best.number, "trials": len(done), **study.user_attrs}
    write_json({"recipe": recipe_name, "parameters": best.params, "study": about}, out / "best.json")
    plot_history(done, out / "history.png")
    plot_importance(study, out / "importance.png")
    return Tuning(out, len(done), best.value, best.params)


class _Objective:
    """One trial: train with the parameters that it suggests; the validation accuracy after the last epoch."""

    def __init__(self, recipe_name: str, data: Sequence[str], epochs: int, seed: int, data_dir: Path | None) -> None:
        self._name, self._epochs, self._seed = recipe_name, epochs, seed
        parts = [datasets.split(datasets.load(spec, data_dir), datasets.VALIDATION_SHARE, seed=0) for spec in data]
        self._training, self._validation = (datasets.join(side) for side in zip(*parts, strict=True))

    def __call__(self, trial: optuna.Trial) -> float:
        parameters = {name: _suggest(trial, name, span) for name, span in recipes.SPACES[self._name].items()}
        recipe = replace(recipes.RECIPES[self._name](**parameters), epochs=self._epochs)
        folder = Path(tempfile.mkdtemp(prefix="sonsu-trial-"))
        try:
            trained = fit(
                recipe,
                self._training,
                self._validation,
                seed=self._seed,
                folder=folder,
                callbacks=[_Pruning(trial)],
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            keras.backend.clear_session()
        return float(trained.history[-1]["val_accuracy"])


class _Pruning(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Reports each epoch to the study, which may give the trial up."""

    def __init__(self, trial: optuna.Trial) -> None:
        super().__init__()
        self._trial = trial

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Report the validation accuracy."""
        self._trial.report(float((logs or {})["val_accuracy"]), epoch)
        if epoch + 1 < self.params["epochs"] and self._trial.should_prune():
            raise optuna.TrialPruned


def _suggest(trial: optuna.Trial, name: str, span: recipes.Span) -> float:
    if isinstance(span.low, int) and isinstance(span.high, int):
        return trial.suggest_int(name, span.low, span.high, log=span.log)
    return trial.suggest_float(name, span.low, span.high, log=span.log)


def _open(storage: str) -> BaseStorage:
    if "://" not in storage:
        Path(storage).parent.mkdir(parents=True, exist_ok=True)
        return JournalStorage(JournalFileBackend(storage))
    if storage.startswith("postgresql://"):  # which of its drivers that means depends on SQLAlchemy's version
        storage = storage.replace("postgresql", "postgresql+psycopg", 1)
    for _ in range(_ATTEMPTS - 1):
        with contextlib.suppress(IntegrityError, ProgrammingError):  # others make the same tables in this moment
            return _database(storage)
        time.sleep(1.0)
    return _database(storage)


def _database(url: str) -> BaseStorage:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # heartbeats, since 2021
        return RDBStorage(
            url, heartbeat_interval=_HEARTBEAT_S, heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback()
        )


def _check_settings(study: optuna.Study, settings: Mapping[str, Any]) -> None:
    """See that all trials of a study are trained on the same, so that they can be compared."""
    for key, value in settings.items():
        before = study.user_attrs.get(key)
        if before is None:
            study.set_user_attr(key, value)
        elif before != value:
            raise UsageError(
                f"the study was begun with other {key}: {before!r}, now {value!r}. "
                "Go on with the same, or begin another study with another --out or --storage."
            )


def _finished(study: optuna.Study) -> int:
    return len(study.get_trials(deepcopy=False, states=_FINISHED))


def _told(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> str:
    chosen = ", ".join(f"{name} {value:.4g}" for name, value in trial.params.items())
    if trial.state == TrialState.COMPLETE:
        return f"trial {trial.number}: validation {trial.value:.2%}, best {study.best_value:.2%}  ({chosen})"
    return f"trial {trial.number}: given up after epoch {max(trial.intermediate_values, default=0) + 1}  ({chosen})"


def _write_trials(trials: Sequence[optuna.trial.FrozenTrial], names: Sequence[str], path: Path) -> None:
    draft = path.with_suffix(".tmp")
    with draft.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("trial", "state", "validation_accuracy", *names))
        for trial in trials:
            accuracy = trial.value if trial.state == TrialState.COMPLETE else ""
            rows.writerow(
                (trial.number, trial.state.name.lower(), accuracy, *(trial.params.get(name) for name in names))
            )
    draft.replace(path)
