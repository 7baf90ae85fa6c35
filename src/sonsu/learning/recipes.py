"""The recipes: all that makes a training what it is, but for the data and the seed.

A recipe is a function that returns a frozen `Recipe`; its parts are plain functions too, so that a recipe of your own
is a few lines of Python::

    from dataclasses import replace
    longer = replace(recipes.mlp(), epochs=18)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from sonsu.errors import UsageError
from sonsu.learning import networks
from sonsu.learning.augment import Augmentation


@dataclass(frozen=True)
class Recipe:
    """How to train one network.

    Attributes:
        name: what `sonsu train` calls it.
        summary: one line for `sonsu recipes`.
        network: builds a fresh model with softmax outputs.
        optimizer: builds the optimiser, given the number of steps of the whole training.
        epochs: passes over the training data.
        batch_size: images a step.
        augmentation: None, or what happens to each image anew in each epoch.
        outliers: made-up pictures that are not digits, as a share of the training images; needs 11 classes.
        label_smoothing: share of each target that is spread over all classes.
        settling: share of the epochs, at the end, in which each chance of a defect is halved (`Augmentation.calmer`).
        precision: Keras' policy while training; "mixed_bfloat16" is twice as fast on processors that know bfloat16. The
            weights are float32 either way, and so is the trained network.
    """

    name: str
    summary: str
    network: Callable[[], keras.Model]
    optimizer: Callable[[int], keras.optimizers.Optimizer]
    epochs: int
    batch_size: int
    augmentation: Augmentation | None = None
    outliers: float = 0.0
    label_smoothing: float = 0.0
    settling: float = 0.0
    precision: str = "float32"


def mlp() -> Recipe:
    """The post's recipe: Dense(512, relu), Dense(10, softmax), Adam, batch 128, 10 epochs, pixels scaled to 0–1.

    One thing differs from the post: Adam's learning rate falls from 0.004 to 0 instead of staying at 0.001. That was
    chosen on the validation split (docs/experiments.md) and costs nothing.
    """
    return Recipe(
        name="mlp",
        summary="the post's network: 512 hidden units, pixels scaled to 0–1",
        network=networks.dense,
        optimizer=falling_adam,
        epochs=10,
        batch_size=128,
    )


def default() -> Recipe:
    """The shipped network: a small convnet, augmented towards what pictures do, with an answer for non-digits."""
    return Recipe(
        name="default",
        summary="a small convnet for new handwriting: augmentation, and an answer for what is not a digit",
        network=networks.convnet,
        optimizer=two_cycles_adamw,
        epochs=22,
        batch_size=256,
        augmentation=Augmentation(),
        outliers=0.12,
        label_smoothing=0.005,
        settling=_SETTLING,
        precision="mixed_bfloat16",
    )


_SETTLING = 4 / 22

RECIPES: dict[str, Callable[[], Recipe]] = {"mlp": mlp, "default": default}


def find(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in RECIPES:
        raise UsageError(f"no recipe is called {name!r}. There are: {', '.join(RECIPES)}.")
    return RECIPES[name]()


def falling_adam(steps: int) -> keras.optimizers.Optimizer:
    """Adam with Keras' own settings, but for the learning rate: it falls linearly from 0.004 to 0."""
    return keras.optimizers.Adam(keras.optimizers.schedules.PolynomialDecay(4e-3, steps, end_learning_rate=0.0))


def one_cycle_adamw(steps: int) -> keras.optimizers.Optimizer:
    """AdamW, the learning rate rising to 0.004 over the first tenth and falling to 0 along a cosine (Smith 2018)."""
    return keras.optimizers.AdamW(_one_cycle(steps), weight_decay=1e-2)


def two_cycles_adamw(steps: int) -> keras.optimizers.Optimizer:
    """AdamW, one cycle and then, while the training settles, a second one: from 0.001 to 0 along a cosine."""
    return keras.optimizers.AdamW(TwoCycles(steps, round(steps * (1 - _SETTLING))), weight_decay=1e-2)


@keras.saving.register_keras_serializable("sonsu")
class TwoCycles(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]  # keras has no types
    """One cycle, and a second one that only falls."""

    def __init__(self, steps: int, first: int) -> None:
        """Say how long each is.

        Args:
            steps: of both.
            first: steps of the first.
        """
        self._steps, self._first = steps, first
        self._cycles = (
            _one_cycle(first),
            keras.optimizers.schedules.CosineDecay(1e-3, max(steps - first, 1), alpha=0.0),
        )

    def __call__(self, step: int) -> Any:
        """The learning rate at a step."""
        settling = keras.ops.maximum(step - self._first, 0)
        return keras.ops.where(step < self._first, self._cycles[0](step), self._cycles[1](settling))

    def get_config(self) -> dict[str, int]:
        """What `__init__` was given."""
        return {"steps": self._steps, "first": self._first}


def _one_cycle(steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    warm = max(steps // 10, 1)
    return keras.optimizers.schedules.CosineDecay(
        1e-4, max(steps - warm, 1), alpha=0.0, warmup_target=4e-3, warmup_steps=warm
    )
