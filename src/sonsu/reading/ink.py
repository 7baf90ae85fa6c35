"""From pixels to ink: how much each pixel differs from the paper around it.

Ink is what differs from the paper on both its sides within a stroke's width, channel by channel: so a shadow's edge,
a table's or the light's is none, and red ink counts as much as black. Ink may be darker or lighter than the paper.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_CLEAN_SIDE_PX = 64
# Light and paper vary slowly: their maps are made at these sizes.
_LIGHT_SIDE_PX, _MEDIAN_SIDE_PX = 64, 64
_MEDIAN = 0.45  # of the picture's longer side
# Widths of the windows, and the height of the digits whose strokes fit into them, of the picture's longer side.
_WIDE = 0.25
_WINDOWS = ((_WIDE, 1.0), (0.08, 0.5))
_LEAST_SIDE_PX = 88  # the narrow window of a smaller picture would be a stroke's of the smallest digit
_DARKEST_PAPER = 64  # of 255: in deeper shadow ink is not brought up further
_PEN_BLUR_PX = 0.7  # against grain
_STEP = 2  # every second px is enough for a median
_DARK_GROUND = 90  # of 255: on a darker ground, ink is likelier to be light
_LEAST_PLAIN = 0.8  # of a drawing or a clean scan is bare paper, all of one value
_LEAST_CONTRAST = 0.05  # of full scale: what differs less than this from the paper is no pen's


@dataclass(frozen=True, eq=False)
class InkMap:
    """Ink of one polarity.

    Attributes:
        ink: float32 (h, w), 0 is paper, 1 differs from it by the full scale.
        noise: the standard deviation of the paper's grain, in the same unit.
        dark: whether the ink is darker than the paper.
        tallest: the height of the digits that it shows whole, of the picture's longer side.
    """

    ink: NDArray[np.float32]
    noise: float
    dark: bool
    tallest: float = 1.0


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


def ink_maps(pixels: NDArray[np.uint8]) -> list[InkMap]:
    """Ink darker and ink lighter than the paper on both its sides (top-hats, Meyer 1979).

    Each is made with two windows: with the wide one for strokes of any digit, and with the narrow one, in which a
    shadow or a frame near to it counts less, for those of a small digit.

    Args:
        pixels: uint8 (h, w) grey or (h, w, 3).

    Returns:
        Maps of dark and of light ink in turn; of the wide window alone in a small picture, and where there is no light
        to take away.
    """
    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    noise = _noise(grey.astype(np.float32) / np.float32(255))
    soft = cv2.GaussianBlur(pixels, (0, 0), _PEN_BLUR_PX)
    if is_plain(pixels):
        paper = np.broadcast_to(pixels[0, 0], pixels.shape).copy()
        return _maps(cv2.subtract(paper, soft), cv2.subtract(soft, paper), paper, noise)
    board = float(np.median(grey[::_STEP, ::_STEP])) < _DARK_GROUND
    unusual = _unusual(soft, dark=board)
    maps = []
    for share, tallest in _WINDOWS[: 1 if max(grey.shape) < _LEAST_SIDE_PX else None]:
        paper, ground = _either_side(soft, round(share * max(grey.shape) / 2))
        dark, light = cv2.subtract(paper, soft), cv2.subtract(soft, ground)
        if board:
            dark = cv2.min(dark, unusual)
        else:
            light = cv2.min(light, unusual)
        maps += _maps(dark, light, paper, noise, tallest)
    return maps


def _maps(
    dark: NDArray[np.uint8], light: NDArray[np.uint8], paper: NDArray[np.uint8], noise: float, tallest: float = 1.0
) -> list[InkMap]:
    """Maps of what is darker and what is lighter than the paper by so much, uint8 of the picture's shape."""
    # Ink takes a share of the light: in a shadow the same ink differs by less, and is brought back up here.
    dark = cv2.divide(dark, cv2.max(paper, _DARKEST_PAPER), scale=255)
    return [InkMap(_most(dark), noise, True, tallest), InkMap(_most(light), noise, False, tallest)]


def _either_side(pixels: NDArray[np.uint8], reach_px: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A closing and an opening, uint8 of the same shape: without what is dark, and what is light, between its sides.

    Beyond the picture it is as at its edge: what lies along the edge has one side only.
    """
    window = np.ones((2 * reach_px + 1, 2 * reach_px + 1), np.uint8)
    padded = cv2.copyMakeBorder(pixels, *(reach_px,) * 4, cv2.BORDER_REPLICATE)
    inside = slice(reach_px, -reach_px or None), slice(reach_px, -reach_px or None)
    closed, opened = (cv2.morphologyEx(padded, kind, window)[inside] for kind in (cv2.MORPH_CLOSE, cv2.MORPH_OPEN))
    return np.asarray(closed), np.asarray(opened)


def _unusual(pixels: NDArray[np.uint8], *, dark: bool) -> NDArray[np.uint8]:
    """Twice what px differ from the median of what is around them, uint8 of the same shape.

    Between the strokes of dark ink there is light on both sides of which it is dark: but paper is no ink.
    """
    small = _small(pixels, _MEDIAN_SIDE_PX)
    side = max(3, round(_MEDIAN * max(small.shape[:2]))) | 1
    edge = side // 2
    padded = cv2.copyMakeBorder(small, edge, edge, edge, edge, cv2.BORDER_REFLECT)
    median = cv2.medianBlur(padded, side)[edge:-edge, edge:-edge]
    paper = cv2.resize(median, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    differs = cv2.subtract(paper, pixels) if dark else cv2.subtract(pixels, paper)
    return np.asarray(cv2.add(differs, differs))


def _most(ink: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The most that any channel differs, less what grain alone gives, float32 (h, w), 0 to 1."""
    if ink.ndim == 3:
        red, green, blue = cv2.split(ink)
        ink = cv2.max(cv2.max(red, green), blue)
    grain = float(np.median(ink[::_STEP, ::_STEP]))
    return np.maximum(ink.astype(np.float32) - grain, 0) / 255


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
    light = _light(_small(grey, _LIGHT_SIDE_PX).astype(np.float32))
    shade = cv2.resize(light - light.max(), grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.clip(grey - shade, 0, 255).astype(np.uint8)


def least_ink(noise: float) -> float:
    """The smallest contrast that counts as ink over grain of this standard deviation."""
    return max(_LEAST_CONTRAST, 3.5 * noise)


def _small(values: NDArray[Any], side_px: int) -> NDArray[Any]:
    """Averaged down to a longer side of at most this."""
    height, width = values.shape[:2]
    scale = min(1.0, side_px / max(height, width))
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


def _noise(grain: NDArray[np.float32]) -> float:
    """Robust standard deviation of the grain, from differences of neighbours: strokes are rare and light is slow."""
    if min(grain.shape) < 3:
        return 0.0
    steps = np.abs(grain[:, 2:] - grain[:, :-2])
    return float(np.median(steps)) / 0.954  # median |a − b| of normal a, b is 0.954 σ
