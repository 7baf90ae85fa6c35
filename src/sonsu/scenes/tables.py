"""Numbers in tables: score sheets with printed rules, heads and names, and sums."""

import numpy as np

from sonsu.learning.line_data import Hands
from sonsu.learning.writing import Hand, Layout, Written
from sonsu.scenes.capture import draw_occasion, retry
from sonsu.scenes.exposure import Shot
from sonsu.scenes.sheet import FONTS, PRINT_COLOURS, Sheet, random_digits, write

_HEADS = (
    "No.", "Name", "Points", "Round 1", "Round 2", "Round 3", "Total", "Sum", "Score", "Mon", "Tue", "Wed", "A", "B",
)  # fmt: skip
_NAMES = (
    "Kim", "Lee", "Park", "Choi", "Jung", "Team A", "Team B", "Anna", "Ben", "Clara", "1.", "2.", "3.", "Item 4",
)  # fmt: skip


def score_sheet(hands: Hands, rng: np.random.Generator) -> Shot:
    """A table with a number in most cells, or a sum."""
    return retry(_score_sheet, hands, rng)


def _score_sheet(hands: Hands, rng: np.random.Generator) -> Shot | None:
    occasion = draw_occasion(hands, rng)
    draw = _table if rng.random() < 0.75 else _sum
    return occasion.take(draw(occasion.hand, occasion.unit_px, rng), rng)


def _table(hand: Hand, unit: float, rng: np.random.Generator) -> Sheet:
    """Printed rules, a printed head and first column, numbers in most cells."""
    rows, columns, longest = int(rng.integers(3, 9)), int(rng.integers(1, 5)), int(rng.integers(1, 5))
    height, cell = rng.uniform(1.5, 2.1) * unit, (0.95 * longest + rng.uniform(0.8, 1.6)) * unit
    first, margin = rng.uniform(3.0, 4.5) * unit, rng.uniform(0.5, 1.2) * unit
    sheet = Sheet(2 * margin + first + columns * cell, 2 * margin + (rows + 1) * height, unit)
    colour, thick = PRINT_COLOURS[rng.integers(len(PRINT_COLOURS))], max(1.0, rng.uniform(0.02, 0.05) * unit)
    font = FONTS[rng.integers(len(FONTS))]
    right, bottom = sheet.width - margin, sheet.height - margin
    for i in range(rows + 2):
        sheet.line((margin, margin + i * height), (right, margin + i * height), colour, thick)
    if rng.random() < 0.8:
        for x in (margin, *(margin + first + i * cell for i in range(columns + 1))):
            sheet.line((x, margin), (x, bottom), colour, thick)
    heads = rng.permutation(_HEADS)
    for i in range(columns + 1):
        x = margin + (0 if i == 0 else first + (i - 1) * cell) + 0.25 * unit
        sheet.text(str(heads[i])[: 3 * longest + 1], x, margin + height / 2, 0.5 * unit, font, (30, 30, 35))
    layout = Layout(rng.uniform(0.0, 0.25), 0.04, True, 0.06, 0.02)
    align = rng.choice((0.5, 1.0))
    for row in range(1, rows + 1):
        y = margin + row * height
        sheet.text(str(rng.choice(_NAMES)), margin + 0.25 * unit, y + height / 2, 0.5 * unit, font, (30, 30, 35))
        for column in range(columns):
            if rng.random() < 0.9:
                written = write(random_digits(rng, int(rng.integers(1, longest + 1))), hand, rng, unit, layout)
                x = margin + first + column * cell
                _into_cell(sheet, written, (x, y, cell, height), align, rng)
    return sheet


def _into_cell(
    sheet: Sheet, written: Written, cell: tuple[float, float, float, float], align: float, rng: np.random.Generator
) -> None:
    x, y, width, height = cell
    unit, (ink_height, ink_width) = sheet.unit_px, written.ink.shape
    if ink_width > width - 0.2 * unit:
        return
    left = x + 0.15 * unit + align * (width - 0.3 * unit - ink_width) + rng.normal(0, 0.04) * unit
    sheet.write([(written, left, y + (height - ink_height) / 2 + rng.normal(0, 0.05) * unit)])


def _sum(hand: Hand, unit: float, rng: np.random.Generator) -> Sheet:
    """Numbers below one another, a rule, and what they add up to."""
    values = [int(random_digits(rng, int(rng.integers(1, 6)), leading_zero=False)) for _ in range(rng.integers(2, 7))]
    layout = Layout(rng.uniform(0.02, 0.25), 0.04, True, 0.06, 0.02)
    lines = [write(str(value), hand, rng, unit, layout) for value in (*values, sum(values))]
    step = max(rng.uniform(1.4, 1.9) * unit, max(line.ink.shape[0] for line in lines) + 0.2 * unit)
    margin = rng.uniform(0.7, 1.5) * unit
    right = margin + max(line.ink.shape[1] for line in lines) + unit
    sheet = Sheet(right + margin, 2 * margin + step * len(lines) + 0.5 * unit, unit)
    y = margin
    for i, line in enumerate(lines):
        if i == len(values):
            sheet.line((margin, y), (right, y), (25, 25, 30), max(1.0, 0.04 * unit))
            y += 0.4 * unit
        sheet.write([(line, right - line.ink.shape[1] - 0.1 * unit, y + step - 0.15 * unit - line.ink.shape[0])])
        y += step
    return sheet
