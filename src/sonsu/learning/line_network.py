"""The network that reads a whole line: convolutions, then one answer for every four pixels (CTC).

References:
    Graves, Fernández, Gomez, Schmidhuber (2006), "Connectionist temporal classification".
    Shi, Bai, Yao (2015), "An end-to-end trainable neural network for image-based sequence recognition": the line's
    height is taken down to 1 by strides, its width becomes the sequence. No recurrent layer is needed for digits.
"""

from collections.abc import Callable

import keras
from keras import layers

from sonsu.learning.line_data import CLASSES
from sonsu.reading.line_form import HEIGHT


def line_network() -> keras.Model:
    """Images float32 (n, 40, w, 1) with ink = 1 to logits float32 (n, w / 4, 12): blank, 0 to 9, other marks."""
    image = keras.Input((HEIGHT, None, 1), name="image")
    x = _convolution(24, 5, stride=2)(image)  # (n, 20, w/2, 24)
    x = _convolution(40)(x)
    x = _convolution(80, stride=2)(x)  # (n, 10, w/4, 80)
    x = _residual(80)(x)
    x = _convolution(128, stride=(2, 1))(x)  # (n, 5, w/4, 128)
    x = _residual(128)(x)
    x = _convolution(192, (5, 1), padding="valid")(x)  # (n, 1, w/4, 192)
    x = _residual(192, (1, 5))(x)
    x = _residual(192, (1, 5), dilation=(1, 4))(x)  # some eight characters: how does this hand write?
    x = layers.Dropout(0.2)(x)
    x = layers.Conv2D(CLASSES, 1, dtype="float32")(x)
    logits = layers.Reshape((-1, CLASSES), name="logits", dtype="float32")(x)
    return keras.Model(image, logits, name="line")


Block = Callable[[keras.KerasTensor], keras.KerasTensor]
Size = int | tuple[int, int]


def _convolution(filters: int, size: Size = 3, stride: Size = 1, padding: str = "same", dilation: Size = 1) -> Block:
    def apply(x: keras.KerasTensor) -> keras.KerasTensor:
        x = layers.Conv2D(filters, size, strides=stride, padding=padding, dilation_rate=dilation, use_bias=False)(x)
        return layers.ReLU()(layers.BatchNormalization(momentum=0.98)(x))

    return apply


def _residual(filters: int, size: Size = 3, dilation: Size = 1) -> Block:
    def apply(x: keras.KerasTensor) -> keras.KerasTensor:
        y = _convolution(filters, size, dilation=dilation)(x)
        y = layers.Conv2D(filters, size, padding="same", dilation_rate=dilation, use_bias=False)(y)
        return layers.ReLU()(layers.Add()([x, layers.BatchNormalization(momentum=0.98)(y)]))

    return apply
