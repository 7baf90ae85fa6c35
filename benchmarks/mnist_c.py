"""The fifteen corruptions of MNIST-C, written anew after their published definitions.

Norman Mu and Justin Gilmer (2019), "MNIST-C: A robustness benchmark for computer vision", arXiv:1906.02337; the
constants, the severities and their oddities are those of google-research/mnist-c, corruptions.py. The published data
set (zenodo.org/record/3237938) has one severity of each: the default here.

Each takes many images at once; chance comes from a seed instead of NumPy's global state. No network in `sonsu` is
trained on any of them; how the reader mends a picture was chosen on them (docs/robustness.md).
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates
from skimage.feature import canny

Images = NDArray[np.float64]  # (n, 28, 28), 0 to 1, ink = 1
Corruption = Callable[[Images, Any, np.random.Generator], Images]

_SIZE = 28
_CENTRE = (_SIZE - 1) / 2
_PLASMA_SIDE = 256


def corrupt(name: str, images: NDArray[np.uint8], severity: int | None = None, seed: int = 0) -> NDArray[np.uint8]:
    """Corrupt images.

    Args:
        name: one of `NAMES`.
        images: uint8 (n, 28, 28), ink = 255.
        severity: 1 to 5; the published data set's by default. `UNGRADED` ones have no severities.
        seed: of everything left to chance.

    Returns:
        uint8 (n, 28, 28), ink = 255.

    Raises:
        ValueError: no such corruption or severity.
    """
    if name not in _CORRUPTIONS:
        raise ValueError(f"no corruption {name!r}; expected one of: {', '.join(NAMES)}")
    function, published, constants = _CORRUPTIONS[name]
    severity = published if severity is None else severity
    if not 1 <= severity <= len(constants):
        raise ValueError(f"{name} has severities 1 to {len(constants)}; received {severity}")
    rng = np.random.default_rng((seed, NAMES.index(name)))
    changed = function(images / 255.0, constants[severity - 1], rng)
    return np.rint(np.clip(changed, 0, 1) * 255).astype(np.uint8)


def _shot_noise(x: Images, photons: int, rng: np.random.Generator) -> Images:
    return rng.poisson(x * photons) / photons


def _impulse_noise(x: Images, share: float, rng: np.random.Generator) -> Images:
    return np.where(rng.random(x.shape) < share, rng.random(x.shape) < 0.5, x)


def _glass_blur(x: Images, constants: tuple[float, int, int], rng: np.random.Generator) -> Images:
    """Neighbours change places; before and after, a blur that runs down the columns only, as the published one does."""
    sigma, reach, rounds = constants
    blur = functools.partial(gaussian_filter, sigma=(0, sigma, 0), mode="nearest")
    x = np.floor(blur(x) * 255) / 255
    for _ in range(rounds):
        for row in range(_SIZE - reach, reach, -1):
            for column in range(_SIZE - reach, reach, -1):
                which = np.flatnonzero(rng.random(len(x)) < 0.5)
                down, right = rng.integers(-reach, reach, (2, len(which)))
                here, there = (which, row, column), (which, row + down, column + right)
                x[here], x[there] = x[there], x[here]
    return blur(x)


def _motion_blur(x: Images, constants: tuple[int, int], rng: np.random.Generator) -> Images:
    """ImageMagick's: half a Gaussian along a line of up to 45° from the horizontal, edges repeated."""
    radius, sigma = constants
    steps = np.arange(2 * radius + 1)
    weights = np.exp(-(steps**2) / (2 * sigma**2))
    angles = np.radians(rng.uniform(-45, 45, len(x)))
    rows, columns = np.mgrid[:_SIZE, :_SIZE]
    which = np.arange(len(x))[:, None, None]
    blurred = np.zeros_like(x)
    for step, weight in zip(steps, weights / weights.sum(), strict=True):
        down, right = (np.ceil(step * part(angles) - 0.5).astype(int)[:, None, None] for part in (np.sin, np.cos))
        at = np.clip(rows + down, 0, _SIZE - 1), np.clip(columns + right, 0, _SIZE - 1)
        blurred += weight * x[which, *at]
    return blurred


def _shear(x: Images, angle: float, rng: np.random.Generator) -> Images:
    signed = angle * _signs(len(x), rng)
    # scikit-image's shear matrix of that time: columns shorten as they lean
    return _warp(x, np.ones(len(x)), -np.sin(signed), np.zeros(len(x)), np.cos(signed))


