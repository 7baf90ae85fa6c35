"""The optimisers of the recipes: functions from the number of steps of a whole training to a Keras optimiser.

A recipe sets the other arguments with `functools.partial`.
"""

from typing import Any

import keras

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
        _one_cycle(steps, rate),
        weight_decay=weight_decay,
        beta_1=beta_1,
        beta_2=beta_2,
        use_ema=average > 0,
        ema_momentum=average,
    )


def two_cycles_adamw(steps: int) -> keras.optimizers.Optimizer:
    """AdamW, one cycle and then, while the training settles, a second one: from 0.001 to 0 along a cosine."""
    return keras.optimizers.AdamW(TwoCycles(steps, round(steps * (1 - SETTLING))), weight_decay=1e-2)


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
            _one_cycle(first, 4e-3),
            keras.optimizers.schedules.CosineDecay(1e-3, max(steps - first, 1), alpha=0.0),
        )

    def __call__(self, step: int) -> Any:
        """The learning rate at a step."""
        settling = keras.ops.maximum(step - self._first, 0)
        return keras.ops.where(step < self._first, self._cycles[0](step), self._cycles[1](settling))

    def get_config(self) -> dict[str, int]:
        """What `__init__` was given."""
        return {"steps": self._steps, "first": self._first}


def _one_cycle(steps: int, rate: float) -> keras.optimizers.schedules.LearningRateSchedule:
    warm = max(steps // 10, 1)
    return keras.optimizers.schedules.CosineDecay(
        rate / 40, max(steps - warm, 1), alpha=0.0, warmup_target=rate, warmup_steps=warm
    )
