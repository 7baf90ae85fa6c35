"""Pictures that are not digits, made up: what a network must learn to refuse.

A network that knows ten answers gives one of them to a blot or a scribble, and with confidence. The pictures made here
go into training under the label `NOT_A_DIGIT` (Hendrycks, Mazeika, Dietterich 2019, "Deep anomaly detection with
outlier exposure").
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.glyph import SIZE, glyph

NOT_A_DIGIT = 10

_SIDE = 56  # px, the size at which strokes and noise are drawn


def outliers(images: NDArray[np.uint8], n: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Make pictures that are not digits.

    Args:
        images: uint8 (m, 28, 28), digits to make pairs of, ink = 255.
        n: how many to make.
        rng: the source of chance.

    Returns:
        uint8 (n, 28, 28) in MNIST's form: a fifth each of digit pairs, scribbles, noise, marks and textures.
    """
    made = np.empty((n, SIZE, SIZE), np.uint8)
    for i in range(n):
        kind = rng.integers(5)
        if kind == 0:
            ink = _pair(images[rng.integers(len(images))], images[rng.integers(len(images))], rng)
        else:
            ink = (_scribble, _noise, _mark, _texture)[kind - 1](rng)
        made[i] = glyph(ink)
    return made


def _pair(left: NDArray[np.uint8], right: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Two digits side by side, from a little apart to just touching."""
    gap = int(rng.integers(-1, 6))
    x, _, width, _ = cv2.boundingRect(left)
    x2, _, width2, _ = cv2.boundingRect(right)
    ink = np.zeros((SIZE, width + width2 + gap), np.uint8)
    ink[:, :width] = left[:, x : x + width]
    np.maximum(ink[:, width + gap :], right[:, x2 : x2 + width2], out=ink[:, width + gap :])
    return ink


def _scribble(rng: np.random.Generator) -> NDArray[np.uint8]:
    """One to three wandering strokes that cross themselves."""
    ink = np.zeros((_SIDE, _SIDE), np.uint8)
    for _ in range(rng.integers(1, 4)):
        turns = np.cumsum(rng.normal(0.0, 1.0, (rng.integers(60, 200), 2)), axis=0)
        turns = cv2.GaussianBlur(turns, (1, 0), 0, sigmaY=rng.uniform(2, 6)) if len(turns) > 3 else turns
        turns = (turns - turns.min(0)) / max(float(np.ptp(turns)), 1e-6) * rng.uniform(20, 44) + rng.uniform(4, 12)
        points = (turns * 16).round().astype(np.int32)
        cv2.polylines(ink, [points], False, 255, int(rng.integers(2, 6)), cv2.LINE_AA, 4)
    return ink


def _noise(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Smoothed noise above a threshold: grains and clouds of every size."""
    cloud = cv2.GaussianBlur(rng.normal(0.0, 1.0, (_SIDE, _SIDE)).astype(np.float32), (0, 0), rng.uniform(0.5, 6.0))
    return (cloud > np.quantile(cloud, rng.uniform(0.5, 0.98))).astype(np.uint8) * np.uint8(255)


def _mark(rng: np.random.Generator) -> NDArray[np.uint8]:
    """A dash, a dot, a cross, a colon, an equals sign, or a filled box: small print beside numbers."""
    ink = np.zeros((_SIDE, _SIDE), np.uint8)
    pen = int(rng.integers(3, 12))
    slope = int(rng.normal(0.0, 3.0))
    kind = rng.integers(5)
    if kind == 0:
        cv2.line(ink, (6, 28 - slope), (50, 28 + slope), 255, pen, cv2.LINE_AA)
    elif kind == 1:
        axes = rng.integers(9, 22, 2).tolist()
        cv2.ellipse(ink, (28, 28), axes, rng.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA)
    elif kind == 2:
        cv2.line(ink, (8, 28 - slope), (48, 28 + slope), 255, pen, cv2.LINE_AA)
        cv2.line(ink, (28 + slope, 8), (28 - slope, 48), 255, pen, cv2.LINE_AA)
    elif kind == 3:
        cv2.line(ink, (8, 20 - slope), (48, 20 + slope), 255, min(pen, 7), cv2.LINE_AA)
        cv2.line(ink, (8, 36 - slope), (48, 36 + slope), 255, min(pen, 7), cv2.LINE_AA)
    else:
        width, height = rng.integers(20, 50, 2).tolist()
        cv2.rectangle(ink, (2, 2), (2 + width, 2 + height), 255, -1 if rng.random() < 0.5 else min(pen, 5))
    return ink


def _texture(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Parallel or crossing lines, as of ruled and squared paper, at any angle."""
    y, x = np.mgrid[:_SIDE, :_SIDE].astype(np.float32)
    ink = np.zeros((_SIDE, _SIDE), bool)
    angle, pitch = rng.uniform(0, np.pi), rng.uniform(6, 16)
    for turn in (0.0, np.pi / 2)[: rng.integers(1, 3)]:
        across = x * np.cos(angle + turn) + y * np.sin(angle + turn)
        ink |= (across % pitch) < pitch * rng.uniform(0.15, 0.4)
    return ink.astype(np.uint8) * np.uint8(255)
