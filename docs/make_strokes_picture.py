"""Draw the contact sheet in docs/strokes.md: ``python docs/make_strokes_picture.py``.

Each row shows two made-up writers of one tradition, the ten digits of each in the pen that the writer holds.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sonsu.learning import pen, strokes
from sonsu.learning.skeletons import TRADITIONS

SHEET = Path(__file__).parent / "images" / "strokes.png"
DIGIT_PX, ROWS = 52, 6  # rows a tradition
GAP_PX, TITLE_PX = 36, 30


def hand(tradition: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The ten digits of a new writer, side by side."""
    writer = strokes.draw_writer(rng, tradition)
    width_px = max(DIGIT_PX * writer.pen_width, 1.0)
    digits = [pen.render(strokes.write(d, writer, rng), size_px=DIGIT_PX, width_px=width_px) for d in range(10)]
    return np.hstack(digits)


def sheet(seed: int) -> NDArray[np.uint8]:
    """All traditions below each other, uint8 (h, w), ink = 255."""
    rng = np.random.default_rng(seed)
    rows: list[NDArray[np.uint8]] = []
    for tradition in TRADITIONS:
        title = np.zeros((TITLE_PX, 20 * DIGIT_PX + GAP_PX), np.uint8)
        cv2.putText(title, tradition, (6, TITLE_PX - 9), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 150, 1, cv2.LINE_AA)
        gap = np.zeros((DIGIT_PX, GAP_PX), np.uint8)
        rows += [title, *(np.hstack((hand(tradition, rng), gap, hand(tradition, rng))) for _ in range(ROWS))]
    return np.vstack(rows)


if __name__ == "__main__":
    Image.fromarray(255 - sheet(seed=3)).quantize(16).save(SHEET, optimize=True)
