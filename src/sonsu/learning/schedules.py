"""The optimisers of the recipes: functions from the number of steps of a whole training to a Keras optimiser.

A recipe sets the other arguments with `functools.partial`.
"""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

SETTLING = 4 / 22
"""The share of a training that the second of two cycles takes."""


def falling_adam(steps: int, rate: float = 4e-3) -> keras.optimizers.Optimizer:
    """Adam with Keras' own settings, but for the learning rate: it falls linearly from `rate` to 0."""
    return keras.optimizers.Adam(keras.optimizers.schedules.PolynomialDecay(rate, steps, end_learning_rate=0.0))


def one_cycle_adamw(
    steps: int,
    rate: float = 4e-3,
    *,
    weight_decay: float = 1e-2,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    average: float = 0.0,
) -> keras.optimizers.Optimizer:
    """AdamW, the learning rate rising to `rate` over the first tenth and falling to 0 along a cosine (Smith 2018).

    Args:
        steps: of the whole training.
        rate: the highest learning rate.
        weight_decay: what each step takes from a weight, as a share of the weight times the learning rate.
        beta_1: how long the mean of the gradients remembers.
        beta_2: how long the mean of their squares remembers.
        average: above 0, the trained weights are their exponential moving average with this momentum a step. Keras
            keeps it with the optimiser's state, so it is in every checkpoint.
    """
    return keras.optimizers.AdamW(
        OneCycle(steps, rate),
        weight_decay=weight_decay,
        beta_1=beta_1,
        beta_2=beta_2,
        use_ema=average > 0,
        ema_momentum=average,
    )


def two_cycles_adamw(steps: int) -> keras.optimizers.Optimizer:
    """AdamW, one cycle and then, while the training settles, a second one: from 0.001 to 0 along a cosine."""
    return keras.optimizers.AdamW(TwoCycles(steps, round(steps * (1 - SETTLING))), weight_decay=1e-2)


class Table(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]  # keras has no types
    """The learning rate of every step, made once and then looked up.

    Keras asks for the rate once and again for each variable: its own schedules are then a quarter of what
    TensorFlow traces before the first step.
    """

    def __init__(self, rates: NDArray[np.float64]) -> None:
        """Say what they are.

        Args:
            rates: float64 (steps,); the last one holds for all later steps.
        """
        self._rates = rates.astype(np.float32)

    def __call__(self, step: int) -> Any:
        """The learning rate at a step."""
        return keras.ops.take(self._rates, keras.ops.minimum(step, len(self._rates) - 1))


@keras.saving.register_keras_serializable("sonsu")
class OneCycle(Table):
    """Up from a fortieth of the highest rate over the first tenth, and down to 0 along a cosine."""

    def __init__(self, steps: int, rate: float) -> None:
        """Say how long and how high.

        Args:
            steps: of the whole training.
            rate: the highest learning rate.
        """
        super().__init__(_one_cycle(steps, rate))
        self._config = {"steps": steps, "rate": rate}

    def get_config(self) -> dict[str, float]:
        """What `__init__` was given."""
        return self._config


@keras.saving.register_keras_serializable("sonsu")
class TwoCycles(Table):
    """One cycle, and a second one that only falls."""

    def __init__(self, steps: int, first: int) -> None:
        """Say how long each is.

        Args:
            steps: of both.
            first: steps of the first.
        """
        super().__init__(np.concatenate([_one_cycle(first, 4e-3)[:first], _cosine(1e-3, max(steps - first, 1))]))
        self._config = {"steps": steps, "first": first}

    def get_config(self) -> dict[str, int]:
        """What `__init__` was given."""
        return self._config


def _one_cycle(steps: int, rate: float) -> NDArray[np.float64]:
    """The rates of a cycle, float64 (steps + 1,)."""
    warm = max(steps // 10, 1)
    return np.concatenate([np.linspace(rate / 40, rate, warm, endpoint=False), _cosine(rate, max(steps - warm, 1))])


def _cosine(rate: float, steps: int) -> NDArray[np.float64]:
    """Rates that fall to 0, float64 (steps + 1,)."""
    return rate / 2 * (1 + np.cos(np.linspace(0, np.pi, steps + 1)))
