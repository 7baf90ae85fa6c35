"""Draw what the default network learns from, for docs/default.md: ``python docs/make_augmentation_picture.py``.

One row a defect, by itself, on made-up digits; then all together, as in training; then each kind of non-digit.
"""

from dataclasses import fields, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sonsu.learning import outliers, strokes
from sonsu.learning.augment import Augmentation

SHEET = Path(__file__).parent / "images" / "augmentation.png"
COLUMNS, SCALE, LABEL_PX, GAP_PX = 20, 1.5, 150, 3
GEOMETRY = {"rotation_deg": 14.0, "shear": 0.3, "stretch": 0.3, "perspective": 0.12, "elastic_px": 1.4}
STILL = Augmentation(**{field.name: 0.0 for field in fields(Augmentation)})


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
    for field in fields(Augmentation):
        alone = replace(STILL, **{field.name: GEOMETRY.get(field.name, 1.0)})
        rows.append(row(field.name.replace("_deg", "").replace("_px", "").replace("_", " "), alone.apply(shown, rng)))
    rows += [row("all together", Augmentation().apply(shown, rng)) for _ in range(3)]
    for kind in outliers.SHARES:
        chosen = np.isin(labels, list(outliers.HALVES)) if kind == "half" else labels < 10
        made = outliers.outliers(digits[chosen], COLUMNS, rng, labels[chosen], kinds={kind: 1.0})
        rows.append(row(f"no digit: {kind}", made))
    return np.vstack(rows)


if __name__ == "__main__":
    Image.fromarray(255 - sheet(seed=2)).quantize(16).save(SHEET, optimize=True)
