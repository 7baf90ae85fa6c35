"""A run: train a recipe, calibrate it, export it, look at the test set once, and leave a complete folder behind.

================ ===========================================================
model.keras      the Keras model
model.onnx       the same for reading, with its card inside
config.json      recipe, data, seed, versions, git revision, machine
history.csv      loss and accuracy of every epoch
evaluation.json  the figures on the test set
report.html      all of it to look at
================ ===========================================================
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from sonsu.errors import UsageError
from sonsu.learning import datasets, recipes
from sonsu.learning.augment import Augmentation
from sonsu.learning.batches import Batches
from sonsu.learning.calibrate import calibrate
from sonsu.learning.config import make_config, write_json
from sonsu.learning.evaluate import evaluate
from sonsu.learning.export import export_onnx, predict
from sonsu.learning.progress import TrainingProgress
from sonsu.learning.report import Check, write_report
from sonsu.learning.train import Checkpoints, check_labels, fit
from sonsu.reading.confidence import Calibration
from sonsu.reading.network import Network


@dataclass(frozen=True)
class Run:
    """A complete run folder and what came out of it.

    Attributes:
        folder: where it all lies.
        evaluation: the figures on the test set, as `sonsu.learning.evaluate.Evaluation.to_dict` gives them.
    """

    folder: Path
    evaluation: Mapping[str, Any]


def run(
    recipe_name: str,
    *,
    data: Sequence[str] = ("mnist:train",),
    test: str | None = "mnist:test",
    out: Path | None = None,
    epochs: int | None = None,
    seed: int = 0,
    resume: bool = False,
    data_dir: Path | None = None,
    show_progress: bool = False,
) -> Run:
    """Train a recipe from start to end.

    Args:
        recipe_name: a recipe's name or a recipe file, as `sonsu.learning.recipes.find` takes it.
        data: SPECs to train on; a twelfth of each is held back for validation.
        test: the SPEC that is looked at once, at the end; None looks at the validation data instead.
        out: the run folder; ``runs/RECIPE-seedN`` by default.
        epochs: instead of the recipe's own number.
        seed: of everything that is left to chance.
        resume: go on with an unfinished run of the same folder.
        data_dir: where MNIST is looked for first.
        show_progress: loss, accuracy and time left on stderr.

    Raises:
        UsageError: the folder exists already, or was begun with other settings.
        DataError: the data is missing or damaged.
    """
    recipe = recipes.find(recipe_name)
    if epochs is not None:
        recipe = replace(recipe, epochs=epochs)
    out = out or Path("runs") / f"{recipe.name}-seed{seed}"
    partial = partial_folder(out)
    config = make_config(recipe, data, test, seed)
    if resume and (complete := complete_run(out, config)):
        return complete
    check_folders(out, partial, config, resume)

    parts = [datasets.split(datasets.load(spec, data_dir), datasets.VALIDATION_SHARE, seed=0) for spec in data]
    training, validation = (datasets.join(side) for side in zip(*parts, strict=True))
    # Loaded now, so that a missing test set is not found out after hours of training; looked at in `finish` only.
    tested = datasets.load(test, data_dir) if test else validation
    check_labels(recipe.network(), training, validation, tested)
    Batches(recipe, training, seed)  # says what is wrong with the data before a folder says that a run was begun
    partial.mkdir(parents=True, exist_ok=True)
    write_json(config, partial / "config.json")
    progress = TrainingProgress(recipe.epochs)
    shown = [progress] if show_progress else []
    try:
        trained = fit(recipe, training, validation, seed=seed, folder=partial, resume=resume, callbacks=shown)
    finally:
        progress.stop()
    calibration = calibrate(trained.model, validation, recipe, seed=0)
    evaluation = finish(recipe, trained.model, calibration, validation, tested, partial, config)
    Checkpoints(partial).clear()
    partial.rename(out)
    return Run(out, evaluation)


def finish(
    recipe: recipes.Recipe,
    model: keras.Model,
    calibration: Calibration,
    validation: datasets.Dataset,
    tested: datasets.Dataset,
    folder: Path,
    config: Mapping[str, Any],
) -> Mapping[str, Any]:
    """Export, evaluate and report a trained and calibrated model; the evaluation on the test set."""
    raw = predict(model, tested.images)
    probabilities = calibration.apply(raw)
    evaluation = evaluate(probabilities, tested.labels).to_dict() | {"data": tested.name}
    write_json(evaluation, folder / "evaluation.json")
    figures = {key: evaluation[key] for key in ("data", "n", "accuracy")}
    card = {"recipe": recipe.name, "summary": recipe.summary, "data": config["data"], "evaluation": figures}
    export_onnx(model, folder / "model.onnx", tested.images, card | asdict(calibration), raw)
    model.save(folder / "model.keras")
    checks = _checks(Network(folder / "model.onnx"), calibration, validation, recipe)
    write_report(folder, model, tested, probabilities, checks)
    return evaluation


def _checks(
    network: Network, calibration: Calibration, validation: datasets.Dataset, recipe: recipes.Recipe
) -> list[Check]:
    """The exported file's calibrated answers to the validation data, as it is and shifted towards what pictures do."""
    shift = recipe.augmentation or Augmentation()
    shifted = shift.apply(validation.images, np.random.default_rng(1))  # calibration has seen another one, of seed 0
    return [
        Check(name, calibration.apply(network.predict(images)), validation.labels)
        for name, images in (("Validation data", validation.images), ("Validation data, distorted", shifted))
    ]


def partial_folder(out: Path) -> Path:
    """The folder beside a run's in which it is made.

    Raises:
        UsageError: there is nothing beside it, as with ``.`` or ``/``.
    """
    if not out.name:
        raise UsageError(f"{out} exists already and is never overwritten. Choose another --out.")
    return out.with_name(out.name + ".partial")


def complete_run(out: Path, config: Mapping[str, Any]) -> Run | None:
    """The complete run of these settings that a folder holds; None where it holds none.

    Raises:
        UsageError: it holds one of others.
    """
    if not (out / "config.json").is_file():
        return None
    _compare(out, config, ("recipe", "data", "test", "seed"))
    return Run(out, json.loads((out / "evaluation.json").read_text("utf-8")))


def check_folders(out: Path, partial: Path, config: Mapping[str, Any], resume: bool) -> None:
    """See that nothing is overwritten, and that what is resumed was begun with the same settings."""
    if out.exists():
        raise UsageError(f"{out} exists already and is never overwritten. Choose another --out, or remove it.")
    if not partial.exists():
        return
    if not resume:
        raise UsageError(f"{partial} holds an unfinished run. Add --resume to go on with it, or remove it.")
    if (partial / "config.json").is_file():
        _compare(partial, config, ("recipe", "data", "seed", "backend"))


def _compare(folder: Path, config: Mapping[str, Any], keys: Sequence[str]) -> None:
    before = json.loads((folder / "config.json").read_text("utf-8"))
    changed = [key for key in keys if before[key] != config[key]]
    if changed:
        raise UsageError(
            f"{folder} was begun with another {' and '.join(changed)}: "
            + "; ".join(f"{key} {before[key]!r}, now {config[key]!r}" for key in changed)
            + ". Resume with the same, or remove it."
        )
