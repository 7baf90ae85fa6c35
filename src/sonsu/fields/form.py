"""A form: where its fields are on the blank and what may stand in them, from form.json."""

import difflib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from sonsu.errors import PictureError, UsageError
from sonsu.fields.checksums import CHECKSUMS
from sonsu.fields.patterns import compile_pattern
from sonsu.reading.picture import Picture, load
from sonsu.reading.source import shortened

SCHEMA = "sonsu.form/1"

_FORM_KEYS = ("schema", "blank", "unit", "dpi", "page_mm", "fields")
_FIELD_KEYS = ("name", "box", "pattern", "checksum", "required")
_MM_PER_INCH = 25.4
_LEAST_SIDE_PX = 6.0
_PDF_DPI_OFF = 0.6  # a rounded figure is as good
_SQUARE = 0.03  # from 1: as many px a mm across as down; an A4 fax of 204×98 dpi, turned, would be 0.04 off
_TURNED = 0.2  # from 1: a page that is no square, its sides exchanged
_LONGEST_NAME = 60
_TAKEN = ("source", "error")
_ENDINGS = ("_confidence", "_status")


@dataclass(frozen=True)
class Field:
    """One place to be filled in.

    Attributes:
        name: its column.
        box_px: x, y, width, height in px of the blank.
        pattern: what it may hold, a regular expression of digits; anything where None.
        checksum: a name from `sonsu.fields.checksums.CHECKSUMS`, or None.
        required: whether it may not be left empty.
    """

    name: str
    box_px: tuple[float, float, float, float]
    pattern: re.Pattern[str] | None = None
    checksum: str | None = None
    required: bool = False

    def trouble(self, text: str) -> str | None:
        """What is wrong with a text, in words; None where it fits pattern and checksum."""
        if self.pattern is not None and not self.pattern.fullmatch(text):
            return f"it does not match {self.pattern.pattern}"
        if self.checksum is not None and not CHECKSUMS[self.checksum](text):
            return f"its {self.checksum} checksum is wrong"
        return None


@dataclass(frozen=True, eq=False)
class Form:
    """A blank form and its fields.

    Attributes:
        path: the file that it was loaded from.
        blank: the form with nothing filled in.
        fields: in the file's order.
    """

    path: Path
    blank: Picture = field(repr=False)
    fields: tuple[Field, ...]


def load_form(path: str | Path) -> Form:
    """Load a form.json and the blank that it names.

    Args:
        path: the file; `docs/fields.md` describes it. The blank's path in it counts from the file's folder.

    Raises:
        UsageError: the file is missing, or anything in it is not as it has to be; says what, where, and what was found.
    """
    path = Path(path)
    try:
        spec = json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}; check the path.") from None
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, or brackets without end
        raise UsageError(f"{path} is not JSON: {error}.") from None
    return parse_form(spec, path)


def parse_form(spec: Any, path: Path) -> Form:
    """A form from the content of its file; see `load_form`."""
    check = _Check(str(path))
    check.keys(spec, _FORM_KEYS, required=("schema", "blank", "fields"))
    if spec["schema"] != SCHEMA:
        check.refuse("schema", f'"{SCHEMA}"', spec["schema"])
    if not isinstance(spec["blank"], str):
        check.refuse("blank", "the blank's file as text", spec["blank"])
    try:
        blank = load(path.parent / spec["blank"])
    except PictureError as error:
        raise UsageError(f"{path}: blank: {error}.") from None
    scale = _px_per_unit(spec, blank, check)
    entries = spec["fields"]
    if not isinstance(entries, list) or not entries:
        check.refuse("fields", "a list of at least one field", entries)
    fields = tuple(_field(entry, number, scale, blank, path) for number, entry in enumerate(entries, 1))
    _check_columns(fields, check)
    return Form(path, blank, fields)


