"""A page with its answers drawn on it: a box and a label for each digit, each line's text beside it.

A lone digit has one label, its line's text, too: in a table of them there is no room for more. Labels stand on their
own ground, so that they can be read on any picture, and hide no digit where there is room.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

if TYPE_CHECKING:
    from sonsu.reading.page import Digit, Line, Page

Rect: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom
_Place: TypeAlias = Callable[[Rect, float, float, float], Rect]  # beside what, width, height, gap

READABLE_PX = 200
"""A picture's shorter side from which on there is room for labels."""

READ, UNSURE, NO_DIGIT = (0, 140, 60), (230, 110, 0), (120, 120, 120)
_GROUND, _WHITE, _MARGIN = (32, 33, 36), (255, 255, 255), (232, 232, 232)
_LABEL_SHARE, _TEXT_SHARE = 0.3, 0.42  # of a line's height
_SMALLEST_FONT, _LARGEST_FONT = 10.0, 64.0
_LARGEST_SCALE = 8
_PEN = 0.08  # of the digits' height, at most: boxes are not to cover small ones
_HIDING_LITTLE = 0.25  # of a label: below another digit's box it would be taken for that digit's


def draw_page(page: Page, least_px: int = 0) -> Image.Image:
    """Draw a page's digits and lines on its picture.

    Args:
        page: what was read.
        least_px: a picture with a shorter side than this is enlarged, by a whole factor of at most 8, and gets a
            margin for the labels.

    Returns:
        An RGB image. Boxes are green where a digit was read, orange where it is in doubt, grey around what is none.
    """
    picture = page.picture.convert("RGB")
    enlarged = min(max(math.ceil(least_px / min(picture.size)), 1), _LARGEST_SCALE)
    scale, margin = (enlarged * picture.width / page.width_px, enlarged * picture.height / page.height_px), 0
    if enlarged > 1:
        picture = picture.resize((picture.width * enlarged, picture.height * enlarged), Image.Resampling.BICUBIC)
        margin = min(picture.size) // 4
        picture = ImageOps.expand(picture, margin, _MARGIN)
    heights = [digit.box_px[3] * scale[1] for line in page.lines for digit in line.digits]
    canvas = _Canvas(picture, scale, margin, min(max(picture.size) / 350, _PEN * float(np.median(heights or [0]))))
    for line in page.lines:
        for digit in line.digits:
            canvas.box(digit)
    for line in page.lines:
        for digit in line.digits:
            canvas.label(digit, line)
    for line in page.lines:
        if len(line.digits) > 1:
            canvas.text(line)
    return picture


def colour_of(digit: Digit) -> tuple[int, int, int]:
    """The colour of a digit's box."""
    if digit.label is None:
        return NO_DIGIT
    return READ if digit.status == "read" else UNSURE


