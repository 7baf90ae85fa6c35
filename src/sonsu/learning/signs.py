"""Skeletons of signs that are no digit: letters, Hangul, Greek, mathematics, currencies, drawings.

A skeleton is written on a grid of 10 by 10, x to the right and y down: strokes apart by ``;``, points apart by a
space, each ``x,y`` or an arc ``@x,y,rx,ry,from,to`` with angles in degrees, 0 to the right and 90 down. What a hasty
hand writes like a digit (O, I, S, Z, B, g, q, b, D, Q, θ, parentheses …) is left out.
"""

import numpy as np
from numpy.typing import NDArray

Strokes = list[NDArray[np.float32]]

LETTERS = (
    "0,10 5,0 10,10;2,6 8,6",  # A
    "@5,5,5,5,-45,-315",  # C
    "9,0 0,0 0,10 9,10;0,5 7,5",  # E
    "9,0 0,0 0,10;0,5 7,5",  # F
    "@5,5,5,5,-45,-360 10,10;10,5 6,5",  # G
    "0,0 0,10;10,0 10,10;0,5 10,5",  # H
    "2,0 9,0;6,0 6,7 @3,7,3,3,0,160",  # J
    "0,0 0,10;9,0 0,6;3,4 9,10",  # K
    "0,0 0,10 8,10",  # L
    "0,10 1,0 5,7 9,0 10,10",  # M
    "0,10 0,0 10,10 10,0",  # N
    "0,10 0,0 @4,3,5,3,-90,90 0,6;4,6 9,10",  # R
    "0,0 10,0;5,0 5,10",  # T
    "0,0 0,6 @5,6,5,4,180,0 10,0",  # U
    "0,0 5,10 10,0",  # V
    "0,0 3,10 5,3 7,10 10,0",  # W
    "0,0 10,10;10,0 0,10",  # X
    "0,0 5,5 10,0;5,5 5,10",  # Y
    "@4,7,4,3,0,-360;8,4 8,9 10,10",  # a
    "@5,7,4,3,-45,-315",  # c
    "@4,7,4,3,0,-360;8,0 8,10",  # d
    "1,7 9,7 @5,7,4,3,0,-300",  # e
    "8,1 @6,2,2,2,-60,-180 4,10;1,4 8,4",  # f
    "1,0 1,10;1,7 @4.5,7,3.5,3,180,360 8,10",  # h
    "0,0 0,10;6,4 0,7 7,10",  # k
    "0,4 0,10;0,7 @2.5,6,2.5,2,180,360 5,10;5,7 @7.5,6,2.5,2,180,360 10,10",  # m
    "1,4 1,10;1,7 @4.5,7,3.5,3,180,360 8,10",  # n
    "1,4 1,10;1,7 @4.5,6.5,3,2.5,180,320",  # r
    "4,0 4,8 @6,8,2,2,180,45;1,3 8,3",  # t
    "0,4 0,8 @4,8,4,2,180,0 8,4;8,8 8,10",  # u
    "0,4 2,10 5,5 8,10 10,4",  # w
    "0,4 8,10;8,4 0,10",  # x
)

