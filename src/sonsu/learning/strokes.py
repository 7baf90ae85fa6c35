"""Made-up handwriting: digits that nobody wrote, by writers that do not exist.

A *writer* is drawn once: a tradition, one manner for each digit (`sonsu.learning.skeletons`), a slant, a pen. Each
digit that the writer then writes is a little different, as pen strokes that `sonsu.learning.pen.render` draws at any
size. It needs no data, and it knows hands that MNIST does not: European, East Asian.

Example:
    >>> rng = np.random.default_rng(1)
    >>> writer = draw_writer(rng)
    >>> pen.render(write(7, writer, rng), size_px=100, width_px=100 * writer.pen_width).shape
    (100, 100)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sonsu.learning import pen
from sonsu.learning.manners import Manner, manner
from sonsu.learning.skeletons import TRADITIONS
from sonsu.reading.glyph import SIZE, glyph

Floats = NDArray[np.float32]

TRADITION_SHARES: Mapping[str, float] = {"American": 0.5, "European": 0.3, "East Asian": 0.2}

# Width from thinnest to thickest, as shares of the digit's height, and the shake of the hand that holds it, in units.
PENS: Mapping[str, tuple[float, float, float]] = {
    "ballpoint": (0.04, 0.09, 2.0),
    "pencil": (0.05, 0.1, 3.0),
    "marker": (0.1, 0.19, 2.0),
    "mouse": (0.015, 0.03, 9.0),
    "tablet": (0.03, 0.07, 5.0),
}
PEN_SHARES: Mapping[str, float] = {"ballpoint": 0.45, "pencil": 0.2, "marker": 0.2, "mouse": 0.07, "tablet": 0.08}


@dataclass(frozen=True, eq=False)
class Writer:
    """One hand.

    Attributes:
        tradition: one of `skeletons.TRADITIONS`.
        pen: one of `PENS`.
        pen_width: as a share of the digit's height.
        manners: how each of the ten digits is written.
        habits: for each digit float32 (k, 2), the control points that this hand aims at.
        slant: how far x moves to the right per unit upwards.
        aspect: logarithm of how much wider the digits are than usual.
        haste: share of the way to the next point at which corners are rounded, 0 to 0.45.
        carelessness: standard deviation of a control point from where it should be, in units.
        tremor: size of the hand's shake, in units.
        size_sd: standard deviation of the logarithm of a digit's size.
    """

    tradition: str
    pen: str
    pen_width: float
    manners: tuple[str, ...]
    habits: tuple[Floats, ...]
    slant: float
    aspect: float
    haste: float
    carelessness: float
    tremor: float
    size_sd: float


def draw_writer(rng: np.random.Generator, tradition: str | None = None) -> Writer:
    """Make up a writer.

    Args:
        rng: source of chance.
        tradition: one of `skeletons.TRADITIONS`; any if None.
    """
    tradition = tradition or _choose(TRADITION_SHARES, rng)
    manners = tuple(_choose(shares, rng) for shares in _by_digit(tradition))
    tool = _choose(PEN_SHARES, rng)
    thinnest, thickest, shake = PENS[tool]
    return Writer(
        tradition=tradition,
        pen=tool,
        pen_width=float(rng.uniform(thinnest, thickest)),
        manners=manners,
        habits=tuple(_habit(manner(name), rng) for name in manners),
        slant=float(rng.normal(0.12, 0.23)),
        aspect=float(rng.normal(0.0, 0.2)),
        haste=float(rng.uniform(0.0, 0.45)) if rng.random() < 0.7 else 0.0,
        carelessness=float(rng.uniform(8.0, 26.0)),
        tremor=shake * float(rng.uniform(0.3, 1.2)),
        size_sd=float(rng.uniform(0.02, 0.12)),
    )


def _choose(shares: Mapping[str, float], rng: np.random.Generator) -> str:
    weights = np.cumsum(list(shares.values()))
    return list(shares)[int(np.searchsorted(weights, rng.random() * weights[-1]))]


@cache
def _by_digit(tradition: str) -> list[dict[str, float]]:
    shares = TRADITIONS[tradition]
    return [{name: share for name, share in shares.items() if name[0] == digit} for digit in "0123456789"]


def _habit(how: Manner, rng: np.random.Generator) -> Floats:
    """A mixture of the manner's forms, near one or two of them, with a hand's own turns."""
    mixture = rng.dirichlet(np.full(len(how.forms), 1.5 / len(how.forms)))
    aim = (mixture @ how.forms.reshape(len(mixture), -1)).reshape(how.forms[0].shape)
    return np.asarray(aim + 22.0 * _shake((1, *aim.shape), rng)[0], np.float32)


def write(digit: int, writer: Writer, rng: np.random.Generator) -> list[Floats]:
    """Write a digit.

    Args:
        digit: 0 to 9.
        writer: whose hand.
        rng: source of chance: the same hand never writes quite the same.

    Returns:
        A float32 (n, 2) array a stroke, x to the right and y down, in the form of `pen.Character.strokes`: the box
        starts at 0, 0 and its larger side is about 1000, give or take the writer's ``size_sd``.
    """
    how = manner(writer.manners[digit])
    return np.split(_write(how, [writer], writer.habits[digit][np.newaxis], rng)[0], how.parts)


def digits(n: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.str_]]:
    """Many digits in MNIST's form, ten to twenty by each writer.

    Args:
        n: how many; each digit is there equally often, give or take one.
        seed: the same seed gives the same digits.

    Returns:
        Images uint8 (n, 28, 28), ink = 255; labels uint8 (n,); writers str (n,), named by tradition and number.
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation((np.arange(n) % 10).astype(np.uint8))
    shares = rng.integers(10, 21, n // 10 + 1)
    hands = np.repeat(np.arange(len(shares)), shares)[:n]  # (n,), index of the writer
    writers = [draw_writer(rng) for _ in range(int(hands[-1]) + 1 if n else 0)]
    names = np.array([writers[hand].manners[label] for hand, label in zip(hands, labels, strict=True)], np.str_)
    images = np.zeros((n, SIZE, SIZE), np.uint8)
    for name in np.unique(names):
        how, places = manner(str(name), cuts=2), np.flatnonzero(names == name)
        whose = [writers[hand] for hand in hands[places]]
        habits = np.stack([writer.habits[label] for writer, label in zip(whose, labels[places], strict=True)])
        for place, writer, points in zip(places, whose, _write(how, whose, habits, rng), strict=True):
            images[place] = glyph(pen.sketch(np.split(points, how.parts), writer.pen_width))
    return images, labels, np.array([f"{writers[hand].tradition} {hand}" for hand in hands], np.str_)


def _write(how: Manner, writers: Sequence[Writer], habits: Floats, rng: np.random.Generator) -> Floats:
    """The pen's way for n digits of one manner.

    Args:
        how: their manner.
        writers: n, whose each one is.
        habits: float32 (n, k, 2), the writers' own control points.
        rng: source of chance.

    Returns:
        float32 (n, m, 2) in units.
    """
    traits = np.array([(w.slant, w.aspect, w.haste, w.carelessness, w.tremor, w.size_sd) for w in writers], np.float32)
    slant, aspect, haste, carelessness, tremor, size_sd = traits.T[:, :, np.newaxis, np.newaxis]
    controls = habits + carelessness * _shake(habits.shape, rng)
    controls = _with_ends(controls, how, rng)
    points = how.curve @ controls + haste * (how.rounding @ controls)  # (n, m, 2)
    points = _bend(points, rng) + tremor * _shake(points.shape, rng)
    chance = rng.standard_normal((3, *slant.shape), np.float32)
    widen = np.exp(0.5 * (aspect + 0.08 * chance[0]))
    x, y = points[..., :1] * widen, points[..., 1:] / widen
    x = x - (slant + 0.05 * chance[1]) * y
    points = np.concatenate((x, y), axis=2)
    low = points.min(axis=1, keepdims=True)
    side = np.ptp(points, axis=1).max(axis=1)[:, np.newaxis, np.newaxis]
    return (points - low) * (pen.UNIT * np.exp(size_sd * chance[2]) / side)


def _with_ends(controls: Floats, how: Manner, rng: np.random.Generator) -> Floats:
    """Strokes that start and end a little early or late."""
    last = np.array(how.last)
    first = np.concatenate(([0], last[:-1] + 1))
    for end, before in ((first, first + 1), (last, last - 1)):
        change = rng.normal(0.0, 0.14, (len(controls), len(last), 1)).astype(np.float32)
        controls[:, end] += change * (controls[:, end] - controls[:, before])
    return controls


def _bend(points: Floats, rng: np.random.Generator) -> Floats:
    """A few long waves in random directions, as `pen.distort` bends, for each digit of float32 (n, m, 2)."""
    n = len(points)
    waves = rng.normal(0.0, 2 * np.pi / (1.8 * pen.UNIT), (n, 2, 6)).astype(np.float32)
    phase = rng.uniform(0.0, 2 * np.pi, (n, 1, 6)).astype(np.float32)
    swing = np.sin(points @ waves + phase).reshape(n, -1, 2, 3).sum(axis=3)
    return points + 0.02 * pen.UNIT * swing


def _shake(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Noise that is correlated over a few points, of standard deviation 1, float32 (n, m, 2)."""
    n, m, _ = shape
    noise = rng.standard_normal((n, m + 2, 2), np.float32)
    return 0.5 * noise[:, :-2] + 0.7 * noise[:, 1:-1] + 0.5 * noise[:, 2:]
