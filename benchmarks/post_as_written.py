"""The tutorial post's training exactly as printed, beside the same with its pixels scaled to 0–1.

The post leaves MNIST's pixels at 0–255. What that costs depends on Keras' backend, so every backend installed
is tried, each in a process of its own (a process cannot change its backend); `docs/scaling.md` says why.

Four ways to train the same 784–512–10 network:

========== ===================================================================================
raw        the post as printed: pixels 0–255, softmax layer, ``loss='categorical_crossentropy'``
scaled     the same, pixels / 255
logits     raw pixels, no softmax layer, ``CategoricalCrossentropy(from_logits=True)``
detached   raw, with ``Rescaling(1.0)`` behind the softmax: changes no number, hides the logits
========== ===================================================================================

The first two are the comparison; the other two, one cure and one disease, show the cause (``--variants``).
Each run is a JSON line in ``OUT/runs.jsonl``, written as it ends; a run that is there is not repeated::

    python benchmarks/post_as_written.py --seeds 3 --variants raw scaled logits detached
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from post_as_written_figures import BACKENDS, VARIANTS, Run, draw, table

BATCH_SIZE = 128
WINDOW = 47  # steps a point of the loss curve is averaged over: ten points an epoch of 469 steps
PROBE = 10_000  # training examples whose gradient is looked at after every epoch

Floats = NDArray[np.floating[Any]]


def main() -> None:
    """Run what is missing, print the table, draw the plot."""
    installed = [name for name in BACKENDS if importlib.util.find_spec(name)]
    parser = argparse.ArgumentParser(description="The post's training as printed, on every Keras backend installed.")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=3, help="how many runs of each kind, seeded 0, 1, 2, …")
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=installed)
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=["raw", "scaled"])
    parser.add_argument("--out", type=Path, default=Path("runs/post_as_written"))
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    file = args.out / "runs.jsonl"
    if args.worker:
        work(args.backends[0], args.variants, args.seeds, args.epochs, file)
        return
    args.out.mkdir(parents=True, exist_ok=True)
    for backend in args.backends:
        environment = os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [sys.executable, __file__, *sys.argv[1:], "--backends", backend, "--worker"]
        subprocess.run(command, env=environment, check=True)
    runs = [run for run in read_runs(file) if run["epochs"] == args.epochs and run["seed"] < args.seeds]
    print(table(runs))
    draw(runs, args.out / "scaling-loss.png")


def read_runs(file: Path) -> list[Run]:
    """The runs done so far, in the order they were done."""
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def work(backend: str, variants: list[str], seeds: int, epochs: int, file: Path) -> None:
    """Train every variant and seed that `file` lacks on this process' backend, and append each run to it."""
    done = {(run["backend"], run["variant"], run["seed"], run["epochs"]) for run in read_runs(file)}
    for seed in range(seeds):
        for variant in variants:
            if (backend, variant, seed, epochs) in done:
                continue
            run = {"backend": backend, "variant": variant, "seed": seed, "epochs": epochs}
            run |= train(variant, seed, epochs)
            print(f"{backend} {variant} seed {seed}: {run['test_accuracy']:.4f}", file=sys.stderr)
            with file.open("a") as lines:
                lines.write(json.dumps(run) + "\n")


