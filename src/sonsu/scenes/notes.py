"""Numbers on a page of paper, photographed: a list, sometimes in columns."""

import numpy as np

from sonsu.learning.line_data import Hands
from sonsu.learning.writing import Hand, Written, draw_layout
from sonsu.scenes.capture import hand_for, photo_kinds, photo_size, photo_turn, retry
from sonsu.scenes.exposure import Shot, photograph
from sonsu.scenes.sheet import Sheet, random_digits, write

UNIT_PX = 60.0
"""Height of a digit on a sheet that is to be photographed."""


def photo(hands: Hands, rng: np.random.Generator) -> Shot:
    """A photographed page with 2 to 8 numbers of 1 to 8 digits."""
    return retry(_photo, hands, rng)


def _photo(hands: Hands, rng: np.random.Generator) -> Shot | None:
    kinds = photo_kinds(rng)
    hand = hand_for(kinds, hands, rng)
    sheet, pitch = _list_of_numbers(hand, rng)
    size = photo_size(rng, sheet.width / sheet.height)
    fill = rng.uniform(0.6, 0.93)
    ruling = pitch / rng.choice((1, 1, 2)) if "ruled" in kinds else None
    return photograph(sheet, kinds, rng, size_px=size, fill=fill, turn_deg=photo_turn(rng), pitch=ruling)


def _list_of_numbers(hand: Hand, rng: np.random.Generator) -> tuple[Sheet, float]:
    """Numbers below one another in one to three columns, and the distance of the rows in digit heights."""
    columns = int(rng.choice((1, 2, 3), p=(0.72, 0.2, 0.08)))
    rows = int(rng.integers(2, 9)) if columns == 1 else int(rng.integers(2, 6))
    layout = draw_layout(rng, touching=0.15)
    longest = int(rng.integers(2, 9)) if columns == 1 else int(rng.integers(2, 6))
    numbers = [
        [write(random_digits(rng, int(rng.integers(1, longest + 1))), hand, rng, UNIT_PX, layout) for _ in range(rows)]
        for _ in range(columns)
    ]
    pitch = rng.uniform(1.5, 2.6)
    gap = rng.uniform(2.2, 4.0) + 2 * max(layout.gap, 0.0)  # far wider than between the digits of a number
    return _in_columns(numbers, pitch, gap, rng), pitch


def _in_columns(numbers: list[list[Written]], pitch: float, gap: float, rng: np.random.Generator) -> Sheet:
    widths = [max(written.ink.shape[1] for written in column) for column in numbers]
    margin, gap = 0.8 * UNIT_PX, gap * UNIT_PX
    tallest = max(written.ink.shape[0] for column in numbers for written in column)
    step = max(pitch * UNIT_PX, tallest + 0.15 * UNIT_PX)
    sheet = Sheet(
        2 * margin + sum(widths) + gap * (len(widths) - 1), 2 * margin + step * (len(numbers[0]) - 1) + tallest, UNIT_PX
    )
    align = rng.choice((0.0, 0.0, 0.5, 1.0))
    left = margin
    for column, width in zip(numbers, widths, strict=True):
        for row, written in enumerate(column):
            x = left + align * (width - written.ink.shape[1]) + rng.normal(0, 0.1) * UNIT_PX
            bottom = margin + step * row + tallest + rng.normal(0, 0.05) * UNIT_PX
            sheet.write([(written, x, bottom - written.ink.shape[0])])
        left += width + gap
    return sheet
