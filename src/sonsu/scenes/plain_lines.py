"""Single lines without paper, light or lens: separate digits, touching ones, numbers drawn on a tablet."""

from dataclasses import replace

import cv2
import numpy as np

from sonsu.learning.line_data import Hands
from sonsu.learning.writing import Hand, ImageHand, Layout, Written, draw_layout
from sonsu.scenes.exposure import Shot, flat
from sonsu.scenes.sheet import Colour, Sheet, random_digits, with_pen, write

_DARK: tuple[Colour, ...] = ((0, 0, 0), (0, 0, 0), (30, 30, 35), (25, 40, 140), (60, 60, 60))


def clean(hands: Hands, rng: np.random.Generator) -> Shot:
    """One line of 1 to 10 separate digits on white."""
    gap = rng.uniform(0.1, 0.5)
    layout = Layout(gap, gap / 5, False, float(rng.uniform(0.02, 0.1)), float(rng.uniform(0, 0.05)))
    height = float(np.exp(rng.uniform(np.log(20), np.log(120))))
    written = write(random_digits(rng, int(rng.integers(1, 11))), hands.draw(rng), rng, height, layout)
    return flat(_margins(written, height, rng), _colour(rng))


def touching(hands: Hands, rng: np.random.Generator) -> Shot:
    """2 to 6 digits of which at least two touch or overlap."""
    height = float(np.exp(rng.uniform(np.log(24), np.log(120))))
    text = random_digits(rng, int(rng.integers(2, 7)))
    while True:
        layout = Layout(rng.uniform(-0.08, 0.02), rng.uniform(0.01, 0.05), True, rng.uniform(0.02, 0.1), 0.03)
        written = write(text, hands.draw(rng), rng, height, layout)
        if _parts(written) < len(text):
            return flat(_margins(written, height, rng), _colour(rng))


def tablet(hands: Hands, rng: np.random.Generator) -> Shot:
    """A number drawn with a finger, a mouse or a pen on a screen: one writer, thin even lines, room around."""
    height = rng.uniform(50, 180)
    hand = with_pen(_drawing_hand(hands, rng), rng.uniform(1.5, 6.0) / height)
    layout = replace(draw_layout(rng, touching=0.15), size_sd=rng.uniform(0.05, 0.16), wander=rng.uniform(0.02, 0.09))
    written = write(random_digits(rng, int(rng.integers(1, 9))), hand, rng, height, layout)
    light_on_dark = rng.random() < 0.15
    colours = ((240, 240, 240), (20, 20, 25)) if light_on_dark else (_colour(rng), (255, 255, 255))
    return flat(_margins(written, height, rng, most=2.0), *colours)


def _drawing_hand(hands: Hands, rng: np.random.Generator) -> Hand:
    """One that draws with any pen, if there is such a one: scanned ink is thicker than a tablet's."""
    hand = hands.draw(rng)
    for _ in range(20):
        if not isinstance(hand, ImageHand):
            break
        hand = hands.draw(rng)
    return hand


def _margins(written: Written, height: float, rng: np.random.Generator, most: float = 0.8) -> Sheet:
    """The line on a sheet with clear space on its four sides."""
    left, right, top, bottom = np.exp(rng.uniform(np.log(0.15), np.log(most), 4)) * height
    ink_height, ink_width = written.ink.shape
    sheet = Sheet(left + ink_width + right, top + ink_height + bottom, height)
    sheet.write([(written, left, top)])
    return sheet


def _colour(rng: np.random.Generator) -> Colour:
    return _DARK[int(rng.integers(len(_DARK)))]


def _parts(written: Written) -> int:
    """Connected parts of ink that are large enough to be digits."""
    mask = (written.ink > 127).astype(np.uint8)
    areas = cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:, cv2.CC_STAT_AREA]
    return int((areas > 0.1 * areas.max()).sum())
