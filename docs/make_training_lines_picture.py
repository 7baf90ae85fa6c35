"""Draw docs/images/training-lines.png: lines as the line network is trained on them, with their answers.

python docs/make_training_lines_picture.py    # uses MNIST and recorded pens where SONSU_DATA has them
"""

import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sonsu.learning import mnist
from sonsu.learning.line_data import BLANK, OTHER, Lines, load_hands
from sonsu.reading.line_form import HEIGHT

WIDTH, ROWS, LABEL = 1040, 16, 16
OUT = Path(__file__).parent / "images" / "training-lines.png"


def main() -> None:
    """Draw a sheet of lines from the first batches."""
    pens = Path(os.environ.get("SONSU_DATA", "")) / "unipen"
    specs = ["strokes:1", *(f"pen:{path}" for path in sorted(pens.glob("*.jsonl.gz")))]
    lines = Lines(load_hands(specs + (["mnist:train"] if mnist.available(None) else []))[0], seed=0)
    sheet = Image.new("L", (WIDTH, ROWS * (HEIGHT + LABEL + 4)), 255)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    x = y = number = 0
    while y < sheet.height:
        batch = lines.batch(number)
        for image, label in zip(batch.images[:5, ..., 0], batch.labels[:5].tolist(), strict=True):
            if x + image.shape[1] > WIDTH:
                x, y = 0, y + HEIGHT + LABEL + 4
            text = "".join("·" if value == OTHER else str(value - 1) for value in label if value != BLANK)
            pen.text((x + 4, y), text, 90, font)
            sheet.paste(Image.fromarray(255 - np.ascontiguousarray(image)), (x, y + LABEL))
            x += image.shape[1] + 8
        number += 1
    sheet.save(OUT, optimize=True)


if __name__ == "__main__":
    main()
