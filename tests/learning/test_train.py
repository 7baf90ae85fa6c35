import os
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial

import keras
import numpy as np
import pytest
from keras import layers

from sonsu.errors import DataError
from sonsu.learning import hardware, recipes, schedules
from sonsu.learning.augment import Augmentation
from sonsu.learning.batches import Epochs
from sonsu.learning.datasets import Dataset
from sonsu.learning.train import COLUMNS, Checkpoints, fit, read_history, write_history

EPOCHS = 3

# What `kill -9` ends in the middle of the second epoch; {me} is this file.
CHILD = """
import importlib.util, os, signal, sys
spec = importlib.util.spec_from_file_location("test_train", {me!r})
tests = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tests)

class Kill(tests.keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == 1 and batch == 3:
            os.kill(os.getpid(), signal.SIGKILL)

from pathlib import Path
tests.train(tests.{recipe}(), Path({folder!r}), callbacks=[Kill()])
"""


def some(n=300, seed=0, classes=10, name="some"):
    """Bright bars whose place tells the label, in noise: uint8 (n, 28, 28)."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n).astype(np.uint8)
    images = rng.integers(0, 60, (n, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4:24, 3 + 2 * label : 6 + 2 * label] += 195
    return Dataset(name, images, labels)


def mlp():
    return replace(recipes.mlp(), batch_size=32, epochs=EPOCHS)


def small_convnet():
    """Convolution, batch normalisation and dropout: all that has a state beside its weights."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(4, 5, strides=4),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(11, activation="softmax"),
        ]
    )


def convnet():
    return recipes.Recipe(
        name="small",
        summary="for tests",
        network=small_convnet,
        optimizer=schedules.one_cycle_adamw,
        epochs=EPOCHS,
        batch_size=32,
        augmentation=Augmentation(),
        outliers=0.1,
        label_smoothing=0.02,
    )


def train(recipe, folder, **options):
    return fit(recipe, some(), some(50, seed=1), **{"seed": 0, "folder": folder, **options})


def weights(training):
    return [np.asarray(array) for array in training.model.get_weights()]


