"""Rows of printed boxes or combs that take one digit each, and forms of nothing else."""

import numpy as np

from sonsu.learning.line_data import Hands
from sonsu.learning.writing import Hand, Written
from sonsu.scenes.capture import draw_occasion, retry
from sonsu.scenes.exposure import Shot
from sonsu.scenes.sheet import DROPOUT_COLOURS, FONTS, LABELS, PRINT_COLOURS, Colour, Sheet, random_digits, write


def boxes(hands: Hands, rng: np.random.Generator) -> Shot:
    """One to four rows of boxes, sometimes with a label each."""
    return retry(_boxes, hands, rng)


def _boxes(hands: Hands, rng: np.random.Generator) -> Shot | None:
    occasion = draw_occasion(hands, rng)
    unit = occasion.unit_px
    rows, count = int(rng.choice((1, 2, 3, 4), p=(0.55, 0.2, 0.15, 0.1))), int(rng.integers(2, 11))
    style, font = BoxStyle(unit, rng), FONTS[rng.integers(len(FONTS))]
    step = style.height + rng.uniform(0.6, 1.4) * unit
    labelled = rng.random() < 0.4
    left, top = rng.uniform(0.4, 1.0) * unit + (5.5 * unit if labelled else 0), rng.uniform(0.4, 1.0) * unit
    width = left + style.width(count) + rng.uniform(0.4, 1.0) * unit
    sheet = Sheet(width, 2 * top + step * (rows - 1) + style.height, unit)
    for y in top + step * np.arange(rows):
        if labelled:
            label = str(rng.choice(LABELS))[:12]
            sheet.text(label, 0.4 * unit, y + style.height / 2, 0.6 * unit, font, (40, 40, 45))
        filled = count if rng.random() < 0.7 else int(rng.integers(1, count + 1))
        style.print(sheet, left, y, count)
        fill_in(sheet, style, left, y, random_digits(rng, filled), occasion.hand, rng)
    return occasion.take(sheet, rng)


class BoxStyle:
    """How a row of boxes is printed: sizes in px, all alike within a form."""

    def __init__(self, unit: float, rng: np.random.Generator) -> None:
        self.unit = unit
        self.shape = str(rng.choice(("joined", "separate", "comb", "dotted"), p=(0.4, 0.3, 0.18, 0.12)))
        self.height, self.box_width = rng.uniform(1.15, 1.7) * unit, rng.uniform(0.95, 1.4) * unit
        self.gap = rng.uniform(0.12, 0.5) * unit if self.shape == "separate" else 0.0
        dropout = rng.random() < 0.3
        colours = DROPOUT_COLOURS if dropout else PRINT_COLOURS
        self.colour: Colour = colours[rng.integers(len(colours))]
        self.thick = max(1.0, rng.uniform(0.015, 0.06) * unit)

    def width(self, count: int) -> float:
        """Of a row of so many boxes."""
        return count * self.box_width + (count - 1) * self.gap

    def print(self, sheet: Sheet, left: float, top: float, count: int) -> None:
        """Print a row of boxes."""
        dash = 0.08 * self.unit if self.shape == "dotted" else 0.0
        for i in range(count):
            x = left + i * (self.box_width + self.gap)
            if self.shape != "comb":
                sheet.box((x, top, self.box_width, self.height), self.colour, self.thick, dash_px=dash)
        if self.shape == "comb":
            right, bottom = left + self.width(count), top + self.height
            sheet.line((left, bottom), (right, bottom), self.colour, self.thick)
            for i in range(count + 1):
                x = left + i * self.box_width
                tooth = self.height * (0.6 if i in (0, count) else 0.35)
                sheet.line((x, bottom), (x, bottom - tooth), self.colour, self.thick)


def fill_in(
    sheet: Sheet, style: BoxStyle, left: float, top: float, text: str, hand: Hand, rng: np.random.Generator
) -> None:
    """Write a digit in each box of a row from the left; a careless hand goes over the borders."""
    care, size = rng.uniform(0.02, 0.12), rng.uniform(0.6, 0.95) * min(style.height, 1.25 * style.box_width)
    size = min(size, 1.15 * style.unit)
    pieces: list[tuple[Written, float, float]] = []
    for i, char in enumerate(text):
        written = write(char, hand, rng, size)
        height, width = written.ink.shape
        x = left + i * (style.box_width + style.gap) + (style.box_width - width) / 2
        y = top + (style.height - height) / 2
        shift = np.clip(rng.normal(0, care, 2), -0.22, 0.22) * style.unit
        pieces.append((written, x + shift[0], y + shift[1]))
    sheet.write(pieces)
