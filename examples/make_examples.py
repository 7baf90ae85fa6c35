"""Make the sample pictures in this folder and the contact sheet in the docs: ``python examples/make_examples.py``.

The hands are made up here, stroke by stroke, so the pictures need no data set and carry nobody's licence.
"""

import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from sonsu.learning import pen
from sonsu.scenes import camera, digit_photo, paper

HERE = Path(__file__).parent
SIZE_PX = 500  # of the ink maps

# Strokes as control points of smooth curves, in hundredths of the digit's height; a point given twice is a corner.
HANDS = {
    "0": "50,2 22,8 8,45 18,88 45,100 68,85 74,45 60,8 44,2 30,10",
    "0 slashed": "45,0 15,12 5,50 20,92 45,100 72,85 82,45 65,6 42,0 / 80,-4 80,-4 8,104",
    "1": "40,0 38,50 36,100",
    "1 with a foot": "10,28 30,12 42,0 42,0 44,50 44,98 / 14,100 44,98 76,99",
    "2": "6,24 18,2 48,-2 66,18 58,46 30,76 2,100 2,100 34,92 74,98",
    "2 looped": "4,20 24,0 56,4 62,30 40,66 12,96 2,84 20,78 44,96 80,94",
    "3": "6,12 30,-2 60,8 58,34 28,46 28,46 62,52 72,78 44,102 4,90",
    "4 open": "20,0 12,34 4,62 4,62 40,60 80,58 / 60,20 56,60 52,104",
    "4 closed": "58,100 60,50 62,0 62,0 30,38 2,70 2,70 44,68 84,69",
    "5": "70,2 46,4 20,4 20,4 16,24 14,44 14,44 44,36 68,54 64,84 36,102 4,92",
    "5 in two": "18,4 14,26 12,46 12,46 42,38 68,58 60,90 30,102 2,90 / 18,4 44,2 76,0",
    "6": "58,0 26,26 6,66 18,98 50,98 62,74 42,56 14,68",
    "7": "4,6 36,2 72,4 72,4 50,42 28,100",
    "7 crossed": "2,10 4,4 38,4 74,0 74,0 52,40 30,102 / 22,52 48,48 74,50",
    "8": "64,12 40,-2 14,14 24,40 54,58 64,84 38,102 10,84 22,58 52,40 66,14",
    "9": "66,16 38,-2 10,16 18,44 48,44 66,16 66,16 66,54 58,102",
}


def strokes(hand: str) -> list[npt.NDArray[np.float32]]:
    """The strokes of one of `HANDS`, with the slight tremor of a hand."""
    rng = np.random.default_rng(zlib.crc32(hand.encode()))
    curves = [
        _curve([tuple(map(float, point.split(","))) for point in stroke.split()]) for stroke in HANDS[hand].split("/")
    ]
    return pen.distort(curves, rng, rotation_deg=2, shear=0.04, stretch=0.04, warp=0.006, tremor=0.0015)


def _curve(points: list[tuple[float, ...]]) -> npt.NDArray[np.float32]:
    """Cut the corners of a line of control points until it is a smooth curve (Chaikin 1974); the ends stay."""
    line = np.array(points) * pen.UNIT / 100
    for _ in range(4):
        near, far = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        line = np.concatenate((line[:1], np.stack((near, far), axis=1).reshape(-1, 2), line[-1:]))
    return pen.smooth(line)


def ink(hand: str, width: float = 0.06) -> npt.NDArray[np.uint8]:
    """Ink map of a hand, uint8 (500, 500), ink = 255; the pen's width is in digit heights."""
    return pen.render(strokes(hand), size_px=SIZE_PX, width_px=width * SIZE_PX)


def photo(
    name: str,
    hand: str,
    kinds: str,
    *,
    width: float = 0.06,
    fill: float = 0.45,
    size_px: tuple[int, int] = (480, 600),
    seed: int = 0,
    **options: Any,
) -> None:
    """Save one of `sonsu.scenes.digit_photo`' pictures; ``kinds`` are separated by commas."""
    rng, chosen = np.random.default_rng(seed), kinds.split(", ")
    pixels, _ = digit_photo.photo(ink(hand, width), rng, kinds=chosen, size_px=size_px, fill=fill)
    save(name, np.rot90(pixels) if "exif" in options else pixels, **options)


def save(name: str, pixels: npt.NDArray[np.generic], **options: Any) -> None:
    """Write a picture beside this script, in the format that its name says."""
    lossy = {"quality": 82} if name.endswith((".jpg", ".webp")) else {"optimize": True}
    Image.fromarray(pixels).save(HERE / name, **lossy | options)