def assert_same(one, other):
    """The same weights to the last bit, and the same history but for the time it took."""
    for a, b in zip(weights(one), weights(other), strict=True):
        np.testing.assert_array_equal(a, b)
    assert [{**row, "seconds": 0} for row in one.history] == [{**row, "seconds": 0} for row in other.history]


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C after so many epochs, or so many batches into the next one."""

    def __init__(self, epochs, batches=0):
        super().__init__()
        self.epochs, self.batches, self.epoch = epochs, batches, 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch + 1 == self.epochs and not self.batches:
            raise KeyboardInterrupt

    def on_train_batch_end(self, batch, logs=None):
        if self.batches and (self.epoch, batch + 1) == (self.epochs, self.batches):
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """Each recipe trained in one go."""
    return {make: train(make(), tmp_path_factory.mktemp("unbroken")) for make in (mlp, convnet)}


def averaged():
    return replace(mlp(), epochs=2, optimizer=partial(schedules.one_cycle_adamw, average=0.9))


def test_the_moving_average_of_the_weights_is_what_is_trained(tmp_path):
    averages = train(averaged(), tmp_path / "averaged")
    plain = train(replace(averaged(), optimizer=schedules.one_cycle_adamw), tmp_path / "plain")
    assert averages.history[0]["loss"] == plain.history[0]["loss"]
    assert (weights(averages)[0] != weights(plain)[0]).any()


@pytest.mark.parametrize("epochs", [1, 2])
def test_the_moving_average_goes_on_after_an_interruption(tmp_path, epochs):
    with pytest.raises(KeyboardInterrupt):
        train(averaged(), tmp_path / "broken", callbacks=[Interrupt(epochs)])
    assert_same(train(averaged(), tmp_path / "broken", resume=True), train(averaged(), tmp_path / "unbroken"))


def test_an_ensemble_is_the_mean_of_the_same_recipe_with_several_seeds(tmp_path):
    several = train(replace(mlp(), epochs=1, members=2), tmp_path / "several", seed=1)
    images = some(20).images[..., np.newaxis] / np.float32(255)
    alone = [train(replace(mlp(), epochs=1), tmp_path / str(seed), seed=seed) for seed in (2, 3)]
    expected = np.mean([member.model.predict(images, verbose=0) for member in alone], axis=0)
    np.testing.assert_allclose(several.model.predict(images, verbose=0), expected, atol=1e-6)
    assert several.history[0]["loss"] == np.mean([member.history[0]["loss"] for member in alone])
    assert read_history(tmp_path / "several" / "history.csv") == several.history


def test_an_ensembles_members_that_are_done_are_not_trained_again(tmp_path):
    pair = replace(mlp(), epochs=1, members=2)
    with pytest.raises(KeyboardInterrupt):
        train(pair, tmp_path, callbacks=[Interrupt(1, 0)])
    resumed = train(pair, tmp_path, resume=True)
    assert resumed.resumed_from == 1
    Checkpoints(tmp_path).clear()
    assert not list(tmp_path.rglob("checkpoint-*"))


def test_learns_and_keeps_its_history(unbroken):
    history = unbroken[mlp].history
    assert [row["epoch"] for row in history] == [1, 2, 3]
    assert all(set(row) == set(COLUMNS) for row in history)
    assert history[-1]["loss"] < history[0]["loss"] / 2
    assert history[-1]["val_accuracy"] > 0.9
    assert unbroken[mlp].resumed_from == 0


@pytest.mark.parametrize("make", [mlp, convnet])
def test_the_same_seed_gives_the_same_weights(unbroken, make, tmp_path):
    assert_same(train(make(), tmp_path), unbroken[make])


def test_another_seed_gives_other_weights(unbroken, tmp_path):
    other = train(replace(mlp(), epochs=1), tmp_path, seed=1)
    assert (weights(other)[0] != weights(unbroken[mlp])[0]).any()


@pytest.mark.parametrize(("epochs", "batches"), [(1, 0), pytest.param(1, 4, marks=pytest.mark.slow), (2, 0)])
@pytest.mark.parametrize("make", [mlp, pytest.param(convnet, marks=pytest.mark.slow)])
def test_after_ctrl_c_resume_ends_where_an_unbroken_training_does(unbroken, make, tmp_path, epochs, batches):
    with pytest.raises(KeyboardInterrupt):
        train(make(), tmp_path, callbacks=[Interrupt(epochs, batches)])
    resumed = train(make(), tmp_path, resume=True)
    assert resumed.resumed_from == epochs
    assert_same(resumed, unbroken[make])


@pytest.mark.parametrize("make", [mlp, pytest.param(convnet, marks=pytest.mark.slow)])
def test_after_kill_9_resume_ends_where_an_unbroken_training_does(unbroken, make, tmp_path):
    code = CHILD.format(me=__file__, recipe=make.__name__, folder=str(tmp_path))
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    child = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300)
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert len(read_history(tmp_path / "history.csv")) == 1
    resumed = train(make(), tmp_path, resume=True)
    assert resumed.resumed_from == 1
    assert_same(resumed, unbroken[make])


def test_killed_between_history_and_checkpoint_or_in_the_middle_of_one(unbroken, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(mlp(), tmp_path, callbacks=[Interrupt(1)])
    history = read_history(tmp_path / "history.csv")
    write_history([*history, {**history[0], "epoch": 2}], tmp_path / "history.csv")
    whole = (tmp_path / "checkpoint-00001.keras").read_bytes()
    (tmp_path / "checkpoint-draft.tmp.keras").write_bytes(whole[:1000])
    resumed = train(mlp(), tmp_path, resume=True)
    assert resumed.resumed_from == 1
    assert_same(resumed, unbroken[mlp])


def test_resuming_a_training_that_is_done_trains_no_more(unbroken, tmp_path):
    train(mlp(), tmp_path)
    again = train(mlp(), tmp_path, resume=True, callbacks=[Interrupt(1), Interrupt(2), Interrupt(3)])
    assert again.resumed_from == EPOCHS
    assert_same(again, unbroken[mlp])


def test_resuming_where_nothing_was_begun_starts(unbroken, tmp_path):
    assert_same(train(mlp(), tmp_path / "new", resume=True), unbroken[mlp])


def test_without_resume_a_training_starts_anew(unbroken, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(mlp(), tmp_path, callbacks=[Interrupt(2)])
    assert_same(train(mlp(), tmp_path), unbroken[mlp])


def test_keeps_one_checkpoint_and_clears_it(tmp_path):
    train(replace(mlp(), epochs=2), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-00002.keras", "history.csv"]
    Checkpoints(tmp_path).clear()
    assert [path.name for path in tmp_path.iterdir()] == ["history.csv"]


@pytest.mark.parametrize("which", ["train", "validation"])
def test_what_is_no_digit_is_refused_by_a_network_of_ten_before_training(tmp_path, which):
    data = {"train": some(), "validation": some(50)}
    data[which] = some(64, classes=11, name="pen:letters")
    with pytest.raises(DataError, match="pen:letters holds pictures that are not digits"):
        fit(mlp(), **data, seed=0, folder=tmp_path, callbacks=[Interrupt(0, 1)])
    assert not (tmp_path / "history.csv").exists()


def test_fewer_images_than_a_batch_are_refused(tmp_path):
    with pytest.raises(DataError, match="some: 31 images are fewer than one batch of 32"):
        fit(mlp(), some(31), some(10), seed=0, folder=tmp_path)


@pytest.mark.skipif(keras.config.backend() != "tensorflow", reason="the others trace in other ways")
def test_the_step_is_traced_once(tmp_path):
    traced = []

    class Counting(layers.Layer):
        def call(self, x, training=False):
            traced.append(training)
            return x

    def network():
        return keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), Counting(), layers.Dense(10, "softmax")])

    train(replace(convnet(), network=network, outliers=0.0), tmp_path)
    assert traced.count(True) == 1


# Batches


def test_trains_in_half_precision_and_gives_back_full(tmp_path, monkeypatch):
    monkeypatch.setattr(hardware, "_knows_bfloat16", lambda: True)
    half = train(replace(convnet(), precision="mixed_bfloat16", epochs=2), tmp_path)
    assert keras.config.dtype_policy().name == "float32"
    assert {layer.compute_dtype for layer in half.model.layers} == {"float32"}
    assert all(array.dtype == np.float32 for array in weights(half))
    resumed = Checkpoints(tmp_path).load(2)
    assert {layer.compute_dtype for layer in resumed.layers[:-1]} == {"bfloat16"}
    for a, b in zip(weights(half), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    bright = some(40).images[..., np.newaxis].astype(np.float32) / 255
    np.testing.assert_allclose(half.model.predict(bright, verbose=0), resumed.predict(bright, verbose=0), atol=0.05)


@pytest.mark.parametrize("recipe", [mlp(), recipes.nano()], ids=lambda recipe: recipe.name)
def test_what_was_trained_loads_in_plain_keras(tmp_path, monkeypatch, recipe):
    trained = train(replace(recipe, epochs=1), tmp_path)
    trained.model.save(tmp_path / "model.keras")
    for name in [name for name in keras.saving.get_custom_objects() if name.startswith("sonsu")]:
        monkeypatch.delitem(keras.saving.get_custom_objects(), name)
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.get_weights()[0], weights(trained)[0])


def test_a_training_keeps_its_memory(tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr("sonsu.learning.train.keep_memory", lambda: kept.append(True))
    train(replace(mlp(), epochs=1), tmp_path)
    assert kept


def test_a_processor_without_half_precision_trains_in_full(tmp_path, monkeypatch):
    monkeypatch.setattr(hardware, "_knows_bfloat16", lambda: False)
    train(replace(convnet(), precision="mixed_bfloat16", epochs=1), tmp_path)
    assert {layer.compute_dtype for layer in Checkpoints(tmp_path).load(1).layers} == {"float32"}


@pytest.mark.parametrize(("recipe", "workers"), [(convnet, 3), (mlp, 1)])
def test_only_what_takes_long_is_made_by_processes(tmp_path, monkeypatch, recipe, workers):
    asked, ahead = [], Epochs.ahead
    monkeypatch.setattr("sonsu.learning.train.helpers", lambda: 3)
    monkeypatch.setattr(Epochs, "ahead", lambda self, first, last, n: asked.append(n) or ahead(self, first, last, 1))
    train(replace(recipe(), epochs=1), tmp_path)
    assert asked == [workers]


def test_history_comes_back_as_it_was_written(tmp_path):
    rows = [dict(zip(COLUMNS, (1, 0.1 + 0.2, 1 / 3, 1e-12, 0.5, 2.125), strict=True))]
    write_history(rows, tmp_path / "history.csv")
    assert read_history(tmp_path / "history.csv") == rows
    assert read_history(tmp_path / "none.csv") == []
