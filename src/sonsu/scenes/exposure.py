"""From a sheet to a picture of it: photographed, scanned or as it is, the truth's boxes taken along."""

from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.learning.writing import Box
from sonsu.scenes import camera, digit_photo, paper, printed, tabletop
from sonsu.scenes.paper import Map, View
from sonsu.scenes.sheet import Sheet, TrueDigit, TrueLine

_WORK_PX = 1400  # larger pictures are painted at this size and enlarged, as in `scenes`
_LEAST_PX = 14  # height of a digit that a person still reads with ease


@dataclass(frozen=True, eq=False)
class Shot:
    """A picture, uint8 (h, w) or (h, w, 3) RGB, and the lines on it in reading order."""

    pixels: NDArray[np.uint8]
    lines: tuple[TrueLine, ...]


def flat(sheet: Sheet, ink: tuple[int, int, int], background: tuple[int, int, int] = (255, 255, 255)) -> Shot:
    """The sheet itself, without light, lens or noise, in these colours."""
    coverage = sheet.ink[..., None].astype(np.float32) / np.float32(255)
    bare = sheet.printed * (np.array(background, np.float32) / 255)
    pixels = bare + coverage * (np.array(ink, np.float32) - bare)
    return Shot((pixels + 0.5).astype(np.uint8), tuple(sheet.lines))


def photograph(
    sheet: Sheet,
    kinds: Collection[str],
    rng: np.random.Generator,
    *,
    size_px: tuple[int, int] | None = None,
    fill: float = 0.9,
    turn_deg: float = 0.0,
    pitch: float | None = None,
) -> Shot | None:
    """Take a picture of a sheet.

    Args:
        sheet: what is printed and written.
        kinds: as `digit_photo.photo` takes them: one paper, pen, ink and camera, any of ``ruled``, ``squared``,
            ``dotted`` and of `digit_photo.EFFECTS`.
        rng: source of chance.
        size_px: width and height of the picture; the sheet's own where None, which is then cut at its edges.
        fill: how much of the picture the sheet takes in the direction in which it takes more.
        turn_deg: how far it is turned.
        pitch: of ruled lines, in digit heights.

    Returns:
        The picture, or None if a person could not read it all.
    """
    width, height = size_px or (sheet.width, sheet.height)
    shrink = min(1.0, _WORK_PX / max(width, height))
    shape = (round(height * shrink), round(width * shrink))
    view = _lay(shape, sheet, kinds, rng, fill if size_px else None, turn_deg)
    if view.unit_px / shrink < _LEAST_PX:
        return None
    drawn = paper.deposit(_share(sheet.ink), view, "crisp", rng, digit_px=sheet.unit_px)
    page = _paint(view, sheet, frozenset(kinds), rng, pitch)
    tabletop.reach_in(page, drawn, kinds, rng)
    picture = camera.expose(page, view, kinds, rng)
    if shrink < 1.0:
        picture = np.clip(cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)
    pixels, _ = camera.encode(picture, kinds, rng)
    lines = _lines_in(sheet, view, drawn)
    if lines is None or not all(_legible(pixels, drawn, line.box_px, shrink) for line in lines):
        return None
    if "fax" in kinds:
        small = cv2.resize(pixels, drawn.shape[::-1], interpolation=cv2.INTER_AREA)
        if not all(_kept(small, drawn, digit.box_px) for line in lines for digit in line.digits):
            return None
    return Shot(pixels, tuple(_scaled(line, 1 / shrink) for line in lines))


def turned(shot: Shot, quarters: int) -> Shot:
    """The same picture turned counterclockwise by so many quarters."""
    lines = shot.lines
    height, width = shot.pixels.shape[:2]
    for _ in range(quarters % 4):
        full = width
        lines = tuple(
            TrueLine(tuple(TrueDigit(d.label, _quarter(d.box_px, full)) for d in line.digits)) for line in lines
        )
        height, width = width, height
    return Shot(np.ascontiguousarray(np.rot90(shot.pixels, quarters)), lines)


def _quarter(box: Box, width: int) -> Box:
    x, y, w, h = box
    return y, width - x - w, h, w


def _lay(
    shape: tuple[int, int],
    sheet: Sheet,
    kinds: Collection[str],
    rng: np.random.Generator,
    fill: float | None,
    turn_deg: float,
) -> View:
    """Where each pixel lies on the sheet: all of it in the picture where ``fill`` is given, one to one otherwise."""
    height, width = shape
    turn = np.radians(turn_deg)
    tilted = "phone" in kinds
    if fill is None:
        unit = sheet.unit_px * width / sheet.width
        room = np.zeros(2)
    else:
        sides = np.array((sheet.width, sheet.height)) / sheet.unit_px
        sin, cos = abs(np.sin(turn)), np.cos(turn)
        extent = np.array((sides[0] * cos + sides[1] * sin, sides[0] * sin + sides[1] * cos))
        unit = fill * float((np.array((width, height)) / extent).min())
        room = np.maximum(np.array((width, height)) - unit * extent, 0) / 2
    centre = np.array((width, height)) / 2 + np.clip(rng.normal(0, 0.4, 2), -0.8, 0.8) * room
    lean = rng.uniform(-0.2, 0.2, 2) / max(shape) * unit * tilted
    bend = None
    if "curl" in kinds:  # a page's bends are longer than a digit's
        bend = rng.uniform(0.3, 1.0, 2) * 3 * unit / max(shape), float(rng.uniform(0, 2 * np.pi))
    return digit_photo.look(
        shape, centre, unit, float(turn), lean, aspect=0.7, bend=bend, bend_size=rng.uniform(0.05, 0.3)
    )


