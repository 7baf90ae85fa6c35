"""The Open Inference Protocol, asked by Triton's own client, and what does not belong to it."""

import json

import numpy as np
import pytest

import sonsu
from sonsu.reading.network import Network
from sonsu.reading.reader import find_model


@pytest.fixture(scope="module")
def triton(served):
    http = pytest.importorskip("tritonclient.http")
    with http.InferenceServerClient(served.removeprefix("http://")) as client:
        yield client


@pytest.fixture(scope="module")
def images(draw_digit, reader):
    """float32 (10, 28, 28, 1), the ten digits."""
    glyphs = [reader.find_glyph(255 - draw_digit(label)) for label in range(10)]
    return (np.stack(glyphs)[..., np.newaxis] / 255).astype(np.float32)


@pytest.fixture(scope="module")
def expected(images):
    return Network(find_model("default")).predict(np.rint(images[..., 0] * 255).astype(np.uint8))


def test_tritons_client_sees_a_server_that_is_ready(triton):
    assert triton.is_server_live() and triton.is_server_ready()
    assert triton.is_model_ready("default") and triton.is_model_ready("default", "1")
    assert not triton.is_model_ready("other")
    assert triton.get_server_metadata()["version"] == sonsu.__version__
    told = triton.get_model_metadata("default")
    assert (told["name"], told["versions"]) == ("default", ["1"])
    assert told["inputs"] == [{"name": "image", "datatype": "FP32", "shape": [-1, 28, 28, 1]}]


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
def test_tritons_client_infers(triton, images, expected, binary_in, binary_out):
    from tritonclient.http import InferInput, InferRequestedOutput

    name = triton.get_model_metadata("default")["outputs"][0]["name"]
    given = InferInput("image", images.shape, "FP32")
    given.set_data_from_numpy(images, binary_data=binary_in)
    wanted = [InferRequestedOutput(name, binary_data=binary_out)]
    result = triton.infer("default", [given], outputs=wanted, request_id="abc", model_version="1")
    assert np.allclose(result.as_numpy(name), expected, atol=1e-6)
    assert result.get_response()["id"] == "abc"


def test_tritons_client_infers_as_it_does_by_default(triton, images, expected):
    from tritonclient.http import InferInput

    given = InferInput("image", images.shape, "FP32")
    given.set_data_from_numpy(images)
    output = triton.infer("default", [given])
    assert np.allclose(output.as_numpy(output.get_response()["outputs"][0]["name"]), expected, atol=1e-6)


def message(images, **changes):
    tensor = {"name": "image", "datatype": "FP32", "shape": list(images.shape), "data": images.tolist()}
    return {"inputs": [tensor | changes]}


def test_nested_and_flat_data(ask, images, expected):
    for data in (images.tolist(), images.ravel().tolist()):
        answer = ask.post("/v2/models/default/infer", json=message(images, data=data)).json()
        [output] = answer["outputs"]
        assert output["shape"] == [10, 11]
        assert np.allclose(np.reshape(output["data"], (10, 11)), expected, atol=1e-6)


ONE = np.zeros((1, 28, 28, 1), np.float32)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 100_000,
        b'{"inputs": ' + b"9" * 5000 + b"}",
        b"\xff\xfe",
        json.dumps({"inputs": []}).encode(),
        json.dumps({"inputs": [1]}).encode(),
        json.dumps({"inputs": {}}).encode(),
        *(
            json.dumps(message(ONE, **wrong)).encode()
            for wrong in (
                {"name": "other"},
                {"datatype": "BYTES"},
                {"shape": [1, 28, 28]},
                {"shape": [0, 28, 28, 1]},
                {"shape": [-1, 28, 28, 1]},
                {"shape": [10**9, 28, 28, 1]},
                {"shape": [True, 28, 28, 1]},
                {"shape": "all"},
                {"data": []},
                {"data": None},
                {"data": ["x"] * 784},
                {"data": [None] * 784},
                {"data": [10**400] * 784},
                {"data": [1e39] * 784},
                {"data": [float("nan")] * 784},
                {"data": [[1, 2], [3]]},
                {"data": {}},
                {"parameters": []},
                {"parameters": {"binary_data_size": 3136}},
                {"parameters": {"binary_data_size": "all"}},
            )
        ),
        json.dumps(message(ONE) | {"outputs": 1}).encode(),
        json.dumps(message(ONE) | {"outputs": [{"name": "other"}]}).encode(),
        json.dumps(message(ONE) | {"id": 5}).encode(),
    ],
)
def test_what_is_not_of_the_protocol(ask, body):
    answer = ask.post("/v2/models/default/infer", content=body)
    assert answer.status_code == 400
    told = answer.json()
    assert told["type"] == "urn:sonsu:problem:invalid-inference-request"
    assert told["error"] == told["detail"]  # the protocol's own member


def test_many_images_come_as_bytes(ask, triton):
    from tritonclient.http import InferInput

    assert ask.post("/v2/models/default/infer", content=b"[" + b"[]," * 3_000_000).status_code == 413
    many = np.zeros((3000, 28, 28, 1), np.float32)
    given = InferInput("image", many.shape, "FP32")
    given.set_data_from_numpy(many)
    assert triton.infer("default", [given]).get_response()["outputs"][0]["shape"] == [3000, 11]


@pytest.mark.parametrize("length", ["-1", "0", "x", "99999999999999999999", "1.5", "\u0663"])
def test_a_wrong_length_of_the_header(ask, length):
    headers = {"Inference-Header-Content-Length": length.encode()}
    assert ask.post("/v2/models/default/infer", content=b"{}", headers=headers).status_code == 400


@pytest.mark.parametrize(
    "path", ["/v2/models/other", "/v2/models/default/versions/2", "/v2/models/..%2f..%2fetc/ready"]
)
def test_other_models(ask, path):
    assert ask.get(path).status_code == 404
