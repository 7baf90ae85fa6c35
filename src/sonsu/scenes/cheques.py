"""A cheque's amount in figures, in its field: on security print, behind a currency sign, between dashes."""

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.learning.line_data import Hands
from sonsu.learning.writing import Layout
from sonsu.scenes.capture import hand_for, retry
from sonsu.scenes.exposure import Shot, photograph
from sonsu.scenes.sheet import FONTS, Colour, Sheet, around, random_digits, write

_TINTS: tuple[Colour, ...] = ((205, 225, 205), (205, 215, 235), (235, 215, 210), (230, 222, 200), (222, 210, 232))


def cheque(hands: Hands, rng: np.random.Generator) -> Shot:
    """A courtesy amount as a bank's scanner cuts it out."""
    return retry(_cheque, hands, rng)


def _cheque(hands: Hands, rng: np.random.Generator) -> Shot | None:
    pen = str(rng.choice(("ballpoint", "felt"), p=(0.75, 0.25)))
    camera = str(rng.choice(("scan", "fax"), p=(0.82, 0.18)))
    kinds = frozenset({camera, "white paper", pen, str(rng.choice(("black", "blue"), p=(0.6, 0.4)))})
    dpi = float(np.exp(rng.uniform(np.log(100), np.log(300))))
    unit = max(rng.uniform(4.5, 7.5) / 25.4 * dpi, 18.0)
    layout = Layout(rng.uniform(-0.06, 0.22), 0.05, True, 0.09, 0.04)
    sign = rng.random() < 0.45
    text = amount(rng).lstrip("$€" if sign else "")  # nobody writes a sign beside a printed one
    written = write(text, hand_for(kinds, hands, rng), rng, unit, layout)
    ink_height, ink_width = written.ink.shape
    left = rng.uniform(0.3, 0.8) * unit + (1.3 * unit if sign else 0)
    top, bottom = rng.uniform(0.25, 0.8, 2) * unit
    room = rng.uniform(0.2, 2.5) * unit
    sheet = Sheet(left + ink_width + room + 0.3 * unit, top + ink_height + bottom, unit)
    security_print(sheet, rng)
    _frame(sheet, rng, left - 0.2 * unit, top + ink_height + 0.08 * unit)
    if sign:
        symbol = str(rng.choice(("$", "€", "£", "¥", "Rs", "R$", "US$")))
        font = FONTS[rng.integers(len(FONTS))]
        sheet.text(
            symbol, left - 0.25 * unit, top + ink_height - 0.45 * unit, 0.7 * unit, font, (40, 40, 45), anchor="rm"
        )
    sheet.write([(written, left, top)])
    if "^" in text and rng.random() < 0.6:
        _underline(sheet, rng)
    return photograph(sheet, kinds, rng, turn_deg=float(np.clip(rng.normal(0, 0.8), -2.5, 2.5)))


def _underline(sheet: Sheet, rng: np.random.Generator) -> None:
    """Draw a stroke under the cents."""
    x, y, width, height = around([digit.box_px for digit in sheet.lines[-1].digits[-2:]])
    base = min(y + height + rng.uniform(0.08, 0.15) * sheet.unit_px, sheet.height - 2)
    rise, thick = rng.normal(0, 0.03) * sheet.unit_px, max(1, round(rng.uniform(0.04, 0.08) * sheet.unit_px))
    ends = (x - 2, round(base)), (x + width + 3, round(base - rise))
    cv2.line(sheet.ink, *ends, 255, thick, cv2.LINE_AA)


def amount(rng: np.random.Generator) -> str:
    """An amount as people write it, for `write_line`: with its separators, cents and fillers."""
    whole = random_digits(
        rng, int(rng.choice((1, 2, 3, 4, 5, 6), p=(0.05, 0.15, 0.3, 0.27, 0.15, 0.08))), leading_zero=False
    )
    if rng.random() < 0.35:
        whole = whole[: max(1, len(whole) - 2)] + "0" * min(2, len(whole) - 1)
    thousands, point = str(rng.choice((",", ".", " ", "", "'"), p=(0.3, 0.25, 0.1, 0.3, 0.05))), "."
    if thousands == ".":
        point = ","
    if len(whole) > 3:
        whole = f"{whole[:-3]}{thousands}{whole[-3:]}"
    cents = str(rng.choice(("00", "50", random_digits(rng, 2)), p=(0.45, 0.15, 0.4)))
    text = {
        "none": whole,
        "plain": whole + point + cents,
        "dash": whole + point + "-",
        "raised": whole + "^" + cents[0] + "^" + cents[1],
        "hyphen": whole + "-" + cents,
    }[str(rng.choice(("none", "plain", "dash", "raised", "hyphen"), p=(0.38, 0.3, 0.1, 0.14, 0.08)))]
    before = str(rng.choice(("", "#", "=", "-", "$", "€"), p=(0.7, 0.08, 0.08, 0.06, 0.05, 0.03)))
    after = str(rng.choice(("", "-", "--", "=", "#", "/"), p=(0.55, 0.15, 0.06, 0.12, 0.08, 0.04)))
    return before + text + after


