"""The network that reads a whole line, at reading time: an ONNX session."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonsu.errors import ModelError
from sonsu.reading.line_form import HEIGHT
from sonsu.reading.network import open_session, read_card

CLASSES = 12


class LineNetwork:
    """A network of a line's form to probabilities for each four pixels, ready to run.

    Attributes:
        card: what the file says of itself.
        sha256: of the file.
    """

    card: Mapping[str, Any]
    sha256: str

    def __init__(self, path: Path) -> None:
        """Load an ONNX file.

        Args:
            path: an .onnx file with one input, float32 (n, 40, w, 1), and one output, logits (n, w / 4, 12).

        Raises:
            ModelError: the file is missing, damaged or of another shape.
        """
        self._session, self.sha256 = open_session(path)
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        shape, classes = inputs[0].shape, outputs[0].shape[-1]
        if len(inputs) != 1 or len(shape) != 4 or shape[1] != HEIGHT or classes != CLASSES:
            raise ModelError(f"{path}: takes {shape} and gives {classes} values; expected (n, 40, w, 1) and 12.")
        self._input = inputs[0].name
        self.card = read_card(self._session, path)

    def predict(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Probabilities of one line.

        Args:
            image: uint8 (40, w), w a multiple of 4, as `sonsu.reading.line_form.line_form` makes it.

        Returns:
            float32 (w / 4, 12), rows adding up to 1: blank, the ten digits, another mark.
        """
        scaled = np.multiply(image, np.float32(1 / 255), dtype=np.float32)[np.newaxis, ..., np.newaxis]
        return softmax(self._session.run(None, {self._input: scaled})[0][0])


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities of logits float32 (…, classes)."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    scaled: NDArray[np.float32] = raised / raised.sum(axis=-1, keepdims=True)
    return scaled
