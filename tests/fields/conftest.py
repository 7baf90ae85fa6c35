"""What the tests of fields share: a form drawn in code, writing on it, and a reader for separate digits."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from sonsu.reading.page import Line, Page

SIZE_PX = (700, 980)
BOXES = {"number": (60, 200, 320, 56), "year": (440, 200, 160, 56), "amount": (60, 360, 240, 60),
         "note": (60, 560, 420, 60)}  # fmt: skip


def draw_form():
    """A blank, uint8 (980, 700): a comb of 8, one of 4, a box and a line, with words around."""
    page = Image.new("L", SIZE_PX, 255)
    canvas = ImageDraw.Draw(page)
    words = {(60, 60, 40): "Library slip", (60, 120, 15): "Write clearly, one digit in each cell, and hand this in.",
             (60, 175, 17): "Member number", (440, 175, 17): "Year", (60, 335, 17): "Amount owed",
             (60, 640, 17): "Anything else, in numbers", (60, 800, 15): "Fines are counted from the third day on.",
             (60, 840, 15): "Desk hours: Tuesday to Saturday, ten to six.", (520, 70, 15): "Slip 4-C"}  # fmt: skip
    for (x, y, size), text in words.items():
        canvas.text((x, y), text, fill=30, font=ImageFont.load_default(size))
    for name, cells in (("number", 8), ("year", 4), ("amount", 1)):
        x, y, width, height = BOXES[name]
        for cell in range(cells):
            canvas.rectangle(
                (x + cell * width / cells, y, x + (cell + 1) * width / cells, y + height), outline=60, width=2
            )
    x, y, width, height = BOXES["note"]
    canvas.line((x, y + height - 8, x + width, y + height - 8), fill=60, width=2)
    return np.asarray(page)


@pytest.fixture(scope="session")
def blank():
    return draw_form()


@pytest.fixture(scope="session")
def fill(blank, draw_digit):
    """`fill(number="4821…", …)`: the blank with digits written into its fields, a cell's width or 40 px apart."""

    def write(shade=40, **values):
        page = blank.copy()
        for name, text in values.items():
            x, y, width, _ = BOXES[name]
            step = width / {"number": 8, "year": 4}.get(name, width / 42)
            for place, digit in enumerate(text):
                at = round(x + place * step + step / 2 - 17), y + 9
                ink = draw_digit(int(digit), 36, 4, size_px=SIZE_PX, at_px=at)
                page = np.minimum(page, 255 - (ink * ((255 - shade) / 255)).astype(np.uint8))
        return page

    return write


@pytest.fixture(scope="session")
def form_path(blank, tmp_path_factory):
    """form.json of that blank: all four fields, of `number` the checksum is Luhn's, `amount` is required."""
    folder = tmp_path_factory.mktemp("form")
    Image.fromarray(blank).save(folder / "blank.png")
    asked = {"number": {"pattern": r"\d{8}", "checksum": "luhn"}, "year": {"pattern": r"(19|20)\d\d"},
             "amount": {"pattern": r"\d+", "required": True}, "note": {}}  # fmt: skip
    fields = [{"name": name, "box": list(box), **asked[name]} for name, box in BOXES.items()]
    path = folder / "form.json"
    path.write_text(json.dumps({"schema": "sonsu.form/1", "blank": "blank.png", "fields": fields}))
    return path


@pytest.fixture(scope="session")
def example_form():
    return Path(__file__).parents[2] / "examples" / "form"


class PartsReader:
    """Takes each connected part for a digit, to test what is around the reading of lines without it."""

    def __init__(self, reader):
        self.model, self._reader = reader.model, reader

    def read(self, source):
        mask = (source < 170).astype(np.uint8)
        boxes = sorted(tuple(map(int, part[:4])) for part in cv2.connectedComponentsWithStats(mask)[2][1:])
        digits = []
        for x, y, width, height in boxes:
            crop = cv2.copyMakeBorder(source[y : y + height, x : x + width], 20, 20, 20, 20, 0, value=255)
            digit = self._reader.read_digit(crop)
            digits.append(type(digit)(digit.label, digit.confidence, digit.status, (x, y, width, height),
                                      digit.probabilities))  # fmt: skip
        text = "".join(str(digit.label) for digit in digits if digit.label is not None)
        confidence = float(np.prod([digit.confidence for digit in digits]))
        lines = (Line(text, confidence, (0, 0, 1, 1), tuple(digits)),) if text else ()
        return Page("<array>", source.shape[1], source.shape[0], lines, (), self.model, Image.fromarray(source))


@pytest.fixture(scope="session")
def parts_reader(reader):
    return PartsReader(reader)