SIGNS = (
    "9,0 0,0 0,10",  # Γ
    "0,10 5,0 10,10 0,10",  # Δ
    "0,0 10,0;2,5 8,5;0,10 10,10",  # Ξ
    "0,0 10,0;1,0 1,10;9,0 9,10",  # Π
    "10,0 0,0 5,5 0,10 10,10",  # Σ
    "@5,5,4.5,3,0,360;5,0 5,10",  # Φ
    "0,0 @5,1,5,5,180,0;5,0 5,10",  # Ψ
    "0,10 3,10 @5,5,5,5,120,420 7,10 10,10",  # Ω
    "9,1 @5,3,4,2.5,-60,-200 4,5 @5,7.5,4,2.5,-140,-320",  # ε
    "0,0 3,1 10,10;5,4 0,10",  # λ
    "0,0 0,10;0,5 @3,5,3,3,180,0 6,2;6,5 9,7",  # μ
    "0,1 10,1;3,1 3,10;7,1 7,9 9,10",  # π
    "0,4 @2.5,7,2.5,3,180,0 5,5;5,7 @7.5,7,2.5,3,180,0 10,4",  # ω
    "@2.5,5,2.5,2,0,360;@7.5,5,2.5,2,180,540",  # ∞
    "0,5 10,5;5,0 5,10",  # +
    "0,5 10,5;4.8,1 5.2,1;4.8,9 5.2,9",  # ÷
    "0,4 10,4;5,0 5,8;0,10 10,10",  # ±
    "0,3 10,3;0,7 10,7",  # =
    "0,3 10,3;0,7 10,7;8,0 2,10",  # ≠
    "10,1 0,5 10,9",  # <
    "0,1 10,5 0,9",  # >
    "0,6 2,5 4,10 6,0 10,0",  # √
    "8,0 @6.5,1.5,1.5,1.5,-90,-180 5,8 @3.5,8,1.5,1.5,0,120",  # ∫
    "0,0 5,10 10,0;2,4 8,4",  # ∀
    "10,1 4,1 @4,5,4,4,-90,-270 10,9;0.5,5 9,5",  # ∈
    "@2,2,2,2,0,360;@8,8,2,2,0,360;9,0 1,10",  # %
    "3,0 2,10;8,0 7,10;0,3 10,3;0,7 10,7",  # #
    "5,0 5,10;1,2 9,8;9,2 1,8",  # *
    "10,10 2,3 @4,2,2,2,180,360 1,7 @4,8,3,2,180,60 9,5",  # &
    "6,6 @5,5,2,2,30,-330 7,6 @5,5,5,5,10,-330",  # @
    "1,2 @5,3,4,3,200,420 5,6 5,7;5,9.5 5,10",  # ?
    "0,6 @2.5,5,2.5,2,180,360 @7.5,5,2.5,2,180,0 10,4",  # ~
    "8,2 @5,2,3,2,0,-180 2,4 8,6 @5,8,3,2,0,180;5,0 5,10",  # $, open
    "9,1 @6,5,4,5,-60,-300;0,4 7,4;0,6 7,6",  # €
    "8,2 @6,3,3,3,-30,-180 3,10;0,10 10,10;1,6 7,6",  # £
    "0,0 5,5 10,0;5,5 5,10;1,6 9,6;1,8 9,8",  # ¥
    "0,0 2.5,10 5,2 7.5,10 10,0;0,4 10,4;0,6 10,6",  # ₩
    "8,3 @5,5,4,3,-40,-320;6,0 4,10",  # ¢
    "0,5 10,5;7,2 10,5 7,8",  # →
    "5,10 5,0;2,3 5,0 8,3",  # ↑
    "0,6 4,10 10,0",  # ✓
)

SHAPES = (
    "0,9 5,0 10,9 0,9",  # triangle
    "0,0 10,0 10,10 0,10 0,0",  # square
    "0,2 10,2 10,8 0,8 0,2",  # rectangle
    "5,0 10,5 5,10 0,5 5,0",  # diamond
    "5,0 10,4 8,10 2,10 0,4 5,0",  # pentagon
    "5,0 8,10 0,4 10,4 2,10 5,0",  # pentagram
    "5,0 6.2,3.5 10,3.8 7,6 8,10 5,7.6 2,10 3,6 0,3.8 3.8,3.5 5,0",  # star
    "5,10 0,4 @2.5,3,2.5,3,160,360 @7.5,3,2.5,3,180,380 5,10",  # heart
    "0,5 5,0 10,5;1.5,4 1.5,10 8.5,10 8.5,4;4,10 4,7 6,7 6,10",  # house
    "3,0 7,0 7,3 10,3 10,7 7,7 7,10 3,10 3,7 0,7 0,3 3,3 3,0",  # cross
    "0,3 6,3 6,0 10,5 6,10 6,7 0,7 0,3",  # arrow
    "7,0 @5,5,5,5,-70,-290 7,10 @8,5,4,5,100,260",  # moon
    "6,0 2,6 5,5 3,10 8,4 5,5 6,0",  # lightning
    "@5,5,5,5,0,360;3,3 3,4;7,3 7,4;@5,6,3,2,20,160",  # face
    "0,0 10,0 10,10 0,10 0,0;0,0 10,10;10,0 0,10",  # crossed box
    "@5,5,1,1,0,300 @5,5,2.5,2.5,-60,300 @5,5,4.5,4.5,-60,300",  # spiral
    "0,3 @4,5,4,3,200,340 10,8;10,2 @4,5,4,3,20,160",  # fish
    "0,2 10,2 10,9 0,9 0,2 5,6 10,2",  # envelope
    "0,8 @2,7,2,2,120,270 @5,5,3,3,200,340 @8,7,2,2,-90,60 0,8",  # cloud
    "5,4 @5,2,2,2,90,450 5,10;5,7 2,5;5,7 8,5",  # flower
    "@5,5,5,5,0,360;@5,5,2,2,0,360",  # rings
    "@5,2,2,2,0,360;5,4 5,7 2,10;5,7 8,10;1,5 9,5",  # a person
    "0,0 10,0 0,10 10,10 0,0",  # hourglass
)

