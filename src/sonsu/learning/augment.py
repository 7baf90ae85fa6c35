"""Augmentation: what other hands, pens, scanners and cameras do to a digit, done to images in MNIST's form.

Each image is bent and drawn with another stroke width, then passed through what a picture loses on its way
(`sonsu.learning.defects`), then brought back to MNIST's form by `sonsu.reading.glyph`, as all that is read is.
"""

from dataclasses import asdict, dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.learning import defects, warp
from sonsu.reading.glyph import BOX, SIZE, glyph

_CANVAS = 40  # room for a 20 px digit turned and stretched
_BASIS = warp.basis(_CANVAS)
_FIELD_GAIN = warp.gain(_BASIS)
_DEFECTS = 14  # chances drawn an image


@dataclass(frozen=True)
class Augmentation:
    """How strong each change is; a probability is that of an image being changed so at all.

    Attributes:
        rotation_deg: standard deviation of the turn.
        shear: standard deviation of the slant, as x per y.
        stretch: standard deviation of the logarithm of width over height.
        perspective: standard deviation of the change of scale from the digit's middle to its edge.
        elastic_px: standard deviation of the smooth displacement at 28×28.
        thickness: probability of a thinner or a thicker pen.
        faded: probability of uneven pressure or a broken stroke.
        specks: probability of stray ink near the digit: dust, the end of a ruled line.
        edges: probability of a printed box's edge beside it.
        neighbours: probability of the next digit's end beside it.
        lines: probability of a ruled line or another stroke across it.
        ligatures: probability of the stroke that joins it to its neighbour.
        cut: probability of a crop that loses up to a tenth at a side or two.
        squared: probability of a crop stretched into a square.
        coarse: probability of few pixels: 7 to 20 for the digit.
        blur: probability of a soft focus.
        grain: probability of background that was taken for ink.
        jpeg: probability of JPEG's blocks.
        one_bit: probability of a black and white scan.
        misplaced: probability of an error of the reader: up to 1.5 px off centre and 12 % off size.
        haze: probability of paper that is not quite white.
        noise: probability of a sensor's noise all over the image.
    """

    rotation_deg: float = 8.0
    shear: float = 0.15
    stretch: float = 0.16
    perspective: float = 0.06
    elastic_px: float = 1.0
    thickness: float = 0.4
    faded: float = 0.06
    specks: float = 0.08
    edges: float = 0.04
    neighbours: float = 0.03
    lines: float = 0.06
    ligatures: float = 0.04
    cut: float = 0.05
    squared: float = 0.1
    coarse: float = 0.15
    blur: float = 0.12
    grain: float = 0.05
    jpeg: float = 0.05
    one_bit: float = 0.15
    misplaced: float = 0.2
    haze: float = 0.06
    noise: float = 0.08

    def apply(self, images: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        """Change every image anew.

        Args:
            images: uint8 (n, 28, 28), ink = 255.
            rng: the source of chance; the same state gives the same result.

        Returns:
            uint8 (n, 28, 28), ink = 255.
        """
        changed = [images[:0]]
        for chunk, bent in warp.in_chunks(images, partial(self._maps, rng=rng)):
            changed.append(chunk.copy())
            for i, ink in enumerate(bent):
                placed = self._place(self._picture(ink, chunk[i - 1], rng), rng)
                if placed.any():  # nothing left is nothing to learn from
                    changed[-1][i] = self._leave(placed, rng)
        return np.concatenate(changed)

    def calmer(self) -> "Augmentation":
        """The same with half of every chance, and three quarters of each bend."""
        bends = {"rotation_deg", "shear", "stretch", "perspective", "elastic_px"}
        return Augmentation(**{name: value * (0.75 if name in bends else 0.5) for name, value in asdict(self).items()})

    def _maps(self, n: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Where each pixel of the canvas comes from, (n, 2, 40, 40) as x, y: a linear map, a tilt, a smooth field."""
        angle, shear, stretch = (
            rng.normal(0.0, sd, n) for sd in (np.radians(self.rotation_deg), self.shear, self.stretch)
        )
        tilt_x, tilt_y = rng.normal(0.0, self.perspective / (BOX / 2), (2, n))
        half = np.exp(stretch / 2)
        weights = np.zeros((n, 2, len(_BASIS)))
        weights[:, 0, 0], weights[:, 0, 1] = (
            half * np.cos(angle),
            shear * np.cos(angle) - np.sin(angle) / half,
        )
        weights[:, 1, 0], weights[:, 1, 1] = (
            half * np.sin(angle),
            shear * np.sin(angle) + np.cos(angle) / half,
        )
        weights[:, :, 2] = (SIZE - 1) / 2
        # x / (1 - ax - by) is x + ax² + bxy for small a and b
        weights[:, 0, 3] = weights[:, 1, 4] = tilt_x
        weights[:, 0, 4] = weights[:, 1, 5] = tilt_y
        weights[:, :, warp.LINEAR :] = rng.normal(0.0, _FIELD_GAIN * self.elastic_px, (n, 2, warp.BUMPS))
        return warp.maps(weights, _BASIS)

    def _picture(self, ink: NDArray[np.uint8], other: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        """What pen, paper, crop and picture change, in this order: one uint8 (h, w) to another, of any size."""
        chance, share = rng.random(_DEFECTS), 1.0
        if chance[0] < self.thickness:
            ink = defects.repen(ink, rng.triangular(-1.1, 0.4, 3.2))
        if chance[1] < self.faded:
            ink = defects.fade(ink, rng)
        if chance[2] < self.specks:
            ink = defects.speck(ink, rng)
        if chance[3] < self.edges:
            ink = defects.edge(ink, rng)
        if chance[4] < self.neighbours:
            ink = defects.neighbour(ink, other, rng)
        if chance[5] < self.lines:
            ink = defects.line(ink, rng)
        if chance[6] < self.ligatures:
            ink = defects.ligature(ink, rng)
        if chance[7] < self.cut:
            ink = defects.cut(ink, rng)
        if chance[8] < self.squared:
            ink, share = defects.square(ink, rng)
        if chance[9] < self.coarse:
            ink = defects.coarsen(ink, rng.uniform(7, 20) / 20)
        ink = self._scan(ink, chance[10:], rng)
        if share < 1:
            size = max(round(share * 2 * ink.shape[1]), 1), 2 * ink.shape[0]
            ink = cv2.resize(ink, size, interpolation=cv2.INTER_CUBIC)
        return ink

    def _scan(self, ink: NDArray[np.uint8], chance: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.uint8]:
        """What the sensor and the file change."""
        if chance[0] < self.blur:
            ink = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.4, 1.4) * ink.shape[0] / _CANVAS)
        if chance[1] < self.grain:
            ink = defects.grain(ink, rng)
        if chance[2] < self.jpeg:
            ink = defects.jpeg(ink, int(rng.integers(10, 60)))
        if chance[3] < self.one_bit:
            ink = defects.one_bit(ink, rng)
        return ink

    def _place(self, ink: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        """MNIST's form, now and then with the small errors of a reader."""
        placed = glyph(cv2.threshold(ink, 24, 255, cv2.THRESH_TOZERO)[1])
        if rng.random() >= self.misplaced:
            return placed
        scale, middle = rng.uniform(0.88, 1.12), (SIZE - 1) / 2
        right, down = rng.uniform(-1.5, 1.5, 2) + middle * (1 - scale)
        return cv2.warpAffine(placed, np.array([[scale, 0, right], [0, scale, down]]), (SIZE, SIZE))

    def _leave(self, placed: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        """What a reader leaves of paper and sensor around the digit."""
        chance = rng.random(2)
        if chance[0] < self.haze:
            placed = defects.haze(placed, rng)
        if chance[1] < self.noise:
            placed = defects.noise(placed, rng)
        return placed
