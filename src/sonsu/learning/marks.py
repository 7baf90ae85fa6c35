"""What stands beside digits and is none: commas, dashes, currency signs, as pen strokes; printed words.

Points are in digit heights: x to the right from the mark's left side, y down, 0 at the digits' top and 1 on their
baseline. A comma hangs below the baseline, a dash lies in the middle.
"""

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Points = list[tuple[float, float]]


def _circle(x: float, y: float, rx: float, ry: float, start: float = 0.0, end: float = 1.0) -> Points:
    """An arc clockwise, in turns from the top."""
    turn = 2 * np.pi * np.linspace(start, end, 17)
    return [(x + rx * float(np.sin(a)), y - ry * float(np.cos(a))) for a in turn]


_S = [(0.5, 0.2), (0.3, 0.1), (0.1, 0.2), (0.1, 0.38), (0.3, 0.5), (0.5, 0.62), (0.5, 0.8), (0.3, 0.92), (0.05, 0.8)]

MARKS: dict[str, list[list[Points]]] = {
    ",": [[[(0.06, 0.92), (0.07, 1.05), (0.0, 1.22)]], [[(0.1, 0.85), (0.0, 1.15)]]],
    ".": [[[(0.0, 0.97), (0.02, 0.99)]], [[(0.0, 0.95), (0.04, 0.97), (0.02, 1.0), (0.0, 0.97)]]],
    "'": [[[(0.06, -0.05), (0.0, 0.2)]]],
    ":": [[[(0.0, 0.35), (0.02, 0.37)], [(0.0, 0.9), (0.02, 0.92)]]],
    "-": [[[(0.0, 0.55), (0.45, 0.52)]], [[(0.0, 0.6), (0.15, 0.5), (0.3, 0.6), (0.55, 0.5)]]],
    "=": [[[(0.0, 0.42), (0.5, 0.4)], [(0.0, 0.66), (0.5, 0.64)]]],
    "+": [[[(0.0, 0.55), (0.5, 0.55)], [(0.25, 0.3), (0.25, 0.82)]]],
    "×": [[[(0.0, 0.35), (0.4, 0.8)], [(0.4, 0.35), (0.0, 0.8)]]],
    "÷": [[[(0.0, 0.55), (0.5, 0.55)], [(0.25, 0.3), (0.26, 0.32)], [(0.25, 0.78), (0.26, 0.8)]]],
    # Longer and further over than any 1, or nobody could tell.
    "/": [[[(0.7, -0.25), (0.0, 1.25)]], [[(0.8, -0.2), (0.0, 1.2)]]],
    "(": [[[(0.2, -0.1), (0.03, 0.2), (0.0, 0.5), (0.04, 0.85), (0.2, 1.12)]]],
    ")": [[[(0.0, -0.1), (0.17, 0.2), (0.2, 0.5), (0.16, 0.85), (0.0, 1.12)]]],
    "#": [
        [
            [(0.2, 0.1), (0.1, 0.9)],
            [(0.45, 0.1), (0.35, 0.9)],
            [(0.0, 0.38), (0.55, 0.36)],
            [(0.0, 0.66), (0.55, 0.64)],
        ],
    ],
    "%": [[_circle(0.12, 0.2, 0.12, 0.16), [(0.65, 0.0), (0.05, 1.0)], _circle(0.55, 0.8, 0.12, 0.16)]],
    "$": [
        [_S, [(0.32, -0.08), (0.28, 1.12)]],
        [_S, [(0.24, -0.05), (0.22, 1.08)], [(0.38, -0.05), (0.36, 1.08)]],
    ],
    "₩": [[[(0.0, 0.0), (0.2, 1.0), (0.4, 0.15), (0.6, 1.0), (0.8, 0.0)], [(-0.05, 0.42), (0.88, 0.4)]]],
    "€": [[_circle(0.4, 0.5, 0.35, 0.48, 0.4, 1.12)[::-1], [(-0.05, 0.42), (0.4, 0.4)], [(-0.05, 0.6), (0.36, 0.58)]]],
    "£": [
        [
            [(0.5, 0.2), (0.38, 0.04), (0.22, 0.15), (0.24, 0.5), (0.18, 0.85), (0.0, 0.98), (0.2, 0.9), (0.55, 1.0)],
            [(0.02, 0.52), (0.42, 0.5)],
        ],
    ],
    "¥": [
        [
            [(0.0, 0.0), (0.28, 0.48), (0.56, 0.0)],
            [(0.28, 0.48), (0.27, 1.0)],
            [(0.02, 0.55), (0.55, 0.53)],
            [(0.02, 0.74), (0.55, 0.72)],
        ],
    ],
    "R": [[[(0.05, 1.0), (0.08, 0.05), (0.4, 0.08), (0.45, 0.3), (0.35, 0.48), (0.08, 0.5), (0.5, 1.0)]]],
    "F": [[[(0.05, 1.0), (0.08, 0.05), (0.5, 0.04)], [(0.07, 0.48), (0.4, 0.47)]]],
    "K": [[[(0.05, 0.0), (0.04, 1.0)], [(0.45, 0.05), (0.06, 0.55), (0.48, 1.0)]]],
    "m": [[[(0.0, 0.5), (0.02, 1.0), (0.04, 0.6), (0.2, 0.5), (0.24, 1.0), (0.26, 0.6), (0.42, 0.5), (0.48, 1.0)]]],
    "x": [[[(0.0, 0.5), (0.35, 1.0)], [(0.35, 0.5), (0.0, 1.0)]]],
    "원": [
        [
            _circle(0.28, 0.2, 0.2, 0.16),
            [(0.0, 0.47), (0.62, 0.44)],
            [(0.32, 0.46), (0.3, 0.68)],
            [(0.75, 0.0), (0.75, 0.72)],
            [(0.58, 0.55), (0.75, 0.55)],
            [(0.2, 0.7), (0.2, 0.95), (0.8, 0.93)],
        ],
    ],
}
"""The manners of each mark: lists of strokes."""

