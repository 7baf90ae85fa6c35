"""What to make of a field: its writing and what was read in it against what the form asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from sonsu.fields.filled import Status
from sonsu.fields.form import Field
from sonsu.fields.patterns import choices, likeliest
from sonsu.fields.written import Written
from sonsu.reading.page import Digit, Page

_LEAST_AGREEMENT = 0.5
_TALL = 0.45  # of the usual digit's height: a mark so tall may be one, too
_COVERED = 0.3  # of a mark's ink has to lie in the boxes of digits, or it was left out
_LEFT_OUT = 0.5  # what a confidence is multiplied by when a mark was left out
_TURNED = "turned by"  # a reader's note: the form says which way is up, so this is a guess too many


@dataclass(frozen=True)
class Verdict:
    """Text, confidence, status and reasons of a `FieldValue`."""

    text: str
    confidence: float | None
    status: Status
    reasons: tuple[str, ...]


def judge_field(field: Field, written: Written, page: Page | None, min_confidence: float) -> Verdict:
    """Say what a field holds.

    Args:
        field: what the form asks for.
        written: the field's place in the picture.
        page: what was read there; None where nothing is written.
        min_confidence: below it a text is unsure.
    """
    doubts = _doubts_about_place(written)
    if page is None:
        return _judge_empty(field, doubts)
    digits = [digit for line in page.lines for digit in line.digits]
    text = "".join(line.text for line in page.lines)
    if not text:
        return Verdict("", 0.0, "mismatch", (*doubts, "what is written is not a number"))
    if left_out := _marks_left_out(written, digits):
        doubts.append(f"{left_out} mark{'s' if left_out > 1 else ''} as tall as a digit not read")
    confidence = _LEFT_OUT if left_out else 1.0
    for line in page.lines:
        confidence *= line.confidence
    trouble = field.trouble(text)
    if trouble:
        return _judge_unfit(field, digits, text, trouble, confidence, doubts)
    doubts += _doubts_about_digits(digits)
    doubts += [f"{note} to be read" for note in page.notes if note.startswith(_TURNED)]
    if confidence < min_confidence and not doubts:
        doubts.append("the digits together are not sure enough")
    return Verdict(text, confidence, "unsure" if doubts else "read", tuple(doubts))


def _judge_empty(field: Field, doubts: list[str]) -> Verdict:
    if doubts:
        return Verdict("", 0.0, "unsure", tuple(doubts))
    if field.required:
        return Verdict("", None, "mismatch", ("it is empty, and required",))
    return Verdict("", None, "empty", ())


def _judge_unfit(
    field: Field, digits: Sequence[Digit], text: str, trouble: str, confidence: float, doubts: list[str]
) -> Verdict:
    """A text that the form does not allow: the nearest that it does allow, or none."""
    found = likeliest([choices(digit) for digit in digits], lambda other: field.trouble(other) is None)
    if found is None or not (nearest := "".join(found[0])):
        return Verdict(text, confidence, "mismatch", (*doubts, trouble))
    told = f"read as {text}: {trouble}. {nearest} is the nearest that fits"
    return Verdict(nearest, min(found[1], confidence), "unsure", (*doubts, told))


def _doubts_about_place(written: Written) -> list[str]:
    doubts = [] if written.visible else ["it lies partly outside of the picture"]
    if written.agreement < _LEAST_AGREEMENT:
        doubts.append("the print around it is not as on the blank")
    return doubts


def _marks_left_out(written: Written, digits: Sequence[Digit]) -> int:
    """How many marks are as tall as digits and lie in no digit's box: a reader may take a 1 for a stray stroke."""
    boxes = np.zeros(written.ink.shape, np.uint8)
    for x, y, width, height in (digit.box_px for digit in digits):
        boxes[max(y - 2, 0) : y + height + 2, max(x - 2, 0) : x + width + 2] = 1
    count, labels, parts, _ = cv2.connectedComponentsWithStats((written.ink < 160).astype(np.uint8), connectivity=8)
    covered = np.bincount(labels[boxes > 0], minlength=count)
    tall = parts[:, cv2.CC_STAT_HEIGHT] >= _TALL * float(np.median([digit.box_px[3] for digit in digits]))
    left_out = tall & (covered < _COVERED * parts[:, cv2.CC_STAT_AREA])
    return int(left_out[1:].sum())


def _doubts_about_digits(digits: Sequence[Digit]) -> list[str]:
    unsure = [f"the {digit.label} ({digit.confidence:.0%})" for digit in digits
              if digit.status == "unsure" and digit.label is not None]  # fmt: skip
    strange = sum(digit.label is None for digit in digits)
    doubts = [f"unsure of {' and '.join(unsure)}"] if unsure else []
    if strange:
        doubts.append(f"{strange} mark{'s' if strange > 1 else ''} that may be no digit left out")
    return doubts
