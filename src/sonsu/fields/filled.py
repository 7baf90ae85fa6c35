"""What reading a form gives: a FilledForm of FieldValues, each of them plain data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sonsu.reading.page import Box, Digit

Status = Literal["read", "unsure", "empty", "mismatch"]
Point = tuple[float, float]

SCHEMA = "sonsu.fields/1"


@dataclass(frozen=True, eq=False)
class FieldValue:
    """What stands in one field.

    Attributes:
        name: the field's.
        text: its digits; empty where nothing is written, or nothing that is a digit.
        confidence: probability that the text is right; None where the field is empty.
        status: "read"; "unsure", for a person to look at; "empty", and may be so; "mismatch", not what the form asks
            for, and nothing near to it is.
        reasons: why it is in doubt, in words.
        corners_px: of the field's box in the picture, clockwise from its left upper one.
        digits: as they were read, before the pattern had its say; boxes are in px of the picture.
        crop: uint8 (h, w) or (h, w, 3), the field as the picture shows it, upright.
    """

    name: str
    text: str
    confidence: float | None
    status: Status
    reasons: tuple[str, ...]
    corners_px: tuple[Point, Point, Point, Point]
    digits: tuple[Digit, ...]
    crop: NDArray[np.uint8] = field(repr=False)

    @property
    def doubtful(self) -> bool:
        """Whether a person should look at it."""
        return self.status in ("unsure", "mismatch")

    @property
    def box_px(self) -> Box:
        """x, y, width, height around the field in the picture."""
        x, y = (np.array(self.corners_px)[:, axis] for axis in (0, 1))
        left, top, right, bottom = (round(float(v)) for v in (x.min(), y.min(), x.max(), y.max()))
        return left, top, right - left, bottom - top

    def to_dict(self) -> dict[str, Any]:
        """The value as plain values, ready for JSON."""
        return {
            "text": self.text,
            "confidence": None if self.confidence is None else round(self.confidence, 6),
            "status": self.status,
            "reasons": list(self.reasons),
            "box_px": list(self.box_px),
            "corners_px": [[round(v, 1) for v in corner] for corner in self.corners_px],
            "digits": [digit.to_dict() for digit in self.digits],
        }


@dataclass(frozen=True, eq=False)
class FilledForm:
    """All that was read in the picture of one form.

    Attributes:
        source: what was read: a file's name as given, or "<bytes>", "<array>"….
        width_px: of the picture, upright.
        height_px: of the picture, upright.
        values: in the form's order.
        agreement: how much of the blank's print was found in its place, 0 to 1.
        notes: what was done to the picture.
        model: name and sha256 of the network.
    """

    source: str
    width_px: int
    height_px: int
    values: tuple[FieldValue, ...]
    agreement: float
    notes: tuple[str, ...]
    model: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The form in the form "sonsu.fields/1", ready for JSON."""
        return {
            "schema": SCHEMA,
            "source": self.source,
            "width_px": self.width_px,
            "height_px": self.height_px,
            "fields": {value.name: value.to_dict() for value in self.values},
            "agreement": round(self.agreement, 4),
            "notes": list(self.notes),
            "model": dict(self.model),
            "error": None,
        }


def form_error(source: str, model: Mapping[str, str], error: str) -> dict[str, Any]:
    """The error that stood in the way of a form, in the form "sonsu.fields/1"."""
    return {
        "schema": SCHEMA,
        "source": source,
        "width_px": None,
        "height_px": None,
        "fields": {},
        "agreement": None,
        "notes": [],
        "model": dict(model),
        "error": error,
    }


def columns(names: Iterable[str]) -> list[str]:
    """The head of the table: three columns a field."""
    return ["source", *(column for name in names for column in (name, f"{name}_confidence", f"{name}_status")), "error"]


def row(record: Mapping[str, Any], names: Iterable[str]) -> list[Any]:
    """One form's row of the table, from its record in the form "sonsu.fields/1"."""
    cells: list[Any] = [record["source"]]
    for name in names:
        value = record["fields"].get(name, {"text": "", "confidence": None, "status": ""})
        confidence = "" if value["confidence"] is None else f"{value['confidence']:.4f}"
        cells += [value["text"], confidence, value["status"]]
    return [*cells, record["error"] or ""]
