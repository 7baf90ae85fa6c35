import json

import keras
import numpy as np
import onnx
import pytest
from keras import layers

from sonsu.errors import ModelError
from sonsu.learning import export as module
from sonsu.learning import networks, schedules
from sonsu.learning.export import TOLERANCE, export_line_onnx, export_onnx, load_keras, predict
from sonsu.learning.line_network import line_network
from sonsu.reading.network import METADATA_KEY, Network


def images(n):
    return np.random.default_rng(0).integers(0, 256, (n, 28, 28)).astype(np.uint8)


def scrambled(model):
    """The model with chance in all that a fresh one has at 0 or 1, the statistics of batch normalisation included."""
    rng = np.random.default_rng(1)
    model.set_weights([w if w.ndim > 1 else rng.uniform(0.5, 1.5, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def model():
    """Quick to export."""
    body = [layers.Flatten(), layers.Dropout(0.5), layers.Dense(10, activation="softmax")]
    return keras.Sequential([keras.Input((28, 28, 1)), *body])


@pytest.mark.parametrize("network", [networks.dense, networks.convnet])
def test_the_file_answers_as_the_keras_model(network, tmp_path):
    built = scrambled(network())
    difference = export_onnx(built, tmp_path / "a.onnx", images(50))
    loaded = Network(tmp_path / "a.onnx")
    actual, expected = loaded.predict(images(70)), predict(built, images(70))
    assert loaded.classes == built.output_shape[-1]
    assert difference <= TOLERANCE == 1e-5
    np.testing.assert_allclose(actual, expected, atol=1e-5)
    assert np.ptp(expected, axis=0).max() > 100 * TOLERANCE  # the answers are not all alike


def test_a_dilated_convolution_is_one_operation(tmp_path):
    lines = np.random.default_rng(0).integers(0, 256, (2, 40, 128)).astype(np.uint8)
    assert export_line_onnx(scrambled(line_network()), tmp_path / "a.onnx", lines, {}) <= TOLERANCE
    graph = onnx.load(tmp_path / "a.onnx").graph
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    dilations = [list(a.ints) for node in convolutions for a in node.attribute if a.name == "dilations"]
    assert (len(convolutions), dilations.count([1, 4])) == (14, 2)
    assert len(graph.node) < 3 * len(convolutions)  # and nothing around them that takes one apart


def test_a_trained_model_is_exported_without_optimiser_and_dropout(model, tmp_path):
    trained = keras.models.clone_model(model)
    trained.compile(schedules.falling_adam(2), "categorical_crossentropy")
    trained.fit(images(8)[..., np.newaxis] / np.float32(255), np.eye(10)[np.arange(8)], verbose=0)
    export_onnx(trained, tmp_path / "a.onnx", images(8))
    first, again = (Network(tmp_path / "a.onnx").predict(images(8)) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_a_file_with_an_optimiser_of_ours_is_loaded_without_it(model, tmp_path, monkeypatch):
    trained = keras.models.clone_model(model)
    trained.compile(schedules.one_cycle_adamw(2, rate=0.01, weight_decay=0.01), "categorical_crossentropy")
    trained.save(tmp_path / "a.keras")
    monkeypatch.delitem(keras.saving.get_custom_objects(), "sonsu>OneCycle")
    np.testing.assert_array_equal(load_keras(tmp_path / "a.keras").get_weights()[0], trained.get_weights()[0])


def test_the_card_travels_inside_the_file_and_nothing_lies_beside_it(model, tmp_path):
    card = {"name": "손", "temperature": 1.25, "data": ["mnist:train"]}
    export_onnx(model, tmp_path / "a.onnx", images(5), card)
    assert Network(tmp_path / "a.onnx").card == card
    proto = onnx.load(tmp_path / "a.onnx")
    onnx.checker.check_model(proto)
    assert {entry.key: json.loads(entry.value) for entry in proto.metadata_props}[METADATA_KEY] == card
    assert [path.name for path in tmp_path.iterdir()] == ["a.onnx"]


def test_without_a_card_the_file_has_an_empty_one(model, tmp_path):
    export_onnx(model, tmp_path / "new" / "folder" / "a.onnx", images(5))
    assert Network(tmp_path / "new" / "folder" / "a.onnx").card == {}


@pytest.mark.parametrize("error", [2e-5, np.nan])
def test_a_file_that_fails_the_check_is_not_written(model, tmp_path, monkeypatch, error):
    (tmp_path / "a.onnx").write_bytes(b"what was there before")
    monkeypatch.setattr(module, "predict", lambda *args: predict(*args) + np.float32(error))
    with pytest.raises(ModelError, match=r"differ from the Keras model's by .*more than 1e-05; nothing was written"):
        export_onnx(model, tmp_path / "a.onnx", images(5))
    assert [path.name for path in tmp_path.iterdir()] == ["a.onnx"]
    assert (tmp_path / "a.onnx").read_bytes() == b"what was there before"


def test_answers_that_are_known_are_what_the_file_is_checked_against(model, tmp_path):
    known = predict(model, images(5))
    export_onnx(model, tmp_path / "a.onnx", images(5), probabilities=known)
    with pytest.raises(ModelError, match="differ from the Keras model's"):
        export_onnx(model, tmp_path / "b.onnx", images(5), probabilities=known + np.float32(2e-5))


def test_an_export_that_breaks_off_leaves_nothing(model, tmp_path, monkeypatch):
    def broken(_model, path):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_convert", broken)
    with pytest.raises(KeyboardInterrupt):
        export_onnx(model, tmp_path / "a.onnx", images(5))
    assert list(tmp_path.iterdir()) == []


def test_a_child_process_that_fails_is_told(model, tmp_path, monkeypatch):
    monkeypatch.setattr(module.keras.config, "backend", lambda: "jax")
    monkeypatch.setattr(module.sys, "executable", "false")
    with pytest.raises(ModelError, match="the ONNX export by TensorFlow failed"):
        export_onnx(model, tmp_path / "a.onnx", images(5))
    assert list(tmp_path.iterdir()) == []


def test_predict_scales_to_one_and_gives_float32():
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten()])
    given = images(3)
    answers = predict(model, given)
    assert answers.dtype == np.float32
    np.testing.assert_allclose(answers, given.reshape(3, -1) / 255, rtol=1e-6)
