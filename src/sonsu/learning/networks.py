"""The networks: functions that build a fresh Keras model.

Each takes images float32 (n, 28, 28, 1) with ink = 1 on 0 and gives probabilities float32 (n, classes). There are 10
classes, or 11: the eleventh is "not a digit".
"""

import keras
from keras import layers


def dense(classes: int = 10) -> keras.Model:
    """The post's network: 784 – 512 – classes, 407,050 parameters with ten."""
    return _model("dense", [layers.Flatten(), layers.Dense(512, activation="relu")], classes)


def convnet(classes: int = 11) -> keras.Model:
    """Six convolutions with batch normalisation, two of them strided: 217 k parameters, 14 M multiply-adds.

    Strides where others pool, so that the costly layers run on 14×14 and 7×7. The softmax is float32 whatever the
    precision of the rest.
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


def _convolution(filters: int, stride: int = 1) -> list[keras.Layer]:
    return [
        layers.Conv2D(filters, 3, strides=stride, padding="same", use_bias=False),
        layers.BatchNormalization(momentum=0.95),
        layers.ReLU(),
    ]


def _model(name: str, body: list[keras.Layer], classes: int) -> keras.Model:
    head = layers.Dense(classes, activation="softmax", dtype="float32", name="probabilities")
    return keras.Sequential([keras.Input((28, 28, 1), name="image"), *body, head], name=name)
