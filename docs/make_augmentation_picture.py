"""Draw what the default network learns from, for docs/default.md: ``python docs/make_augmentation_picture.py``.

One row a defect, by itself, on made-up digits; then all together, as in training; then each kind of non-digit.
"""

from dataclasses import fields, replace
from functools import partial
from pathlib import Path

import contact_sheet
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sonsu.learning import outliers
from sonsu.learning.augment import Augmentation

SHEET = Path(__file__).parent / "images" / "augmentation.png"
GEOMETRY = {"rotation_deg": 14.0, "shear": 0.3, "stretch": 0.3, "perspective": 0.12, "elastic_px": 1.4}
row = partial(contact_sheet.row, label_px=150)
STILL = Augmentation(**{field.name: 0.0 for field in fields(Augmentation)})


def sheet(seed: int) -> NDArray[np.uint8]:
    """All rows below each other, uint8 (h, w), ink = 255."""
    rng = np.random.default_rng(seed)
    made_up, labels, shown = contact_sheet.digits(seed)
    rows = [row("as written", shown)]
    for field in fields(Augmentation):
        alone = replace(STILL, **{field.name: GEOMETRY.get(field.name, 1.0)})
        rows.append(row(field.name.replace("_deg", "").replace("_px", "").replace("_", " "), alone.apply(shown, rng)))
    rows += [row("all together", Augmentation().apply(shown, rng)) for _ in range(3)]
    for kind in outliers.SHARES:
        chosen = np.isin(labels, list(outliers.HALVES)) if kind == "half" else labels < 10
        made = outliers.outliers(made_up[chosen], contact_sheet.COLUMNS, rng, labels[chosen], kinds={kind: 1.0})
        rows.append(row(f"no digit: {kind}", made))
    return np.vstack(rows)


if __name__ == "__main__":
    Image.fromarray(255 - sheet(seed=2)).quantize(16).save(SHEET, optimize=True)
