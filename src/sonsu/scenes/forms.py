"""Printed forms with labels, headings and small print, their fields filled in by hand.

Printed text and printed digits are on the page, not in the truth.
"""

import numpy as np

from sonsu.learning.line_data import Hands
from sonsu.learning.writing import Hand, draw_layout
from sonsu.scenes.capture import draw_occasion, retry
from sonsu.scenes.exposure import Shot
from sonsu.scenes.form_boxes import BoxStyle, fill_in
from sonsu.scenes.sheet import FONTS, LABELS, PRINT_COLOURS, Colour, Sheet, random_digits, write

_HEADINGS = (
    "APPLICATION FORM", "Registration", "Delivery note", "Survey 2024", "Meter reading card", "Order form", "Claim",
)  # fmt: skip
_WORDS = (
    "please fill in all fields in block letters using black or blue ink sign below and return to the office by post"
)


def form(hands: Hands, rng: np.random.Generator) -> Shot:
    """A form with two to seven fields, most of them filled in."""
    return retry(_form, hands, rng)


def _form(hands: Hands, rng: np.random.Generator) -> Shot | None:
    occasion = draw_occasion(hands, rng)
    unit = occasion.unit_px
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
    for i, label in enumerate(rng.permutation(LABELS)[:fields]):
        y = top + i * step
        sheet.text(str(label), unit, y + 0.65 * unit, rng.uniform(0.45, 0.62) * unit, font, colour)
        if rng.random() < 0.12:
            continue
        _field(sheet, manner, style, (7.5 * unit, y, width - 8.5 * unit), colour, occasion.hand, rng)
    if sheet.height - top - step * fields > 1.6 * unit:
        sheet.text(" ".join(words[8:20]), unit, sheet.height - 0.8 * unit, 0.38 * unit, font, colour)
    return occasion.take(sheet, rng) if sheet.lines else None


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
        style.print(sheet, x, y - 0.15 * unit, count)
        fill_in(sheet, style, x, y - 0.15 * unit, random_digits(rng, int(rng.integers(1, count + 1))), hand, rng)
        return
    if manner == "box":
        sheet.box((x, y - 0.3 * unit, width, 1.75 * unit), colour, max(1.0, 0.03 * unit))
    else:
        dash = 0.07 * unit if manner == "dotted" else 0.0
        base = y + 1.2 * unit
        sheet.line((x, base), (x + width, base), colour, max(1.0, 0.03 * unit), dash_px=dash)
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
