"""Requests and answers of the Open Inference Protocol, version 2, with its binary tensors.

Reference:
    https://github.com/kserve/open-inference-protocol, and Triton's "Binary Tensor Data Extension",
    https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonsu.reading.glyph import SIZE
from sonsu.reading.network import open_session
from sonsu.serving.problems import ProblemError

BINARY_HEADER = "Inference-Header-Content-Length"
"""Of a body with binary tensors: how many bytes of JSON come before them."""

MOST_IMAGES = 4096
_BATCH = 256
_JSON_BYTES = 8 << 20  # twenty times as much memory at the worst, when it is parsed


@dataclass(frozen=True)
class Request:
    """What is asked: images, and how the answer should look.

    Attributes:
        images: float32 (n, 28, 28, 1).
        id: to be given back; None if there is none.
        binary: whether the answer's tensor is wanted as bytes.
    """

    images: NDArray[np.float32]
    id: str | None
    binary: bool


class InferenceNetwork:
    """The 28×28 network by the names that its ONNX file has: the same client works with that file in Triton."""

    def __init__(self, path: Path, name: str) -> None:
        """Load the file."""
        self._session, _ = open_session(path)
        given, taken = self._session.get_outputs()[0], self._session.get_inputs()[0]
        self.name = name
        self._input, self._output, self._classes = taken.name, given.name, int(given.shape[-1])

    def metadata(self) -> dict[str, Any]:
        """What the protocol tells of a model."""
        return {
            "name": self.name,
            "versions": ["1"],
            "platform": "onnxruntime_onnx",
            "inputs": [{"name": self._input, "datatype": "FP32", "shape": [-1, SIZE, SIZE, 1]}],
            "outputs": [{"name": self._output, "datatype": "FP32", "shape": [-1, self._classes]}],
        }

    def infer(self, body: bytes, header_length: str | None) -> tuple[bytes, int | None]:
        """Answer a request.

        Args:
            body: JSON, with binary tensors behind it or not.
            header_length: what `BINARY_HEADER` said, None where it was not there.

        Returns:
            The answer's body; how many bytes of it are JSON where a binary tensor follows.

        Raises:
            ProblemError: 400 where the request is not of the protocol or does not fit the network; 413 where its JSON
                is too long.
        """
        request = self._parse(body, header_length)
        batches = range(0, len(request.images), _BATCH)
        rows = np.concatenate(
            [self._session.run([self._output], {self._input: request.images[i : i + _BATCH]})[0] for i in batches]
        )
        return self._compose(request, rows.astype("<f4"))

    def _parse(self, body: bytes, header_length: str | None) -> Request:
        head, tail = _split(body, header_length)
        if len(head) > _JSON_BYTES:
            detail = f"at most {_JSON_BYTES >> 20} MiB of JSON; send many images as binary tensors"
            raise ProblemError(413, "body-too-large", detail)
        try:
            message = json.loads(head)
        except (ValueError, RecursionError):
            raise _refused("the body is not JSON") from None
        if not isinstance(message, dict):
            raise _refused("the body is not a JSON object")
        inputs = message.get("inputs")
        if not isinstance(inputs, list) or len(inputs) != 1 or not isinstance(inputs[0], dict):
            raise _refused(f'"inputs" must be a list of one tensor, {self._input!r}')
        marked = message.get("id")
        if marked is not None and not isinstance(marked, str):
            raise _refused('"id" must be text')
        return Request(self._images(inputs[0], tail), marked, self._wants_binary(message))

    def _images(self, tensor: dict[str, Any], tail: bytes) -> NDArray[np.float32]:
        if tensor.get("name") != self._input or tensor.get("datatype") != "FP32":
            raise _refused(f"the input must be {self._input!r} of datatype FP32")
        shape = tensor.get("shape")
        if not isinstance(shape, list) or not _fits(shape):
            raise _refused(f"the shape must be [n, {SIZE}, {SIZE}, 1] with n from 1 to {MOST_IMAGES}")
        size = _parameters(tensor).get("binary_data_size")
        if size is not None:
            if type(size) is not int or size != len(tail) or size != 4 * int(np.prod(shape)):
                raise _refused("binary_data_size is neither what the shape needs nor what was sent")
            values = np.frombuffer(tail, "<f4").astype(np.float32)
        else:
            values = _numbers(tensor.get("data"))
        if values.size != np.prod(shape) or not np.isfinite(values).all():
            raise _refused('"data" must hold as many finite numbers as the shape says')
        return values.reshape(shape)

    def _wants_binary(self, message: dict[str, Any]) -> bool:
        binary = _parameters(message).get("binary_data_output", False)
        outputs = message.get("outputs", [])
        if not isinstance(outputs, list) or not all(isinstance(output, dict) for output in outputs):
            raise _refused('"outputs" must be a list of objects')
        for output in outputs:
            if output.get("name") != self._output:
                raise _refused(f"the only output is {self._output!r}")
            asked = _parameters(output)
            if "classification" in asked:
                raise _refused("the classification extension is not there")
            binary = asked.get("binary_data", binary)
        return binary is True

    def _compose(self, request: Request, rows: NDArray[np.float32]) -> tuple[bytes, int | None]:
        output: dict[str, Any] = {"name": self._output, "datatype": "FP32", "shape": list(rows.shape)}
        answer = {"model_name": self.name, "model_version": "1", "outputs": [output]}
        if request.id is not None:
            answer["id"] = request.id
        if not request.binary:
            output["data"] = rows.ravel().tolist()
            return json.dumps(answer).encode(), None
        output["parameters"] = {"binary_data_size": rows.nbytes}
        head = json.dumps(answer).encode()
        return head + rows.tobytes(), len(head)


def _split(body: bytes, header_length: str | None) -> tuple[bytes, bytes]:
    if header_length is None:
        return body, b""
    if not header_length.isdecimal() or not 0 < int(header_length[:12]) <= len(body):
        raise _refused(f"{BINARY_HEADER} must be the number of bytes of JSON in the body")
    length = int(header_length[:12])
    return body[:length], body[length:]


def _fits(shape: list[Any]) -> bool:
    whole = len(shape) == 4 and all(type(side) is int for side in shape)
    return whole and shape[1:] == [SIZE, SIZE, 1] and 1 <= shape[0] <= MOST_IMAGES


def _numbers(data: Any) -> NDArray[np.float32]:
    """Numbers in any nesting, float32 (n,)."""
    if not isinstance(data, list):
        raise _refused('"data" must be a list of numbers')
    try:
        values = np.asarray(data)
    except (ValueError, OverflowError, RecursionError):
        raise _refused('"data" is ragged or too deep') from None
    if values.dtype.kind not in "iuf":
        raise _refused('"data" must be numbers')
    with np.errstate(over="ignore"):
        return values.astype(np.float32).ravel()


def _parameters(of: dict[str, Any]) -> dict[str, Any]:
    parameters = of.get("parameters", {})
    if not isinstance(parameters, dict):
        raise _refused('"parameters" must be an object')
    return parameters


def _refused(why: str) -> ProblemError:
    return ProblemError(400, "invalid-inference-request", f"{why}; GET /v2/models/NAME says what the model takes")