def train(variant: str, seed: int, epochs: int) -> Run:
    """Train the post's network once: ``fit`` and ``evaluate`` are the post's own lines."""
    import keras

    from sonsu.learning.mnist import load

    (train_images, train_labels), (test_images, test_labels) = load("train"), load("test")
    scale = 255.0 if variant == "scaled" else 1.0
    x_train = train_images.reshape(-1, 784).astype("float32") / scale
    x_test = test_images.reshape(-1, 784).astype("float32") / scale
    y_train, y_test = (
        keras.utils.to_categorical(train_labels, 10),
        keras.utils.to_categorical(test_labels, 10),
    )

    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(512, activation="relu")])
    model.add(keras.layers.Dense(10, activation=None if variant == "logits" else "softmax"))
    if variant == "detached":
        model.add(keras.layers.Rescaling(1.0))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True) if variant == "logits" else "categorical_crossentropy"
    model.compile(loss=loss, optimizer="adam", metrics=["accuracy"])
    watch = watcher(variant, x_train[:PROBE], y_train[:PROBE])
    start = time.perf_counter()
    model.fit(x_train, y_train, batch_size=BATCH_SIZE, epochs=epochs, verbose=0, callbacks=[watch])
    seconds = time.perf_counter() - start - watch.seconds
    test_loss, test_accuracy = model.evaluate(x_test, y_test, verbose=0)
    answers = np.asarray(model.predict(x_test, verbose=0)).argmax(axis=1)
    return {
        "test_accuracy": test_accuracy,
        "test_loss": test_loss,
        "seconds": seconds,
        "digits_ever_answered": len(np.unique(answers)),
        "loss": watch.loss,
        "probe": watch.probe,
        "keras": keras.__version__,
    }


def watcher(variant: str, x: Floats, y: Floats) -> Any:
    """A Keras callback: keeps the loss of every `WINDOW` steps, probes the gradient after every epoch."""
    import keras

    class Watch(keras.callbacks.Callback):  # type: ignore[misc]  # keras ships no types
        def __init__(self) -> None:
            super().__init__()
            self.loss: list[float] = []
            self.probe: list[dict[str, float]] = []
            self.seconds = 0.0
            self.mark = (0, 0.0)

        def on_train_begin(self, logs: Any = None) -> None:
            self.look()

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.mark = (0, 0.0)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            steps, total = batch + 1, (batch + 1) * logs["loss"]  # Keras reports the epoch's mean so far
            if steps % WINDOW == 0 or steps == self.params["steps"]:
                self.loss.append((total - self.mark[1]) / (steps - self.mark[0]))
                self.mark = (steps, total)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.look()

        def look(self) -> None:
            start = time.perf_counter()
            self.probe.append(probe(self.model, variant, x, y))
            self.seconds += time.perf_counter() - start

    return Watch()


def probe(model: Any, variant: str, x: Floats, y: Floats) -> dict[str, float]:
    """Ask the backend's own autograd which examples the loss still teaches anything.

    Returns:
        ``logit_sd``; ``wrong``, the part of the examples answered wrongly; ``silent``, the part answered
        wrongly whose loss has a gradient of exactly zero with respect to all ten logits.
    """
    (w0, b0), (w1, b1) = (layer.get_weights() for layer in model.layers[:2])
    logits = np.maximum(x @ w0 + b0, 0) @ w1 + b1  # (PROBE, 10)
    wrong = logits.argmax(axis=1) != y.argmax(axis=1)
    zero = (gradient(variant, logits, y) == 0).all(axis=1)
    return {
        "logit_sd": float(logits.std()),
        "wrong": float(wrong.mean()),
        "silent": float((wrong & zero).mean()),
    }


def gradient(variant: str, logits: Floats, y: Floats) -> Floats:
    """Gradient of each example's loss with respect to its logits (n, 10), through Keras' softmax and loss."""
    import keras

    def loss(z: Any) -> Any:
        p = z if variant == "logits" else keras.activations.softmax(z)
        if variant == "detached":
            p = keras.layers.Rescaling(1.0)(p)
        return keras.ops.sum(keras.losses.categorical_crossentropy(y, p, from_logits=variant == "logits"))

    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            z = tf.constant(logits)
            with tf.GradientTape() as tape:
                tape.watch(z)
                total = loss(z)
            return np.asarray(tape.gradient(total, z))
        case "jax":
            import jax

            return np.asarray(jax.grad(loss)(logits))
        case _:
            import torch

            z = torch.tensor(logits, requires_grad=True)
            return np.asarray(torch.autograd.grad(loss(z), z)[0])


if __name__ == "__main__":
    main()
