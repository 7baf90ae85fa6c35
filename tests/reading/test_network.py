"""`sonsu.reading.network`: small ONNX files made here, checked against NumPy."""

import hashlib
import json

import numpy as np
import pytest
from scipy.special import softmax

from sonsu.errors import ModelError
from sonsu.reading.network import METADATA_KEY, Network
from sonsu.reading.reader import find_model

onnx = pytest.importorskip("onnx", reason="the models are made with onnx: pip install 'sonsu[train]'")


@pytest.fixture
def make(tmp_path):
    """`make(shape, classes, …)`: one dense layer with softmax as an .onnx file; its path and weights."""

    def build(shape=("n", 28, 28, 1), classes=10, inputs=("image",), kind="FLOAT", card=None, axes=2, answer="row"):
        from onnx import TensorProto, helper, numpy_helper

        size = int(np.prod(shape[1:]))
        weights = np.random.default_rng(0).normal(0, 0.05, (size, classes)).astype(np.float32)
        nodes = [
            helper.make_node("Cast", [inputs[0] if inputs else "none"], ["float"], to=TensorProto.FLOAT),
            helper.make_node("Flatten", ["float"], ["flat"]),
            helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["row"]),
            helper.make_node("ReduceSum", ["row"], ["answer"], keepdims=0)
            if axes == 0
            else helper.make_node("Identity", [answer], ["answer"]),
        ]
        held = [numpy_helper.from_array(weights, "weights")]
        if not inputs:
            held.append(numpy_helper.from_array(np.zeros((1, *shape[1:]), np.float32), "none"))
        graph = helper.make_graph(
            nodes,
            "dense",
            [helper.make_tensor_value_info(name, getattr(TensorProto, kind), shape) for name in inputs],
            [helper.make_tensor_value_info("answer", TensorProto.FLOAT, ["n", classes] if axes else [])],
            held,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        if card is not None:
            helper.set_model_props(model, {METADATA_KEY: card})
        path = tmp_path / "dense.onnx"
        path.write_bytes(model.SerializeToString())
        return path, weights

    return build


@pytest.mark.parametrize("classes", [10, 11])
@pytest.mark.parametrize("count", [0, 1, 256, 257, 600])
def test_probabilities_against_numpy(make, classes, count):
    path, weights = make(classes=classes)
    network = Network(path)
    images = np.random.default_rng(1).integers(0, 256, (count, 28, 28), dtype=np.uint8)
    expected = softmax(images.reshape(count, 784) / 255 @ weights, axis=1)
    result = network.predict(images)
    assert result.dtype == np.float32
    assert network.classes == classes
    np.testing.assert_allclose(result, expected, atol=1e-6)


def test_its_card_and_hash(make):
    card = {"name": "한글", "temperature": 1.5}
    path, _ = make(card=json.dumps(card))
    network = Network(path)
    assert network.card == card
    assert network.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert Network(make()[0]).card == {}, "a foreign file has none"


@pytest.mark.parametrize("card", ["{", "[1, 2]", "7"])
def test_a_damaged_card(make, card):
    with pytest.raises(ModelError, match="its card is not a JSON object"):
        Network(make(card=card)[0])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"shape": ("n", 28, 28)}, r"takes tensor\(float\) \['n', 28, 28\]"),
        ({"shape": ("n", 28, 28, 3)}, r"\['n', 28, 28, 3\]"),
        ({"shape": ("n", 32, 32, 1)}, r"\['n', 32, 32, 1\]"),
        ({"shape": (1, 28, 28, 1)}, r"\[1, 28, 28, 1\].* for any n"),
        ({"kind": "UINT8"}, r"takes tensor\(uint8\)"),
        ({"classes": 26}, "gives 26 values; expected .* 10 or 11"),
        ({"axes": 0}, "gives None values"),
        ({"answer": "logits"}, r"its answers are no probabilities, but such as \[.*End the network in a softmax"),
        ({"inputs": ("image", "mask")}, r"takes tensor\(float\) .*, tensor\(float\) "),
        ({"inputs": ()}, "takes nothing"),
    ],
)
def test_models_that_do_something_else(make, options, says):
    with pytest.raises(ModelError, match=says) as caught:
        Network(make(**options)[0])
    assert "dense.onnx" in str(caught.value)
    assert str(caught.value).isprintable()


def test_files_that_are_no_models(tmp_path):
    path = tmp_path / "no.onnx"
    with pytest.raises(ModelError, match=r"cannot read model .*no\.onnx.*: No such file"):
        Network(path)
    whole = find_model("default").read_bytes()
    for data in (b"", b"hello", whole[: len(whole) // 2], bytes(1000)):
        path.write_bytes(data)
        with pytest.raises(ModelError, match=r"no\.onnx: ") as caught:
            Network(path)
        assert "\n" not in str(caught.value)