class _Canvas:
    def __init__(self, picture: Image.Image, scale: tuple[float, float], margin: int, pen_px: float) -> None:
        self._draw = ImageDraw.Draw(picture)
        self._width, self._height = picture.size
        self._scale, self._margin = scale, margin
        self._pen = max(1, round(pen_px))
        self._taken = np.zeros((0, 4))  # by digits and by what has been written so far

    def box(self, digit: Digit) -> None:
        left, top, right, bottom = self._rect(digit.box_px)
        self._draw.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline=_WHITE)
        self._draw.rectangle((left, top, right, bottom), outline=colour_of(digit), width=self._pen)
        self._take((left, top, right, bottom))

    def label(self, digit: Digit, line: Line) -> None:
        rect = self._rect(digit.box_px)
        text = "?" if digit.label is None else str(digit.label)
        if len(line.digits) == 1:
            text = _told(line)
        places = _above, _below, _on_top
        self._tag(text, self._font(line, _LABEL_SHARE), rect, colour_of(digit), places, hiding=_HIDING_LITTLE)

    def text(self, line: Line) -> None:
        rect = self._rect(line.box_px)
        surest = all(digit.status == "read" for digit in line.digits)
        font = self._font(line, _TEXT_SHARE)
        places = _right, _left, _far_below, _far_above
        self._tag(_told(line), font, rect, _GROUND, places, edge=READ if surest else UNSURE)

    def _rect(self, box_px: Sequence[int]) -> Rect:
        """A digit's box, outside its ink by the pen's width."""
        x, y, width, height = (value * scale for value, scale in zip(box_px, 2 * self._scale, strict=True))
        x, y = x + self._margin, y + self._margin
        return x - self._pen, y - self._pen, x + width + self._pen, y + height + self._pen

    def _font(self, line: Line, share: float) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
        heights = sorted(digit.box_px[3] for digit in line.digits)
        size = share * heights[len(heights) // 2] * self._scale[1]
        return ImageFont.load_default(min(max(size, _SMALLEST_FONT), _LARGEST_FONT))

    def _tag(
        self,
        text: str,
        font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
        beside: Rect,
        ground: tuple[int, int, int],
        places: Iterable[_Place],
        *,
        edge: tuple[int, int, int] | None = None,
        hiding: float = 0.0,
    ) -> None:
        """Write on a ground of its own, at the first place that is free enough, or else where it hides least.

        Args:
            text: what to write.
            font: with which.
            beside: what it belongs to.
            ground: its colour.
            places: beside it, the best first.
            edge: the colour around the ground.
            hiding: how much it may hide, as a share of its own area.
        """
        left, top, right, bottom = self._draw.textbbox((0, 0), text, font=font)
        pad = max(2.0, 0.2 * (bottom - top))
        width, height = right - left + 2 * pad, bottom - top + 2 * pad
        rects = [self._inside(place(beside, width, height, 2.0 * self._pen)) for place in places]
        hidden = self._hidden(rects)
        free = np.flatnonzero(hidden <= hiding * width * height)
        best = rects[free[0] if len(free) else hidden.argmin()]
        self._draw.rounded_rectangle(best, radius=pad, fill=ground, outline=edge, width=self._pen)
        self._draw.text((best[0] + pad - left, best[1] + pad - top), text, fill=_WHITE, font=font)
        self._take(best)

    def _inside(self, rect: Rect) -> Rect:
        """A rectangle moved into the picture."""
        left, top, right, bottom = rect
        x = max(0.0, left - max(0.0, right - (self._width - 1)))
        y = max(0.0, top - max(0.0, bottom - (self._height - 1)))
        return x, y, x + right - left, y + bottom - top

    def _take(self, rect: Rect) -> None:
        self._taken = np.vstack([self._taken, rect])

    def _hidden(self, rects: Sequence[Rect]) -> NDArray[np.float64]:
        """How much of digits and labels each rectangle would hide, px², (n,)."""
        here = np.array(rects)[:, None]
        common = np.minimum(here[..., 2:], self._taken[:, 2:]) - np.maximum(here[..., :2], self._taken[:, :2])
        return common.clip(min=0).prod(axis=-1).sum(axis=1)


def _told(line: Line) -> str:
    return f"{line.text}  {math.floor(100 * line.confidence)}%"  # 99.9 % is not certain


def _above(beside: Rect, width: float, height: float, gap: float) -> Rect:
    centre = (beside[0] + beside[2]) / 2
    return centre - width / 2, beside[1] - height - gap / 2, centre + width / 2, beside[1] - gap / 2


def _below(beside: Rect, width: float, height: float, gap: float) -> Rect:
    centre = (beside[0] + beside[2]) / 2
    return centre - width / 2, beside[3] + gap / 2, centre + width / 2, beside[3] + height + gap / 2


def _on_top(beside: Rect, width: float, height: float, gap: float) -> Rect:
    return beside[0] + gap, beside[1] + gap, beside[0] + gap + width, beside[1] + gap + height


def _right(beside: Rect, width: float, height: float, gap: float) -> Rect:
    middle = (beside[1] + beside[3]) / 2
    return beside[2] + 4 * gap, middle - height / 2, beside[2] + 4 * gap + width, middle + height / 2


def _left(beside: Rect, width: float, height: float, gap: float) -> Rect:
    middle = (beside[1] + beside[3]) / 2
    return beside[0] - 4 * gap - width, middle - height / 2, beside[0] - 4 * gap, middle + height / 2


def _far_below(beside: Rect, width: float, height: float, gap: float) -> Rect:
    return beside[0], beside[3] + 2 * gap, beside[0] + width, beside[3] + 2 * gap + height


def _far_above(beside: Rect, width: float, height: float, gap: float) -> Rect:
    return beside[0], beside[1] - 2 * height, beside[0] + width, beside[1] - height
