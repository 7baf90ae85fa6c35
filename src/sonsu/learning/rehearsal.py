"""Teach a network something new while it rehearses what it knows.

Each step shows new pictures, distorted in many ways, beside known ones. The target of a known one is what the network
itself said of it before (Li, Hoiem 2016, "Learning without forgetting"; Hinton, Vinyals, Dean 2015, "Distilling the
knowledge in a neural network"): so it stays as it is wherever nobody corrected it, its doubts included.
"""

import time
from collections.abc import Iterator, Mapping

import keras
import numpy as np
from numpy.typing import NDArray

from sonsu.learning.augment import Augmentation
from sonsu.learning.datasets import Dataset
from sonsu.learning.export import predict
from sonsu.learning.hardware import keep_memory
from sonsu.learning.outliers import NOT_A_DIGIT, outliers
from sonsu.learning.recipes import Recipe
from sonsu.learning.train import TorchSeeding

STEPS = 50  # an epoch
NEW_A_STEP, KNOWN_A_STEP = 32, 96
LEARNING_RATE = 3e-4

_KNOWN = 16_000  # images whose answers are kept
_NEW = 3000  # distorted pictures to draw from

Batch = tuple[NDArray[np.float32], NDArray[np.float32]]  # images (b, 28, 28, 1) in 0–1, targets (b, classes)


class Teacher:
    """Teaches copies of one network."""

    def __init__(self, model: keras.Model, recipe: Recipe, known: Dataset, seed: int) -> None:
        """Note what the network says of the known images, distorted ones and non-digits among them.

        Args:
            model: the network; it stays as it is.
            recipe: what it was trained with: its augmentation, and whether it knows non-digits.
            known: digits to rehearse.
            seed: of all chance here and in `teach`.
        """
        self._model, self._seed = model, seed
        self._epochs, self._shift = recipe.epochs, recipe.augmentation or Augmentation()
        rng = np.random.default_rng(seed)
        images = known.images[rng.permutation(len(known))[:_KNOWN]]
        half = len(images) // 2
        parts = [images[:half], self._shift.apply(images[half:], rng)]
        if model.output_shape[-1] > NOT_A_DIGIT:
            parts.append(outliers(images, len(images) // 8, rng))
        self._known = np.concatenate(parts)
        self._targets = predict(model, self._known)

    def teach(self, new: Dataset, validation: Dataset | None = None) -> tuple[keras.Model, list[Mapping[str, float]]]:
        """A copy that has learnt new pictures.

        Args:
            new: the pictures, with labels that the network has an answer for.
            validation: measured after each epoch, where given; nothing is chosen by it.

        Returns:
            The copy, and the history of its training, one dict an epoch.
        """
        keep_memory()
        keras.utils.set_random_seed(self._seed)
        model = keras.models.clone_model(self._model)
        model.set_weights(self._model.get_weights())
        normalisations = list(_normalisations(model))
        for layer in normalisations:  # so few pictures would upset its statistics
            layer.trainable = False
        schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, self._epochs * STEPS)
        model.compile(
            optimizer=keras.optimizers.Adam(schedule),
            loss="categorical_crossentropy",
            metrics=["accuracy"],
            jit_compile=keras.config.backend() == "jax",
        )
        history = _History()
        model.fit(
            self._batches(new),
            steps_per_epoch=STEPS,
            shuffle=False,
            epochs=self._epochs,
            validation_data=None if validation is None else self._arrays(validation.images, validation.labels),
            validation_batch_size=500,
            callbacks=[history, TorchSeeding(self._seed)],
            verbose=0,
        )
        for layer in normalisations:
            layer.trainable = True
        return model, history.rows

    def _batches(self, new: Dataset) -> Iterator[Batch]:
        rng = np.random.default_rng((self._seed, 1))
        which = np.arange(max(_NEW, len(new))) % len(new)
        shown = self._shift.apply(new.images[which], rng)
        plain = rng.random(len(which)) < 0.25
        shown[plain] = new.images[which[plain]]
        while True:
            drawn, known = rng.integers(0, len(which), NEW_A_STEP), rng.integers(0, len(self._known), KNOWN_A_STEP)
            images, targets = self._arrays(shown[drawn], new.labels[which[drawn]])
            yield (
                np.concatenate([images, _scaled(self._known[known])]),
                np.concatenate([targets, self._targets[known]]),
            )

    def _arrays(self, images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Batch:
        return _scaled(images), np.eye(self._targets.shape[1], dtype=np.float32)[labels]


def _normalisations(model: keras.Model) -> Iterator[keras.layers.BatchNormalization]:
    """Those of models within it, too: an ensemble is made of such."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _normalisations(layer)
        elif isinstance(layer, keras.layers.BatchNormalization):
            yield layer


class _History(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Loss, accuracy and time of each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Mapping[str, float]] = []
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Start the epoch's clock."""
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Note the epoch."""
        numbers = {name: float(value) for name, value in (logs or {}).items()}
        self.rows.append({"epoch": epoch + 1, **numbers, "seconds": round(time.perf_counter() - self._started, 3)})


def _scaled(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.multiply(images, np.float32(1 / 255), dtype=np.float32)[..., np.newaxis]
