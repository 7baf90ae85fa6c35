"""A line's ink to its digits: the line network reads, the digit network looks a second time at each digit found."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading import ctc
from sonsu.reading.confidence import Calibration, judge
from sonsu.reading.crop import LineInk
from sonsu.reading.glyph import SIZE, glyph
from sonsu.reading.line_form import STEP, LineForm, line_form
from sonsu.reading.line_network import LineNetwork
from sonsu.reading.network import Network
from sonsu.reading.page import Box, Digit, Line
from sonsu.reading.segment import share_out

_SMALLEST = 1e-6

Span = tuple[int, int]


@dataclass(frozen=True)
class LineCalibration:
    """How two looks at a digit become one, and how sure a line is; fitted on lines of hands that were not trained on.

    Attributes:
        line_weight: exponent of the line network's probabilities of a digit.
        glyph_weight: exponent of the digit network's.
        alone_weight: exponent of both where a digit touches no other: there the digit network errs no more often, and
            it knows more hands (docs/experiments.md).
        none_weight: factor of their common opinion that there is no digit at all.
        offset: of the log odds that the whole line is right.
        slope_line: their slope by the log odds of the line network's whole answer.
        slope_digits: their slope by those of all its digits being right.
    """

    line_weight: float = 0.8
    glyph_weight: float = 0.5
    none_weight: float = 0.3
    offset: float = 0.0
    slope_line: float = 0.5
    slope_digits: float = 0.5
    alone_weight: float = 0.5

    @classmethod
    def from_card(cls, card: Mapping[str, Any]) -> "LineCalibration":
        """What a line network's card holds; what seems reasonable where it holds nothing."""
        return cls(**{field.name: float(card.get(field.name, field.default)) for field in fields(cls)})

    def combine(
        self, first: NDArray[np.float64], second: NDArray[np.float64], alone: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Both networks' probabilities of the ten digits and of none as one.

        Args:
            first: the line network's, float64 (n, 11).
            second: the digit network's, float64 (n, 11).
            alone: bool (n,), which digits touch no other.

        Returns:
            float64 (n, 11), rows adding up to 1.
        """
        lines, digits = (
            np.where(alone, self.alone_weight, weight)[:, None] for weight in (self.line_weight, self.glyph_weight)
        )
        both = np.maximum(first, _SMALLEST) ** lines * np.maximum(second, _SMALLEST) ** digits
        both[:, 10] *= self.none_weight
        return both / both.sum(axis=1, keepdims=True)

    def confidence(self, whole: float, each: float) -> float:
        """That a line is right, of the log odds of its whole answer and of all its digits."""
        odds = self.offset + self.slope_line * whole + self.slope_digits * each
        return 1 / (1 + math.exp(-min(max(odds, -30.0), 30.0)))


@dataclass(frozen=True, eq=False)
class Look:
    """What the two networks see in a line.

    Attributes:
        form: the line as the line network saw it.
        answer: the digits that it found.
        marks: how many other marks it found.
        inks: for each digit its own ink, uint8 (h, w) of the line's.
        alone: bool (n,), which digits touch no other and no mark.
        marked: the other marks' ink, uint8 (h, w).
        glyphs: uint8 (n, 28, 28), each digit as the digit network saw it.
        first: float64 (n, 11), the line network's probabilities of each digit being 0 to 9 or none.
        second: float64 (n, 11), the digit network's.
    """

    form: LineForm
    answer: ctc.Decoded
    marks: int
    inks: tuple[NDArray[np.uint8], ...]
    alone: NDArray[np.bool_]
    marked: NDArray[np.uint8]
    glyphs: NDArray[np.uint8]
    first: NDArray[np.float64]
    second: NDArray[np.float64]


Read = tuple[Line | None, Look]
"""What a line says, None where it holds no digit, and what the networks saw of it."""


class LineReader:
    """Reads lines with a line network and a digit network."""

    def __init__(self, lines: LineNetwork, digits: Network, calibration: Calibration, read_above: float) -> None:
        """Take both networks, the digit network's calibration, and the least confidence of a digit that is read."""
        self._lines, self._digits = lines, digits
        self._calibration, self._read_above = calibration, read_above
        self._line_calibration = LineCalibration.from_card(lines.card)

    def look(self, ink: NDArray[np.uint8]) -> Look:
        """See what is in a line's ink, uint8 (h, w), ink = 255 on 0."""
        form = line_form(ink)
        probabilities = self._lines.predict(form.image)
        answer = ctc.decode(probabilities)
        marks = ctc.mark_steps(probabilities)
        inks, alone, marked = _share_out(ink, form, answer.steps, marks)
        glyphs = np.stack([glyph(own) for own in inks]) if inks else np.zeros((0, SIZE, SIZE), np.uint8)
        first = np.stack([_at(probabilities, span) for span in answer.steps]) if inks else np.zeros((0, 11))
        second = self._second(glyphs) if inks else np.zeros((0, 11))
        return Look(form, answer, len(marks), tuple(inks), alone, marked, glyphs, first, second)

    def _second(self, glyphs: NDArray[np.uint8]) -> NDArray[np.float64]:
        answers = self._calibration.apply(self._digits.predict(glyphs)).astype(np.float64)
        return answers if answers.shape[1] == 11 else np.pad(answers, ((0, 0), (0, 1)))

    def read(self, found: LineInk) -> Read:
        """Read one line; None where no digit is in it."""
        look = self.look(found.ink)
        rows = self._line_calibration.combine(look.first, look.second, look.alone)
        verdicts = [judge(row.astype(np.float32), self._read_above) for row in rows]
        text = "".join(str(verdict.label) for verdict in verdicts if verdict.label is not None)
        if not text:
            return None, look
        boxes = [
            _box_in_picture(ink, steps, look.form, found)
            for ink, steps in zip(look.inks, look.answer.steps, strict=True)
        ]
        digits = tuple(
            Digit(verdict.label, verdict.confidence, verdict.status, box, verdict.probabilities)
            for verdict, box in zip(verdicts, boxes, strict=True)
        )
        confidence = self._line_calibration.confidence(*line_odds(look, rows))
        return Line(text, confidence, _around(digits), digits), look


def line_odds(look: Look, rows: NDArray[np.float64]) -> tuple[float, float]:
    """Log odds that a line's whole answer is right, by the line network, and that each of its digits is, by both."""
    return _log_odds(math.exp(look.answer.log_probability)), _log_odds(float(rows.max(axis=1).prod()))


def _share_out(
    ink: NDArray[np.uint8], form: LineForm, digits: Sequence[Span], marks: Sequence[Span]
) -> tuple[list[NDArray[np.uint8]], NDArray[np.bool_], NDArray[np.uint8]]:
    """Each digit's own ink, who is alone, and the ink of all other marks, of their first and last steps."""
    marked = np.zeros_like(ink)
    if not digits:
        return [], np.zeros(0, bool), marked
    spans = sorted([(span, True) for span in digits] + [(span, False) for span in marks])
    owners = [(_to_ink(first + 0.25, form), _to_ink(last + 0.75, form)) for (first, last), _ in spans]
    shares, alone = share_out(ink, owners)
    are_digits = np.array([is_digit for _, is_digit in spans])
    for i in np.flatnonzero(~are_digits):
        marked |= shares[i]
    return [shares[i] for i in np.flatnonzero(are_digits)], alone[are_digits], marked


def _at(probabilities: NDArray[np.float32], span: Span) -> NDArray[np.float64]:
    """What the line network thinks is at a digit's place: 0 to 9 or none, float64 (11,), adding up to 1."""
    near = probabilities[max(span[0] - 1, 0) : span[1] + 2, ctc.FIRST : ctc.OTHER].astype(np.float64)
    none = max(1.0 - float(near.sum(axis=1).max()), 0.0)
    values = np.append(near.max(axis=0), none)
    return values / max(float(values.sum()), _SMALLEST)


def _log_odds(probability: float) -> float:
    inside = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(inside / (1 - inside))


def _to_ink(step: float, form: LineForm) -> float:
    return form.left_px + step * STEP / form.scale


def _box_in_picture(ink: NDArray[np.uint8], steps: Span, form: LineForm, found: LineInk) -> Box:
    """A digit's box in the picture that was given, by its ink; by its steps where it has none of its own."""
    x, y, width, height = cv2.boundingRect(ink)
    if width == 0:
        x, y, height = round(_to_ink(steps[0], form)), 0, found.ink.shape[0]
        width = max(round((steps[1] + 1 - steps[0]) * STEP / form.scale), 1)
    corners = np.array([[x, y, 1], [x + width, y, 1], [x, y + height, 1], [x + width, y + height, 1]], float)
    points = corners @ found.to_picture.T
    points = points[:, :2] / points[:, 2:]
    low, high = np.floor(points.min(axis=0)).astype(int), np.ceil(points.max(axis=0)).astype(int)
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


def _around(digits: Sequence[Digit]) -> Box:
    left, top = min(d.box_px[0] for d in digits), min(d.box_px[1] for d in digits)
    right = max(d.box_px[0] + d.box_px[2] for d in digits)
    bottom = max(d.box_px[1] + d.box_px[3] for d in digits)
    return left, top, right - left, bottom - top
