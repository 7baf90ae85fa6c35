"""Learning from mistakes: a trained network is taught a user's own few dozen pictures, and keeps what it knows.

Both are measured before and after: a third of the corrections is held back from a first teaching, to see whether it
helps with pictures that were not in it; a second one, with all of them, makes the network that is kept. One that got
worse on what it knew, or no better on the corrections held back, is not written.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonsu.errors import DataError, SonsuError
from sonsu.learning import datasets, mnist, restore
from sonsu.learning.calibrate import calibrate
from sonsu.learning.config import make_config, write_json
from sonsu.learning.datasets import Dataset
from sonsu.learning.export import predict
from sonsu.learning.recipes import Recipe
from sonsu.learning.rehearsal import KNOWN_A_STEP, NEW_A_STEP, Teacher
from sonsu.learning.run import check_folders, finish, partial_folder
from sonsu.learning.train import check_labels, write_history
from sonsu.reading.confidence import Calibration

EPOCHS = 5
FEWEST = 6  # corrections: two to measure on

MARGIN = 0.002
"""How much accuracy on the validation share of what it knew may be lost: 10 images of MNIST's 5,000."""


@dataclass(frozen=True)
class Correction:
    """A run folder, and what the corrections changed.

    Attributes:
        folder: where it all lies.
        evaluation: the figures on the test set, as `sonsu.learning.evaluate.Evaluation.to_dict` gives them.
        n: the number of corrections.
        held_back: how many of them were held back to measure on.
        right_before: of these, how many the network read right before.
        right_after: how many it reads right when taught the others.
        known: what it rehearsed and is measured on: the SPEC.
        accuracy_before: on that one's validation share, 0 to 1.
        accuracy_after: the same of the network in the folder.
    """

    folder: Path
    evaluation: Mapping[str, Any]
    n: int
    held_back: int
    right_before: int
    right_after: int
    known: str
    accuracy_before: float
    accuracy_after: float


def finetune(
    model: str | Path,
    *,
    data: Sequence[str],
    test: str | None = "mnist:test",
    known: str | None = None,
    out: Path | None = None,
    epochs: int | None = None,
    seed: int = 0,
    data_dir: Path | None = None,
) -> Correction:
    """Teach a trained network some corrections and leave a run folder, as `sonsu.learning.run.run` does.

    Args:
        model: a shipped name, a run folder or an .onnx file with a card.
        data: SPECs of the corrections, such as ``folder:corrections``.
        test: the SPEC that is looked at once, at the end; None looks at the validation share of what is known.
        known: the SPEC to rehearse; MNIST's training part by default. Where MNIST is not on this machine, made-up
            strokes take its place, and that of the test set.
        out: the run folder; ``runs/MODEL-corrected`` by default.
        epochs: of 50 steps each; 5 by default.
        seed: of everything that is left to chance.
        data_dir: where MNIST is looked for first.

    Raises:
        SonsuError: it got worse on what it knew, or no better on the corrections; nothing is written.
        UsageError: the folder exists already.
        DataError: the data is missing or damaged, or there are too few corrections.
    """
    out = out or Path("runs") / f"{Path(model).stem}-corrected"
    partial = partial_folder(out)
    before, recipe, card = restore.load(model)
    recipe = replace(recipe, epochs=epochs or EPOCHS, batch_size=NEW_A_STEP + KNOWN_A_STEP)
    config = make_config(recipe, data, test, seed)
    check_folders(out, partial, config, resume=False)
    corrections = datasets.join([datasets.load(spec, data_dir) for spec in data])
    if len(corrections) < FEWEST:
        raise DataError(
            f"{corrections.name}: {len(corrections)} pictures are too few to learn from; at least {FEWEST} are needed, "
            "better a few dozen."
        )
    here = mnist.available(data_dir)
    known = known or ("mnist:train" if here else "strokes:12000")
    rehearsed, validation = datasets.split(datasets.load(known, data_dir), datasets.VALIDATION_SHARE, seed=0)
    shown = test if test and (here or not test.startswith("mnist:")) else None
    tested = datasets.load(shown, data_dir) if shown else validation
    check_labels(before, corrections, tested)

    calibration = Calibration.from_card(card)
    teacher = Teacher(before, recipe, rehearsed, seed)
    learnt, held = _third(corrections, seed)
    right_before, right_after = (_right(one, calibration, held) for one in (before, teacher.teach(learnt)[0]))
    after, history = teacher.teach(corrections, validation)
    known_before, known_after = (_right(one, calibration, validation) / len(validation) for one in (before, after))
    counts = len(corrections), len(held), right_before, right_after
    done = Correction(out, {}, *counts, known, known_before, known_after)
    _refuse_if_worse(done)

    partial.mkdir(parents=True)
    try:
        figures = {name: value for name, value in asdict(done).items() if name not in ("folder", "evaluation")}
        config |= {"from": str(model), "corrections": figures, "test": shown}
        write_json(config, partial / "config.json")
        write_history(history, partial / "history.csv")
        calibration = _recalibrated(calibration, before, after, validation, recipe)
        evaluation = finish(recipe, after, calibration, validation, tested, partial, config)
        partial.rename(out)
    except BaseException:  # nothing of it can be resumed
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return replace(done, evaluation=evaluation)


def _right(model: keras.Model, calibration: Calibration, data: Dataset) -> int:
    """How many pictures a model answers right."""
    return int((calibration.apply(predict(model, data.images)).argmax(axis=1) == data.labels).sum())


def _third(corrections: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    """Two thirds to learn from and one to measure on, each digit spread evenly; whole writers, where they are known."""
    names, first = np.unique(corrections.hands, return_index=True)
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(corrections.labels[first[order]], kind="stable")]
    held = np.isin(corrections.hands, names[order[np.arange(len(order)) % 3 == 1]])
    return _chosen(corrections, np.flatnonzero(~held)), _chosen(corrections, np.flatnonzero(held))


def _chosen(data: Dataset, which: NDArray[np.intp]) -> Dataset:
    return Dataset(data.name, data.images[which], data.labels[which])


def _refuse_if_worse(done: Correction) -> None:
    if done.accuracy_after < done.accuracy_before - MARGIN:
        raise SonsuError(
            f"the corrections would harm: on {done.known} (validation) {done.accuracy_before:.2%} were right before "
            f"and {done.accuracy_after:.2%} after, and no more than {MARGIN:.1%} may be lost. Nothing was written. "
            "Are all the pictures in the folder of the digit they show?"
        )
    if done.right_after <= done.right_before:
        raise SonsuError(
            f"the corrections would not help: of {done.held_back} held back while the others were learnt, "
            f"{done.right_before} were right before and {done.right_after} after. Nothing was written. More pictures "
            "of what is misread may help."
        )


def _recalibrated(
    calibration: Calibration, before: keras.Model, after: keras.Model, validation: Dataset, recipe: Recipe
) -> Calibration:
    """The old calibration, changed as much as one fitted to the known digits alone changes.

    The network was calibrated on more kinds of data than are here, harder ones too: so its threshold is never lowered.
    """
    was, now = (calibrate(model, validation, recipe, seed=0) for model in (before, after))
    return replace(
        calibration,
        temperature=round(calibration.temperature * now.temperature / was.temperature, 4),
        read_above=min(max(calibration.read_above, calibration.read_above + now.read_above - was.read_above), 0.99),
    )
