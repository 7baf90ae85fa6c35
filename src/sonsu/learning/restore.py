"""From an ONNX file back to a Keras model that can be trained on: so one file is shipped, not two.

The architecture is the recipe's that the file's card names; the weights are the file's, taken in the order in which the
graph uses them. The exporter multiplies batch normalisation into a convolution directly before it, and the layer is
left with the shift alone; elsewhere it becomes a product and a sum.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from sonsu.errors import ModelError, UsageError
from sonsu.learning import recipes
from sonsu.learning.export import TOLERANCE, load_keras, predict
from sonsu.reading.network import Network
from sonsu.reading.reader import find_model

Weights = list[NDArray[np.float32]]


def load(model: str | Path) -> tuple[keras.Model, recipes.Recipe, Mapping[str, Any]]:
    """A model to train on, from wherever it lies.

    Args:
        model: a shipped name, a run folder or an .onnx file with a card.

    Returns:
        The Keras model, from the run folder where there is one and otherwise restored; the recipe that it was trained
        with; the file's card.

    Raises:
        ModelError: there is none, or it cannot be restored.
    """
    path = find_model(model)
    network = Network(path)
    try:
        recipe = recipes.find(str(network.card["recipe"]))
    except (KeyError, UsageError):
        raise ModelError(
            f"{path}: its card names no recipe of this version of sonsu, so it cannot be trained on."
        ) from None
    saved = path.with_name("model.keras")
    restored = load_keras(saved) if path.name == "model.onnx" and saved.is_file() else restore(path, recipe.network())
    images = _samples()
    difference = float(np.abs(network.predict(images) - predict(restored, images)).max())
    if not difference <= TOLERANCE:
        raise ModelError(
            f"{path}: the Keras model made of it answers differently, by {difference:.1e}. "
            "Train on from the run folder that it came from, which has a model.keras."
        )
    return restored, recipe, network.card


def restore(path: Path, model: keras.Model) -> keras.Model:
    """Fill a fresh model with the weights of an ONNX file.

    Args:
        path: the .onnx file.
        model: convolutions, dense layers and batch normalisation, one after the other, as the file was made of; a layer
            before a normalisation has no bias of its own.

    Returns:
        The same model.

    Raises:
        ModelError: the file holds other layers.
    """
    found = _parameters(path)
    rest: NDArray[np.float32] | None = None  # scale and shift, (2, filters)
    try:
        for layer in model.layers:
            if isinstance(layer, layers.BatchNormalization):
                layer.set_weights(_only(layer, rest))
            elif layer.weights:
                kernel, scale, bias = next(found)
                if kernel.ndim == 4:  # ONNX: (filters, channels, h, w)
                    kernel = kernel.transpose(2, 3, 1, 0)
                layer.set_weights([kernel, bias] if layer.use_bias else [kernel])
                rest = None if layer.use_bias else np.stack([scale, bias])
        left = len(list(found))
    except (StopIteration, ValueError, AttributeError) as error:
        raise ModelError(f"{path}: its weights are not those of {model.name}: {error}") from None
    if left:
        raise ModelError(f"{path}: holds {left} layers more than {model.name}.")
    return model


def _only(layer: keras.Layer, rest: NDArray[np.float32] | None) -> Weights:
    """Weights that make a batch normalisation scale and shift by what is left: scale, shift, mean, variance."""
    ones = np.ones(layer.moving_mean.shape, np.float32)
    scale, shift = (ones, 0 * ones) if rest is None else rest
    return [scale, shift, 0 * ones, ones - np.float32(layer.epsilon)]


def _parameters(path: Path) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]]:
    """Kernel, scale and bias of each convolution and dense layer of a file, in the graph's order."""
    import onnx

    graph = onnx.load(path).graph
    arrays = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    users = {name: node for node in graph.node for name in node.input}

    def then(node: Any, kind: str, neutral: NDArray[np.float32]) -> tuple[Any, NDArray[np.float32]]:
        """The constant of the Mul or Add that comes next, pooling aside, and the node that it is of."""
        after = users.get(node.output[0])
        while after is not None and after.op_type == "MaxPool":
            after = users.get(after.output[0])
        given = [arrays[name] for name in after.input if name in arrays] if after and after.op_type == kind else []
        return (after, np.broadcast_to(np.ravel(given[0]), neutral.shape)) if given else (node, neutral)

    for node in graph.node:
        given = [arrays[name] for name in node.input if name in arrays]
        if node.op_type not in ("Conv", "MatMul", "Gemm") or not given:
            continue
        kernel = given[0]
        if node.op_type == "Gemm" and any(attribute.name == "transB" and attribute.i for attribute in node.attribute):
            kernel = kernel.T
        ones = np.ones(kernel.shape[0 if kernel.ndim == 4 else 1], np.float32)
        if len(given) > 1:
            yield kernel, ones, given[1]
        else:
            last, scale = then(node, "Mul", ones)
            yield kernel, scale, then(last, "Add", 0 * ones)[1]


def _samples() -> NDArray[np.uint8]:
    """Images to compare two models on, uint8 (64, 28, 28): noise, and discs of every size."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (64, 28, 28)).astype(np.uint8)
    y, x = np.mgrid[:28, :28]
    for i, image in enumerate(images[:32]):
        image[(y - 14) ** 2 + (x - 14) ** 2 > (i / 2) ** 2] = 0
    return images
