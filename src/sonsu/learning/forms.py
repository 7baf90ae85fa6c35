"""What offices print and people fill in: rows of boxes, forms with labels, tables of numbers.

Printed text and printed digits are on the page, not in the truth.
"""

import numpy as np

from sonsu.learning.exposure import Shot, photograph
from sonsu.learning.line_data import Hands
from sonsu.learning.notes import PEN_WIDTHS, photo_kinds, photo_size, photo_turn, retry
from sonsu.learning.sheet import DROPOUT_COLOURS, FONTS, PRINT_COLOURS, Colour, Sheet, random_digits, with_pen, write
from sonsu.learning.writing import Hand, Layout, Written, draw_layout

_LABELS = (
    "Name", "Date", "Date of birth", "Account no.", "Telephone", "Postcode", "Amount", "Total", "Reference",
    "Customer no.", "Invoice no.", "Quantity", "ID number", "Order no.", "Age", "Weight (kg)", "Height (cm)",
    "Meter reading", "Branch", "Policy no.", "Tax year 2024", "1. Income", "2. Expenses", "3. Balance", "Form 27-B",
    "Room", "Year", "Page 1 of 2",
)  # fmt: skip
_EFFECTS = {"gradient", "vignette", "soft shadow", "hard shadow", "desk", "crease", "curl", "blur", "noisy"}
_HEADINGS = (
    "APPLICATION FORM",
    "Registration",
    "Delivery note",
    "Survey 2024",
    "Meter reading card",
    "Order form",
    "Claim",
)
_WORDS = (
    "please fill in all fields in block letters using black or blue ink sign below and return to the office by post"
)
_HEADS = (
    "No.",
    "Name",
    "Points",
    "Round 1",
    "Round 2",
    "Round 3",
    "Total",
    "Sum",
    "Score",
    "Mon",
    "Tue",
    "Wed",
    "A",
    "B",
    "C",
)
_NAMES = (
    "Kim",
    "Lee",
    "Park",
    "Choi",
    "Jung",
    "Team A",
    "Team B",
    "Anna",
    "Ben",
    "Clara",
    "1.",
    "2.",
    "3.",
    "Item 4",
    "Week 5",
)


def boxes(hands: Hands, rng: np.random.Generator) -> Shot:
    """Fields of which each box takes one digit."""
    return retry(_boxes, hands, rng)


def form(hands: Hands, rng: np.random.Generator) -> Shot:
    """A printed form with filled fields."""
    return retry(_form, hands, rng)


def score_sheet(hands: Hands, rng: np.random.Generator) -> Shot:
    """A table with a number in most cells, or a sum."""
    return retry(_score_sheet, hands, rng)


def take_paper(sheet: Sheet, rng: np.random.Generator, hand_kinds: frozenset[str], scanned: bool) -> Shot | None:
    """A picture of a filled sheet of paper: scanned as it is, or photographed."""
    if scanned:
        return photograph(sheet, hand_kinds, rng, turn_deg=float(np.clip(rng.normal(0, 0.7), -2, 2)))
    size = photo_size(rng, sheet.width / sheet.height)
    return photograph(sheet, hand_kinds, rng, size_px=size, fill=rng.uniform(0.75, 0.96), turn_deg=photo_turn(rng))


def paper_kinds(rng: np.random.Generator, scanned: bool) -> frozenset[str]:
    """What a filled form shows besides print and writing."""
    pen = str(rng.choice(("ballpoint", "felt", "pencil"), p=(0.65, 0.2, 0.15)))
    colour = "graphite" if pen == "pencil" else str(rng.choice(("black", "blue", "red"), p=(0.5, 0.45, 0.05)))
    if scanned:
        camera = str(rng.choice(("scan", "fax"), p=(0.85, 0.15)))
        surface = str(rng.choice(("white paper", "cream paper", "grey paper"), p=(0.8, 0.1, 0.1)))
        return frozenset({camera, surface, pen, colour} | ({"dirt"} if rng.random() < 0.1 else set()))
    effects = photo_kinds(rng) & _EFFECTS
    return frozenset({"phone", "white paper", pen, colour, *effects})


