"""From pixels to ink: how much each pixel differs from the paper around it.

The paper is what a large median filter leaves, channel by channel, so shadows, gradients and coloured paper fall away
and red ink counts as much as black. Ink may be darker or lighter than the paper: both maps are made the same way.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_CLEAN_SIDE_PX = 64
_PAPER_SIDE_PX = 128  # the paper varies slowly: its map is made at this size
_WIDEST_STROKE = 0.22  # of the picture's longer side
_LEAST_PLAIN = 0.8  # of a drawing or a clean scan is bare paper, all of one value
_LEAST_CONTRAST = 0.05  # of full scale: what differs less than this from the paper is no pen's


@dataclass(frozen=True, eq=False)
class InkMap:
    """Ink of one polarity.

    Attributes:
        ink: float32 (h, w), 0 is paper, 1 differs from it by the full scale.
        noise: the standard deviation of the paper's grain, in the same unit.
        dark: whether the ink is darker than the paper.
    """

    ink: NDArray[np.float32]
    noise: float
    dark: bool


def clean_ink(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], bool] | None:
    """The ink of a small picture with a plain background, such as MNIST's: the quick road.

    Args:
        pixels: uint8 (h, w), any polarity.

    Returns:
        uint8 (h, w), ink = 255 on 0, and whether the ink was dark; None when the picture is larger than 64 px, or its
        border is not plain.
    """
    if pixels.ndim != 2 or max(pixels.shape) > _CLEAN_SIDE_PX or min(pixels.shape) < 8:
        return None
    low, high, _, _ = cv2.minMaxLoc(pixels)
    if high - low < 64:
        return None
    levels = cv2.calcHist([pixels], [0], None, [8], [low, high + 1]).ravel()
    dark = bool(levels[7] > levels[0])
    # Nearly every pixel of a clean picture is either paper or ink, and most are paper.
    paper, shades = (levels[7], levels[1:7].sum()) if dark else (levels[0], levels[1:7].sum())
    if paper < 0.45 * pixels.size or shades > 0.4 * pixels.size:
        return None
    middle = (int(low) + int(high)) // 2
    corners = sum((int(pixels[y, x]) > middle) == dark for y in (0, -1) for x in (0, -1))
    if corners < 2:  # the commoner side is not what lies around: strokes that fill a close crop
        return None
    scale = 255.0 / (high - low)
    if dark:
        return cv2.convertScaleAbs(pixels, alpha=-scale, beta=high * scale), True
    return (pixels if scale == 1.0 else cv2.convertScaleAbs(pixels, alpha=scale, beta=-low * scale)), False


def ink_maps(pixels: NDArray[np.uint8]) -> tuple[InkMap, InkMap]:
    """Ink darker and ink lighter than the paper.

    Args:
        pixels: uint8 (h, w) grey or (h, w, 3).

    Returns:
        The map of dark ink and the map of light ink.
    """
    scene = pixels.astype(np.float32) / 255
    paper = _paper(pixels)
    difference = scene - paper
    if difference.ndim == 3:
        # Plane by plane: over an axis of three NumPy takes ten times as long.
        red, green, blue = cv2.split(difference)
        dark, light = -cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
        grain = (red + green + blue) / 3
        level = sum(cv2.split(paper)) / 3
    else:
        dark, light, grain, level = -difference, difference, difference, paper
    noise = _noise(grain)
    # Ink takes a share of the light: in a shadow the same ink differs by less, and is brought back up here.
    lit = np.clip(level, 0.25, 1.0)
    return (
        InkMap(_without_shade(np.clip(dark / lit, 0.0, 1.0)), noise, dark=True),
        InkMap(_without_shade(np.clip(light, 0.0, 1.0)), noise, dark=False),
    )


def is_plain(pixels: NDArray[np.uint8]) -> bool:
    """Whether the paper is of one value all around and nearly everywhere, as on a drawing: there is no light to even.

    Args:
        pixels: uint8 (h, w) grey or (h, w, 3).
    """
    edges = (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1])
    if not all((edge == pixels[0, 0]).all() for edge in edges):
        return False
    paper = tuple(np.ravel(pixels[0, 0]).tolist())
    bare = cv2.inRange(pixels, paper, paper)
    return cv2.countNonZero(bare) >= _LEAST_PLAIN * bare.size


def evenly_lit(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture less the light's gradient: for ink so large that there is no paper around it to compare with.

    Args:
        grey: uint8 (h, w).

    Returns:
        uint8 (h, w).
    """
    light = _light(_small(grey).astype(np.float32))
    shade = cv2.resize(light - light.max(), grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.clip(grey - shade, 0, 255).astype(np.uint8)


def least_ink(noise: float) -> float:
    """The smallest contrast that counts as ink over grain of this standard deviation."""
    return max(_LEAST_CONTRAST, 3.5 * noise)


def _paper(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What the picture would be without its ink, float32 of the same shape, 0 to 1.

    A smooth surface takes the light's gradient, which a median would get wrong near the edges; the median the rest.
    """
    if is_plain(pixels):
        return np.full(pixels.shape, pixels[0, 0] / np.float32(255), np.float32)
    height, width = pixels.shape[:2]
    small = _small(pixels).astype(np.float32)
    light = _light(small)
    window = max(3, int(0.45 * min(small.shape[0] * 2, small.shape[1] * 2, max(small.shape[:2])))) | 1
    edge = window // 2
    # The median of so large a window wants 8 bits: half steps of the difference's range of ±255.
    rest = np.clip((small - light) / 2 + 128, 0, 255).astype(np.uint8)
    padded = cv2.copyMakeBorder(rest, edge, edge, edge, edge, cv2.BORDER_REFLECT)
    median = cv2.medianBlur(padded, window)[edge:-edge, edge:-edge].astype(np.float32)
    paper = light + (cv2.GaussianBlur(median, (0, 0), max(window / 12, 0.5)) - 128) * 2
    return cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR) / 255


def _small(values: NDArray[Any]) -> NDArray[Any]:
    """Averaged down to the size of the paper's map."""
    height, width = values.shape[:2]
    scale = min(1.0, _PAPER_SIDE_PX / max(height, width))
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA))


