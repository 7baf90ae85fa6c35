"""Digits and weights as PNG data URIs, see-through where they are empty, so that they suit a light and a dark page."""

import base64
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_SIDE = 28
# readable on white and on near-black
_POSITIVE, _NEGATIVE = np.array([222, 90, 40], np.uint8), np.array([40, 130, 220], np.uint8)
_CLIP = 99.5  # percentile of |weight| that is drawn at full strength: one outlier must not pale the rest


def digit(image: NDArray[np.uint8]) -> str:
    """A digit in black, its paper see-through.

    Args:
        image: uint8 (h, w), ink = 255.
    """
    return _uri(np.stack([np.zeros_like(image), image], axis=-1))


def weights(pictures: NDArray[np.float32]) -> list[str]:
    """Weights in two colours on one scale: orange above 0, blue below, see-through at 0.

    Args:
        pictures: float32 (n, h, w).
    """
    strength = np.abs(pictures)
    largest = float(np.percentile(strength, _CLIP)) or 1.0
    alpha = np.minimum(strength * (255 / largest), 255).astype(np.uint8)  # (n, h, w)
    colours = np.where(pictures[..., np.newaxis] > 0, _POSITIVE, _NEGATIVE)
    return [_uri(picture) for picture in np.concatenate([colours, alpha[..., np.newaxis]], axis=-1)]


def first_layer(arrays: Sequence[NDArray[np.float32]]) -> NDArray[np.float32] | None:
    """The weights that look at the image itself, a picture for each unit or filter.

    Args:
        arrays: all weights of a network in their order, as `keras.Model.get_weights` gives them.

    Returns:
        float32 (units, h, w): 28×28 for a dense layer, the kernel's size for a convolution (the mean where it has
        several input channels); None where the first layer is neither.
    """
    kernel = next((array for array in arrays if array.ndim > 1), None)
    if kernel is None:
        return None
    if kernel.ndim == 4:  # (h, w, channels, filters)
        filters: NDArray[np.float32] = np.moveaxis(kernel.mean(axis=2), -1, 0)
        return filters
    if kernel.ndim == 2 and kernel.shape[0] == _SIDE**2:  # (784, units)
        return kernel.T.reshape(-1, _SIDE, _SIDE)
    return None


def _uri(pixels: NDArray[np.uint8]) -> str:
    picture = Image.fromarray(pixels)
    file = BytesIO()
    picture.save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
