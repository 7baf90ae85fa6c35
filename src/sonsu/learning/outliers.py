"""Pictures that are not digits, made up: what a network must learn to refuse.

A network that knows ten answers gives one of them to a letter or a scribble, and with confidence. The pictures made
here go into training under the label `NOT_A_DIGIT` (Hendrycks, Mazeika, Dietterich 2019, "Deep anomaly detection with
outlier exposure").
"""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.learning import pen, signs
from sonsu.reading.glyph import SIZE, glyph

NOT_A_DIGIT = 10

SHARES: Mapping[str, float] = {
    "sign": 0.5,
    "pair": 0.15,
    "half": 0.07,
    "scribble": 0.08,
    "noise": 0.05,
    "mark": 0.07,
    "texture": 0.04,
    "thing": 0.04,
}
"""How many of each kind."""

HALVES = {0: ("upper", "lower"), 2: ("lower",), 3: ("left",), 4: ("upper",), 5: ("left", "right"), 8: ("left",)}
"""The halves of digits that are no other digit: not the right one of an 8, which is a 3."""

_SIDE = 56  # px, the size at which strokes and noise are drawn


def outliers(
    images: NDArray[np.uint8],
    n: int,
    rng: np.random.Generator,
    labels: NDArray[np.uint8] | None = None,
    kinds: Mapping[str, float] = SHARES,
) -> NDArray[np.uint8]:
    """Make pictures that are not digits.

    Args:
        images: uint8 (m, 28, 28), digits to make pairs and halves of, ink = 255.
        n: how many to make.
        rng: the source of chance.
        labels: uint8 (m,), what the digits are; without them there are more signs and no halves.
        kinds: the share of each kind, adding up to 1.

    Returns:
        uint8 (n, 28, 28) in MNIST's form.
    """
    drawn = rng.choice(list(kinds), n, p=list(kinds.values()))
    made = np.zeros((n, SIZE, SIZE), np.uint8)
    for i, kind in enumerate(drawn.tolist()):
        while not made[i].any():
            made[i] = glyph(_make(kind, images, labels, rng))
    return made


def _make(
    kind: str, images: NDArray[np.uint8], labels: NDArray[np.uint8] | None, rng: np.random.Generator
) -> NDArray[np.uint8]:
    if kind == "pair":
        return _pair(images[rng.integers(len(images))], images[rng.integers(len(images))], rng)
    if kind == "half":
        which = int(rng.integers(len(images)))
        if labels is not None and int(labels[which]) in HALVES:
            return _half(images[which], int(labels[which]), rng)
        kind = "sign"
    made = {
        "sign": _sign,
        "scribble": _scribble,
        "noise": _noise,
        "mark": _mark,
        "texture": _texture,
        "thing": _thing,
    }
    return made[kind](rng)


def _sign(rng: np.random.Generator) -> NDArray[np.uint8]:
    """A letter, a Hangul syllable, a sign or a drawing, by a careless hand with any pen; now and then filled in."""
    strokes = signs.draw_sign(rng)
    careless = rng.uniform(5.0, 45.0)
    strokes = [pen.smooth(stroke + rng.normal(0.0, careless, stroke.shape)) for stroke in strokes]
    closed = any(np.linalg.norm(stroke[0] - stroke[-1]) < 100 for stroke in strokes)
    if rng.random() < 0.5 and not closed:  # a hasty hand rounds its corners; a round square would be a 0
        strokes = [cv2.blur(stroke, (1, 7), borderType=cv2.BORDER_REPLICATE).reshape(-1, 2) for stroke in strokes]
    bent = pen.distort(strokes, rng, shear=0.2, stretch=0.2, warp=0.03)
    drawn = pen.render(bent, size_px=_SIDE, width_px=_SIDE * rng.uniform(0.04, 0.16))
    if rng.random() < 0.06:
        outlines, _ = cv2.findContours(drawn, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        cv2.drawContours(drawn, outlines, -1, 255, -1)
    return drawn


def _pair(left: NDArray[np.uint8], right: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Two digits side by side, from a little apart to just touching."""
    gap = int(rng.integers(-1, 6))
    x, _, width, _ = cv2.boundingRect(left)
    x2, _, width2, _ = cv2.boundingRect(right)
    ink = np.zeros((SIZE, width + width2 + gap), np.uint8)
    ink[:, :width] = left[:, x : x + width]
    np.maximum(ink[:, width + gap :], right[:, x2 : x2 + width2], out=ink[:, width + gap :])
    return ink


def _half(image: NDArray[np.uint8], label: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Half of a digit, one that cannot be taken for another."""
    x, y, width, height = cv2.boundingRect(image)
    side = HALVES[label][rng.integers(len(HALVES[label]))]
    share = rng.uniform(0.45, 0.58)
    columns, rows = round(share * width), round(share * height)
    cut = {
        "left": image[:, : x + columns],
        "right": image[:, x + width - columns :],
        "upper": image[: y + rows],
        "lower": image[y + height - rows :],
    }
    return cut[side]


def _thing(rng: np.random.Generator) -> NDArray[np.uint8]:
    """What a threshold leaves of a photo of something: a few lit bodies that overlap, with their shades."""
    light = np.zeros((_SIDE, _SIDE), np.float32)
    for _ in range(rng.integers(2, 6)):
        middle, axes = rng.integers(10, 46, 2).tolist(), rng.integers(4, 24, 2).tolist()
        body = np.zeros_like(light)
        cv2.ellipse(body, middle, axes, rng.uniform(0, 180), 0, 360, 1.0, -1)
        y, x = np.mgrid[:_SIDE, :_SIDE].astype(np.float32) / _SIDE
        light = np.where(body > 0, rng.uniform(0, 1) + rng.normal(0, 0.6) * x + rng.normal(0, 0.6) * y, light)
    light = cv2.GaussianBlur(light, (0, 0), rng.uniform(0.5, 2.0))
    low, high = np.quantile(light, (rng.uniform(0.4, 0.9), 1.0))
    soft = np.clip((light - low) / max(high - low, 1e-3) * rng.uniform(1, 4), 0, 1)
    return np.asarray(soft * 255, np.uint8)


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