def _light(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """The light on the paper as a quadratic surface fitted to most pixels, float32 of the same shape, 0 to 255."""
    height, width = small.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32).reshape(2, -1)
    basis = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)  # (h w, 6)
    values = small.reshape(height * width, -1)
    fitted = basis @ np.linalg.lstsq(basis, values, rcond=None)[0]
    # Ink and table pull the surface to their side: the second fit leaves out what lies farthest from the first.
    distance = np.abs(values - fitted).max(axis=1)
    usual = distance <= np.quantile(distance, 0.75)
    fitted = basis @ np.linalg.lstsq(basis[usual], values[usual], rcond=None)[0]
    return np.clip(fitted, 0, 255).astype(np.float32).reshape(small.shape)


def _without_shade(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take away what is wider than any stroke, such as the inside of a shadow: a white top-hat, at the paper's size."""
    height, width = ink.shape
    small = _small(ink)
    side = round(_WIDEST_STROKE * max(small.shape)) + 1
    shade = cv2.morphologyEx(small, cv2.MORPH_OPEN, np.ones((side, side), np.uint8), borderType=cv2.BORDER_REFLECT)
    return np.maximum(ink - cv2.resize(shade, (width, height), interpolation=cv2.INTER_LINEAR), 0.0)


def _noise(grain: NDArray[np.float32]) -> float:
    """Robust standard deviation of the grain, from differences of neighbours: strokes are rare and light is slow."""
    if min(grain.shape) < 3:
        return 0.0
    steps = np.abs(grain[:, 2:] - grain[:, :-2])
    return float(np.median(steps)) / 0.954  # median |a − b| of normal a, b is 0.954 σ
