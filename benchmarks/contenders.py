"""One contender of `training.py`, as a program: train with a seed, save the model, say how accurate it is.

    python benchmarks/contenders.py post --seed 0 --out model.keras

======= ==========================================================================================================
post    the tutorial's script, its pixels scaled: Dense(512), Adam, batch 128, 10 epochs, all 60,000 images
convnet Keras' example "Simple MNIST convnet" (keras.io/examples/vision/mnist_convnet): Adam, batch 128, 15 epochs
fast    this package's recipe `fast`, with as many epochs as --epochs says
======= ==========================================================================================================

The test accuracy is computed after the model is saved, and goes to stdout as JSON with the time at which it was saved.
"""

import argparse
import json
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def main() -> None:
    """Train, save, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=["post", "convnet", "fast"])
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    model = _fast(args.seed, args.epochs) if args.name == "fast" else _published(args.name, args.seed)
    model.save(args.out)
    saved = time.time()
    print(json.dumps({"saved": saved, "accuracy": _accuracy(model)}))


def _published(name: str, seed: int) -> Any:
    """The scripts as they are published, but for MNIST's place and the seed."""
    import keras
    from baselines import keras_convnet

    from sonsu.learning import mnist

    keras.utils.set_random_seed(seed)
    images, labels = mnist.load("train")
    x, y = images.astype("float32")[..., None] / 255, keras.utils.to_categorical(labels, 10)
    if name == "convnet":
        model = keras_convnet()
        model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
        model.fit(x, y, batch_size=128, epochs=15, validation_split=0.1, verbose=0)
        return model
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(512, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.fit(x, y, batch_size=128, epochs=10, verbose=0)
    return model


def _fast(seed: int, epochs: int) -> Any:
    from sonsu.learning import datasets, recipes
    from sonsu.learning.train import fit

    parts = datasets.split(datasets.load("mnist:train"), datasets.VALIDATION_SHARE, seed=0)
    with tempfile.TemporaryDirectory() as folder:
        return fit(replace(recipes.fast(), epochs=epochs), *parts, seed=seed, folder=Path(folder)).model


def _accuracy(model: Any) -> float:
    from sonsu.learning import datasets
    from sonsu.learning.export import predict

    test = datasets.load("mnist:test")
    return float((predict(model, test.images).argmax(axis=1) == test.labels).mean())


if __name__ == "__main__":
    main()
