"""One line of handwriting: digits of one hand side by side, with the marks that people put between them.

A *hand* draws characters: from MNIST's images, from recorded pens, or from made-up strokes. `write_line` lays them out
as people do, from far apart to touching, on a baseline that wanders.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.learning import pen, strokes
from sonsu.learning.marks import MARKS, PRINTED, draw_mark, draw_word
from sonsu.learning.strokes import Writer

Ink = NDArray[np.uint8]
Box = tuple[int, int, int, int]

DIGITS = "0123456789"


class Hand(Protocol):
    """Draws characters, each time a little differently: the ten digits, and letters if it knows them."""

    @property
    def pen_width(self) -> float:
        """As a share of the digits' height."""
        ...

    @property
    def letters(self) -> str:
        """Those that it can draw besides the digits."""
        ...

    def draw(self, char: str, height_px: float, rng: np.random.Generator) -> Ink:
        """One character's ink, uint8 (h, w), cropped; its larger side is about ``height_px``."""
        ...


class ImageHand:
    """Draws digits from images such as MNIST's, whose writers are not known: every digit may be another's."""

    letters = ""
    pen_width = 0.13

    def __init__(self, images: NDArray[np.uint8], labels: NDArray[np.uint8], *, vary: float = 0.0) -> None:
        """Take images uint8 (n, 28, 28), ink = 255, and labels uint8 (n,); ``vary`` turns, slants and stretches them.

        It is the standard deviation of each: of the turn in radians, of the slant, of the logarithm of the stretch.
        """
        self._images, self._vary = images, vary
        self._places = {digit: np.flatnonzero(labels == int(digit)) for digit in DIGITS}

    def draw(self, char: str, height_px: float, rng: np.random.Generator) -> Ink:
        """One digit's ink, uint8 (h, w), cropped; MNIST's 20 px box becomes ``height_px``."""
        places = self._places[char]
        image = self._images[places[rng.integers(len(places))]]
        x, y, width, height = cv2.boundingRect(image)
        scale = height_px / 20
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        drawn = cv2.resize(image[y : y + height, x : x + width], size, interpolation=cv2.INTER_LINEAR)
        return _varied(drawn, *rng.normal(0.0, self._vary, 3)) if self._vary else drawn


def _varied(ink: Ink, turn: float, slant: float, stretch: float) -> Ink:
    """A digit turned (radians), slanted and stretched (logarithm) about its middle, cropped."""
    height, width = ink.shape
    side = round(1.6 * max(width, height)) + 4
    linear = np.array([[np.exp(stretch), slant - turn], [turn, 1.0]])
    middle = np.array(((width - 1) / 2, (height - 1) / 2))
    matrix = np.column_stack([linear, (side - 1) / 2 - linear @ middle])
    drawn = cv2.warpAffine(ink, matrix, (side, side), flags=cv2.INTER_LINEAR)
    x, y, width, height = cv2.boundingRect(drawn)
    return drawn[y : y + height, x : x + width] if width else ink


@dataclass
class PenHand:
    """Draws one writer's recorded strokes with a pen of any width.

    Attributes:
        characters: what is drawn from, by label: the ten digits, and whatever else there is.
        pen_width: as a share of the digits' height.
    """

    characters: Mapping[str, Sequence[pen.Character]]
    pen_width: float

    @property
    def letters(self) -> str:
        """What it can draw besides the digits."""
        return "".join(sorted(set(self.characters) - set(DIGITS)))

    def draw(self, char: str, height_px: float, rng: np.random.Generator) -> Ink:
        """One character's ink, uint8 (h, w), cropped."""
        known = self.characters[char]
        written = pen.distort(known[int(rng.integers(len(known)))].strokes, rng, rotation_deg=3.0, shear=0.06)
        return ink_of(written, height_px, self.pen_width * height_px)


@dataclass(frozen=True)
class StrokesHand:
    """Draws the digits of a made-up writer."""

    writer: Writer
    letters = ""

    @property
    def pen_width(self) -> float:
        """As a share of the digits' height."""
        return self.writer.pen_width

    def draw(self, char: str, height_px: float, rng: np.random.Generator) -> Ink:
        """One digit's ink, uint8 (h, w), cropped."""
        return ink_of(strokes.write(int(char), self.writer, rng), height_px, self.pen_width * height_px)


def ink_of(written: pen.Strokes, side_px: float, width_px: float) -> Ink:
    """Strokes drawn so that their larger side is ``side_px``, cropped; uint8 (h, w), ink = 255."""
    margin = 1.0
    drawn = pen.render(
        written, size_px=max(round(side_px + 2 * margin), 4), width_px=max(width_px, 0.8), margin_px=margin
    )
    x, y, width, height = cv2.boundingRect(drawn)
    return drawn[y : y + height, x : x + width] if width else drawn[:1, :1]


@dataclass(frozen=True)
class Layout:
    """How the characters of a line stand, in digit heights.

    Attributes:
        gap: mean clear distance; below 0 they overlap.
        gap_sd: its standard deviation.
        kerned: whether the distance is that of the strokes, row by row, rather than of the boxes.
        size_sd: of the logarithm of a digit's size.
        wander: standard deviation of the baseline's step from one character to the next.
    """

    gap: float = 0.15
    gap_sd: float = 0.06
    kerned: bool = True
    size_sd: float = 0.07
    wander: float = 0.03


