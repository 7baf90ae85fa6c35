"""Other hands: digits turned, slanted, stretched, bent and redrawn, done to whole batches of images.

What the recipes that aim at MNIST's own test set learn from. What pictures do to digits besides is
`sonsu.learning.augment`'s, and takes twelve times as long: 8 s for 60,000 images, this 0.6 s.
"""

from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sonsu.learning import defects, warp
from sonsu.reading.glyph import BOX, SIZE

_BASIS = warp.basis(SIZE)
_FIELD_GAIN = warp.gain(_BASIS)
_MIDDLE = (SIZE - 1) / 2
_LARGEST_HOLE = 10  # px
_MARGIN = (SIZE - BOX) // 2  # around the digit's box, in which the holes are


@dataclass(frozen=True)
class Distortion:
    """How strong each change is; a probability is that of an image being changed so at all.

    Attributes:
        rotation_deg: standard deviation of the turn.
        shear: standard deviation of the slant, as x per y.
        scale: standard deviation of the logarithm of the size.
        stretch: standard deviation of the logarithm of width over height.
        shift_px: standard deviation of the shift, across and down.
        elastic_px: standard deviation of the smooth displacement.
        thickness: probability of a thinner or a thicker pen.
        erasing: probability of a hole, a rectangle of 3 to 10 px (Zhong et al. 2017, "Random erasing").
    """

    rotation_deg: float = 6.0
    shear: float = 0.1
    scale: float = 0.05
    stretch: float = 0.05
    shift_px: float = 0.7
    elastic_px: float = 0.7
    thickness: float = 0.0
    erasing: float = 0.0

    def apply(self, images: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        """Change every image anew.

        Args:
            images: uint8 (n, 28, 28), ink = 255.
            rng: the source of chance; the same state gives the same result.

        Returns:
            uint8 (n, 28, 28), ink = 255.
        """
        changed = np.concatenate(
            [images[:0], *(bent for _, bent in warp.in_chunks(images, partial(self._maps, rng=rng)))]
        )
        for at in np.flatnonzero(rng.random(len(images)) < self.thickness):
            changed[at] = defects.repen(changed[at], rng.uniform(-0.7, 0.9))
        for at in np.flatnonzero(rng.random(len(images)) < self.erasing):
            size = rng.integers(3, _LARGEST_HOLE + 1, 2)
            top, left = _MARGIN + rng.integers(0, BOX - size + 1)
            changed[at, top : top + size[0], left : left + size[1]] = 0
        return changed

    def calmer(self) -> "Distortion":
        """The same with half of every strength and chance."""
        return Distortion(**{name: value / 2 for name, value in asdict(self).items()})

    def _maps(self, n: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Where each pixel comes from, float32 (n, 2, 28, 28) as x, y."""
        angle, shear, scale, stretch = (
            rng.normal(0.0, sd, n) for sd in (np.radians(self.rotation_deg), self.shear, self.scale, self.stretch / 2)
        )
        wide, high = np.exp(scale + stretch), np.exp(scale - stretch)
        weights = np.zeros((n, 2, len(_BASIS)))
        weights[:, 0, 0], weights[:, 0, 1] = wide * np.cos(angle), high * (shear * np.cos(angle) - np.sin(angle))
        weights[:, 1, 0], weights[:, 1, 1] = wide * np.sin(angle), high * (shear * np.sin(angle) + np.cos(angle))
        weights[:, :, 2] = _MIDDLE + rng.normal(0.0, self.shift_px, (n, 2))
        weights[:, :, warp.LINEAR :] = rng.normal(0.0, _FIELD_GAIN * self.elastic_px, (n, 2, warp.BUMPS))
        return warp.maps(weights, _BASIS)