_INITIALS = (
    "0,1 9,1 9,10", "1,0 1,9 10,9", "9,1 1,1 1,9 10,9", "0,0 9,0 9,5 0,5 0,10 10,10", "0,0 9,0 9,10 0,10 0,0",
    "1,0 1,10 9,10 9,0;1,5 9,5", "5,0 0,10;4,4 10,10", "@5,5,5,5,0,360", "0,1 10,1;5,1 0,10;5,4 10,10",
    "4,0 6,0;0,3 10,3;5,3 0,10;5,5 10,10", "0,1 9,1 9,10;0,5 9,5", "9,0 0,0 0,10 10,10;0,5 9,5",
    "0,1 10,1;3,1 3,9;7,1 7,9;0,9 10,9", "4,0 6,0;0,3 10,3;@5,7,3.5,3,0,360",
    "0,1 4,1 3,10;6,1 10,1 9,10", "4,0 1,10;3,5 5,10;8,0 6,10;7,5 10,10",
)  # fmt: skip
_UPRIGHT = (
    "5,0 5,10", "4,0 4,10;4,5 9,5", "4,0 4,10;4,3 9,3;4,7 9,7", "6,0 6,10;0,5 6,5", "6,0 6,10;0,3 6,3;0,7 6,7",
    "2,0 2,10;2,5 6,5;7,0 7,10", "4,1 4,10;0,5 4,5;8,0 8,10",
)  # fmt: skip
_LEVEL = ("0,7 10,7", "0,8 10,8;5,8 5,1", "0,8 10,8;3,8 3,1;7,8 7,1", "0,3 10,3;5,3 5,10", "0,3 10,3;3,3 3,10;7,3 7,10")


def draw_sign(rng: np.random.Generator) -> Strokes:
    """A sign at random: strokes float32 (n, 2) in units of 1000 a side, straight from point to point."""
    kind = rng.random()
    if kind < 0.35:
        return syllable(rng)
    group = LETTERS if kind < 0.6 else SIGNS if kind < 0.8 else SHAPES
    return parse(group[rng.integers(len(group))])


def syllable(rng: np.random.Generator) -> Strokes:
    """A Hangul syllable: an initial, a vowel beside or below it, now and then a final below."""
    closed = rng.random() < 0.55
    bottom = 600 if closed else 1000
    initial, final = (parse(_INITIALS[rng.integers(len(_INITIALS))]) for _ in range(2))
    if rng.random() < 0.6:
        vowel = parse(_UPRIGHT[rng.integers(len(_UPRIGHT))])
        parts = [_into(initial, 0, 0, 480, bottom), _into(vowel, 560, 0, 440, bottom)]
    else:
        vowel = parse(_LEVEL[rng.integers(len(_LEVEL))])
        parts = [_into(initial, 200, 0, 600, 0.55 * bottom), _into(vowel, 0, 0.58 * bottom, 1000, 0.42 * bottom)]
    if closed:
        parts.append(_into(final, 200, 680, 700, 320))
    return [stroke for part in parts for stroke in part]


def parse(skeleton: str) -> Strokes:
    """A skeleton's strokes, float32 (n, 2) in units of 1000 a side, arcs as a point every 20 degrees or so."""
    return [
        np.concatenate([_points(token) for token in stroke.split()]).astype(np.float32) * 100
        for stroke in skeleton.split(";")
    ]


def _points(token: str) -> NDArray[np.float64]:
    numbers = [float(number) for number in token.lstrip("@").split(",")]
    if not token.startswith("@"):
        return np.array([numbers])
    x, y, radius_x, radius_y, first, last = numbers
    angles = np.radians(np.linspace(first, last, max(int(abs(last - first) / 20), 2)))
    return np.stack([x + radius_x * np.cos(angles), y + radius_y * np.sin(angles)], axis=1)


def _into(strokes: Strokes, x: float, y: float, width: float, height: float) -> Strokes:
    """Strokes of the unit square moved into a box."""
    scale, corner = np.array([width / 1000, height / 1000], np.float32), np.array([x, y], np.float32)
    return [stroke * scale + corner for stroke in strokes]
