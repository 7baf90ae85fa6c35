"""Make the sample form in examples/form: ``python examples/make_form.py``.

A blank, its form.json, and three filled ones: scanned, photographed, and one with mistakes, upside down in the scanner.
Print and hands are made up here; the hands are those of make_examples.py.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from make_examples import strokes
from PIL import Image, ImageDraw, ImageFont

from sonsu.learning import pen
from sonsu.scenes import camera, paper

FOLDER = Path(__file__).parent / "form"
DPI = 200
PAGE_MM = (148.0, 210.0)
PRINT, FRAME = (38, 52, 74), (120, 148, 178)

Pixels = npt.NDArray[np.uint8]
Map = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Place:
    """A field as it is printed: a comb of cells, or with none a box (or a line) to write in."""

    name: str
    label: str
    box_mm: tuple[float, float, float, float]
    cells: int = 0
    line: bool = False
    pattern: str = r"\d+"
    checksum: str | None = None
    required: bool = False
    unit: str = ""


PLACES = (
    Place("customer", "Customer number", (14, 47, 72, 10), 8, pattern=r"\d{8}", checksum="luhn", required=True),
    Place("day", "Day", (98, 47, 16, 10), 2, pattern=r"0[1-9]|[12]\d|3[01]", required=True),
    Place("month", "Month", (118, 47, 16, 10), 2, pattern=r"0[1-9]|1[0-2]", required=True),
    Place("electricity_day", "Electricity, day", (14, 80, 54, 10), 6, pattern=r"\d{6}", required=True, unit="kWh"),
    Place("electricity_night", "Electricity, night", (14, 102, 54, 10), 6, pattern=r"\d{6}", unit="kWh"),
    Place("water", "Water", (84, 80, 40, 12), pattern=r"\d{1,5}", required=True, unit="units"),
    Place("gas", "Gas", (84, 102, 40, 12), pattern=r"\d{1,5}", unit="units"),
    Place("phone", "Telephone, in case we cannot read this", (14, 132, 80, 12), line=True, pattern=r"0\d{8,10}"),
)

# How each writer writes each digit: names of make_examples.HANDS.
WRITERS: Mapping[str, Sequence[str]] = {
    "a": ("0", "1", "2", "3", "4 open", "5", "6", "7", "8", "9"),
    "b": ("0", "1 with a foot", "2 looped", "3", "4 closed", "5 in two", "6", "7 crossed", "8", "9"),
}


def blank() -> Image.Image:
    """The form with nothing filled in."""
    page = Image.new("RGB", (round(_px(PAGE_MM[0])), round(_px(PAGE_MM[1]))), "white")
    canvas = ImageDraw.Draw(page)

    def text(x_mm: float, y_mm: float, words: str, size_mm: float, colour: tuple[int, int, int] = PRINT) -> None:
        font = ImageFont.load_default(_px(size_mm))
        canvas.text((_px(x_mm), _px(y_mm)), words, fill=colour, font=font, anchor="ls")

    canvas.rectangle((_px(14), _px(12), _px(24), _px(22)), fill=PRINT)
    canvas.polygon([(_px(20), _px(13.2)), (_px(16.4), _px(17.8)), (_px(18.8), _px(17.8)), (_px(17.8), _px(20.8)),
                    (_px(21.6), _px(16.2)), (_px(19.2), _px(16.2))], fill="white")  # fmt: skip
    text(27, 20.5, "Meter reading card", 8.5)
    text(115, 16, "Form 27-B", 3.2)
    text(115, 20.5, "City works", 3.2)
    canvas.line((_px(14), _px(26), _px(134), _px(26)), fill=PRINT, width=3)
    text(14, 32, "Please write one digit in each cell, in black or blue, and send us this card or a photo of it.", 2.9)
    for title, y_mm in (("You", 44), ("Your meters", 77), ("Questions?", 129)):
        text(14, y_mm, title, 4.4)
    for place in PLACES:
        _print(canvas, place)
        x, y, width, height = place.box_mm
        text(x, y + height + 4, place.label, 2.9)
        text(x + width + 1.5, y + height - 1.5, place.unit, 4)
    for row, words in enumerate(
        (
            "Read the black digits of each meter only; leave out the red ones and whatever follows the comma.",
            "The customer number stands in the upper right corner of your last bill. Its last digit is a check digit.",
            "Cards that reach us after the 10th of the month are charged on an estimate of your usage.",
        )
    ):
        text(14, 168 + 5 * row, words, 2.7)
    canvas.line((_px(14), _px(190), _px(134), _px(190)), fill=PRINT, width=2)
    text(14, 196, "City works · Millpond Road 4 · Monday to Friday, eight to five", 2.7)
    return page


def _print(canvas: ImageDraw.ImageDraw, place: Place) -> None:
    x, y, width, height = place.box_mm
    left, top, right, bottom = _px(x), _px(y), _px(x + width), _px(y + height)
    if place.line:
        canvas.line((left, bottom - _px(1.5), right, bottom - _px(1.5)), fill=PRINT, width=2)
        return
    canvas.rectangle((left, top, right, bottom), outline=PRINT if not place.cells else FRAME, width=2)
    for cell in range(1, place.cells):
        across = left + cell * (right - left) / place.cells
        canvas.line((across, top, across, bottom), fill=FRAME, width=2)


def form_json() -> dict[str, object]:
    """What form.json holds."""
    fields = []
    for place in PLACES:
        entry: dict[str, object] = {"name": place.name, "box": list(place.box_mm), "pattern": place.pattern}
        if place.checksum:
            entry["checksum"] = place.checksum
        if place.required:
            entry["required"] = True
        fields.append(entry)
    return {"schema": "sonsu.form/1", "blank": "blank.png", "unit": "mm", "dpi": DPI, "fields": fields}


def written(values: Mapping[str, str], writer: str, rng: np.random.Generator, width_mm: float = 0.5) -> Map:
    """What a writer writes into the form, float32 (h, w) like the blank, 0 to 1."""
    ink = np.zeros((round(_px(PAGE_MM[1])), round(_px(PAGE_MM[0]))), np.float32)
    for place in PLACES:
        x, y, width, height = place.box_mm
        tall = rng.uniform(0.62, 0.72) * height
        step = width / place.cells if place.cells else 0.85 * tall
        at = float(x + (step - 0.62 * tall) / 2 if place.cells else x + rng.uniform(2, 4))
        for digit in values.get(place.name, ""):
            top = y + (height - tall) / 2 + rng.normal(0, 0.3) - (0.8 if place.line else 0)
            curves = pen.distort(strokes(WRITERS[writer][int(digit)]), rng, rotation_deg=3, warp=0.012)
            _draw(ink, curves, at + rng.normal(0, 0.25), top, tall, width_mm)
            at += step
    return ink


def _draw(ink: Map, curves: pen.Strokes, x_mm: float, y_mm: float, tall_mm: float, width_mm: float) -> None:
    size, margin = round(_px(tall_mm * 1.5)), _px(width_mm)
    drawn = pen.render(curves, size_px=size, width_px=_px(width_mm), margin_px=margin + (size - _px(tall_mm)) / 2)
    x, y, width, height = cv2.boundingRect(drawn)
    left, top = round(_px(x_mm)), round(_px(y_mm))
    place = ink[top : top + height, left : left + width]
    np.maximum(place, drawn[y : y + height, x : x + width][: place.shape[0], : place.shape[1]] / 255.0, out=place)


def fill(page: Image.Image, ink: Map, colour: str) -> Map:
    """The filled form in even light, float32 (h, w, 3), sRGB in 0..1."""
    below = np.asarray(page, np.float32) / 255
    return below * (1 - ink[..., None] * (1 - np.array(paper.INKS[colour], np.float32)))


def scan(filled: Map, rng: np.random.Generator, *, turn_deg: float, dpi: int = 150) -> Pixels:
    """What a scanner makes of it."""
    height, width = filled.shape[:2]
    scale = dpi / DPI
    size = round(width * scale), round(height * scale)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), turn_deg, scale)
    turn[:, 2] += (size[0] / 2 - width / 2 + 6, size[1] / 2 - height / 2 - 9)
    soft = cv2.GaussianBlur(filled, (0, 0), 0.8)
    seen = cv2.warpAffine(soft, turn, size, flags=cv2.INTER_LINEAR, borderValue=(0.86, 0.86, 0.85))
    return np.clip(255 * (0.985 * seen + rng.normal(0, 0.012, seen.shape)), 0, 255).astype(np.uint8)


def photograph(filled: Map, rng: np.random.Generator, kinds: set[str]) -> Pixels:
    """What a phone makes of it, on a wooden table."""
    height, width = filled.shape[:2]
    size = 1080, 1440
    page = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen_at = np.array([[165, 130], [930, 95], [1000, 1330], [95, 1290]], np.float32)
    matrix = cv2.getPerspectiveTransform(page, seen_at)
    lying = _table(size, rng)
    on_it = cv2.warpPerspective(np.ones((height, width), np.float32), matrix, size)[..., None]
    shade = cv2.GaussianBlur(np.roll(on_it[..., 0], (10, 8), (0, 1)), (0, 0), 12)[..., None]
    picture = lying * (1 - 0.5 * shade) * (1 - on_it)
    picture += on_it * cv2.warpPerspective(filled, matrix, size, flags=cv2.INTER_AREA)
    v, u = np.mgrid[-1.0 : 1.0 : size[1] * 1j, -1.0 : 1.0 : size[0] * 1j].astype(np.float32)
    view = paper.View(u, v, unit_px=45.0, aspect=0.7)
    exposed = camera.expose(picture.astype(np.float32), view, {"phone", *kinds}, rng)
    return (255 * np.clip(exposed, 0, 1) + 0.5).astype(np.uint8)


def _table(size: tuple[int, int], rng: np.random.Generator) -> Map:
    shape = size[1], size[0]
    rings = paper.noise((1, shape[1]), rng, 9).repeat(shape[0], axis=0) + paper.noise(shape, rng, 60)
    return np.clip(np.array((0.46, 0.31, 0.2), np.float32) * (1 + 0.07 * rings[..., None]), 0, 1).astype(np.float32)


def _px(mm: float) -> float:
    return mm * DPI / 25.4


GOOD = {"customer": "48203178", "day": "07", "month": "11", "electricity_day": "048312", "electricity_night": "019675",
        "water": "2846", "gas": "10397", "phone": "0315550198"}  # fmt: skip
OTHER = {"customer": "73615940", "day": "24", "month": "09", "electricity_day": "106583", "water": "917", "gas": "4062"}
WRONG = {"customer": "48203718", "day": "31", "month": "13", "electricity_day": "05731", "electricity_night": "022964",
         "gas": "88", "phone": "0425550143"}  # fmt: skip


def main() -> None:
    """Write everything."""
    FOLDER.mkdir(exist_ok=True)
    page = blank()
    page.quantize(16).save(FOLDER / "blank.png", optimize=True)
    (FOLDER / "form.json").write_text(_one_field_a_line(form_json()), encoding="utf-8")
    rng = np.random.default_rng(4)
    pages = {
        "scanned.jpg": scan(fill(page, written(GOOD, "a", rng), "blue"), rng, turn_deg=1.7),
        "photographed.jpg": photograph(
            fill(page, written(OTHER, "b", rng, 0.6), "black"), rng, {"soft shadow", "gradient"}
        ),
        "mistakes-upside-down.jpg": scan(fill(page, written(WRONG, "a", rng), "black"), rng, turn_deg=178.6),
    }
    for name, pixels in pages.items():
        Image.fromarray(pixels).save(FOLDER / name, quality=80, optimize=True)


def _one_field_a_line(spec: dict[str, object]) -> str:
    head = {key: value for key, value in spec.items() if key != "fields"}
    fields = spec["fields"]
    assert isinstance(fields, list)  # noqa: S101 for the type checker
    lines = ",\n".join(f"  {json.dumps(entry)}" for entry in fields)
    return json.dumps(head)[:-1] + ',\n "fields": [\n' + lines + "\n]}\n"


if __name__ == "__main__":
    main()
