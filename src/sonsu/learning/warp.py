"""Smooth maps of many images at once, made by one matrix product.

A map says where each pixel of a canvas comes from, as x and y. It is a sum of a few fixed functions of the canvas: x,
y, 1, x², xy, y², and a bump around each of 5×5 control points; x and y run from the canvas' middle.

References:
    Simard, Steinkraus, Platt (2003), "Best practices for convolutional neural networks": elastic distortion.
"""

import math
from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

_CHUNK = 1000  # images whose maps are held at once
_GRID = 5  # control points a side

LINEAR = 6
"""Functions before the bumps."""

BUMPS = _GRID * _GRID
"""Control points."""


def basis(canvas: int) -> NDArray[np.float64]:
    """The functions on a canvas of canvas × canvas pixels, float64 (LINEAR + BUMPS, canvas²)."""
    across = np.arange(canvas) - (canvas - 1) / 2
    x, y = np.meshgrid(across, across)
    points = np.eye(BUMPS).reshape(-1, _GRID, _GRID)
    bumps = [cv2.resize(point, (canvas, canvas), interpolation=cv2.INTER_CUBIC) for point in points]
    return np.stack([x, y, np.ones_like(x), x * x, x * y, y * y, *bumps]).reshape(LINEAR + BUMPS, -1)


def gain(functions: NDArray[np.float64]) -> float:
    """What normal deviates at the control points are multiplied by for a mean deviation of 1 at a pixel.

    A cubic bump spreads each control point's deviate; this makes up for it.
    """
    return float(1.0 / np.sqrt((functions[LINEAR:] ** 2).sum(0).mean()))


def maps(weights: NDArray[np.float64], functions: NDArray[np.float64]) -> NDArray[np.float32]:
    """The sums of the functions with these weights, added up in float64.

    A product's last digits depend on how many threads multiply, and `cv2.remap` rounds to 1/32 px: in float32, now and
    then, a pixel of the same seed's image would be one level darker in a process than in another.

    Args:
        weights: float64 (n, 2, LINEAR + BUMPS), of x and of y.
        functions: what `basis` gives.

    Returns:
        float32 (n, 2, canvas, canvas).
    """
    canvas = math.isqrt(functions.shape[1])
    summed = weights.reshape(2 * len(weights), -1) @ functions
    return summed.astype(np.float32).reshape(-1, 2, canvas, canvas)


def in_chunks(
    images: NDArray[np.uint8], maps: Callable[[int], NDArray[np.float32]]
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Images, some at a time, with what they are by their maps.

    Args:
        images: uint8 (n, h, w).
        maps: gives that many maps, float32 (m, 2, h', w').

    Yields:
        The next images, uint8 (m, h, w), and bent, uint8 (m, h', w'); 0 where a map leads outside.
    """
    for first in range(0, len(images), _CHUNK):
        chunk = images[first : first + _CHUNK]
        yield (
            chunk,
            np.stack(
                [
                    cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
                    for image, (x, y) in zip(chunk, maps(len(chunk)), strict=True)
                ]
            ),
        )
