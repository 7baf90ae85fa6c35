"""One digit's ink, brought to MNIST's own form: the one function that training and reading share.

MNIST's form (LeCun et al. 1998, "Gradient-based learning applied to document recognition", section III-A): the ink
fitted into a 20×20 box keeping its aspect ratio, anti-aliased, then placed in 28×28 so that its centre of mass lies in
the centre. An image of MNIST comes back as it was: to the last bit for 59,998 of the 60,000 training images
(``tests/reading/test_glyph.py``).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

SIZE = 28
BOX = 20
# The middle size at which strokes are made thicker or thinner: four times the box shows a pen's edge and is cheap.
_MIDDLE = 4 * BOX
# The range that strokes are brought into, in px of the middle size. Thinner ones would fade when shrunk, thicker ones
# close up; MNIST's own are mostly 6 to 14 px there.
_THINNEST, _THICKEST = 7.6, 12.0


def glyph(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bring one digit's ink to MNIST's form.

    Args:
        ink: uint8 (h, w), ink = 255 on a background of exactly 0; any size.

    Returns:
        uint8 (28, 28), ink = 255; all zeros when there is no ink.
    """
    x, y, width, height = cv2.boundingRect(ink)
    if width == 0:
        return np.zeros((SIZE, SIZE), np.uint8)
    return centre(fit(ink[y : y + height, x : x + width]))


def fit(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Scale cropped ink so that its longer side is 20 px, its strokes neither too thin nor too thick.

    Args:
        ink: uint8 (h, w), cropped to its ink.

    Returns:
        uint8 (≤ 20, ≤ 20). Ink whose longer side is 19 or 20 px is returned as it is, so that MNIST stays MNIST.
    """
    if max(ink.shape) in (BOX - 1, BOX):
        return ink
    return _stretch(_resize(_with_usual_strokes(_resize(ink, _MIDDLE)), BOX))


def centre(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Place ink of at most 20×20 px in 28×28, its centre of mass on pixel (14, 14) to the nearest whole pixel."""
    height, width = ink.shape
    moments = cv2.moments(ink)
    top = round(14.0 - moments["m01"] / moments["m00"])
    left = round(14.0 - moments["m10"] / moments["m00"])
    top = min(max(top, 0), SIZE - height)
    left = min(max(left, 0), SIZE - width)
    placed = np.zeros((SIZE, SIZE), np.uint8)
    placed[top : top + height, left : left + width] = ink
    return placed


def stroke_width(ink: NDArray[np.uint8]) -> float:
    """Mean width in px of the strokes in ink that is uint8 (h, w), counted as ink from 128 on.

    Area over half the outline: exact for a long stroke. The outline is the area less what one erosion leaves.
    """
    mask = (ink >= 128).astype(np.uint8)  # (h, w), 0 or 1
    area = cv2.countNonZero(mask)
    inside = cv2.countNonZero(cv2.erode(mask, None, borderType=cv2.BORDER_CONSTANT, borderValue=0))
    return 2.0 * area / max(area - inside, 1)


def _with_usual_strokes(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink of the middle size with its strokes brought into the usual range, cropped to what is left."""
    ink = _stretch(ink)
    width = stroke_width(ink)
    change = _THINNEST - width if width < _THINNEST else _THICKEST - width
    diameter = round(abs(change)) + 1
    if diameter < 2 or _THINNEST <= width <= _THICKEST:
        return ink
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter, diameter))
    if width < _THINNEST:
        return cv2.dilate(_padded(ink, diameter // 2), pen)
    thinner = cv2.erode(_padded(ink, diameter // 2), pen)
    x, y, w, h = cv2.boundingRect(thinner)
    return thinner[y : y + h, x : x + w] if w else ink


def _padded(ink: NDArray[np.uint8], px: int) -> NDArray[np.uint8]:
    """Ink with paper around it: beyond the crop there is nothing else. np.pad takes ten times as long."""
    return cv2.copyMakeBorder(ink, px, px, px, px, cv2.BORDER_CONSTANT, value=0)


def _resize(ink: NDArray[np.uint8], longer: int) -> NDArray[np.uint8]:
    height, width = ink.shape
    scale = longer / max(height, width)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def _stretch(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Scale the values so that the darkest ink is 255: shrinking thins strokes out and greys them."""
    darkest = int(ink.max())
    return ink if darkest in (0, 255) else cv2.convertScaleAbs(ink, alpha=255.0 / darkest)
