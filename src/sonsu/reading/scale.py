"""Values of any range to uint8, pictures of any size to working size."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sonsu.reading.source import Limits, refusal

MAX_WORKING_SIDE_PX = 32_000
"""OpenCV's warps index pixels with 16 bits (SHRT_MAX)."""

_BAND_PX = 256
_OVERSHOT = 1.5  # floats of 0–1 that were resized go a little beyond; a step, by cubic splines, to 1.4 at most


def eight_bits(values: NDArray[Any], dtype: np.dtype[Any], name: str, notes: list[str]) -> NDArray[np.uint8]:
    """Numbers of any kind to uint8.

    Integers are scaled by the fewest bits that hold them, not stretched: a 12-bit scan in a 16-bit file comes
    out right, and a blank one stays blank. Floats are 0–1, what is a little beyond cut, or 0–255; other ranges
    are stretched, as theirs is not known.

    Args:
        values: (h, w) or (h, w, channels) of any real dtype.
        dtype: What they were before they were reduced.
        name: What to call the picture in the message.
        notes: What is done is added here.

    Returns:
        uint8, of the same shape.

    Raises:
        PictureError: The values hold NaN or infinity.
    """
    if dtype == np.uint8:
        return np.ascontiguousarray(values, dtype=np.uint8)
    low, high = float(values.min()), float(values.max())
    if not math.isfinite(high - low):
        raise refusal(name, "its values hold NaN or infinity", "replace them first")
    bottom, top, most = 0.0, 255.0, 255.0
    if dtype.kind in "iu":
        top = most = max(255.0, 2.0 ** int(high).bit_length() - 1)
    elif high <= _OVERSHOT:
        top, most = 1.0, _OVERSHOT
    if low < 0 or high > most:
        bottom, top = low, high
    if top != 255 or bottom != 0:
        notes.append(f"values from {bottom:g} to {top:g}: scaled to 8 bits")
    work: NDArray[Any] = values.astype(np.float64 if dtype.itemsize > 4 else np.float32)
    work = (work - bottom) / ((top - bottom) or 1.0)  # 1.0: all one value, so all black
    return np.asarray(np.clip(work * 255 + 0.5, 0, 255), dtype=np.uint8)


def reduced(array: NDArray[Any], notes: list[str], limits: Limits) -> NDArray[Any]:
    """A large array averaged down to working size; any other as it is.

    Args:
        array: (h, w) or (h, w, channels) of any real dtype.
        notes: What is done is added here.
        limits: Only ``working_pixels`` is used.

    Returns:
        The array, of the same values and range; its dtype may have become float.
    """
    height, width = array.shape[:2]
    size = working_size(width, height, limits)
    if size == (width, height):
        return array
    notes.append(f"reduced from {width}×{height}")
    if array.dtype not in (np.uint8, np.uint16, np.float32, np.float64):  # the others OpenCV cannot average
        array = array.astype(np.float64 if array.dtype.itemsize > 4 else np.float32)
    array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
    smaller: NDArray[Any] = cv2.resize(array, size, interpolation=cv2.INTER_AREA)
    return smaller


def in_mode_and_size(image: Image.Image, mode: str, size_px: tuple[int, int]) -> Image.Image:
    """An image in another mode, averaged down to a smaller size.

    It goes band by band: Pillow copies the whole of what it converts, and of what it resizes too if that is
    transparent; for the largest pictures that would be another gigabyte.

    Args:
        image: A loaded image of any mode.
        mode: L, LA, RGB or RGBA.
        size_px: Width and height of the result.

    Returns:
        The image; the very same one if there is nothing to do.
    """
    if image.size == size_px:
        return image if image.mode == mode else image.convert(mode)
    width, height = size_px
    step = image.height / height
    result = Image.new(mode, size_px)
    for top in range(0, height, _BAND_PX):
        bottom = min(top + _BAND_PX, height)
        first, last = int(top * step), min(math.ceil(bottom * step), image.height)
        band = image.crop((0, first, image.width, last))
        part_px = (0.0, top * step - first, image.width, min(bottom * step, last) - first)
        band = band if band.mode == mode else band.convert(mode)
        result.paste(band.resize((width, bottom - top), Image.Resampling.BOX, box=part_px), (0, top))
    return result


def working_size(width: int, height: int, limits: Limits) -> tuple[int, int]:
    """Width and height to work in: the original's, or less of the same proportions."""
    scale = min(math.sqrt(limits.working_pixels / (width * height)), MAX_WORKING_SIDE_PX / max(width, height), 1.0)
    return max(1, int(width * scale)), max(1, int(height * scale))
