"""Draw what the recipes for MNIST's own sake learn from, for docs/tutorial.md: ``python docs/make_ladder_pictures.py``.

Made-up digits as written; each kind of distortion alone, twice as strong as usual; all together as `best` sees them.
"""

from dataclasses import fields, replace
from functools import partial
from pathlib import Path

import contact_sheet
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sonsu.learning.distort import Distortion

SHEET = Path(__file__).parent / "images" / "ladder-distortion.png"
row = partial(contact_sheet.row, label_px=130)
STILL = Distortion(**{field.name: 0.0 for field in fields(Distortion)})
CHANCES = {"thickness", "erasing"}


def sheet(seed: int) -> NDArray[np.uint8]:
    """All rows below each other, uint8 (h, w), ink = 255."""
    rng = np.random.default_rng(seed)
    *_, shown = contact_sheet.digits(seed)
    rows = [row("as written", shown)]
    for field in fields(Distortion):
        strength = 1.0 if field.name in CHANCES else 2 * getattr(Distortion(), field.name)
        alone = replace(STILL, **{field.name: strength})
        rows.append(row(field.name.replace("_deg", "").replace("_px", ""), alone.apply(shown, rng)))
    rows += [row("all together", Distortion().apply(shown, rng)) for _ in range(3)]
    return np.vstack(rows)


if __name__ == "__main__":
    Image.fromarray(255 - sheet(seed=2)).quantize(16).save(SHEET, optimize=True)