def photos() -> None:
    """What phones and scanners send."""
    photo(
        "7-ruled-paper.jpg",
        "7 crossed",
        "phone, white paper, ruled, ballpoint, blue, soft shadow",
        width=0.035,
        fill=0.3,
    )
    photo(
        "4-squared-paper-on-desk.jpg",
        "4 open",
        "phone, white paper, squared, pencil, graphite, desk, curl",
        fill=0.35,
        seed=6,
    )
    photo("5-in-shadow.jpg", "5", "phone, cream paper, felt, black, hard shadow, gradient", width=0.09, seed=2)
    photo("8-blackboard.jpg", "8", "phone, greenboard, chalk, white chalk, glare", width=0.07)
    photo(
        "6-newsprint-cell.jpg",
        "6",
        "phone, newsprint, cell, ballpoint, black, backside",
        fill=0.6,
        seed=3,
        size_px=(120, 130),
    )
    photo("2-whiteboard.jpg", "2 looped", "phone, whiteboard, felt, red, glare, vignette", width=0.08, fill=0.6, seed=1)
    photo(
        "1-creased-kraft-paper.jpg",
        "1 with a foot",
        "phone, kraft paper, brush, black, crease, noisy",
        width=0.12,
        fill=0.7,
    )
    photo("9-faint-pencil.jpg", "9", "phone, grey paper, pencil, graphite, dark, blur", width=0.03, fill=0.3, seed=5)
    photo("0-fax.png", "0 slashed", "fax, white paper, box, ballpoint, black", fill=0.5, size_px=(200, 240))
    turned = Image.Exif()
    turned[0x0112] = 6  # "turn a quarter clockwise to show": how phones store an upright picture
    photo("3-turned-by-exif.jpg", "3", "phone, yellow paper, felt, blue, finger, gradient", seed=6, exif=turned)


def drawings() -> None:
    """What programs save: transparency, 16 bits, palettes, lines a pixel thin, light on dark."""
    digit = cv2.resize(ink("2", 0.1), (96, 96), interpolation=cv2.INTER_AREA)
    save("2-white-on-transparent.png", np.dstack((np.full((96, 96, 3), 255, np.uint8), digit)))
    scan = 52000 - 400.0 * np.arange(120)[:, None] / 120 - 130.0 * cv2.resize(ink("9", 0.08), (120, 120))
    save("9-scan-16-bit.png", (scan + np.random.default_rng(0).normal(0, 300, scan.shape)).astype(np.uint16))
    mouse = np.full((200, 260, 3), 255, np.uint8)
    points = np.concatenate(strokes("4 closed")) * 0.14 + (70, 30)
    cv2.polylines(mouse, [np.rint(points).astype(np.int32)], False, (0, 0, 0), 1)
    save("4-mouse-line.png", mouse)
    night = 18 + 0.85 * cv2.resize(ink("5 in two", 0.07), (150, 150), interpolation=cv2.INTER_AREA)
    save("5-light-on-dark.webp", np.dstack([night.astype(np.uint8)] * 3))
    Image.fromarray(255 - cv2.resize(ink("7", 0.14), (64, 64))).convert("P").save(HERE / "7-palette.gif")
    save(
        "0-28-by-28.png",
        cv2.copyMakeBorder(cv2.resize(ink("0", 0.11), (20, 20), interpolation=cv2.INTER_AREA), 4, 4, 4, 4, 0),
    )


def blank() -> None:
    """A photo of an empty sheet: a valid picture with nothing to read."""
    rng = np.random.default_rng(0)
    u, v = np.meshgrid(np.linspace(-1, 1, 400, dtype=np.float32), np.linspace(-1.3, 1.3, 520, dtype=np.float32))
    view = paper.View(u, v, unit_px=200.0, aspect=1.0)
    kinds = {"phone", "soft shadow", "vignette"}
    pixels, _ = camera.encode(camera.expose(paper.surface(view, "white paper", rng), view, kinds, rng), kinds, rng)
    save("blank.jpg", pixels)


def contact_sheet(columns: int = 8, rows: int = 5, side_px: int = 150) -> None:
    """What `sonsu.scenes.digit_photo` draws when nothing is asked for, a picture a seed: docs/images/scenes.jpg."""
    sheet = Image.new("RGB", (columns * side_px, rows * side_px), "white")
    for seed in range(columns * rows):
        rng = np.random.default_rng(seed)
        hand = list(HANDS)[seed % len(HANDS)]
        pixels, _ = digit_photo.photo(ink(hand, np.exp(rng.uniform(np.log(0.03), np.log(0.15)))), rng)
        tile = ImageOps.contain(Image.fromarray(pixels), (side_px - 4, side_px - 4))
        sheet.paste(tile, (seed % columns * side_px, seed // columns * side_px))
    sheet.save(HERE.parent / "docs" / "images" / "scenes.jpg", quality=80)


if __name__ == "__main__":
    photos()
    drawings()
    blank()
    contact_sheet()
