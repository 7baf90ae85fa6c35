"""Draw what the recipes for MNIST's own sake learn from, for docs/tutorial.md: ``python docs/make_ladder_pictures.py``.

Made-up digits as written; each kind of distortion alone, twice as strong as usual; all together as `best` sees them.
"""

from dataclasses import fields, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sonsu.learning import strokes
from sonsu.learning.distort import Distortion

SHEET = Path(__file__).parent / "images" / "ladder-distortion.png"
COLUMNS, SCALE, LABEL_PX, GAP_PX = 20, 1.5, 130, 3
STILL = Distortion(**{field.name: 0.0 for field in fields(Distortion)})
CHANCES = {"thickness", "erasing"}


def row(name: str, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pictures uint8 (COLUMNS, 28, 28) side by side after their name, uint8 (h, w), ink = 255."""
    padded = np.pad(images, ((0, 0), (GAP_PX, GAP_PX), (GAP_PX, GAP_PX)))
    strip = cv2.resize(np.hstack(list(padded)), None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC)
    label = np.zeros((len(strip), LABEL_PX), np.uint8)
    cv2.putText(label, name, (6, len(strip) // 2 + 5), cv2.FONT_HERSHEY_SIMPLEX, 0.45, 190, 1, cv2.LINE_AA)
    return np.hstack((label, strip))


def sheet(seed: int) -> NDArray[np.uint8]:
    """All rows below each other, uint8 (h, w), ink = 255."""
    rng = np.random.default_rng(seed)
    digits, labels, _ = strokes.digits(400, seed=seed)
    shown = digits[np.argsort(labels, kind="stable")[:: 400 // COLUMNS]]
    rows = [row("as written", shown)]
    for field in fields(Distortion):
        strength = 1.0 if field.name in CHANCES else 2 * getattr(Distortion(), field.name)
        alone = replace(STILL, **{field.name: strength})
        rows.append(row(field.name.replace("_deg", "").replace("_px", ""), alone.apply(shown, rng)))
    rows += [row("all together", Distortion().apply(shown, rng)) for _ in range(3)]
    return np.vstack(rows)


if __name__ == "__main__":
    Image.fromarray(255 - sheet(seed=2)).quantize(16).save(SHEET, optimize=True)
