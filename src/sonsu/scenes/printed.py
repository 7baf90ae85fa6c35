"""What is printed on a page: lines, boxes, letters and the other side's print; drawn in place, as in `paper`."""

import string

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from sonsu.scenes.paper import Map, View, band, paint

PRINT_COLOURS = ((0.1, 0.1, 0.1), (0.45, 0.45, 0.5), (0.35, 0.55, 0.8), (0.8, 0.35, 0.35), (0.4, 0.65, 0.5))


def rule(picture: Map, view: View, ruling: str, rng: np.random.Generator, *, pitch: float | None = None) -> None:
    """Print ruled, squared or dotted lines, in place; their pitch is drawn by chance if None."""
    drawn = rng.uniform(0.35, 1.3) if ruling == "ruled" else np.exp(rng.uniform(np.log(0.18), np.log(1.1)))
    pitch = pitch or drawn
    width = rng.uniform(0.008, 0.03) * min(1.0, pitch * 2)
    colour = PRINT_COLOURS[rng.integers(len(PRINT_COLOURS))]
    strength = rng.uniform(0.25, 0.9)
    to_line = [np.abs((x / pitch + rng.uniform(0, 1)) % 1 - 0.5).astype(np.float32) * pitch for x in (view.u, view.v)]
    across = band(to_line[1], width, view.unit_px)
    if ruling == "squared":
        across = np.maximum(across, band(to_line[0], width, view.unit_px))
    elif ruling == "dotted":
        across = band(np.hypot(*to_line), width * 3, view.unit_px)
    elif rng.random() < 0.35:  # the red margin of an exercise book
        margin = band(view.u - rng.choice((-1, 1)) * rng.uniform(0.6, 1.8), width * 1.5, view.unit_px)
        paint(picture, margin * 0.8, (0.85, 0.35, 0.4))
    paint(picture, across * strength, colour)


def box(picture: Map, view: View, rng: np.random.Generator, *, newsprint: bool) -> None:
    """Print the cell that the digit stands in, with parts of its neighbours, in place.

    In newsprint it is a cell of a number puzzle, with given numbers beside it; else a form's box, alone or in a row.
    """
    half = rng.uniform(0.56, 0.9, 2) + np.array((max(0.0, view.aspect / 2 - 0.5), 0.0))
    middle = rng.uniform(-1, 1, 2) * (half - 0.54)
    colour = (0.12, 0.12, 0.13) if newsprint else PRINT_COLOURS[rng.integers(len(PRINT_COLOURS))]
    thin, strength = rng.uniform(0.012, 0.045), rng.uniform(0.6, 0.95)
    cells = np.array((3, 3) if newsprint else (rng.choice((1, 3)), 1))  # across, down
    place = [(x - middle[axis]) / half[axis] for axis, x in enumerate((view.u, view.v))]  # -1..1 in the digit's cell
    grid = np.zeros_like(view.u)
    for axis in (0, 1):
        within = np.abs(place[1 - axis]) <= cells[1 - axis] + thin
        for side in range(-cells[axis], cells[axis] + 1, 2):
            thick = thin * (rng.choice((1.0, 2.5)) if newsprint else 1.0)
            grid = np.maximum(grid, within * band((place[axis] - side) * half[axis], thick, view.unit_px))
    paint(picture, grid * strength, colour)
    for across, down in ((-2, 0), (2, 0), (0, -2), (0, 2)):
        if newsprint and rng.random() < 0.6:
            at = (middle[0] + across * half[0], middle[1] + down * half[1])
            letters(picture, view, str(rng.integers(1, 10)), at, rng.uniform(0.6, 0.9), strength, colour)


def halftone(picture: Map, view: View, rng: np.random.Generator) -> None:
    """Print a newspaper's grey of fine dots on the page, in place."""
    pitch, turn = rng.uniform(0.025, 0.07), rng.uniform(0.3, 1.2)  # a sixth to half a mm for a digit of 7 mm
    across, down = view.u * np.cos(turn) + view.v * np.sin(turn), view.v * np.cos(turn) - view.u * np.sin(turn)
    to_dot = np.hypot(*(((x / pitch + 0.5) % 1 - 0.5) * pitch for x in (across, down))).astype(np.float32)
    paint(picture, band(to_dot, pitch * rng.uniform(0.25, 0.6), view.unit_px) * rng.uniform(0.4, 0.8), (0.2, 0.2, 0.2))


def letters(
    picture: Map,
    view: View,
    text: str,
    at: npt.ArrayLike,
    height: float,
    strength: float,
    colour: tuple[float, ...],
    *,
    mirrored: bool = False,
) -> None:
    """Print text in Pillow's own font, centred at a point of the page, in place; ``height`` is a letter's."""
    size = 48
    font = ImageFont.load_default(size)
    lines = text.count("\n") + 1
    sheet = Image.new("L", (int(size * 0.7 * max(map(len, text.split("\n")))) + size, int(size * 1.3 * lines) + size))
    ImageDraw.Draw(sheet).multiline_text((size / 2, size / 2), text, 255, font, spacing=size * 0.1)
    raster = np.asarray(sheet, np.float32) / 255
    raster = raster[:, ::-1].copy() if mirrored else raster
    scale = size * 0.75 / height
    if scale > 1.5 * view.unit_px:  # drawn much smaller than the font: average first
        raster = cv2.GaussianBlur(raster, (0, 0), 0.4 * scale / view.unit_px)
    left, top = np.asarray(at, np.float32)
    x = (view.u - left) * np.float32(scale) + raster.shape[1] / 2
    y = (view.v - top) * np.float32(scale) + raster.shape[0] / 2
    paint(picture, cv2.remap(raster, x, y, cv2.INTER_LINEAR) * strength, colour)


def backside(picture: Map, view: View, rng: np.random.Generator) -> None:
    """Let the other side's print show through, mirrored and weak, in place."""
    words = ["".join(rng.choice(list(string.ascii_lowercase), rng.integers(2, 9))) for _ in range(90)]
    text = "\n".join(" ".join(words[i : i + 6]) for i in range(0, 90, 6))
    height = np.exp(rng.uniform(np.log(0.12), np.log(0.8)))
    through = np.ones_like(picture)
    letters(through, view, text, rng.normal(0, 0.3, 2), height, 1.0, (0.3, 0.3, 0.3), mirrored=True)
    through = cv2.GaussianBlur(through, (0, 0), max(0.5, 0.02 * view.unit_px))
    picture *= 1 - np.float32(rng.uniform(0.05, 0.22)) * (1 - through)