def pen_of(kinds: frozenset[str], hands: Hands, rng: np.random.Generator) -> Hand:
    """A hand with a pen as wide as the kinds' pen is."""
    return with_pen(hands.draw(rng), rng.uniform(*PEN_WIDTHS[next(pen for pen in PEN_WIDTHS if pen in kinds)]))


def _boxes(hands: Hands, rng: np.random.Generator) -> Shot | None:
    scanned = bool(rng.random() < 0.6)
    kinds = paper_kinds(rng, scanned)
    hand = pen_of(kinds, hands, rng)
    unit = float(np.exp(rng.uniform(np.log(24), np.log(80)))) if scanned else 56.0
    rows, count = int(rng.choice((1, 2, 3, 4), p=(0.55, 0.2, 0.15, 0.1))), int(rng.integers(2, 11))
    row_style = BoxStyle(unit, rng)
    step = row_style.height + rng.uniform(0.6, 1.4) * unit
    label = rng.random() < 0.4
    left, top = rng.uniform(0.4, 1.0) * unit + (5.5 * unit if label else 0), rng.uniform(0.4, 1.0) * unit
    width = left + row_style.width(count) + rng.uniform(0.4, 1.0) * unit
    sheet = Sheet(width, 2 * top + step * (rows - 1) + row_style.height, unit)
    font = FONTS[rng.integers(len(FONTS))]
    for row in range(rows):
        y = top + row * step
        filled = count if rng.random() < 0.7 else int(rng.integers(1, count + 1))
        if label:
            text = str(rng.choice(_LABELS))[:12]
            sheet.text(text, 0.4 * unit, y + row_style.height / 2, 0.6 * unit, font, (40, 40, 45))
        fill_boxes(sheet, row_style, left, y, count, random_digits(rng, filled), hand, rng)
    return take_paper(sheet, rng, kinds, scanned)


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


def fill_boxes(
    sheet: Sheet, style: BoxStyle, left: float, top: float, count: int, text: str, hand: Hand, rng: np.random.Generator
) -> None:
    """Print a row of boxes and write a digit in each from the left; a careless hand goes over the borders."""
    style.print(sheet, left, top, count)
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


def _form(hands: Hands, rng: np.random.Generator) -> Shot | None:
    scanned = bool(rng.random() < 0.6)
    kinds = paper_kinds(rng, scanned)
    hand = pen_of(kinds, hands, rng)
    unit = rng.uniform(26, 60) if scanned else 48.0
    fields = int(rng.integers(2, 8))
    step, top = rng.uniform(2.2, 3.0) * unit, rng.uniform(3.0, 4.5) * unit
    width = rng.uniform(17, 22) * unit
    sheet = Sheet(width, top + step * fields + rng.uniform(1.0, 3.5) * unit, unit)
    font = FONTS[rng.integers(len(FONTS))]
    colour = PRINT_COLOURS[rng.integers(3)]
    sheet.text(str(rng.choice(_HEADINGS)), unit, 1.2 * unit, rng.uniform(0.8, 1.2) * unit, font, colour)
    words = _WORDS.split()
    start = int(rng.integers(0, 6))
    sheet.text(" ".join(words[start : start + 9]), unit, 2.3 * unit, 0.4 * unit, font, colour)
    style, manner = BoxStyle(unit, rng), str(rng.choice(("underline", "box", "boxes", "dotted")))
    for i, label in enumerate(rng.permutation(_LABELS)[:fields]):
        y = top + i * step
        sheet.text(str(label), unit, y + 0.65 * unit, rng.uniform(0.45, 0.62) * unit, font, colour)
        if rng.random() < 0.12:
            continue
        _field(sheet, manner, style, (7.5 * unit, y, width - 8.5 * unit), colour, hand, rng)
    if sheet.height - top - step * fields > 1.6 * unit:
        sheet.text(" ".join(words[8:20]), unit, sheet.height - 0.8 * unit, 0.38 * unit, font, colour)
    return take_paper(sheet, rng, kinds, scanned) if sheet.lines else None


