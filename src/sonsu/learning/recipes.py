"""The recipes: all that makes a training what it is, but for the data and the seed.

A recipe is a function that returns a frozen `Recipe`; its parts are plain functions too, so that a recipe of your own
is a few lines of Python::

    from dataclasses import replace
    longer = replace(recipes.mlp(), epochs=18)

What `sonsu tune` may choose are the keyword arguments of a recipe's function; `SPACES` says from where to where.
"""

import inspect
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import keras

from sonsu.errors import UsageError
from sonsu.learning import networks
from sonsu.learning.augment import Augmentation
from sonsu.learning.distort import Distortion
from sonsu.learning.schedules import SETTLING, falling_adam, one_cycle_adamw, two_cycles_adamw


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
        settling: share of the epochs, at the end, in which each chance of a defect is halved (`Augmentation.calmer`),
            and in the last third of which it is halved again.
        members: networks, each trained with a seed of its own, whose mean is the trained network.
        precision: Keras' policy while training; "mixed_bfloat16" is twice as fast on processors that know bfloat16, and
            "float32" takes its place on those that do not. The trained network is float32 either way.
    """

    name: str
    summary: str
    network: Callable[[], keras.Model]
    optimizer: Callable[[int], keras.optimizers.Optimizer]
    epochs: int
    batch_size: int
    augmentation: Augmentation | Distortion | None = None
    outliers: float = 0.0
    label_smoothing: float = 0.0
    settling: float = 0.0
    members: int = 1
    precision: str = "float32"


def mlp(*, rate: float = 4e-3, units: int = 512, batch_size: int = 128) -> Recipe:
    """The post's recipe: Dense(512, relu), Dense(10, softmax), Adam, batch 128, 10 epochs, pixels scaled to 0–1.

    One thing differs from the post: Adam's learning rate falls from 0.004 to 0 instead of staying at 0.001. That was
    chosen on the validation split (docs/experiments.md) and costs nothing.

    Args:
        rate: the learning rate of the first step.
        units: of the hidden layer.
        batch_size: images a step.
    """
    return Recipe(
        name="mlp",
        summary=f"the post's network: {units} hidden units, pixels scaled to 0–1",
        network=partial(networks.dense, units=units),
        optimizer=partial(falling_adam, rate=rate),
        epochs=10,
        batch_size=batch_size,
    )


def deep_mlp(
    *,
    rate: float = 3e-3,
    weight_decay: float = 1e-2,
    dropout: float = 0.2,
    elastic_px: float = 0.4,
    batch_size: int = 256,
    average: float = 0.999,
) -> Recipe:
    """No convolution, but three wide layers and a new distortion of every image in every epoch.

    After Cireşan, Meier, Gambardella, Schmidhuber (2010), "Deep, big, simple neural nets for handwritten digit
    recognition": 99.65 % with 12 M parameters and elastic distortion on a GPU.

    Args:
        rate: the highest learning rate of the cycle.
        weight_decay: of AdamW.
        dropout: share of each layer's units that is left out.
        elastic_px: how far the images are bent.
        batch_size: images a step.
        average: momentum of the weights' moving average.
    """
    return Recipe(
        name="deep-mlp",
        summary="fully connected, deeper and normalised, every image bent anew in every epoch",
        network=partial(networks.deep_dense, dropout=dropout),
        optimizer=partial(one_cycle_adamw, rate=rate, weight_decay=weight_decay, average=average),
        epochs=100,
        batch_size=batch_size,
        augmentation=Distortion(elastic_px=elastic_px),
        precision="mixed_bfloat16",
    )


def nano(
    *,
    rate: float = 1.5e-2,
    weight_decay: float = 1e-2,
    rotation_deg: float = 5.0,
    elastic_px: float = 0.5,
    batch_size: int = 256,
) -> Recipe:
    """The most that fewer than 10,000 parameters can do; distorted mildly, for so few cannot learn everything.

    Args:
        rate: the highest learning rate of the cycle.
        weight_decay: of AdamW.
        rotation_deg: how far the images are turned.
        elastic_px: how far they are bent.
        batch_size: images a step.
    """
    return Recipe(
        name="nano",
        summary="fewer than 10,000 parameters: for the smallest devices",
        network=networks.nano,
        optimizer=partial(one_cycle_adamw, rate=rate, weight_decay=weight_decay),
        epochs=60,
        batch_size=batch_size,
        augmentation=Distortion(
            rotation_deg=rotation_deg, shear=0.08, scale=0.04, stretch=0.04, shift_px=0.5, elastic_px=elastic_px
        ),
    )


def fast(
    *,
    rate: float = 2e-2,
    weight_decay: float = 1e-2,
    beta_1: float = 0.9,
    beta_2: float = 0.99,
    elastic_px: float = 0.4,
    batch_size: int = 256,
) -> Recipe:
    """As much accuracy as about a minute on two cores can buy.

    Args:
        rate: the highest learning rate of the cycle.
        weight_decay: of AdamW.
        beta_1: of AdamW.
        beta_2: of AdamW; shorter than usual, for there are few steps.
        elastic_px: how far the images are bent.
        batch_size: images a step.
    """
    return Recipe(
        name="fast",
        summary="as accurate as about a minute on two cores allows",
        network=networks.fast,
        optimizer=partial(one_cycle_adamw, rate=rate, weight_decay=weight_decay, beta_1=beta_1, beta_2=beta_2),
        epochs=8,
        batch_size=batch_size,
        augmentation=Distortion(
            rotation_deg=4.0, shear=0.06, scale=0.03, stretch=0.03, shift_px=0.4, elastic_px=elastic_px
        ),
        precision="mixed_bfloat16",
    )


def default() -> Recipe:
    """The shipped network: a small convnet, augmented towards what pictures do, with an answer for non-digits."""
    return Recipe(
        name="default",
        summary="a small convnet for new handwriting: augmentation, and an answer for what is not a digit",
        network=networks.convnet,
        optimizer=two_cycles_adamw,
        epochs=36,
        batch_size=256,
        augmentation=Augmentation(),
        outliers=0.12,
        label_smoothing=0.005,
        settling=SETTLING,
        precision="mixed_bfloat16",
    )


def best(
    *,
    rate: float = 5e-3,
    weight_decay: float = 2e-2,
    dropout: float = 0.3,
    rotation_deg: float = 4.0,
    elastic_px: float = 0.5,
    label_smoothing: float = 0.02,
    average: float = 0.998,
) -> Recipe:
    """The most accurate single network on MNIST's own images; distorted mildly, for its test set is no more than that.

    Args:
        rate: the highest learning rate of the cycle.
        weight_decay: of AdamW.
        dropout: share of the last layer's inputs that is left out.
        rotation_deg: how far the images are turned.
        elastic_px: how far they are bent.
        label_smoothing: share of each target that is spread over all classes.
        average: momentum of the weights' moving average.
    """
    return Recipe(
        name="best",
        summary="the most accurate single network on MNIST's own images",
        network=partial(networks.best, dropout=dropout),
        optimizer=partial(one_cycle_adamw, rate=rate, weight_decay=weight_decay, average=average),
        epochs=60,
        batch_size=256,
        augmentation=Distortion(
            rotation_deg=rotation_deg, shear=0.08, scale=0.03, stretch=0.04, shift_px=0.4, elastic_px=elastic_px
        ),
        label_smoothing=label_smoothing,
        precision="mixed_bfloat16",
    )


def ensemble(*, members: int = 5) -> Recipe:
    """Several `best` of different seeds, and the mean of their probabilities as one network."""
    return replace(best(), name="ensemble", summary=f"{members} of `best`, their answers averaged", members=members)


RECIPES: dict[str, Callable[..., Recipe]] = {
    "mlp": mlp,
    "deep-mlp": deep_mlp,
    "nano": nano,
    "fast": fast,
    "default": default,
    "best": best,
    "ensemble": ensemble,
}


@dataclass(frozen=True)
class Span:
    """Where `sonsu tune` looks for a number; whole numbers where both ends are.

    Attributes:
        low: the smallest.
        high: the largest.
        log: even in the number's logarithm rather than in the number.
    """

    low: float
    high: float
    log: bool = False


Space = Mapping[str, Span]

_SHARES = {"dropout", "label_smoothing", "average", "beta_1", "beta_2"}
_RATE, _DECAY = Span(1e-3, 3e-2, log=True), Span(1e-3, 3e-1, log=True)

SPACES: dict[str, Space] = {
    "mlp": {
        "rate": Span(5e-4, 1e-2, log=True),
        "units": Span(64, 1024, log=True),
        "batch_size": Span(32, 512, log=True),
    },
    "deep-mlp": {"rate": _RATE, "weight_decay": _DECAY, "dropout": Span(0.0, 0.5), "elastic_px": Span(0.1, 1.5)},
    "nano": {"rate": _RATE, "weight_decay": _DECAY, "rotation_deg": Span(0.0, 10.0), "elastic_px": Span(0.0, 1.0)},
    "fast": {
        "rate": _RATE,
        "weight_decay": _DECAY,
        "beta_1": Span(0.6, 0.95),
        "beta_2": Span(0.9, 0.999),
        "elastic_px": Span(0.0, 1.0),
    },
    "best": {
        "rate": _RATE,
        "weight_decay": _DECAY,
        "dropout": Span(0.0, 0.6),
        "rotation_deg": Span(0.0, 12.0),
        "elastic_px": Span(0.0, 1.5),
        "label_smoothing": Span(0.0, 0.1),
    },
}
"""What `sonsu tune` chooses, by the recipe: keyword arguments of its function."""


def find(name: str) -> Recipe:
    """The recipe of that name, or in a recipe file, as `sonsu tune` writes it.

    Args:
        name: as in `RECIPES`, or the path of a JSON file: ``{"recipe": NAME, "parameters": {ARGUMENT: VALUE}}``.

    Raises:
        UsageError: there is none, or the file is not such a file.
    """
    if name in RECIPES:
        return RECIPES[name]()
    if not name.endswith(".json"):
        raise UsageError(
            f"no recipe is called {name!r}. There are: {', '.join(RECIPES)}; or name a recipe file, *.json."
        )
    return _from_file(Path(name))


def defaults(name: str) -> dict[str, float]:
    """A recipe's parameters as they are when nobody sets them."""
    return {key: given.default for key, given in inspect.signature(RECIPES[name]).parameters.items()}