def _share(values: NDArray[np.uint8]) -> Map:
    return values.astype(np.float32) / np.float32(255)


def _paint(view: View, sheet: Sheet, kinds: frozenset[str], rng: np.random.Generator, pitch: float | None) -> Map:
    """The page with everything printed and written on it, in even light; float32 (h, w, 3), sRGB in 0..1."""
    surface, colour = digit_photo.one_of(kinds, paper.PAPERS, "paper"), digit_photo.one_of(kinds, paper.INKS, "ink")
    pen = digit_photo.one_of(kinds, paper.PENS, "pen")
    whole = _whole(view, sheet)
    picture = paper.surface(view, surface, rng)
    if "backside" in kinds:
        printed.backside(picture, view, rng)
    for ruling in sorted(kinds & {"ruled", "squared", "dotted"}):
        printed.rule(picture, view, ruling, rng, pitch=pitch)
    picture *= _printed(view, sheet)
    coverage = paper.deposit(_share(sheet.ink), view, pen, rng, digit_px=sheet.unit_px)
    strength = np.float32(rng.uniform(0.45, 0.85) if pen == "pencil" else rng.uniform(0.7, 1.0))
    paper.paint(picture, coverage * strength, paper.INKS[colour])
    if "dirt" in kinds:
        paper.dirt(picture, view, rng)
    for effect in (paper.crease, tabletop.desk):
        if effect.__name__ in kinds:
            effect(picture, whole, rng)
    return np.clip(picture, 0, 1)


def _whole(view: View, sheet: Sheet) -> View:
    """The view measured in heights of the sheet, for what belongs to the sheet rather than to a digit."""
    size = np.float32(sheet.height / sheet.unit_px)
    return View(view.u / size, view.v / size, view.unit_px * float(size), sheet.width / sheet.height)


def _printed(view: View, sheet: Sheet) -> Map:
    filtered = _share(sheet.printed)
    shrink = sheet.unit_px / view.unit_px
    if shrink > 1.5:
        filtered = cv2.GaussianBlur(filtered, (0, 0), 0.35 * shrink)
    x = view.u * np.float32(sheet.unit_px) + np.float32(sheet.width / 2 - 0.5)
    y = view.v * np.float32(sheet.unit_px) + np.float32(sheet.height / 2 - 0.5)
    return np.asarray(
        cv2.remap(filtered, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(1, 1, 1)), np.float32
    )


def _lines_in(sheet: Sheet, view: View, drawn: Map) -> list[TrueLine] | None:
    """The truth in px of the working picture; None where a digit is not wholly in it."""
    x = view.u * np.float32(sheet.unit_px) + np.float32(sheet.width / 2)
    y = view.v * np.float32(sheet.unit_px) + np.float32(sheet.height / 2)
    inked = (drawn > 0.3).astype(np.uint8)
    lines = []
    for line in sheet.lines:
        left, top, width, height = cv2.boundingRect(_inside(x, y, line.box_px))
        part = np.s_[top : top + height, left : left + width]
        boxes = [cv2.boundingRect(inked[part] & _inside(x[part], y[part], digit.box_px)) for digit in line.digits]
        if not all(w and h for _, _, w, h in boxes):
            return None
        digits = [
            TrueDigit(digit.label, (bx + left, by + top, w, h))
            for digit, (bx, by, w, h) in zip(line.digits, boxes, strict=True)
        ]
        if any(_at_rim(digit.box_px, inked.shape) for digit in digits):
            return None
        lines.append(TrueLine(tuple(digits)))
    return lines


def _inside(x: Map, y: Map, box: Box) -> NDArray[np.uint8]:
    left, top, width, height = box
    return ((x >= left - 0.5) & (x <= left + width + 0.5) & (y >= top - 0.5) & (y <= top + height + 0.5)).astype(
        np.uint8
    )


def _at_rim(box: Box, shape: tuple[int, ...]) -> bool:
    x, y, width, height = box
    return x <= 0 or y <= 0 or x + width >= shape[1] or y + height >= shape[0]


def _legible(pixels: NDArray[np.uint8], drawn: Map, box: Box, shrink: float) -> bool:
    x, y, width, height = box
    pad = max(3, round(0.25 * height))
    left, top = max(x - pad, 0), max(y - pad, 0)
    alone = np.zeros_like(drawn[top : y + height + pad, left : x + width + pad])
    alone[y - top : y - top + height, x - left : x - left + width] = drawn[y : y + height, x : x + width]
    rows, columns = (round(v / shrink) for v in alone.shape)
    part = pixels[round(top / shrink) :, round(left / shrink) :][:rows, :columns]
    return digit_photo.legible(part, alone)


def _kept(pixels: NDArray[np.uint8], drawn: Map, box: Box) -> bool:
    """Whether a fax left so much of a digit's strokes that it is not in pieces."""
    x, y, width, height = box
    part = np.s_[y : y + height, x : x + width]
    ink = drawn[part] > 0.5
    return bool(ink.any() and (pixels[part][ink] < 128).mean() > 0.68)


def _scaled(line: TrueLine, scale: float) -> TrueLine:
    def box(digit: TrueDigit) -> Box:
        x, y, width, height = (round(side * scale) for side in digit.box_px)
        return x, y, width, height

    return TrueLine(tuple(TrueDigit(digit.label, box(digit)) for digit in line.digits))