INNER = ",.-'/: "
"""Marks that stand between digits."""
LEADING = "$₩€£¥R#=(-+"
TRAILING = "-=#)%원mxKF÷×+."


def draw_mark(mark: str, rng: np.random.Generator) -> list[npt.NDArray[np.float32]]:
    """One mark's strokes in a manner of its own, float32 (n, 2) arrays in digit heights (see the module)."""
    manners = MARKS[mark]
    manner = manners[rng.integers(len(manners))]
    size = np.exp(rng.normal(0.0, 0.15, 2))
    shift = np.array((0.0, rng.normal(0.0, 0.06)))
    return [
        ((np.asarray(stroke) + rng.normal(0.0, 0.025, (len(stroke), 2))) * size + shift).astype(np.float32)
        for stroke in manner
    ]


PRINTED = "¤"
"""Stands for a printed word in a line's text."""

_WORDS = (
    "Rs",
    "USD",
    "KRW",
    "EUR",
    "CHF",
    "No.",
    "No",
    "Nr.",
    "Total",
    "TOTAL",
    "Amount",
    "Fr.",
    "R$",
    "Date",
    "kg",
    "cm",
    "ID",
    "Tel.",
    "Sum",
    "Qty",
    "Name",
    "VND",
    "Rp.",
    "NT$",
    "$",
    "%",
    "#",
    "Euro",
)
_HERSHEY = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_COMPLEX_SMALL,
)


def draw_word(cap_px: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """A printed word, uint8 (h, w), ink = 255, cropped; its capitals are about ``cap_px`` high."""
    word = _WORDS[rng.integers(len(_WORDS))]
    if rng.random() < 0.5:
        ink = _set(word, max(round(cap_px / 0.7), 6))
    else:
        face, scale = _HERSHEY[rng.integers(len(_HERSHEY))], cap_px / 21
        thick = max(1, round(cap_px * rng.uniform(0.06, 0.16)))
        (width, height), below = cv2.getTextSize(word, face, scale, thick)
        ink = np.zeros((height + below + 2 * thick, width + 2 * thick), np.uint8)
        cv2.putText(ink, word, (thick, height + thick), face, scale, 255, thick, cv2.LINE_AA)
    x, y, width, height = cv2.boundingRect(ink)
    return ink[y : y + height, x : x + width]


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _set(word: str, size: int) -> npt.NDArray[np.uint8]:
    sheet = Image.new("L", (size * (len(word) + 1), 2 * size))
    ImageDraw.Draw(sheet).text((size // 2, size // 4), word, 255, _font(size))
    return np.asarray(sheet)
