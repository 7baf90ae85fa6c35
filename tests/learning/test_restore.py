"""ONNX files made back into Keras models, whose answers must be the file's."""

import keras
import numpy as np
import pytest
from keras import layers

from sonsu.errors import ModelError
from sonsu.learning import recipes, restore
from sonsu.learning.export import export_onnx, predict
from sonsu.reading.network import Network
from sonsu.reading.reader import shipped

IMAGES = np.random.default_rng(0).integers(0, 256, (30, 28, 28)).astype(np.uint8)


def lived(model):
    """A model whose weights and statistics are no longer those of a fresh one."""
    rng = np.random.default_rng(1)
    model.set_weights(
        [np.abs(w + rng.normal(0, 0.1, w.shape)) + 0.01 if w.ndim == 1 else w for w in model.get_weights()]
    )
    return model


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_every_recipes_network_comes_back(name, tmp_path):
    model = lived(recipes.find(name).network())
    export_onnx(model, tmp_path / "a.onnx", IMAGES, {"recipe": name})
    loaded, recipe, card = restore.load(tmp_path / "a.onnx")
    assert (recipe.name, card) == (name, {"recipe": name})
    np.testing.assert_allclose(predict(loaded, IMAGES), predict(model, IMAGES), atol=1e-5)


def test_layers_with_a_bias_and_without_come_back(tmp_path):
    def network():
        body = [
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(6, 3, use_bias=False),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(10, activation="softmax", use_bias=False),
        ]
        return keras.Sequential([keras.Input((28, 28, 1)), *body])

    model = lived(network())
    export_onnx(model, tmp_path / "a.onnx", IMAGES)
    loaded = restore.restore(tmp_path / "a.onnx", network())
    np.testing.assert_allclose(predict(loaded, IMAGES), predict(model, IMAGES), atol=1e-5)


@pytest.mark.parametrize("name", shipped())
def test_the_shipped_networks_can_be_trained_on(name):
    model, recipe, card = restore.load(name)
    assert recipe.name == card["recipe"]
    assert model.trainable_weights


def test_a_run_folders_own_model_is_taken(tmp_path):
    model = lived(recipes.mlp().network())
    export_onnx(model, tmp_path / "model.onnx", IMAGES, {"recipe": "mlp"})
    model.save(tmp_path / "model.keras")
    loaded, _, _ = restore.load(tmp_path)
    np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])
    lived(model).save(tmp_path / "model.keras")
    with pytest.raises(ModelError, match="answers differently"):
        restore.load(tmp_path)


def test_a_file_of_another_network_is_refused(tmp_path):
    export_onnx(recipes.mlp().network(), tmp_path / "a.onnx", IMAGES, {"recipe": "default"})
    with pytest.raises(ModelError, match=r"a\.onnx: its weights are not those of convnet"):
        restore.load(tmp_path / "a.onnx")


def test_layers_left_over_are_refused(tmp_path):
    export_onnx(recipes.mlp().network(), tmp_path / "a.onnx", IMAGES)
    small = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(512)])
    with pytest.raises(ModelError, match="holds 1 layers more"):
        restore.restore(tmp_path / "a.onnx", small)


@pytest.mark.parametrize("card", [{}, {"recipe": "gpt"}])
def test_a_file_that_names_no_recipe_is_refused(card, tmp_path):
    export_onnx(recipes.mlp().network(), tmp_path / "a.onnx", IMAGES, card)
    with pytest.raises(ModelError, match="names no recipe of this version"):
        restore.load(tmp_path / "a.onnx")
    assert Network(tmp_path / "a.onnx").card == card