def _rotate(x: Images, angle: float, rng: np.random.Generator) -> Images:
    cos, sin = np.full(len(x), np.cos(angle)), np.sin(angle) * _signs(len(x), rng)
    return _warp(x, cos, -sin, sin, cos)


def _scale(x: Images, factor: float, _rng: np.random.Generator) -> Images:
    step, none = np.full(len(x), 1 / factor), np.zeros(len(x))
    return _warp(x, step, none, none, step)


def _translate(x: Images, distance_px: int, rng: np.random.Generator) -> Images:
    padded = np.pad(x, ((0, 0), (distance_px,) * 2, (distance_px,) * 2))
    rows, columns = (np.arange(_SIZE) + distance_px * (1 + _signs(len(x), rng)[:, None]) for _ in range(2))
    return padded[np.arange(len(x))[:, None, None], rows[:, :, None], columns[:, None, :]]


def _brightness(x: Images, more: float, _rng: np.random.Generator) -> Images:
    return x + more


def _stripe(x: Images, _none: None, _rng: np.random.Generator) -> Images:
    """The left and the right quarter inverted."""
    middle = np.zeros(_SIZE, bool)
    middle[7:21] = True
    return np.where(middle, x, 1 - x)


def _fog(x: Images, constants: tuple[float, float], rng: np.random.Generator) -> Images:
    strength, decay = constants
    chunks = np.array_split(x, max(len(x) // 50, 1))
    fog = np.concatenate([_plasma(len(chunk), decay, rng) for chunk in chunks])
    brightest = x.max(axis=(1, 2), keepdims=True)
    return (x + strength * fog) * brightest / (brightest + strength)


def _plasma(n: int, decay: float, rng: np.random.Generator) -> Images:
    """The corner of n plasma fractals by the diamond-square algorithm on a torus of 256×256, each scaled to 0–1."""
    maps = np.zeros((n, _PLASMA_SIDE, _PLASMA_SIDE))
    step, wobble = _PLASMA_SIDE, 100.0

    def mean_of_four(sums: Images) -> Images:
        return sums / 4 + wobble * rng.uniform(-wobble, wobble, sums.shape)

    while step >= 2:
        half = step // 2
        corners = maps[:, ::step, ::step]
        pairs = corners + np.roll(corners, -1, axis=1)
        maps[:, half::step, half::step] = mean_of_four(pairs + np.roll(pairs, -1, axis=2))
        centres = maps[:, half::step, half::step]
        above = centres + np.roll(centres, 1, axis=1)
        maps[:, ::step, half::step] = mean_of_four(above + corners + np.roll(corners, -1, axis=2))
        beside = centres + np.roll(centres, 1, axis=2)
        maps[:, half::step, ::step] = mean_of_four(beside + corners + np.roll(corners, -1, axis=1))
        step, wobble = half, wobble / decay
    low = maps.min(axis=(1, 2), keepdims=True)
    return ((maps - low) / (maps.max(axis=(1, 2), keepdims=True) - low))[:, :_SIZE, :_SIZE]


def _spatter(x: Images, constants: tuple[float, float, float, float, float], rng: np.random.Generator) -> Images:
    """Drops of mud: dark where there was ink, grey where there was none."""
    mean, spread, size, least, edge = constants
    liquid = gaussian_filter(rng.normal(mean, spread, x.shape), (0, size, size), mode="nearest")
    mud = gaussian_filter((liquid > least).astype(np.float64), (0, edge, edge), mode="nearest")
    mud[mud < 0.8] = 0
    return x * (1 - mud) + 63 / 255 * mud


def _dotted_line(x: Images, _none: None, rng: np.random.Generator) -> Images:
    ends = rng.integers(0, 27, (len(x), 2)).tolist()
    return x + np.stack([_dots(*rows) for rows in ends])


def _zigzag(x: Images, _none: None, rng: np.random.Generator) -> Images:
    starts, slopes = rng.integers(0, 27, len(x)).tolist(), rng.integers(-5, 5, len(x)).tolist()
    return x + np.stack([_zigzag_line(*line) for line in zip(starts, slopes, strict=True)])


def _canny_edges(x: Images, _none: None, _rng: np.random.Generator) -> Images:
    return np.stack([canny(image) for image in x]).astype(np.float64)


def _signs(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return rng.choice([-1, 1], n)


def _warp(x: Images, xx: Images, xy: Images, yx: Images, yy: Images) -> Images:
    """Look each pixel up at a linear map of its place, the centre kept, between pixels linearly; beyond is paper."""
    down, right = np.mgrid[:_SIZE, :_SIZE] - _CENTRE
    xx, xy, yx, yy = (part[:, None, None] for part in (xx, xy, yx, yy))
    which = np.broadcast_to(np.arange(len(x))[:, None, None], x.shape)
    at = [which, yx * right + yy * down + _CENTRE, xx * right + xy * down + _CENTRE]
    return np.asarray(map_coordinates(x, at, order=1, mode="grid-constant"), np.float64)


@functools.cache
def _dots(start: int, end: int) -> Images:
    """A line from side to side with every other two columns left out, (28, 28)."""
    line = _line(0, start, 27, end)
    line[:, np.arange(_SIZE) // 2 % 2 == 0] = 0
    return line


@functools.cache
def _zigzag_line(start: int, slope: int, length: float = 2.0, width: float = 2.0) -> Images:
    """Zigzags from column 2 to 25 along a line that rises or falls by `slope`, (28, 28)."""
    first, last = 2, 25
    angle = np.arctan(slope / (last - first))
    distance = (last - first) / np.cos(angle)
    teeth = range(int((distance - length) // (2 * length)) + 1)
    points = [(0.0, 0.0), *(((2 * i + 1) * length, (-1) ** i * width) for i in teeth)]
    whole = 2 * length * (distance // (2 * length))
    if distance != whole:
        points.append((distance, points[-1][1] / (2 * (distance - whole))))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    columns, rows = turn @ np.array(points).T + [[first], [start]]
    drawn = np.zeros((_SIZE, _SIZE))
    for i in range(1, len(points)):
        drawn = np.clip(drawn + _line(columns[i - 1], rows[i - 1], columns[i], rows[i]), 0, 1)
    return drawn


def _line(column: float, row: float, end_column: float, end_row: float) -> Images:
    """A soft line, (28, 28): 1 on it, 0 from 1.45 px above or below it on."""
    across, down = np.arange(_SIZE, dtype=np.float64), np.arange(_SIZE, dtype=np.float64)[:, None]
    height = row + (end_row - row) / (end_column - column) * (across - column)
    line = np.clip(np.log(1 - np.minimum(np.abs(down - height), 2.3 - 1e-10) / 2.3) + 1, 0, 1)
    line[:, : int(np.floor(column))] = 0
    line[:, int(np.ceil(end_column)) :] = 0
    return line


# name: function, severity of the published data set, constants of each severity
_CORRUPTIONS: dict[str, tuple[Corruption, int, tuple[Any, ...]]] = {
    "shot_noise": (_shot_noise, 5, (60, 25, 12, 5, 3)),
    "impulse_noise": (_impulse_noise, 4, (0.03, 0.06, 0.09, 0.17, 0.27)),
    "glass_blur": (_glass_blur, 1, ((0.7, 1, 2), (0.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2))),
    "motion_blur": (_motion_blur, 1, ((10, 3), (15, 5), (15, 8), (15, 12), (20, 15))),
    "shear": (_shear, 2, (0.2, 0.4, 0.6, 0.8, 1.0)),
    "scale": (_scale, 3, (0.9, 0.8, 0.7, 0.6, 0.5)),
    "rotate": (_rotate, 2, (0.2, 0.4, 0.6, 0.8, 1.0)),
    "brightness": (_brightness, 5, (0.1, 0.2, 0.3, 0.4, 0.5)),
    "translate": (_translate, 3, (1, 2, 3, 4, 5)),
    "stripe": (_stripe, 1, (None,)),
    "fog": (_fog, 5, ((1.5, 2.0), (2.0, 2.0), (2.5, 1.7), (2.5, 1.5), (3.0, 1.4))),
    "spatter": (
        _spatter,
        4,
        (
            (0.65, 0.3, 4, 0.69, 0.6),
            (0.65, 0.3, 3, 0.68, 0.6),
            (0.65, 0.3, 2, 0.68, 0.5),
            (0.65, 0.3, 1, 0.65, 1.5),
            (0.67, 0.4, 1, 0.65, 1.5),
        ),
    ),
    "dotted_line": (_dotted_line, 1, (None,)),
    "zigzag": (_zigzag, 1, (None,)),
    "canny_edges": (_canny_edges, 1, (None,)),
}
NAMES = tuple(_CORRUPTIONS)
UNGRADED = tuple(name for name, (_, _, constants) in _CORRUPTIONS.items() if len(constants) == 1)
