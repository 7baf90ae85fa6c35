"""A network in whole numbers of 8 bits: a quarter of the file, and what small devices compute fastest with."""

import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime import quantization

from sonsu.learning.export import write_card
from sonsu.reading.network import open_session, read_card

_ENOUGH = 2000  # images of one digit


def quantise(path: Path, out: Path, batches: Iterable[NDArray[np.uint8]]) -> None:
    """Write an ONNX file in int8: weights per filter, values by the ranges that they take on some images.

    The file's input and output stay float32, and it carries the same card. Weights keep within 7 bits: processors
    without VNNI add pairs of products in 16 bits, which 8 bits overflow.

    Args:
        path: the .onnx file, of one digit or of lines.
        out: the file to write.
        batches: uint8 (n, h, w) each, what the network is trained on.

    Reference:
        Jacob et al. (2018), "Quantization and training of neural networks for efficient integer-arithmetic-only
        inference".
    """
    session, _ = open_session(path)
    name, card = session.get_inputs()[0].name, read_card(session, path)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".export-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        prepared, draft = Path(folder) / "prepared.onnx", Path(folder) / "model.onnx"
        quantization.quant_pre_process(path, prepared, skip_symbolic_shape=True)
        quantization.quantize_static(
            prepared,
            draft,
            _Batches({name: _scaled(batch)} for batch in batches),
            quant_format=quantization.QuantFormat.QDQ,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_exclude=_softmaxes(prepared),
            # What goes into the softmax stays as it is: in steps of 1/256 a confidence would be worth little.
            extra_options={"OpTypesToExcludeOutputQuantization": ["MatMul", "Gemm"]},
        )
        _shorten_names(draft)
        write_card(draft, card)
        draft.replace(out)


def some(images: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Enough of a data set's images, uint8 (n, 28, 28), in batches for `quantise`."""
    return np.array_split(images[:_ENOUGH], 10)


class _Batches(quantization.CalibrationDataReader):  # type: ignore[misc]  # it has no types
    """Hands one batch after another to ONNX Runtime."""

    def __init__(self, batches: Iterable[dict[str, NDArray[np.float32]]]) -> None:
        self._batches = iter(batches)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """The next batch, by the input's name; None after the last."""
        return next(self._batches, None)


def _softmaxes(path: Path) -> list[str]:
    return [node.name for node in onnx.load(path).graph.node if node.op_type == "Softmax"]


def _shorten_names(path: Path) -> None:
    """Number what the graph names: long names are a third of a small network's file."""
    proto = onnx.load(path)
    graph = proto.graph
    outside = {value.name for value in (*graph.input, *graph.output)}
    numbers: dict[str, str] = {}

    def short(name: str) -> str:
        return name if name in outside or not name else numbers.setdefault(name, str(len(numbers)))

    for tensor in graph.initializer:
        tensor.name = short(tensor.name)
    for node in graph.node:
        node.name = ""
        node.input[:] = [short(name) for name in node.input]
        node.output[:] = [short(name) for name in node.output]
    del graph.value_info[:]
    onnx.save(proto, path)


def _scaled(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.multiply(images, np.float32(1 / 255), dtype=np.float32)[..., np.newaxis]
