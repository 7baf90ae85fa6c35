"""What a network's probabilities are worth: calibration, "unsure", "not a digit"."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sonsu.errors import ModelError

Status = Literal["read", "unsure"]

_SMALLEST = 1e-30  # keeps the logarithm of a probability that float32 has rounded to 0 finite


@dataclass(frozen=True)
class Calibration:
    """How to turn a network's probabilities into confidence.

    Attributes:
        temperature: what the logits are divided by (Guo et al. 2017); above 1 for a network that is too sure of itself.
        read_above: the least confidence of a digit that counts as read; below it, it is unsure.
        not_digit_weight: what the odds of "not a digit" are multiplied by, since training shows far more of them than
            reading does (Saerens, Latinne, Decaestecker 2002, "Adjusting the outputs of a classifier to new a priori
            probabilities").
    """

    temperature: float = 1.0
    read_above: float = 0.5
    not_digit_weight: float = 1.0

    @classmethod
    def from_card(cls, card: Mapping[str, Any]) -> "Calibration":
        """The calibration that a model's card holds; the neutral one where it holds none.

        Raises:
            ModelError: what it holds is no calibration.
        """
        held = {field.name: card.get(field.name, field.default) for field in fields(cls)}
        try:
            found = cls(**{name: float(value) for name, value in held.items()})
            is_sound = 0 < found.temperature < math.inf and found.read_above >= 0
            is_sound = is_sound and 0 <= found.not_digit_weight < math.inf
        except (TypeError, ValueError):
            is_sound = False
        if not is_sound:
            raise ModelError(f"a model's card says {held}; expected a temperature above 0, the others not below.")
        return found

    def apply(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """Calibrate probabilities.

        Args:
            probabilities: float32 (n, classes), rows adding up to 1.

        Returns:
            float32 (n, classes), rows adding up to 1, with the same digit the likeliest.
        """
        powered = np.maximum(probabilities, np.float32(_SMALLEST)) ** np.float32(1 / self.temperature)
        powered[:, 10:] *= np.float32(self.not_digit_weight)
        scaled: NDArray[np.float32] = powered / powered.sum(axis=1, keepdims=True)
        return scaled


@dataclass(frozen=True)
class Verdict:
    """What is said of one glyph.

    Attributes:
        label: the digit, or None when "not a digit" is likelier than any.
        confidence: the probability of the likeliest digit, also where the label is None.
        status: "read", or "unsure" below the threshold and for what is not a digit.
        probabilities: of the ten digits; what they lack of 1 is the probability that it is none.
    """

    label: int | None
    confidence: float
    status: Status
    probabilities: tuple[float, ...]


def judge(probabilities: NDArray[np.float32], read_above: float) -> Verdict:
    """Say what one row of calibrated probabilities, float32 (classes,), amounts to."""
    values = probabilities.tolist()
    digits = values[:10]
    confidence = max(digits)
    is_digit = len(values) == 10 or values[10] <= confidence
    label = digits.index(confidence) if is_digit else None
    status: Status = "read" if is_digit and confidence >= read_above else "unsure"
    return Verdict(label, confidence, status, tuple(digits))
