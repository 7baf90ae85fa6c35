"""Numbers on a page of paper, photographed: a list, sometimes in columns, sometimes lying turned."""

from collections.abc import Callable

import numpy as np

from sonsu.learning import scenes
from sonsu.learning.exposure import Shot, photograph, turned
from sonsu.learning.line_data import Hands
from sonsu.learning.sheet import Sheet, random_digits, with_pen, write
from sonsu.learning.writing import Hand, Written, draw_layout

UNIT_PX = 60.0
"""Height of a digit on a sheet that is to be photographed."""

PEN_WIDTHS = {"ballpoint": (0.035, 0.08), "pencil": (0.035, 0.08), "felt": (0.08, 0.16), "brush": (0.09, 0.16)}
"""As shares of a digit's height."""

_UNSUITABLE = {"cell", "box", "newsprint", "blackboard", "greenboard", "screen", "scan", "fax", "screenshot", "finger"}


def photo(hands: Hands, rng: np.random.Generator) -> Shot:
    """A photographed page with 2 to 8 numbers of 1 to 8 digits."""
    return retry(_photo, hands, rng)


def turned_page(hands: Hands, rng: np.random.Generator) -> Shot:
    """A page that lies on its side or upside down; some digits on it show which way is up."""
    return retry(_turned_page, hands, rng)


def retry(take: Callable[[Hands, np.random.Generator], Shot | None], hands: Hands, rng: np.random.Generator) -> Shot:
    """Take the picture again until a person could read it."""
    while True:
        shot = take(hands, rng)
        if shot is not None:
            return shot


def photo_kinds(rng: np.random.Generator) -> frozenset[str]:
    """What a photographed page of numbers shows besides them."""
    while True:
        kinds = scenes.draw_kinds(rng)
        if not kinds & _UNSUITABLE:
            return kinds


def photo_size(rng: np.random.Generator, aspect: float) -> tuple[int, int]:
    """Width and height of a photo, mostly about 1 MP, at times as cameras have it; of about the page's form."""
    megapixels = rng.uniform(0.5, 1.5) if rng.random() < 0.88 else np.exp(rng.uniform(np.log(1.5), np.log(12)))
    ratio = rng.choice((4 / 3, 4 / 3, 3 / 2, 16 / 9))
    short = np.sqrt(megapixels * 1e6 / ratio)
    sides = round(short), round(short * ratio)
    upright = aspect < 1 if rng.random() < 0.85 else aspect >= 1
    return sides if upright else sides[::-1]


def photo_turn(rng: np.random.Generator) -> float:
    """How far people hold a page or a camera from upright, degrees."""
    return float(np.clip(rng.normal(0, 4.5), -15, 15))


def _photo(hands: Hands, rng: np.random.Generator) -> Shot | None:
    kinds = photo_kinds(rng)
    hand = with_pen(hands.draw(rng), rng.uniform(*PEN_WIDTHS[_pen(kinds)]))
    sheet, pitch = _list_of_numbers(hand, rng)
    size = photo_size(rng, sheet.width / sheet.height)
    fill = rng.uniform(0.6, 0.93)
    ruling = pitch / rng.choice((1, 1, 2)) if "ruled" in kinds else None
    return photograph(sheet, kinds, rng, size_px=size, fill=fill, turn_deg=photo_turn(rng), pitch=ruling)


def _turned_page(hands: Hands, rng: np.random.Generator) -> Shot | None:
    shot = _photo(hands, rng)
    if shot is None or sum(digit in "234579" for line in shot.lines for digit in line.text) < 6:
        return None
    return turned(shot, int(rng.integers(1, 4)))


def _pen(kinds: frozenset[str]) -> str:
    return next(pen for pen in PEN_WIDTHS if pen in kinds)


def _list_of_numbers(hand: Hand, rng: np.random.Generator) -> tuple[Sheet, float]:
    """Numbers below one another in one to three columns, and the distance of the rows in digit heights."""
    columns = int(rng.choice((1, 2, 3), p=(0.72, 0.2, 0.08)))
    rows = int(rng.integers(2, 9)) if columns == 1 else int(rng.integers(2, 6))
    layout = draw_layout(rng, touching=0.15)
    longest = int(rng.integers(2, 9)) if columns == 1 else int(rng.integers(1, 6))
    numbers = [
        [write(random_digits(rng, int(rng.integers(1, longest + 1))), hand, rng, UNIT_PX, layout) for _ in range(rows)]
        for _ in range(columns)
    ]
    pitch = rng.uniform(1.5, 2.6)
    return _in_columns(numbers, pitch, rng), pitch


def _in_columns(numbers: list[list[Written]], pitch: float, rng: np.random.Generator) -> Sheet:
    widths = [max(written.ink.shape[1] for written in column) for column in numbers]
    margin, gap = 0.8 * UNIT_PX, rng.uniform(2.2, 4.0) * UNIT_PX
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
