"""Make the pictures of docs/fields.md: ``python docs/make_fields_pictures.py``.

Everything shown is computed here, from examples/form. The picture of the page for a person needs Chromium; without it
the other two are made.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

import sonsu
from sonsu.cli_fields import read_fields
from sonsu.fields import FilledForm, Form, FormReader, load_form
from sonsu.fields.align import Aligner
from sonsu.fields.written import cut_field
from sonsu.reading.picture import load

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
EXAMPLE = Path("examples") / "form"
FILLED = [EXAMPLE / name for name in ("scanned.jpg", "photographed.jpg", "mistakes-upside-down.jpg")]
COLOURS = {"read": (26, 127, 75), "empty": (107, 114, 128), "unsure": (217, 115, 13), "mismatch": (178, 58, 22)}
TALL_PX = 900
BLUE = (47, 111, 191)


def found(form: Form, reader: FormReader, name: str) -> None:
    """The blank with its boxes, and two filled ones with the boxes found again and what was read."""
    tiles = [_blank(form)] + [_filled(path, reader.read(path)) for path in FILLED[:2]]
    width = sum(tile.width for tile in tiles) + 24 * (len(tiles) - 1)
    sheet = Image.new("RGB", (width, TALL_PX), "white")
    left = 0
    for tile in tiles:
        sheet.paste(tile, (left, 0))
        left += tile.width + 24
    sheet.save(IMAGES / name, quality=84, optimize=True)


def _blank(form: Form) -> Image.Image:
    tile, scale = _tile(form.blank.pixels)
    canvas = ImageDraw.Draw(tile)
    for field in form.fields:
        x, y, width, height = (value * scale for value in field.box_px)
        canvas.rectangle((x, y, x + width, y + height), outline=BLUE, width=3)
        _label(canvas, (x, y - 4), field.name, BLUE)
    return tile


def _filled(path: Path, filled: FilledForm) -> Image.Image:
    tile, scale = _tile(load(path).pixels)
    canvas = ImageDraw.Draw(tile)
    for value in filled.values:
        corners = [(x * scale, y * scale) for x, y in value.corners_px]
        colour = COLOURS[value.status]
        canvas.line([*corners, corners[0]], fill=colour, width=3)
        _label(canvas, (corners[0][0], corners[0][1] - 4), value.text or value.status, colour)
    return tile


def _tile(pixels: npt.NDArray[np.uint8]) -> tuple[Image.Image, float]:
    picture = Image.fromarray(pixels).convert("RGB")
    scale = TALL_PX / picture.height
    return picture.resize((round(picture.width * scale), TALL_PX), Image.Resampling.LANCZOS), scale


def _label(canvas: ImageDraw.ImageDraw, at: tuple[float, float], text: str, colour: tuple[int, int, int]) -> None:
    font = ImageFont.load_default(17)
    left, top, right, bottom = canvas.textbbox(at, text, font=font, anchor="ls")
    canvas.rectangle((left - 4, top - 3, right + 4, bottom + 3), fill=colour)
    canvas.text(at, text, fill="white", font=font, anchor="ls")


def cut(form: Form, name: str) -> None:
    """Two fields of the photo as they are seen, and what is left when the blank's print is taken away."""
    picture = load(EXAMPLE / "photographed.jpg")
    alignment = Aligner(form.blank).align(picture)
    if alignment is None:
        raise SystemExit("the example form is not found in its own picture")
    rows = []
    for field in (form.fields[0], form.fields[5]):
        written = cut_field(picture, form.blank, field.box_px, alignment.to_picture)
        rows.append(np.hstack([_large(written.shown), _large(cv2.cvtColor(written.ink, cv2.COLOR_GRAY2RGB))]))
    width = max(row.shape[1] for row in rows)
    sheet = [cv2.copyMakeBorder(row, 6, 6, 0, width - row.shape[1], 0, value=(255, 255, 255)) for row in rows]
    Image.fromarray(np.vstack(sheet)).quantize(96).save(IMAGES / name, optimize=True)


def _large(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    large = cv2.resize(pixels, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
    return cv2.copyMakeBorder(large, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=(196, 200, 207))


def page(reader: sonsu.Reader, name: str) -> None:
    """The page for a person, as a browser shows it."""
    browser = shutil.which("chromium")
    if browser is None:
        print(f"no chromium here: {name} stays as it is")
        return
    with tempfile.TemporaryDirectory() as folder:
        review, shot = Path(folder, "review.html"), Path(folder, "shot.png")
        read_fields(reader, EXAMPLE / "form.json", [str(path) for path in FILLED], review=review)
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1000,900"]
        subprocess.run([browser, *options, f"--screenshot={shot}", review.as_uri()], check=True, capture_output=True)  # noqa: S603
        with Image.open(shot) as picture:
            picture.convert("RGB").quantize(128).save(IMAGES / name, optimize=True)


if __name__ == "__main__":
    os.chdir(ROOT)
    example, default = load_form(EXAMPLE / "form.json"), sonsu.Reader()
    found(example, FormReader(example, default), "fields-found.jpg")
    cut(example, "fields-cut.png")
    page(default, "fields-review.png")
