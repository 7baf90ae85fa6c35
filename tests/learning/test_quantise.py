import keras
import numpy as np
import onnx
import pytest
from keras import layers

from sonsu.learning.export import export_onnx
from sonsu.learning.quantise import quantise
from sonsu.reading.network import Network


def images(n):
    return np.random.default_rng(0).integers(0, 256, (n, 28, 28)).astype(np.uint8)


@pytest.fixture(scope="module")
def quantised(tmp_path_factory):
    """A network and its int8 form."""
    keras.utils.set_random_seed(0)
    body = [
        layers.Conv2D(32, 3, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(4),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]
    folder = tmp_path_factory.mktemp("int8")
    model = keras.Sequential([keras.Input((28, 28, 1)), *body])
    body[-1].set_weights([20 * array for array in body[-1].get_weights()])  # answers that differ
    export_onnx(model, folder / "a.onnx", images(20), {"name": "a"})
    quantise(folder / "a.onnx", folder / "b.onnx", [images(50)])
    return folder


def test_answers_nearly_alike_and_carries_the_same_card(quantised):
    before, after = Network(quantised / "a.onnx"), Network(quantised / "b.onnx")
    assert after.card == before.card == {"name": "a"}
    expected, actual = before.predict(images(40)), after.predict(images(40))
    assert np.ptp(expected, axis=0).max() > 0.1
    np.testing.assert_allclose(actual, expected, atol=0.05)
    assert (actual != expected).any()


def test_the_weights_are_int8_and_the_file_is_smaller(quantised):
    kinds = {tensor.data_type for tensor in onnx.load(quantised / "b.onnx").graph.initializer if len(tensor.dims) > 1}
    assert kinds == {onnx.TensorProto.INT8}
    assert (quantised / "b.onnx").stat().st_size < 0.6 * (quantised / "a.onnx").stat().st_size
    assert sorted(path.name for path in quantised.iterdir()) == ["a.onnx", "b.onnx"]


def test_weights_keep_within_7_bits(quantised):
    weights = [
        onnx.numpy_helper.to_array(tensor)
        for tensor in onnx.load(quantised / "b.onnx").graph.initializer
        if tensor.data_type == onnx.TensorProto.INT8 and len(tensor.dims) > 1
    ]
    assert max(int(np.abs(array.astype(int)).max()) for array in weights) <= 64


def test_a_file_may_be_quantised_in_its_place(quantised, tmp_path):
    (tmp_path / "a.onnx").write_bytes((quantised / "a.onnx").read_bytes())
    quantise(tmp_path / "a.onnx", tmp_path / "a.onnx", [images(50)])
    np.testing.assert_array_equal(
        Network(tmp_path / "a.onnx").predict(images(5)), Network(quantised / "b.onnx").predict(images(5))
    )
