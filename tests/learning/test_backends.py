"""The same on every Keras backend installed, each in a process of its own: a process cannot change its backend."""

import json
import os
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

import keras
import numpy as np
import pytest

from sonsu.learning import networks
from sonsu.learning.export import TOLERANCE, predict
from sonsu.reading.network import Network

BACKENDS = ("tensorflow", "jax", "torch")
NETWORKS = ("dense", "convnet")

# What every backend does in the folder it is given. The child takes no part in the tests' own modules.
CHILD = """
import json, sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from keras import layers

from sonsu.learning import recipes
from sonsu.learning.datasets import Dataset
from sonsu.learning.export import export_onnx, predict
from sonsu.learning.train import fit

given, out = map(Path, sys.argv[1:])
images = np.load(given / "images.npy")
for name in ("dense", "convnet"):
    model = keras.saving.load_model(given / f"{name}.keras")
    np.save(out / f"{name}.npy", predict(model, images))
difference = export_onnx(model, out / "convnet.onnx", images)


class Interrupt(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        raise KeyboardInterrupt


def small():
    body = [layers.Conv2D(4, 5, strides=4), layers.BatchNormalization(), layers.Flatten(), layers.Dropout(0.5)]
    return keras.Sequential([keras.Input((28, 28, 1)), *body, layers.Dense(10, activation="softmax")])


data = Dataset("some", images, np.arange(len(images), dtype=np.uint8) % 10)
losses, same = {}, {}
for recipe in (recipes.mlp(), replace(recipes.nano(), name="dropout", network=small, augmentation=None)):
    short, folder = replace(recipe, epochs=2, batch_size=32), out / recipe.name
    unbroken = fit(short, data, data, seed=0, folder=out / "unbroken")
    try:
        fit(short, data, data, seed=0, folder=folder, callbacks=[Interrupt()])
    except KeyboardInterrupt:
        pass
    resumed = fit(short, data, data, seed=0, folder=folder, resume=True)
    assert resumed.resumed_from == 1
    losses[recipe.name] = [row["loss"] for row in resumed.history]
    pairs = zip(unbroken.model.get_weights(), resumed.model.get_weights(), strict=True)
    same[recipe.name] = all(np.array_equal(a, b) for a, b in pairs)
    export_onnx(resumed.model, out / f"{recipe.name}.onnx", images)
result = {"backend": keras.config.backend(), "difference": difference, "losses": losses, "same": same}
(out / "result.json").write_text(json.dumps(result))
"""

pytestmark = [pytest.mark.backends, pytest.mark.slow]


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Images, and both networks with chance in all that a fresh one has at 0 or 1."""
    folder = tmp_path_factory.mktemp("given")
    rng = np.random.default_rng(0)
    np.save(folder / "images.npy", rng.integers(0, 256, (100, 28, 28)).astype(np.uint8))
    keras.utils.set_random_seed(0)
    for name in NETWORKS:
        model = getattr(networks, name)()
        model.set_weights([w if w.ndim > 1 else rng.uniform(0.5, 1.5, w.shape) for w in model.get_weights()])
        model.save(folder / f"{name}.keras")
    return folder


@pytest.fixture(scope="module")
def outcome(given, tmp_path_factory):
    """A function: a backend's folder, filled by a child process at the first call."""

    @cache
    def of(backend: str) -> Path:
        if find_spec(backend) is None:
            pytest.skip(f"{backend} is not installed")
        out = tmp_path_factory.mktemp(backend)
        environment = os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [sys.executable, "-c", CHILD, str(given), str(out)]
        child = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
        assert child.returncode == 0, child.stderr[-3000:]
        return out

    return of


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(("one", "other"), list(combinations(BACKENDS, 2)))
def test_the_same_weights_give_the_same_probabilities(outcome, one, other, name):
    a, b = (np.load(outcome(backend) / f"{name}.npy") for backend in (one, other))
    assert a.shape == (100, 10 if name == "dense" else 11)
    assert np.ptp(a, axis=0).max() > 100 * TOLERANCE  # the answers are not all alike
    np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_writes_an_onnx_file_that_answers_alike(outcome, given, backend):
    folder = outcome(backend)
    result = json.loads((folder / "result.json").read_text())
    assert result["backend"] == backend
    assert result["difference"] <= TOLERANCE
    images = np.load(given / "images.npy")
    expected = predict(keras.saving.load_model(given / "convnet.keras"), images)
    np.testing.assert_allclose(Network(folder / "convnet.onnx").predict(images), expected, atol=1e-5)


@pytest.mark.parametrize("recipe", ["mlp", "dropout"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_trains_and_resumes_as_if_it_had_not_been_interrupted(outcome, backend, recipe):
    result = json.loads((outcome(backend) / "result.json").read_text())
    assert len(result["losses"][recipe]) == 2
    assert np.isfinite(result["losses"][recipe]).all()
    assert result["same"][recipe]
