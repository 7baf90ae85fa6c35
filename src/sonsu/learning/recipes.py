"""The recipes: all that makes a training what it is, but for the data and the seed.

A recipe is a function that returns a frozen `Recipe`; its parts are plain functions too, so that a recipe of your own
is a few lines of Python::

    from dataclasses import replace
    longer = replace(recipes.mlp(), epochs=18)
"""

from collections.abc import Callable
from dataclasses import dataclass

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
        optimizer=one_cycle_adamw,
        epochs=18,
        batch_size=256,
        augmentation=Augmentation(),
        outliers=0.12,
        label_smoothing=0.005,
        precision="mixed_bfloat16",
    )


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
    warm = max(steps // 10, 1)
    schedule = keras.optimizers.schedules.CosineDecay(
        1e-4, max(steps - warm, 1), alpha=0.0, warmup_target=4e-3, warmup_steps=warm
    )
    return keras.optimizers.AdamW(schedule, weight_decay=1e-2)