def _field(
    sheet: Sheet,
    manner: str,
    style: BoxStyle,
    place: tuple[float, float, float],
    colour: Colour,
    hand: Hand,
    rng: np.random.Generator,
) -> None:
    """Print a field at x, y of this width, and fill it in."""
    x, y, width = place
    unit = sheet.unit_px
    if manner == "boxes":
        count = min(int(rng.integers(3, 11)), int(width / (style.box_width + style.gap)))
        fill_boxes(
            sheet, style, x, y - 0.15 * unit, count, random_digits(rng, int(rng.integers(1, count + 1))), hand, rng
        )
        return
    if manner == "box":
        sheet.box((x, y - 0.3 * unit, width, 1.75 * unit), colour, max(1.0, 0.03 * unit))
    else:
        sheet.line((x, y + 1.2 * unit), (x + width, y + 1.2 * unit), colour, max(1.0, 0.03 * unit),
                   dash_px=0.07 * unit if manner == "dotted" else 0)  # fmt: skip
    written = write(_entry(rng), hand, rng, unit, draw_layout(rng, touching=0.2))
    height, ink_width = written.ink.shape
    if ink_width > width - 0.5 * unit:
        return
    sheet.write([(written, x + rng.uniform(0.2, 0.6) * unit, y + 1.15 * unit - height + rng.normal(0, 0.06) * unit)])


def _entry(rng: np.random.Generator) -> str:
    """What people write into a field: a number, a date, a telephone number, an amount."""
    draw = random_digits
    manner = rng.choice(("number", "date", "groups", "amount"), p=(0.55, 0.15, 0.15, 0.15))
    if manner == "date":
        mark = str(rng.choice(("/", ".", "-")))
        return mark.join((f"{rng.integers(1, 29):02}", f"{rng.integers(1, 13):02}", str(rng.integers(1950, 2027))))
    if manner == "groups":
        return str(rng.choice(("-", " "))).join((draw(rng, 3), draw(rng, int(rng.integers(3, 5))), draw(rng, 4)))
    if manner == "amount":
        return f"{draw(rng, int(rng.integers(1, 5)), leading_zero=False)}{rng.choice(('.', ','))}{draw(rng, 2)}"
    return draw(rng, int(rng.integers(1, 10)))


def _score_sheet(hands: Hands, rng: np.random.Generator) -> Shot | None:
    scanned = bool(rng.random() < 0.5)
    kinds = paper_kinds(rng, scanned)
    hand = pen_of(kinds, hands, rng)
    unit = rng.uniform(26, 60) if scanned else 48.0
    return take_paper(_table(unit, hand, rng) if rng.random() < 0.75 else _sum(unit, hand, rng), rng, kinds, scanned)


def _table(unit: float, hand: Hand, rng: np.random.Generator) -> Sheet:
    """Printed rules, a printed head and first column, numbers in most cells."""
    rows, columns, longest = int(rng.integers(3, 9)), int(rng.integers(1, 5)), int(rng.integers(1, 5))
    height, cell = rng.uniform(1.5, 2.1) * unit, (0.95 * longest + rng.uniform(0.8, 1.6)) * unit
    first, margin = rng.uniform(3.0, 4.5) * unit, rng.uniform(0.5, 1.2) * unit
    sheet = Sheet(2 * margin + first + columns * cell, 2 * margin + (rows + 1) * height, unit)
    colour, thick, font = (
        PRINT_COLOURS[rng.integers(5)],
        max(1.0, rng.uniform(0.02, 0.05) * unit),
        FONTS[rng.integers(6)],
    )
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


def _sum(unit: float, hand: Hand, rng: np.random.Generator) -> Sheet:
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