def security_print(sheet: Sheet, rng: np.random.Generator) -> None:
    """Guilloche, hatching, waves or a tint, pale enough to write on; or nothing."""
    manner = str(rng.choice(("none", "waves", "guilloche", "hatching", "tint"), p=(0.2, 0.25, 0.25, 0.15, 0.15)))
    if manner == "none":
        return
    tint = np.array(_TINTS[rng.integers(len(_TINTS))], np.float32) / 255
    height, width = sheet.ink.shape
    y, x = np.mgrid[:height, :width].astype(np.float32) / np.float32(sheet.unit_px)
    lines = {"waves": _waves, "guilloche": _guilloche, "hatching": _hatching, "tint": _tint}[manner](x, y, rng)
    sheet.printed[:] = np.clip(sheet.printed * (1 - lines[..., None] * (1 - tint)), 0, 255).astype(np.uint8)


Field = NDArray[np.float32]


def _stripes(phase: Field, thin: float) -> Field:
    """Lines where the phase is whole, of this share of their pitch."""
    return np.asarray(np.clip((thin - np.abs((phase + 0.5) % 1 - 0.5) * 2) * 4, 0, 1), np.float32)


def _waves(x: Field, y: Field, rng: np.random.Generator) -> Field:
    pitch, swing, length = rng.uniform(0.1, 0.25), rng.uniform(0.05, 0.25), rng.uniform(0.6, 3.0)
    return _stripes((y + swing * np.sin(2 * np.pi * x / length)) / pitch, rng.uniform(0.25, 0.6))


def _guilloche(x: Field, y: Field, rng: np.random.Generator) -> Field:
    """Two or three families of waves that cross, as an engraver's lathe makes them."""
    layers = []
    for _ in range(rng.integers(2, 4)):
        pitch, swing, length = rng.uniform(0.15, 0.4), rng.uniform(0.1, 0.4), rng.uniform(0.8, 2.5)
        wave = swing * np.sin(2 * np.pi * (x + rng.uniform(0, length)) / length) * (1 + 0.4 * np.sin(x / 1.7))
        layers.append(_stripes((y + wave) / pitch, rng.uniform(0.15, 0.35)))
    return np.maximum.reduce(layers)


def _hatching(x: Field, y: Field, rng: np.random.Generator) -> Field:
    angle, pitch = rng.uniform(0, np.pi), rng.uniform(0.1, 0.3)
    return _stripes((x * np.cos(angle) + y * np.sin(angle)) / pitch, rng.uniform(0.2, 0.5))


def _tint(x: Field, y: Field, rng: np.random.Generator) -> Field:
    cloud = rng.standard_normal((4, 12)).astype(np.float32)
    return np.clip(0.6 + 0.25 * cv2.resize(cloud, x.shape[::-1], interpolation=cv2.INTER_CUBIC), 0, 1)


def _frame(sheet: Sheet, rng: np.random.Generator, left: float, base: float) -> None:
    """A box around the amount, a line under it, or neither."""
    unit, colour = sheet.unit_px, ((40, 40, 45), (90, 110, 160), (150, 90, 90))[rng.integers(3)]
    thick = max(1.0, rng.uniform(0.02, 0.06) * unit)
    manner = rng.choice(("box", "line", "none"), p=(0.4, 0.3, 0.3))
    inset = rng.uniform(0.04, 0.15) * unit
    if manner == "box":
        sheet.box((inset, inset, sheet.width - 2 * inset, sheet.height - 2 * inset), colour, thick)
    elif manner == "line":
        sheet.line(
            (left, min(base, sheet.height - 2)), (sheet.width - inset, min(base, sheet.height - 2)), colour, thick
        )