def draw_layout(rng: np.random.Generator, *, touching: float = 0.3) -> Layout:
    """A writer's spacing, from touching (with this probability) to far apart."""
    if rng.random() < touching:
        gap, gap_sd, kerned = rng.uniform(-0.1, 0.03), rng.uniform(0.02, 0.06), True
    elif rng.random() < 0.8:
        gap, gap_sd, kerned = rng.uniform(0.05, 0.35), rng.uniform(0.02, 0.1), bool(rng.random() < 0.7)
    else:
        gap, gap_sd, kerned = rng.uniform(0.3, 1.4), rng.uniform(0.05, 0.3), False
    return Layout(gap, gap_sd, kerned, float(rng.uniform(0.02, 0.14)), float(rng.uniform(0.0, 0.07)))


@dataclass(frozen=True, eq=False)
class Written:
    """A line as it was written.

    Attributes:
        ink: uint8 (h, w), ink = 255 on 0, cropped but for a pixel.
        boxes: each character, digits and marks, with the box x, y, width, height of its ink, from left to right.
    """

    ink: Ink
    boxes: tuple[tuple[str, Box], ...]

    @property
    def text(self) -> str:
        """The digits alone."""
        return "".join(char for char, _ in self.boxes if char in DIGITS)


def write_line(
    text: str, hand: Hand, rng: np.random.Generator, height_px: float, layout: Layout | None = None
) -> Written:
    """Write a line.

    Args:
        text: digits, letters that the hand knows, any of `sonsu.learning.marks.MARKS`, ``¤`` for a printed word,
            spaces, and ``^`` before each character that is written small and raised, as cents are.
        hand: whose.
        rng: source of chance.
        height_px: of the digits.
        layout: spacing; drawn by `draw_layout` if None.
    """
    layout = layout or draw_layout(rng)
    sheet = _Sheet(len(text), text.count(PRINTED), height_px)
    raised = False
    for char in text:
        if char == "^":
            raised = True
        elif char == " ":
            sheet.skip(rng.uniform(0.3, 0.8) * height_px)
        else:
            size = height_px * float(np.exp(rng.normal(0.0, layout.size_sd))) * (0.6 if raised else 1.0)
            gap = rng.normal(layout.gap, layout.gap_sd) * height_px
            ink, top = _character(char, hand, size, rng)
            down = rng.normal(0.0, 0.4 * layout.wander) * height_px + (0.0 if raised else height_px - size)
            sheet.paste(char, ink, top + down, gap, layout.kerned)
            sheet.step(rng.normal(0.0, layout.wander) * height_px)
            raised = False
    return sheet.cropped()


def _character(char: str, hand: Hand, size: float, rng: np.random.Generator) -> tuple[Ink, float]:
    """A character's ink and how far below the digits' top it begins, in px."""
    if char == PRINTED:
        cap_px = size * float(rng.uniform(0.35, 0.9))
        return draw_word(cap_px, rng), size - cap_px
    if char not in MARKS:
        ink = hand.draw(char, size, rng)
        # What is low because it is wide sits on the baseline, or floats a little.
        return ink, max(size - ink.shape[0], 0.0) * float(rng.uniform(0.4, 1.0))
    mark = draw_mark(char, rng)
    points = np.concatenate(mark)
    width_px = hand.pen_width * size
    side = float(np.ptp(points, axis=0).max()) * size + width_px
    return ink_of(mark, side, width_px), float(points[:, 1].min()) * size - width_px / 2


class _Sheet:
    """The paper that a line grows on."""

    def __init__(self, characters: int, words: int, height_px: float) -> None:
        self._room = round(1.2 * height_px) + 2
        height = round(height_px) + 2 * self._room
        self._ink = np.zeros(
            (height, round(2.2 * height_px * (characters + 1) + 4.5 * height_px * words) + 8), np.uint8
        )
        self._rightmost = np.full(height, -height_px, np.float32)  # of each row's ink so far
        self._end = 1.0  # where the ink written so far ends
        self._baseline = 0.0
        self._boxes: list[tuple[str, Box]] = []

    def skip(self, px: float) -> None:
        self._end += px

    def step(self, px: float) -> None:
        self._baseline += px

    def paste(self, char: str, ink: Ink, top: float, gap: float, kerned: bool) -> None:
        height, width = ink.shape
        y = int(np.clip(round(self._room + self._baseline + top), 0, max(self._ink.shape[0] - height, 0)))
        ink = ink[: self._ink.shape[0] - y]
        height = ink.shape[0]
        x = self._end
        if kerned and self._boxes:
            inked = ink > 60
            leftmost = np.where(inked.any(axis=1), inked.argmax(axis=1), width)
            rows = cv2.dilate(self._rightmost[y : y + height, None], np.ones((5, 1), np.uint8)).ravel()
            touch = float((rows - leftmost).max()) + 1
            x = max(touch, self._end - 0.5 * min(width, self._boxes[-1][1][2]))
        left = int(np.clip(round(x + gap), 0, self._ink.shape[1] - width))
        if self._boxes:  # overlapping is one thing, hiding another
            _, (before, _, before_width, _) = self._boxes[-1]
            left = min(max(left, before + round(0.35 * before_width) + 1), self._ink.shape[1] - width)
        place = self._ink[y : y + height, left : left + width]
        np.maximum(place, ink, out=place)
        right = left + width - (ink > 60)[:, ::-1].argmax(axis=1)
        self._rightmost[y : y + height] = np.maximum(
            self._rightmost[y : y + height], np.where((ink > 60).any(axis=1), right, -np.inf)
        )
        self._end = max(self._end, left + width)
        self._boxes.append((char, (left, y, width, height)))

    def cropped(self) -> Written:
        x, y, width, height = cv2.boundingRect(self._ink)
        left, top = max(x - 1, 0), max(y - 1, 0)
        ink = self._ink[top : y + height + 1, left : x + width + 1]
        return Written(ink, tuple((char, (bx - left, by - top, w, h)) for char, (bx, by, w, h) in self._boxes))
