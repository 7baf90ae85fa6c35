"""How a page comes to be written and pictured: which pen, which paper, photographed or scanned, held how."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sonsu.learning.line_data import Hands
from sonsu.learning.writing import Hand
from sonsu.scenes import digit_photo
from sonsu.scenes.exposure import Shot, photograph
from sonsu.scenes.sheet import Sheet, with_pen

PEN_WIDTHS = {"ballpoint": (0.035, 0.08), "pencil": (0.035, 0.08), "felt": (0.08, 0.16), "brush": (0.09, 0.16)}
"""As shares of a digit's height."""

_UNSUITABLE = {
    "cell",
    "box",
    "newsprint",
    "blackboard",
    "greenboard",
    "screen",
    "crisp",
    "scan",
    "fax",
    "screenshot",
    "finger",
}
_OF_FORMS = {"gradient", "vignette", "soft shadow", "hard shadow", "desk", "crease", "curl", "blur", "noisy"}


def retry(take: Callable[[Hands, np.random.Generator], Shot | None], hands: Hands, rng: np.random.Generator) -> Shot:
    """Take a picture, another one each time that a person could not read it."""
    while True:
        shot = take(hands, rng)
        if shot is not None:
            return shot


def hand_for(kinds: frozenset[str], hands: Hands, rng: np.random.Generator) -> Hand:
    """A hand with a pen as wide as the one among the kinds is."""
    return with_pen(hands.draw(rng), rng.uniform(*next(PEN_WIDTHS[pen] for pen in PEN_WIDTHS if pen in kinds)))


@dataclass(frozen=True, eq=False)
class Occasion:
    """Somebody fills in a printed page, and it is scanned or photographed.

    Attributes:
        hand: who writes, with a pen of the right width.
        unit_px: height of a digit on the sheet.
        kinds: as `photograph` takes them.
        scanned: or photographed.
    """

    hand: Hand
    unit_px: float
    kinds: frozenset[str]
    scanned: bool

    def take(self, sheet: Sheet, rng: np.random.Generator) -> Shot | None:
        """A picture of the filled page; None if a person could not read it."""
        if self.scanned:
            return photograph(sheet, self.kinds, rng, turn_deg=float(np.clip(rng.normal(0, 0.7), -2, 2)))
        size = photo_size(rng, sheet.width / sheet.height)
        fill = rng.uniform(0.75, 0.96)
        return photograph(sheet, self.kinds, rng, size_px=size, fill=fill, turn_deg=photo_turn(rng))


def draw_occasion(hands: Hands, rng: np.random.Generator) -> Occasion:
    """Who fills in a page, with what, and how it is pictured."""
    scanned = bool(rng.random() < 0.6)
    pen = str(rng.choice(("ballpoint", "felt", "pencil"), p=(0.65, 0.2, 0.15)))
    kinds = {pen, "graphite" if pen == "pencil" else str(rng.choice(("black", "blue", "red"), p=(0.5, 0.45, 0.05)))}
    if scanned:
        kinds.add(str(rng.choice(("scan", "fax"), p=(0.85, 0.15))))
        kinds.add(str(rng.choice(("white paper", "cream paper", "grey paper"), p=(0.8, 0.1, 0.1))))
        if rng.random() < 0.1:
            kinds.add("dirt")
    else:
        kinds |= {"phone", "white paper"} | (photo_kinds(rng) & _OF_FORMS)
    unit_px = float(np.exp(rng.uniform(np.log(24), np.log(72)))) if scanned else 52.0
    chosen = frozenset(kinds)
    return Occasion(hand_for(chosen, hands, rng), unit_px, chosen, scanned)


def photo_kinds(rng: np.random.Generator) -> frozenset[str]:
    """What a photographed page of numbers shows besides them."""
    while True:
        kinds = digit_photo.draw_kinds(rng)
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
    return float(np.clip(rng.normal(0, 5.5), -15, 15))
