"""The stages that a picture went through, taken from what reading itself made on the way."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.crop import LineInk
from sonsu.reading.drawing import READABLE_PX
from sonsu.reading.explanation import Exhibit, Explanation, Stage
from sonsu.reading.line_form import HEIGHT
from sonsu.reading.line_reader import Look, Read
from sonsu.reading.lines import Found
from sonsu.reading.page import Line, Page
from sonsu.reading.picture import Picture

_SHOWN_PX = 1400  # of the longer side of a picture that is drawn on
_LINE = (0, 110, 200)
_RULE = (230, 110, 0)


def explain(picture: Picture, found: Found, read: Sequence[Read], page: Page) -> Explanation:
    """Put together what there is to show.

    Args:
        picture: as it was decoded.
        found: its lines.
        read: for each of them its digits, None where it holds none, and what the networks saw.
        page: what was read in the end.
    """
    stages = [_decoded(picture)]
    if found.ink is not None:
        stages.append(_ink(found.ink))
    if found.mask is not None:
        stages.append(_mask(found.mask, found.rules))
    if found.lines:
        stages.append(_lines(picture, found.lines))
    for number, (ink, (line, look)) in enumerate(zip(found.lines, read, strict=True), 1):
        stages.append(_line(number, ink, line, look))
    return Explanation(page, (*stages, _answer(page)))


def _decoded(picture: Picture) -> Stage:
    text = "Any format, brought to 8 bits, upright and opaque. Boxes are given in the pixels of the original."
    return Stage("The picture", text, (Exhibit(_shown(picture.pixels), "; ".join(picture.notes) or "as it came"),))


def _ink(ink: NDArray[np.uint8]) -> Stage:
    text = (
        "What is darker than the paper within a few strokes' width, as a share of the light that falls there: shadows "
        "and coloured paper are gone. Light ink has been turned dark, a turned page straightened, the table left out."
    )
    full = max(float(np.percentile(ink, 99.5)), 1.0)
    return Stage(
        "Ink", text, (Exhibit(255 - cv2.convertScaleAbs(ink, alpha=255 / full), "the ink, its contrast raised"),)
    )


def _mask(mask: NDArray[np.uint8], rules: NDArray[np.uint8] | None) -> Stage:
    text = "One threshold, higher where the paper is grainy or printed on. Long straight lines and boxes are taken out."
    colours = np.full((*mask.shape, 3), 255, np.uint8)
    caption = "the strokes; there were no ruled lines"
    if rules is not None:
        colours[rules > 0] = _RULE
        caption = "the strokes; ruled lines that were taken out are orange"
    colours[mask > 0] = (30, 30, 30)
    return Stage("Strokes", text, (Exhibit(colours, caption),))


def _lines(picture: Picture, lines: Sequence[LineInk]) -> Stage:
    text = "Strokes side by side make a line. Lines are read column after column, from top to bottom."
    shown = _shown(picture.pixels)
    drawn = shown.copy() if shown.ndim == 3 else cv2.cvtColor(shown, cv2.COLOR_GRAY2RGB)
    scale = shown.shape[1] / picture.pixels.shape[1]
    pen = max(1, round(max(drawn.shape) / 500))
    for corners in _corners(lines):
        cv2.polylines(drawn, [np.rint(corners * scale).astype(np.int32)], True, _LINE, pen, cv2.LINE_AA)
    return Stage("Lines", text, (Exhibit(drawn, f"lines found: {len(lines)}"),))


def _corners(lines: Sequence[LineInk]) -> Iterator[NDArray[np.float64]]:
    """Each line's corners (4, 2) in px of the decoded picture."""
    for line in lines:
        height, width = line.ink.shape
        corners = np.array([(0, 0, 1), (width, 0, 1), (width, height, 1), (0, height, 1)]) @ line.to_picture.T
        yield corners[:, :2] / corners[:, 2:]


def _line(number: int, ink: LineInk, line: Line | None, look: Look) -> Stage:
    """A line as it was cut out, as the line network saw it, and its digits as the digit network saw them."""
    crop = Exhibit(255 - ink.ink, "cut out and levelled, nothing but its own ink")
    form = Exhibit(255 - look.form.image, f"as the line network sees it, {HEIGHT} px high")
    marks = f" Marks that are no digits: {look.marks}." if look.marks else ""
    if line is None:
        return Stage(f"Line {number}: no digits", "The line network finds no digit in it." + marks, (crop, form))
    digits = (
        Exhibit(pixels, f"digit {place}", digit)
        for place, (pixels, digit) in enumerate(zip(look.glyphs, line.digits, strict=True), 1)
    )
    text = (
        f"The line network reads {''.join(map(str, look.answer.digits))}. The digit network looks at each digit once "
        "more, in the form below; the probabilities come from both. "
        f"That the whole line is right: {line.confidence:.1%}."
    )
    return Stage(f"Line {number}: {line.text}", text + marks, (crop, form, *digits))


def _answer(page: Page) -> Stage:
    text = "Green was read, orange is in doubt, grey is no digit. Beside each line: its text and how sure it is."
    return Stage(
        "The answer", text, (Exhibit(_shown(np.asarray(page.draw(READABLE_PX))), "the picture with what was read"),)
    )


def _shown(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixels of at most the size that is shown."""
    scale = _SHOWN_PX / max(pixels.shape)
    if scale >= 1:
        return pixels
    size = max(round(pixels.shape[1] * scale), 1), max(round(pixels.shape[0] * scale), 1)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
