"""`sonsu.learning.batches`: what each epoch shows, and who makes it."""

import multiprocessing
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np

from sonsu.learning import recipes
from sonsu.learning.augment import Augmentation
from sonsu.learning.batches import Batches
from sonsu.learning.datasets import Dataset


def some(n):
    rng = np.random.default_rng(0)
    return Dataset("some", rng.integers(0, 256, (n, 28, 28)).astype(np.uint8), rng.integers(0, 10, n).astype(np.uint8))


def mlp():
    return replace(recipes.mlp(), batch_size=32)


def convnet():
    return replace(recipes.default(), batch_size=32, epochs=3, outliers=0.1, label_smoothing=0.02, settling=0.0)


def test_batches_are_scaled_and_one_hot():
    data = some(100)
    batches = list(Batches(mlp(), data, seed=0).stream(0, 1))
    assert [x.shape for x, _ in batches] == [(32, 28, 28, 1)] * 3
    assert all(x.dtype == y.dtype == np.float32 for x, y in batches)
    images, labels = Batches(mlp(), data, seed=0).epochs.make(0)
    np.testing.assert_array_equal(np.concatenate([x for x, _ in batches])[..., 0], images[:96] * np.float32(1 / 255))
    np.testing.assert_array_equal(np.concatenate([y for _, y in batches]), np.eye(10)[labels[:96]])


def test_an_epoch_holds_every_image_once_with_its_label():
    data = some(100)
    images, labels = Batches(mlp(), data, seed=0).epochs.make(0)
    pairs = {(image.tobytes(), label) for image, label in zip(images, labels, strict=True)}
    assert pairs == {(image.tobytes(), label) for image, label in zip(data.images, data.labels, strict=True)}


def test_each_epoch_and_each_seed_has_its_own_order():
    orders = [
        Batches(mlp(), some(100), seed).epochs.make(number)[1].tolist() for seed, number in ((0, 0), (0, 1), (1, 0))
    ]
    assert orders[0] != orders[1] and orders[0] != orders[2]


def test_outliers_and_smoothed_targets():
    batches = Batches(convnet(), some(100), seed=0)
    batches.classes = 11
    assert batches.steps == 110 // 32
    images, labels = batches.epochs.make(0)
    assert len(images) == 110 and (labels == 10).sum() == 10
    targets = next(batches.stream(0, 1))[1]
    np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(np.unique(targets.round(5)), [0.02 / 11, 0.98 + 0.02 / 11], atol=1e-5)


def test_what_is_no_digit_has_the_same_defects(monkeypatch):
    seen = []
    monkeypatch.setattr(Augmentation, "apply", lambda _self, images, _rng: seen.append(len(images)) or images)
    images, labels = Batches(convnet(), some(100), seed=0).epochs.make(0)
    assert seen == [110] and len(images) == len(labels) == 110


def test_the_last_epochs_are_calmer(monkeypatch):
    seen = []
    monkeypatch.setattr(Augmentation, "apply", lambda self, images, _rng: seen.append(self) or images)
    batches = Batches(replace(convnet(), epochs=22, settling=4 / 22), some(40), seed=0)
    for number in range(22):
        batches.epochs.make(number)
    assert seen == [Augmentation()] * 18 + [Augmentation().calmer()] * 3 + [Augmentation().calmer().calmer()]


def test_a_stream_that_begins_later_gives_what_is_left():
    batches = Batches(convnet(), some(70), seed=0)
    batches.classes = 11
    whole, rest = list(batches.stream(0, 3)), list(batches.stream(1, 3))
    assert len(rest) == len(whole) * 2 // 3
    for (x, y), (x2, y2) in zip(whole[-len(rest) :], rest, strict=True):
        np.testing.assert_array_equal(x, x2)
        np.testing.assert_array_equal(y, y2)


MAKE = """
import hashlib, numpy as np
from sonsu.learning.distort import Distortion
images = np.random.default_rng(0).integers(0, 256, (2000, 28, 28)).astype(np.uint8)
print(hashlib.sha256(Distortion().apply(images, np.random.default_rng(0)).tobytes()).hexdigest())
"""


def test_an_epoch_is_the_same_however_many_threads_multiply():
    made = [
        subprocess.run(
            [sys.executable, "-c", MAKE],
            env={**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            check=True,
        ).stdout
        for threads in "12"
    ]
    assert made[0] == made[1]


def test_processes_make_what_a_thread_makes():
    batches = Batches(convnet(), some(70), seed=0)
    one, several = list(batches.epochs.ahead(1, 6, 1)), list(batches.epochs.ahead(1, 6, 2))
    assert len(several) == 5
    for (images, labels), (images2, labels2) in zip(one, several, strict=True):
        np.testing.assert_array_equal(images, images2)
        np.testing.assert_array_equal(labels, labels2)


def test_processes_end_when_nobody_waits_for_them():
    epochs = Batches(convnet(), some(70), seed=0).epochs.ahead(0, 1000, 2)
    next(epochs)
    assert len(multiprocessing.active_children()) == 2
    epochs.close()
    assert not multiprocessing.active_children()
