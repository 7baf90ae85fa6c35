"""The network at reading time: an ONNX session and the card that travels inside the file."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from sonsu.errors import ModelError
from sonsu.reading.glyph import SIZE

METADATA_KEY = "sonsu"
"""Under this key of the ONNX file's metadata lies its card, as JSON."""

_BATCH = 256
_OFF = 0.03  # that probabilities may add up to more or less: in steps of 1/256 eleven are half a step off each


def open_session(path: Path) -> tuple[ort.InferenceSession, str]:
    """An ONNX file ready to run on one thread, and its SHA-256.

    Raises:
        ModelError: the file is missing or damaged.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read model {str(path)!r}: {error.strerror}.") from None
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # threads cost more than they give at this size
    options.log_severity_level = 4
    try:
        session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(f"{path}: not a model that ONNX Runtime can load: {str(error).splitlines()[0]}") from None
    return session, hashlib.sha256(data).hexdigest()


def read_card(session: ort.InferenceSession, path: Path) -> Mapping[str, Any]:
    """What an ONNX file says of itself; nothing for a foreign one.

    Raises:
        ModelError: the card is damaged.
    """
    text = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY, "{}")
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError):
        raise ModelError(f"{path}: its card is not a JSON object: {text[:60]!r}. Export the model again.") from None


def check_probabilities(rows: NDArray[np.float32], path: Path) -> None:
    """See that a network's answers, (n, classes), are probabilities.

    Raises:
        ModelError: they are not; logits, mostly.
    """
    if not ((rows >= 0).all() and np.allclose(rows.sum(axis=1), 1, atol=_OFF)):
        raise ModelError(
            f"{path}: its answers are no probabilities, but such as {np.array2string(rows[0][:4], precision=2)}. "
            "End the network in a softmax."
        )


class Network:
    """A network of images 28×28 to probabilities, ready to run.

    Attributes:
        card: what the file says of itself: name, recipe, temperature…; empty for a foreign file.
        classes: 10, or 11 where the last is "not a digit".
        sha256: of the file.
    """

    card: Mapping[str, Any]
    classes: int
    sha256: str

    def __init__(self, path: Path) -> None:
        """Load an ONNX file.

        Args:
            path: an .onnx file with one input, float32 (n, 28, 28, 1), and one output (n, 10) or (n, 11).

        Raises:
            ModelError: the file is missing, damaged, of another shape, or gives no probabilities.
        """
        self._session, self.sha256 = open_session(path)
        self._input, self.classes = self._check(path)
        self.card = read_card(self._session, path)
        check_probabilities(self._run(np.zeros((1, SIZE, SIZE), np.uint8)), path)

    def _check(self, path: Path) -> tuple[str, int]:
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        takes = [f"{value.type} {value.shape}" for value in inputs]
        classes = outputs[0].shape[-1] if outputs[0].shape else None
        fits = len(inputs) == 1 and inputs[0].type == "tensor(float)" and inputs[0].shape[1:] == [SIZE, SIZE, 1]
        fits = fits and len(outputs[0].shape) == 2
        if not fits or isinstance(inputs[0].shape[0], int) or classes not in (10, 11):
            raise ModelError(
                f"{path}: takes {', '.join(takes) or 'nothing'} and gives {classes} values; expected one float input "
                "(n, 28, 28, 1) for any n, and 10 or 11 values. "
                "Export the model with `sonsu export` or train one with `sonsu train`."
            )
        return inputs[0].name, int(classes)

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Probabilities of each class, as the network gives them.

        Args:
            images: uint8 (n, 28, 28), MNIST's form, ink = 255.

        Returns:
            float32 (n, classes), rows adding up to 1.
        """
        if len(images) <= _BATCH:
            return self._run(images)
        return np.concatenate([self._run(images[i : i + _BATCH]) for i in range(0, len(images), _BATCH)])

    def _run(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        scaled = np.multiply(images, np.float32(1 / 255), dtype=np.float32)[..., np.newaxis]
        result: NDArray[np.float32] = self._session.run(None, {self._input: scaled})[0]
        return result
