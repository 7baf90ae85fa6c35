"""Augmentation: what other hands, pens, scanners and cameras do to a digit, done to MNIST's images.

Each image is bent and drawn with another stroke width, then passed through what a picture loses on its way (few pixels,
one bit, blur, specks), then brought back to MNIST's form by `sonsu.reading.glyph`, as every picture that is read is.

References:
    Simard, Steinkraus, Platt (2003), "Best practices for convolutional neural networks": elastic distortion.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.glyph import SIZE, glyph, stroke_width

_CANVAS = 40  # room for a 20 px digit turned and stretched
_GRID = 5  # control points a side of the elastic field
_CHUNK = 1000  # images whose maps are held at once: 13 MB


def _basis() -> NDArray[np.float32]:
    """The functions that add up to a map of the canvas: x, y, 1 and a bump at each control point, (28, 1600)."""
    across = np.arange(_CANVAS, dtype=np.float32) - (_CANVAS - 1) / 2
    x, y = np.meshgrid(across, across)
    points = np.eye(_GRID * _GRID, dtype=np.float32).reshape(-1, _GRID, _GRID)
    bumps = [cv2.resize(point, (_CANVAS, _CANVAS), interpolation=cv2.INTER_CUBIC) for point in points]
    return np.stack([x, y, np.ones_like(x), *bumps]).reshape(3 + _GRID * _GRID, -1)


_BASIS = _basis()
# A cubic bump spreads each control point's normal deviate: this gain brings the mean deviation at a pixel back to 1.
_FIELD_GAIN = float(1.0 / np.sqrt((_BASIS[3:] ** 2).sum(0).mean()))
_THIN = 2.6  # px: thinner strokes fall apart when eroded
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


@dataclass(frozen=True)
class Augmentation:
    """How strong each change is; a probability is that of an image being changed so at all.

    Attributes:
        rotation_deg: standard deviation of the turn.
        shear: standard deviation of the slant, as x per y.
        stretch: standard deviation of the logarithm of width over height.
        elastic_px: standard deviation of the smooth displacement at 28×28.
        thickness: probability of a thinner or a thicker pen.
        coarse: probability of few pixels: shrunk to 9 to 20 px and back.
        one_bit: probability of a black and white scan.
        blur: probability of a soft focus.
        specks: probability of stray ink near the digit: dust, the end of a ruled line, a box's edge.
        misplaced: probability of an error of the reader: up to 1.5 px off centre and 12 % off size.
    """

    rotation_deg: float = 8.0
    shear: float = 0.15
    stretch: float = 0.18
    elastic_px: float = 1.0
    thickness: float = 0.5
    coarse: float = 0.15
    one_bit: float = 0.15
    blur: float = 0.15
    specks: float = 0.1
    misplaced: float = 0.3

    def apply(self, images: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        """Change every image anew.

        Args:
            images: uint8 (n, 28, 28), ink = 255.
            rng: the source of chance; the same state gives the same result.

        Returns:
            uint8 (n, 28, 28), ink = 255.
        """
        changed = np.empty_like(images)
        for first in range(0, len(images), _CHUNK):
            chunk = images[first : first + _CHUNK]
            for i, (image, (x, y)) in enumerate(zip(chunk, self._maps(len(chunk), rng), strict=True), first):
                bent = cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
                changed[i] = self._place(self._picture(bent, rng), rng)
        return changed

    def _maps(self, n: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Where each pixel of the canvas comes from, (n, 2, 40, 40) as x, y: a linear map and a smooth field."""
        angle, shear, stretch = (
            rng.normal(0.0, sd, n) for sd in (np.radians(self.rotation_deg), self.shear, self.stretch)
        )
        half = np.exp(stretch / 2)
        weights = np.empty((n, 2, len(_BASIS)), np.float32)
        weights[:, 0, 0], weights[:, 0, 1] = (
            half * np.cos(angle),
            shear * np.cos(angle) - np.sin(angle) / half,
        )
        weights[:, 1, 0], weights[:, 1, 1] = (
            half * np.sin(angle),
            shear * np.sin(angle) + np.cos(angle) / half,
        )
        weights[:, :, 2] = (SIZE - 1) / 2
        weights[:, :, 3:] = rng.normal(0.0, _FIELD_GAIN * self.elastic_px, (n, 2, _GRID * _GRID))
        return (weights.reshape(2 * n, -1) @ _BASIS).reshape(n, 2, _CANVAS, _CANVAS)

    def _picture(self, ink: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        """What the pen and the picture change: one uint8 (h, w) to another."""
        chance = rng.random(5)
        if chance[0] < self.thickness:
            ink = _repen(ink, rng.uniform(-0.9, 2.2))
        if chance[1] < self.specks:
            ink = _speck(ink, rng)
        if chance[2] < self.coarse:
            ink = _coarsen(ink, int(rng.integers(9, 21)))
        if chance[3] < self.blur:
            ink = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.4, 1.1))
        if chance[4] < self.one_bit:
            ink = cv2.threshold(ink, rng.uniform(60, 180), 255, cv2.THRESH_BINARY)[1]
        return ink

    def _place(self, ink: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        """MNIST's form, now and then with the small errors of a reader."""
        placed = glyph(cv2.threshold(ink, 24, 255, cv2.THRESH_TOZERO)[1])
        if rng.random() >= self.misplaced:
            return placed
        scale, middle = rng.uniform(0.88, 1.12), (SIZE - 1) / 2
        right, down = rng.uniform(-1.5, 1.5, 2) + middle * (1 - scale)
        return cv2.warpAffine(placed, np.array([[scale, 0, right], [0, scale, down]]), (SIZE, SIZE))


def _repen(ink: NDArray[np.uint8], change_px: float) -> NDArray[np.uint8]:
    """A thicker (> 0) or thinner (< 0) pen: dilated or eroded pixel by pixel, the last one in part."""
    if stroke_width(ink) < _THIN:
        change_px = abs(change_px)
    while change_px != 0.0:
        share = min(abs(change_px), 1.0)
        other = (cv2.dilate if change_px > 0 else cv2.erode)(ink, _CROSS)
        ink = cv2.addWeighted(ink, 1 - share, other, share, 0)
        change_px -= share if change_px > 0 else change_px
    return ink


def _coarsen(ink: NDArray[np.uint8], digit_px: int) -> NDArray[np.uint8]:
    side = round(_CANVAS * digit_px / 20)
    small = cv2.resize(ink, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (_CANVAS, _CANVAS), interpolation=cv2.INTER_CUBIC)


def _speck(ink: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    x, y, width, height = cv2.boundingRect(ink)
    start = rng.uniform((x - 2, y - 2), (x + width + 2, y + height + 2))
    end = start + rng.normal(0.0, rng.choice([0.5, 3.0]), 2)
    corners = [(round(a), round(b)) for a, b in (start.tolist(), end.tolist())]
    return cv2.line(ink.copy(), corners[0], corners[1], int(rng.integers(90, 256)), 1, cv2.LINE_AA)
