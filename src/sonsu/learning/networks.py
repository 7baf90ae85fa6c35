"""The networks: functions that build a fresh Keras model.

Each takes images float32 (n, 28, 28, 1) with ink = 1 on 0 and gives probabilities float32 (n, classes). There are 10
classes, or 11: the eleventh is "not a digit". The softmax is float32 whatever the precision of the rest.
"""

import math
from collections.abc import Sequence

import keras
from keras import layers


def dense(classes: int = 10, units: int = 512) -> keras.Model:
    """The post's network: 784 – 512 – classes, 407,050 parameters with ten."""
    return _model("dense", [layers.Flatten(), layers.Dense(units, activation="relu")], classes)


def deep_dense(classes: int = 10, units: Sequence[int] = (1024, 1024, 512), dropout: float = 0.2) -> keras.Model:
    """Fully connected and deep: each layer batch-normalised, then dropout; 2.4 M parameters."""
    body: list[keras.Layer] = [layers.Flatten()]
    for count in units:
        body += [
            layers.Dense(count, use_bias=False),
            layers.BatchNormalization(momentum=0.95),
            layers.ReLU(),
            layers.Dropout(dropout),
        ]
    return _model("deep_dense", body, classes)


def nano(classes: int = 10) -> keras.Model:
    """Fewer than 10,000 parameters: 3×3 convolutions of 8 to 24 filters, then the mean over the picture.

    Pools before it normalises: Keras' normalisation is slow on large pictures, and half of an epoch's time is saved.
    """
    body = [
        *_convolution(8, pool=True),  # (n, 14, 14, 8)
        *_convolution(16),
        *_convolution(16, pool=True),  # (n, 7, 7, 16)
        *_convolution(16),
        *_convolution(24),
        layers.GlobalAveragePooling2D(),  # (n, 24)
    ]
    return _model("nano", body, classes)


def fast(classes: int = 10) -> keras.Model:
    """Four convolutions of 16 to 48 filters, 39 k parameters: little to compute.

    The first one is 5×5 and not padded: the margin holds next to no ink, and 24 can be halved three times, 28 cannot.
    That saves a third of a step's time.
    """
    body = [
        *_convolution(16, size=5, padding="valid", pool=True),  # (n, 12, 12, 16)
        *_convolution(32, pool=True),  # (n, 6, 6, 32)
        *_convolution(40),
        *_convolution(48, pool=True),  # (n, 3, 3, 48)
        layers.Flatten(),
    ]
    return _model("fast", body, classes)


def convnet(classes: int = 11) -> keras.Model:
    """Six convolutions with batch normalisation, two of them strided: 217 k parameters, 14 M multiply-adds.

    Strides where others pool, so that the costly layers run on 14×14 and 7×7.
    """
    body = [
        *_convolution(16),  # (n, 28, 28, 16)
        *_convolution(32, stride=2),  # (n, 14, 14, 32)
        *_convolution(48),
        *_convolution(48),
        *_convolution(96, stride=2),  # (n, 7, 7, 96)
        *_convolution(96),
        layers.Flatten(),
        layers.Dropout(0.3),
    ]
    return _model("convnet", body, classes)


def best(classes: int = 10, dropout: float = 0.3) -> keras.Model:
    """Pairs of convolutions, each pair then pooled, after VGG (Simonyan, Zisserman 2014): 293 k parameters.

    The first two pairs are not padded: the margin holds next to no ink, and more than half of the work is saved.
    """
    body = [
        *_convolution(32, padding="valid"),  # (n, 26, 26, 32)
        *_convolution(32, padding="valid", pool=True),  # (n, 12, 12, 32)
        *_convolution(64, padding="valid"),
        *_convolution(64, padding="valid", pool=True),  # (n, 4, 4, 64)
        *_convolution(128),
        *_convolution(128, pool=True),  # (n, 2, 2, 128)
        layers.Flatten(),
        layers.Dropout(dropout),
    ]
    return _model("best", body, classes)


def average(models: Sequence[keras.Model]) -> keras.Model:
    """One model whose probabilities are the mean of several models'."""
    image = keras.Input((28, 28, 1), name="image")
    copies = [keras.models.clone_model(model) for model in models]
    for i, (copy, model) in enumerate(zip(copies, models, strict=True)):
        copy.set_weights(model.get_weights())
        copy.name = f"{model.name}_{i}"
    mean = layers.Average(name="probabilities")([copy(image) for copy in copies])
    return keras.Model(image, mean, name="average")


def multiply_adds(model: keras.Model) -> int:
    """The multiplications of one image's way through the convolutions and dense layers, each with its addition."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            total += multiply_adds(layer)
        elif isinstance(layer, layers.Conv2D):
            total += math.prod(layer.kernel.shape) * layer.output.shape[1] * layer.output.shape[2]
        elif isinstance(layer, layers.Dense):
            total += math.prod(layer.kernel.shape)
    return total


def _convolution(
    filters: int, size: int = 3, stride: int = 1, padding: str = "same", pool: bool = False
) -> list[keras.Layer]:
    """A convolution, batch-normalised; with `pool`, the largest of each 2×2 first."""
    return [
        layers.Conv2D(filters, size, strides=stride, padding=padding, use_bias=False),
        *([layers.MaxPooling2D()] if pool else []),
        layers.BatchNormalization(momentum=0.95),
        layers.ReLU(),
    ]


def _model(name: str, body: list[keras.Layer], classes: int) -> keras.Model:
    head = layers.Dense(classes, activation="softmax", dtype="float32", name="probabilities")
    return keras.Sequential([keras.Input((28, 28, 1), name="image"), *body, head], name=name)
