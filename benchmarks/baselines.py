"""The networks that stand beside ours in every table, trained once with the package and kept in runs/.

======== ===========================================================================================================
mlp      the tutorial's network, as `sonsu train mlp` leaves it, its calibration included
convnet  Keras' example "Simple MNIST convnet" (F. Chollet, keras.io/examples/vision/mnist_convnet) as published: Adam,
         batch 128, 15 epochs, a tenth of the training data held back; its confidence is left as it comes
======== ===========================================================================================================
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path("runs/robustness")


def models(folder: Path = FOLDER) -> dict[str, str]:
    """Where each network lies, by the name it has in the tables; those that are not there yet are trained now."""
    made: dict[str, tuple[Path, Callable[[Path], None]]] = {
        "mlp": (folder / "mlp" / "model.onnx", _train_mlp),
        "convnet": (folder / "convnet.onnx", _train_convnet),
    }
    for name, (path, train) in made.items():
        if not path.is_file():
            print(f"training {name}, once: {path}", file=sys.stderr, flush=True)
            train(path)
    return {name: str(path) for name, (path, _) in made.items()} | {"default": "default"}


def keras_convnet() -> Any:
    """The convnet, untrained: 34,826 parameters."""
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def _train_mlp(path: Path) -> None:
    from sonsu.learning.run import run

    run("mlp", out=path.parent, seed=0, resume=path.parent.with_name(path.parent.name + ".partial").exists())


def _train_convnet(path: Path) -> None:
    import keras

    from sonsu.learning import mnist
    from sonsu.learning.export import export_onnx

    keras.utils.set_random_seed(0)
    images, labels = mnist.load("train")
    model = keras_convnet()
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.fit(
        (images / 255).astype(np.float32)[..., None],
        np.eye(10, dtype=np.float32)[labels],
        batch_size=128,
        epochs=15,
        validation_split=0.1,
        verbose=0,
    )
    export_onnx(model, path, images[:1000], {"summary": "Keras' example convnet, 15 epochs"})