def _from_file(path: Path) -> Recipe:
    form = 'expected {"recipe": NAME, "parameters": {…}}, as `sonsu tune` writes it'
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        name, parameters = str(content["recipe"]), dict(content["parameters"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: not a recipe file: {error!r}; {form}.") from None
    if name not in RECIPES:
        raise UsageError(f"{path}: no recipe is called {name!r}. There are: {', '.join(RECIPES)}.")
    known = defaults(name)
    unknown = [key for key in parameters if key not in known]
    if unknown:
        raise UsageError(f"{path}: {name} has no {', '.join(unknown)}. It has: {', '.join(known) or 'no parameters'}.")
    return RECIPES[name](**{key: _fitting(key, value, known[key], path) for key, value in parameters.items()})


def _fitting(key: str, value: object, default: float, path: Path) -> float:
    """A parameter as its recipe takes it: a whole number where the default is one."""
    whole = isinstance(default, int)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise UsageError(f"{path}: {key}: expected a number from 0 on, received {value!r}.")
    if key in _SHARES and value >= 1:
        raise UsageError(f"{path}: {key}: expected a share below 1, received {value!r}.")
    if whole and (value != int(value) or value < 1):
        raise UsageError(f"{path}: {key}: expected a whole number from 1 on, received {value!r}.")
    return int(value) if whole else value
