"""FormReader: the road from the picture of a filled form to its fields."""

from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from sonsu.fields.align import Aligner, Alignment, Matrix, warp_points
from sonsu.fields.filled import FieldValue, FilledForm, Point
from sonsu.fields.form import Field, Form
from sonsu.fields.verdict import judge_field
from sonsu.fields.written import cut_field
from sonsu.reading.page import Digit, Page
from sonsu.reading.picture import Picture, Source, load
from sonsu.reading.source import refusal

_LEVEL_DEG = 10.0  # a page that is turned by more than this is said to be


class PageReader(Protocol):
    """What reads a field: `sonsu.Reader`."""

    model: dict[str, str]

    def read(self, source: Any) -> Page:
        """The digits of a picture."""
        ...


class FormReader:
    """Reads one form filled in many times; prepare it once, read many.

    ::

        form = load_form("form.json")
        filled = FormReader(form, sonsu.Reader()).read("scan.png")
        filled.values[0].text, filled.values[0].status
    """

    def __init__(self, form: Form, reader: PageReader, *, min_confidence: float = 0.5) -> None:
        """Prepare the blank.

        Args:
            form: the blank and its fields.
            reader: what reads each field.
            min_confidence: below it a field is "unsure".
        """
        self.form = form
        self.model = reader.model
        self._reader = reader
        self._least = min_confidence
        self._aligner = Aligner(form.blank)

    def read(self, source: Source) -> FilledForm:
        """Read all fields of one filled form.

        Args:
            source: as for `sonsu.Reader.read`; the page may be shifted, turned, tilted and of any size in it.

        Raises:
            PictureError: the picture cannot be read, or it does not show the form, or not so that it can be found.
        """
        picture = load(source)
        found = self._aligner.align(picture)
        if found is None:
            what = f"the form of {self.form.path.name} is not to be found in it"
            raise refusal(picture.source, what, "check that it shows the whole page, in focus, of the same edition")
        values = tuple(self._read_field(field, picture, found.to_picture) for field in self.form.fields)
        return FilledForm(
            picture.source,
            picture.width_px,
            picture.height_px,
            values,
            found.agreement,
            (*picture.notes, *_notes(found)),
            self.model,
        )

    def _read_field(self, field: Field, picture: Picture, to_picture: Matrix) -> FieldValue:
        written = cut_field(picture, self.form.blank, field.box_px, to_picture)
        page = None if written.blank else self._reader.read(written.ink)
        verdict = judge_field(field, written, page, self._least)
        digits = () if page is None else tuple(digit for line in page.lines for digit in line.digits)
        a, b, c, d = (_point(corner) for corner in written.corners_px.tolist())
        return FieldValue(
            field.name,
            verdict.text,
            verdict.confidence,
            verdict.status,
            verdict.reasons,
            (a, b, c, d),
            tuple(_in_picture(digit, written.to_picture) for digit in digits),
            written.shown,
        )


def _point(values: list[float]) -> Point:
    return values[0], values[1]


def _notes(found: Alignment) -> list[str]:
    turned = abs(found.turned_deg)
    return [f"turned by {turned:.0f}°"] if turned > _LEVEL_DEG else []


def _in_picture(digit: Digit, to_picture: Matrix) -> Digit:
    x, y, width, height = digit.box_px
    outline = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float64)
    seen = warp_points(to_picture, outline)
    low, high = np.floor(seen.min(axis=0)).astype(int), np.ceil(seen.max(axis=0)).astype(int)
    box = int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])
    return replace(digit, box_px=box)
