"""Sweeps over one property of MNIST's images at a time: turn, size, stroke width, polarity."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.morphology import skeletonize

Images = NDArray[np.uint8]  # (n, 28, 28), ink = 255

_FINE = 4  # px of the drawing a px of the image: enough for a pen's edge
_CENTRE = 13.5


def turned(images: Images, angle_deg: float) -> Images:
    """Turned about the image's centre, anticlockwise."""
    return _warped(images, cv2.getRotationMatrix2D((_CENTRE, _CENTRE), angle_deg, 1.0))


def resized(images: Images, factor: float) -> Images:
    """Made larger or smaller about the image's centre; above 1.4 the largest digits are cut off."""
    return _warped(images, cv2.getRotationMatrix2D((_CENTRE, _CENTRE), 0.0, factor))


def redrawn(images: Images, width_px: float) -> Images:
    """Drawn anew along its middle line with a pen of one width."""
    return np.stack([_redrawn(image, width_px) for image in images])


def in_tones(images: Images, tones: tuple[int, int]) -> Images:
    """In other tones than white on black: those of paper and ink."""
    paper, ink = tones
    return np.rint(paper + images.astype(np.float32) * ((ink - paper) / 255)).astype(np.uint8)


# title, unit, what is done, and with which values
SWEEPS: Sequence[tuple[str, str, Callable[[Images, float], Images], Sequence[float]]] = (
    ("Turned", "°", turned, (-45, -30, -15, 0, 15, 30, 45)),
    ("Size", "×", resized, (0.5, 0.6, 0.75, 0.9, 1.0, 1.1, 1.25, 1.4, 1.5)),
    ("Stroke width", " px", redrawn, (0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0)),
)

# paper and ink; MNIST's own is 0, 255
TONES = {
    "white on black, as MNIST": (0, 255),
    "black on white": (255, 0),
    "grey on white": (255, 150),
    "light grey on dark grey": (60, 150),
}


def _warped(images: Images, matrix: NDArray[np.float64]) -> Images:
    return np.stack([cv2.warpAffine(image, matrix, (28, 28)) for image in images])


def _redrawn(image: NDArray[np.uint8], width_px: float) -> NDArray[np.uint8]:
    fine = cv2.resize(image, None, fx=_FINE, fy=_FINE, interpolation=cv2.INTER_CUBIC)
    middle = skeletonize(fine >= 128)
    distance = cv2.distanceTransform((~middle).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    pen = np.clip((width_px * _FINE) / 2 - distance + 0.5, 0, 1) * 255  # distances are from pixel centres
    return np.rint(cv2.resize(pen, (28, 28), interpolation=cv2.INTER_AREA)).astype(np.uint8)
