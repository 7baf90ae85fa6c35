"""From a Keras model to an ONNX file that carries its card, checked before it is written.

Keras' own ONNX export works best from TensorFlow (it needs more packages on PyTorch and has none on JAX), and a
``.keras`` file is the same on all three: so a model of another backend is exported by a TensorFlow child process.
"""

import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np
from numpy.typing import NDArray

from sonsu.errors import ModelError
from sonsu.reading.glyph import SIZE
from sonsu.reading.line_network import LineNetwork, softmax
from sonsu.reading.network import METADATA_KEY, Network, check_probabilities

TOLERANCE = 1e-5
"""How far a probability of the exported file may lie from the Keras model's: float32 sums in another order."""


def export_onnx(
    model: keras.Model,
    path: Path,
    images: NDArray[np.uint8],
    card: Mapping[str, Any] | None = None,
    probabilities: NDArray[np.float32] | None = None,
) -> float:
    """Write a model as ONNX, once it has given the same answers as the Keras model.

    Args:
        model: takes float32 (n, 28, 28, 1) in 0–1, gives probabilities.
        path: the file to write; it appears only when the check has passed.
        images: uint8 (n, 28, 28) to check on.
        card: what the file says of itself, JSON values.
        probabilities: float32 (n, classes), the Keras model's answers to the images, where they are known.

    Returns:
        The largest difference of a probability.

    Raises:
        ModelError: the export failed, or the difference is above `TOLERANCE`.
    """
    expected = predict(model, images) if probabilities is None else probabilities
    return _export(model, path, card or {}, lambda draft: Network(draft).predict(images) - expected)


def export_line_onnx(model: keras.Model, path: Path, images: NDArray[np.uint8], card: Mapping[str, Any]) -> float:
    """Write a line network as ONNX, checked as `export_onnx` does.

    Args:
        model: takes float32 (n, 40, w, 1) in 0–1, gives logits.
        path: the file to write.
        images: uint8 (n, 40, w) to check on.
        card: what the file says of itself, JSON values.

    Returns:
        The largest difference of a probability.

    Raises:
        ModelError: the export failed, or the difference is above `TOLERANCE`.
    """

    def differences(draft: Path) -> NDArray[np.float32]:
        logits = model.predict(np.multiply(images, np.float32(1 / 255))[..., np.newaxis], verbose=0)
        network = LineNetwork(draft)
        return np.stack([network.predict(image) for image in images]) - softmax(np.asarray(logits, np.float32))

    return _export(model, path, card, differences)


def _export(
    model: keras.Model, path: Path, card: Mapping[str, Any], differences: Callable[[Path], NDArray[np.float32]]
) -> float:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
        draft = Path(folder) / "model.onnx"
        _convert(model, draft)
        write_card(draft, card)
        difference = float(np.abs(differences(draft)).max())
        if not difference <= TOLERANCE:
            raise ModelError(
                f"the ONNX file's probabilities differ from the Keras model's by {difference:.1e}, more than "
                f"{TOLERANCE:.0e}; nothing was written. Please report this with the versions of keras and tf2onnx."
            )
        draft.replace(path)
    return difference


def load_keras(path: Path) -> keras.Model:
    """The model in a .keras file, without its optimiser if one is in it.

    Raises:
        ModelError: the file is missing, damaged or not a Keras model.
    """
    try:
        return keras.saving.load_model(path, compile=False)
    except (ValueError, OSError, KeyError, TypeError, BadZipFile) as error:
        said = (str(error) or type(error).__name__).splitlines()[0]
        raise ModelError(f"{path}: not a Keras model that can be loaded: {said}") from None


def load_digits_model(path: Path) -> keras.Model:
    """The model in a .keras file, of single digits.

    Raises:
        ModelError: as `load_keras`; or it takes other images, or gives something else than 10 or 11 probabilities.
    """
    model = load_keras(path)
    try:
        answers = predict(model, np.zeros((1, SIZE, SIZE), np.uint8))
        fits = answers.shape in ((1, 10), (1, 11))
    except (ValueError, TypeError):  # of Keras, for images of another shape or several answers
        fits = False
    if not fits:
        takes, gives = (getattr(model, name, "?") for name in ("input_shape", "output_shape"))
        raise ModelError(
            f"{path}: takes {takes} and gives {gives}; expected (None, 28, 28, 1) and 10 or 11 probabilities. "
            "Begin the network with keras.Input((28, 28, 1))."
        )
    check_probabilities(answers, path)
    return model


def predict(model: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A Keras model's probabilities, float32 (n, classes), of images uint8 (n, 28, 28)."""
    scaled = np.multiply(images, np.float32(1 / 255), dtype=np.float32)[..., np.newaxis]
    return np.asarray(model.predict(scaled, batch_size=500, verbose=0), np.float32)


def _convert(model: keras.Model, path: Path) -> None:
    if keras.config.backend() == "tensorflow":
        return _convert_here(model, path)
    saved = path.with_suffix(".keras")
    model.save(saved)
    command = [sys.executable, "-m", "sonsu.learning.export", str(saved), str(path)]
    environment = os.environ | {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 our own module
    if done.returncode != 0:
        raise ModelError(f"the ONNX export by TensorFlow failed: {done.stderr.strip().splitlines()[-1:]}")
    return None


class _Dilated(keras.layers.Conv2D):  # type: ignore[misc]  # keras has no types
    """A dilated convolution, padded to keep its size, as one operation.

    On a CPU Keras has TensorFlow take such a convolution apart, into one of every nth column between a dozen reshapes,
    as its gradient wants. A file that only reads has no need of that.
    """

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """What `call` computes, but for the bias."""
        import tensorflow as tf

        sizes = [(size - 1) * step for size, step in zip(self.kernel_size, self.dilation_rate, strict=True)]
        around = [[0, 0], *([size // 2, size - size // 2] for size in sizes), [0, 0]]
        return tf.nn.conv2d(inputs, kernel, self.strides, around, dilations=self.dilation_rate)


def _with_whole_dilations(model: keras.Model) -> keras.Model:
    """The same network, its dilated convolutions in one piece."""

    def clone(layer: keras.Layer) -> keras.Layer:
        return (_Dilated if _is_dilated(layer) else type(layer)).from_config(layer.get_config())

    whole = keras.models.clone_model(model, clone_function=clone)
    whole.set_weights(model.get_weights())
    return whole


def _is_dilated(layer: keras.Layer) -> bool:
    return isinstance(layer, keras.layers.Conv2D) and max(layer.dilation_rate) > 1


def _convert_here(model: keras.Model, path: Path) -> None:
    if any(map(_is_dilated, model.layers)):
        model = _with_whole_dilations(model)
    # The training optimiser and dropout have no place in the file: a fresh functional call is what gets traced.
    model(np.zeros([size or 64 for size in (1, *model.input_shape[1:])], np.float32), training=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # Keras' exporter asks NumPy for an alias that is gone
        model.export(path, format="onnx", verbose=False)


def write_card(path: Path, card: Mapping[str, Any]) -> None:
    """Write a card into an ONNX file, instead of the one in it."""
    import onnx

    proto = onnx.load(path)
    onnx.helper.set_model_props(proto, {METADATA_KEY: json.dumps(card)})
    onnx.save(proto, path)


if __name__ == "__main__":
    _convert_here(load_keras(Path(sys.argv[1])), Path(sys.argv[2]))
