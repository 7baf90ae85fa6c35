"""Where Adam's falling rate should start in the recipe `mlp`: accuracy on the validation share, never on the test set.

KERAS_BACKEND=jax python benchmarks/learning_rate.py
"""

import argparse
import statistics

import keras
import numpy as np
from numpy.typing import NDArray

from sonsu.learning import datasets, recipes
from sonsu.learning.datasets import VALIDATION_SHARE

RATES = (0.001, 0.002, 0.004)


def main() -> None:
    """Train the network with each rate and seed; print a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    train, validation = datasets.split(datasets.load("mnist:train"), VALIDATION_SHARE, seed=0)
    recipe = recipes.mlp()
    for rate in RATES:
        accuracies = []
        for seed in range(arguments.seeds):
            keras.utils.set_random_seed(seed)
            model = recipe.network()
            steps = len(train) // recipe.batch_size * recipe.epochs
            falling = keras.optimizers.schedules.PolynomialDecay(rate, steps, end_learning_rate=0.0)
            model.compile(keras.optimizers.Adam(falling), "categorical_crossentropy", metrics=["accuracy"])
            model.fit(*_arrays(train), batch_size=recipe.batch_size, epochs=recipe.epochs, verbose=0)
            accuracies.append(100 * model.evaluate(*_arrays(validation), batch_size=500, verbose=0)[1])
        spread = statistics.stdev(accuracies) if len(accuracies) > 1 else 0.0
        print(f"{rate}: {statistics.mean(accuracies):.2f} ± {spread:.2f} % (n = {len(accuracies)})", flush=True)


def _arrays(data: datasets.Dataset) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return (data.images / 255).astype(np.float32)[..., None], np.eye(10, dtype=np.float32)[data.labels]


if __name__ == "__main__":
    main()
