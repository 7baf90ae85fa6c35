"""Train a recipe: deterministic, resumable, and written as a run folder in one piece.

A folder holds the history and the checkpoint of the last whole epoch. Batches, their augmentation included, follow from
the seed and the epoch alone, never from what ran before, and the checkpoint holds weights, optimiser and the state of
dropout: so a resumed training ends where an unbroken one does.
"""

import csv
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import ZipFile

import keras
import numpy as np

from sonsu.errors import DataError
from sonsu.learning.batches import Batches, one_hot, scaled
from sonsu.learning.datasets import Dataset
from sonsu.learning.hardware import fitting, helpers, keep_memory
from sonsu.learning.networks import average
from sonsu.learning.recipes import Recipe

_DROPOUT = "sonsu-dropout.json"  # in the checkpoint's archive, beside Keras' own files

COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")


@dataclass(frozen=True, eq=False)
class Training:
    """A finished training.

    Attributes:
        model: the Keras model with its last epoch's weights, float32 whatever the recipe's precision.
        history: one dict an epoch, with the keys of `COLUMNS`.
        resumed_from: epochs that an earlier process had done.
    """

    model: keras.Model
    history: Sequence[Mapping[str, float]]
    resumed_from: int


def fit(
    recipe: Recipe,
    train: Dataset,
    validation: Dataset,
    *,
    seed: int,
    folder: Path,
    resume: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Training:
    """Train a recipe on data, keeping a checkpoint of every epoch in a folder.

    Args:
        recipe: what to train.
        train: the images to learn from.
        validation: the images that each epoch is measured on; nothing is chosen by them here.
        seed: the same seed, data, backend and machine give the same weights.
        folder: where history.csv and the checkpoint go; made if need be.
        resume: go on from the folder's checkpoint, if there is one.
        callbacks: more of Keras' callbacks, such as a progress bar.

    Raises:
        DataError: the data holds pictures that are not digits, and the recipe's network has no answer for them.
    """
    if recipe.members > 1:
        return _fit_members(recipe, train, validation, seed, folder, resume, callbacks)
    folder.mkdir(parents=True, exist_ok=True)
    keep_memory()
    keras.utils.set_random_seed(seed)
    _make_deterministic()
    batches = Batches(recipe, train, seed)
    checkpoints = Checkpoints(folder)
    done = checkpoints.latest() if resume else 0
    model = checkpoints.load(done) if done else _compiled(recipe, batches.steps)
    batches.classes = check_labels(model, train, validation)
    checkpoints.history = checkpoints.history[:done]
    if done < recipe.epochs:
        model.fit(
            batches.stream(done, recipe.epochs, helpers() if batches.are_slow else 1),
            steps_per_epoch=batches.steps,
            initial_epoch=done,
            epochs=recipe.epochs,
            shuffle=False,
            validation_data=(scaled(validation.images), one_hot(validation.labels, batches.classes)),
            validation_batch_size=500,
            callbacks=[checkpoints, TorchSeeding(seed), *callbacks],
            verbose=0,
        )
    else:  # Keras does this at the end of `fit`, after the last checkpoint
        model.optimizer.finalize_variable_values(model.trainable_weights)
    return Training(in_float32(model, recipe.network), checkpoints.history, done)


def _fit_members(
    recipe: Recipe,
    train: Dataset,
    validation: Dataset,
    seed: int,
    folder: Path,
    resume: bool,
    callbacks: Sequence[keras.callbacks.Callback],
) -> Training:
    """Train the members one after another, each in a folder of its own; the history is their mean."""
    trained = [
        fit(
            replace(recipe, members=1),
            train,
            validation,
            seed=seed * recipe.members + number,
            folder=folder / f"member-{number}",
            resume=resume,
            callbacks=callbacks,
        )
        for number in range(recipe.members)
    ]
    rows = zip(*(member.history for member in trained), strict=True)
    history = [{name: float(np.mean([row[name] for row in epoch])) for name in COLUMNS} for epoch in rows]
    write_history(history, folder / "history.csv")
    return Training(average([member.model for member in trained]), history, trained[0].resumed_from)


class Checkpoints(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Keeps history.csv and the whole state of the last epoch, each written beside and then renamed."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._started = 0.0
        self.history = read_history(folder / "history.csv")

    def latest(self) -> int:
        """How many epochs are done: the newest checkpoint that the history reaches."""
        numbers = [int(path.stem.rpartition("-")[2]) for path in self._folder.glob("checkpoint-[0-9]*.keras")]
        return max((n for n in numbers if n <= len(self.history)), default=0)

    def load(self, epoch: int) -> keras.Model:
        """The model as it was after so many epochs, its optimiser and the state of its dropout included."""
        model = keras.saving.load_model(self._path(epoch))
        with ZipFile(self._path(epoch)) as file:
            states = json.loads(file.read(_DROPOUT))
        for variable, state in zip(_dropout_states(model), states, strict=True):
            variable.assign(state)
        return model

    def clear(self) -> None:
        """Remove every checkpoint, members' too: the training is done."""
        for path in self._folder.rglob("checkpoint-*"):
            path.unlink()

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Start the epoch's clock."""
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Write the history first and then the checkpoint, so that a checkpoint always has its history."""
        numbers = {name: float(value) for name, value in (logs or {}).items()}
        seconds = round(time.perf_counter() - self._started, 3)
        self.history.append({"epoch": epoch + 1, **numbers, "seconds": seconds})
        write_history(self.history, self._folder / "history.csv")
        draft = self._folder / "checkpoint-draft.tmp.keras"
        self.model.save(draft)
        with ZipFile(draft, "a") as file:  # Keras leaves it out: a loaded model would drop other units
            states = [keras.ops.convert_to_numpy(state).tolist() for state in _dropout_states(self.model)]
            file.writestr(_DROPOUT, json.dumps(states))
        draft.replace(self._path(epoch + 1))
        self._path(epoch).unlink(missing_ok=True)

    def _path(self, epoch: int) -> Path:
        return self._folder / f"checkpoint-{epoch:05d}.keras"


class TorchSeeding(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Seeds PyTorch anew in each epoch: its dropout draws from a generator that no checkpoint holds."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed, self._epoch = seed, 0

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Note which epoch it is."""
        self._epoch = epoch

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Seed before the first batch is trained on, but after it was fetched: fetching draws numbers too."""
        if batch == 0 and keras.config.backend() == "torch":
            import torch

            torch.manual_seed(int(np.random.SeedSequence((self._seed, self._epoch)).generate_state(1)[0]))


def read_history(path: Path) -> list[dict[str, float]]:
    """A history.csv as one dict an epoch; empty where there is no such file."""
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        return [{name: float(row[name]) for name in COLUMNS} for row in csv.DictReader(file)]


def write_history(history: Sequence[Mapping[str, float]], path: Path) -> None:
    """Write a history.csv in one piece."""
    draft = path.with_suffix(".tmp")
    with draft.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(history)
    draft.replace(path)


def _compiled(recipe: Recipe, steps: int) -> keras.Model:
    model = built(recipe.network, recipe.precision)
    model.compile(
        optimizer=recipe.optimizer(steps * recipe.epochs),
        loss="categorical_crossentropy",
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
        # XLA makes convolutions several times slower on a CPU under TensorFlow; JAX has nothing else.
        jit_compile=keras.config.backend() == "jax",
    )
    # With the metric above, all variables are made now: TensorFlow traces a step that makes some twice.
    model.optimizer.build(model.trainable_variables)
    return model


def built(network: Callable[[], keras.Model], precision: str) -> keras.Model:
    """A fresh network that computes with one of Keras' policies, such as "mixed_bfloat16", if the machine knows it."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(fitting(precision))
    try:
        return network()
    finally:
        keras.config.set_dtype_policy(before)


def in_float32(model: keras.Model, network: Callable[[], keras.Model]) -> keras.Model:
    """A trained model's weights, which are float32 in any precision, in a network that computes in float32.

    It has no optimiser, either: that would keep plain Keras, or another backend's process, from loading it.
    """
    precise = built(network, "float32")
    precise.set_weights(model.get_weights())
    return precise


def _dropout_states(model: keras.Model) -> list[keras.Variable]:
    return [variable for variable in model.non_trainable_variables if variable.path.endswith("seed_generator_state")]


def _make_deterministic() -> None:
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def check_labels(model: keras.Model, *datasets: Dataset) -> int:
    """See that a network has an answer for every label; how many answers it has.

    Raises:
        DataError: some of the data is not digits, and the network knows only digits.
    """
    classes = int(model.output_shape[-1])
    for data in datasets:
        if data.labels.max() >= classes:
            raise DataError(f"{data.name} holds pictures that are not digits; this network knows only digits.")
    return classes
