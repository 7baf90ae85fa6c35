"""A flat page being printed and filled in, with the truth about what was written on it.

Coordinates are px of the sheet. What is printed is a filter over the paper, what is written is ink; `photograph` in
`sonsu.scenes.exposure` makes a picture of both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sonsu.learning.writing import DIGITS, Box, Hand, ImageHand, Layout, PenHand, StrokesHand, Written, write_line
from sonsu.scenes import digit_photo

Colour = tuple[int, int, int]

_SHIFT = 4  # cv2 takes coordinates in 1/16 pixel
# Come with Matplotlib on every system: sans serif, serif, typewriter, and Times' relative.
FONTS = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSansMono", "STIXGeneral", "STIXGeneralBol")
PRINT_COLOURS: tuple[Colour, ...] = ((25, 25, 28), (110, 110, 118), (70, 110, 170), (190, 90, 90), (70, 130, 100))
DROPOUT_COLOURS: tuple[Colour, ...] = ((240, 170, 160), (165, 215, 175), (165, 195, 235), (245, 200, 140))
LABELS = (
    "Name", "Date", "Date of birth", "Account no.", "Telephone", "Postcode", "Amount", "Total", "Reference",
    "Customer no.", "Invoice no.", "Quantity", "ID number", "Order no.", "Age", "Weight (kg)", "Height (cm)",
    "Meter reading", "Branch", "Policy no.", "Tax year 2024", "1. Income", "2. Expenses", "3. Balance", "Form 27-B",
    "Room", "Year", "Page 1 of 2",
)  # fmt: skip
"""Printed beside fields, digits among them."""


@dataclass(frozen=True)
class TrueDigit:
    """A digit as it was written, 0 to 9, and the box x, y, width, height of its ink."""

    label: int
    box_px: Box


@dataclass(frozen=True)
class TrueLine:
    """Digits that a person would read as one number, from left to right."""

    digits: tuple[TrueDigit, ...]

    @property
    def text(self) -> str:
        """The digits alone, as `sonsu.Line.text` has them."""
        return "".join(str(digit.label) for digit in self.digits)

    @property
    def box_px(self) -> Box:
        """x, y, width and height around all of its digits."""
        return around([digit.box_px for digit in self.digits])


def around(boxes: Sequence[Box]) -> Box:
    """The box around boxes."""
    corners = np.array([(x, y, x + width, y + height) for x, y, width, height in boxes])
    left, top = (int(value) for value in corners[:, :2].min(axis=0))
    right, bottom = (int(value) for value in corners[:, 2:].max(axis=0))
    return left, top, right - left, bottom - top


class Sheet:
    """A page while it is drawn.

    Attributes:
        printed: uint8 (h, w, 3) RGB, 255 where nothing is printed.
        ink: uint8 (h, w), ink = 255 on 0.
        unit_px: usual height of the digits.
        lines: what was written, in the order in which a person reads it.
    """

    def __init__(self, width: float, height: float, unit_px: float) -> None:
        self.printed = np.full((round(height), round(width), 3), 255, np.uint8)
        self.ink = np.zeros((round(height), round(width)), np.uint8)
        self.unit_px = unit_px
        self.lines: list[TrueLine] = []

    @property
    def width(self) -> int:
        """In px."""
        return self.ink.shape[1]

    @property
    def height(self) -> int:
        """In px."""
        return self.ink.shape[0]

    def write(self, pieces: Sequence[tuple[Written, float, float]]) -> None:
        """Put what was written on the page as one line: each piece with x and y of its left upper corner."""
        digits: list[TrueDigit] = []
        for written, x, y in pieces:
            left, top = self._paste(written.ink, round(x), round(y))
            digits += [
                TrueDigit(int(char), (left + bx, top + by, width, height))
                for char, (bx, by, width, height) in written.boxes
                if char in DIGITS
            ]
        if digits:
            self.lines.append(TrueLine(tuple(digits)))

    def _paste(self, ink: NDArray[np.uint8], left: int, top: int) -> tuple[int, int]:
        """Add ink, moved so that all of it is on the sheet; returns where it is."""
        height, width = ink.shape
        left, top = (
            max(0, min(value, room)) for value, room in ((left, self.width - width), (top, self.height - height))
        )
        place = self.ink[top : top + height, left : left + width]
        np.maximum(place, ink[: place.shape[0], : place.shape[1]], out=place)
        return left, top

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        colour: Colour,
        thick_px: float,
        *,
        dash_px: float = 0,
    ) -> None:
        """Print a straight line, dotted if ``dash_px`` says how long its dashes are."""
        ends = np.array((start, end), np.float64)
        count = max(round(float(np.hypot(*(ends[1] - ends[0]))) / (2 * dash_px)), 1) if dash_px else 1
        share = 0.5 if dash_px else 1.0  # of the way that has colour
        for i in range(count):
            at = np.array(((i,), (i + share,))) / count
            a, b = np.rint((ends[0] + at * (ends[1] - ends[0])) * (1 << _SHIFT)).astype(int).tolist()
            cv2.line(self.printed, a, b, colour, max(1, round(thick_px)), cv2.LINE_AA, _SHIFT)

    def box(
        self, box: tuple[float, float, float, float], colour: Colour, thick_px: float, *, dash_px: float = 0
    ) -> None:
        """Print a frame: x, y, width, height."""
        x, y, width, height = box
        corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
        for start, end in zip(corners, (*corners[1:], corners[0]), strict=True):
            self.line(start, end, colour, thick_px, dash_px=dash_px)

    def text(
        self, text: str, x: float, y: float, size_px: float, font: str, colour: Colour, *, anchor: str = "lm"
    ) -> tuple[float, float, float, float]:
        """Print text, placed by Pillow's anchor (left, middle); returns its box: left, top, right, bottom."""
        image = Image.fromarray(self.printed)
        draw = ImageDraw.Draw(image)
        typeface = load_font(font, max(round(size_px), 4))
        draw.text((x, y), text, colour, typeface, anchor)
        self.printed = np.array(image)
        return draw.textbbox((x, y), text, typeface, anchor)


@cache
def load_font(name: str, size_px: int) -> ImageFont.FreeTypeFont:
    """One of `FONTS`."""
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"), size_px)


def write(text: str, hand: Hand, rng: np.random.Generator, height_px: float, layout: Layout | None = None) -> Written:
    """`write_line`, its ink sharp at any size: MNIST's images, enlarged, would show their pixels."""
    written = write_line(text, hand, rng, height_px, layout)
    step = height_px / 20
    if not isinstance(hand, ImageHand) or step < 1.4:
        return written
    return replace(written, ink=digit_photo.sharpen(written.ink.astype(np.float32) / np.float32(255), step, edge=0.8))


def with_pen(hand: Hand, width: float) -> Hand:
    """The same hand with a pen of this width, as a share of the digits' height; MNIST's images keep theirs."""
    if isinstance(hand, StrokesHand):
        return replace(hand, writer=replace(hand.writer, pen_width=width))
    return replace(hand, pen_width=width) if isinstance(hand, PenHand) else hand


def random_digits(rng: np.random.Generator, n: int, *, leading_zero: bool = True) -> str:
    """Digits by chance."""
    first = str(rng.integers(0 if leading_zero else 1, 10))
    return first + "".join(map(str, rng.integers(0, 10, n - 1)))