def _px_per_unit(spec: Mapping[str, Any], blank: Picture, check: "_Check") -> tuple[float, float]:
    """Px of the blank a unit of the boxes, across and down."""
    unit = spec.get("unit", "px")
    if unit not in ("px", "mm"):
        check.refuse("unit", '"px" or "mm"', unit)
    if unit == "px":
        if "dpi" in spec or "page_mm" in spec:
            check.refuse("unit", '"mm" where there is dpi or page_mm', unit)
        return 1.0, 1.0
    if ("dpi" in spec) == ("page_mm" in spec):
        check.refuse("unit", "with mm either dpi or page_mm", sorted(set(spec) & {"dpi", "page_mm"}))
    if "dpi" in spec:
        if not _is_number(spec["dpi"]) or not 10 <= spec["dpi"] <= 10_000:
            check.refuse("dpi", "the blank's dots an inch, 10 to 10000", spec["dpi"])
        if blank.dpi is not None and abs(spec["dpi"] - blank.dpi) > _PDF_DPI_OFF:
            check.refuse("dpi", f"{blank.dpi:.0f}, at which the page of this PDF is drawn (or page_mm)", spec["dpi"])
        return (spec["dpi"] / _MM_PER_INCH,) * 2
    page = spec["page_mm"]
    if not _are_numbers(page, 2) or min(page) < 1:
        check.refuse("page_mm", "the page's width and height in mm, as in [210, 297]", page)
    across, down = blank.width_px / page[0], blank.height_px / page[1]
    turned = blank.width_px / page[1] / (blank.height_px / page[0])
    if abs(turned - 1) < _SQUARE and abs(across / down - 1) > _TURNED:
        size = f"{blank.width_px}×{blank.height_px} px"
        check.refuse("page_mm", f"width and height of the blank, which is {size}: they look exchanged", page)
    return across, down


def _field(entry: Any, number: int, scale: tuple[float, float], blank: Picture, path: Path) -> Field:
    check = _Check(f"{path}: field {number}")
    check.keys(entry, _FIELD_KEYS, required=("name", "box"))
    name = entry["name"]
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
        check.refuse("name", f"1 to {_LONGEST_NAME} printable characters", name)
    check = _Check(f'{path}: field {number} ("{name}")')
    box = entry["box"]
    if not _are_numbers(box, 4):
        check.refuse("box", "four numbers [x, y, width, height]", box)
    x, y, width, height = (value * scale[i % 2] for i, value in enumerate(box))
    if min(width, height) < _LEAST_SIDE_PX:
        check.refuse("box", f"a width and height of at least {_LEAST_SIDE_PX:g} px of the blank", box)
    if x < -1 or y < -1 or x + width > blank.width_px + 1 or y + height > blank.height_px + 1:
        size = f"{blank.width_px / scale[0]:g}×{blank.height_px / scale[1]:g}"
        check.refuse("box", f"a box within the blank, which is {size}", box)
    checksum = entry.get("checksum")
    if checksum is not None and (not isinstance(checksum, str) or checksum not in CHECKSUMS):
        check.refuse("checksum", f"one of {', '.join(CHECKSUMS)}", checksum)
    required = entry.get("required", False)
    if not isinstance(required, bool):
        check.refuse("required", "true or false", required)
    return Field(name, (x, y, width, height), _pattern(entry.get("pattern"), check), checksum, required)


def _pattern(pattern: Any, check: "_Check") -> re.Pattern[str] | None:
    if pattern is None:
        return None
    if not isinstance(pattern, str):
        check.refuse("pattern", "a regular expression of digits as text", pattern)
    try:
        return compile_pattern(pattern)
    except ValueError as error:
        raise UsageError(f"{check.where}: pattern: {error}, received {_told(pattern)}.") from None


def _check_columns(fields: tuple[Field, ...], check: "_Check") -> None:
    columns = set(_TAKEN)
    for each in fields:
        own = {each.name, *(each.name + ending for ending in _ENDINGS)}
        if own & columns:
            check.refuse("fields", "names that give each column of the table but one meaning", each.name)
        columns |= own


def _is_number(value: Any) -> bool:
    """Whether a value is a number that may be a length; true and NaN are none, nor is what overflows."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6 and math.isfinite(value)


def _are_numbers(value: Any, count: int) -> bool:
    return isinstance(value, list) and len(value) == count and all(map(_is_number, value))


def _told(value: Any) -> str:
    return shortened(json.dumps(value, ensure_ascii=False, default=str), 120)


@dataclass(frozen=True)
class _Check:
    """Words the errors of one place in the file."""

    where: str

    def refuse(self, key: str, expected: str, received: Any) -> NoReturn:
        raise UsageError(f"{self.where}: {key}: expected {expected}, received {_told(received)}.")

    def keys(self, value: Any, known: tuple[str, ...], required: tuple[str, ...]) -> None:
        if not isinstance(value, dict):
            raise UsageError(f"{self.where}: expected an object {{…}}, received {_told(value)}.")
        for key in value:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"Did you mean {near[0]!r}?" if near else f"There are {', '.join(known)}."
                raise UsageError(f"{self.where}: no key is called {_told(key)}. {hint}")
        for key in required:
            if key not in value:
                raise UsageError(f"{self.where}: {key!r} is missing.")
