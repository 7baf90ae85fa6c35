"""A line's ink to its digits: the line network reads, the digit network looks a second time at each digit found."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading import ctc
from sonsu.reading.confidence import Calibration, judge
from sonsu.reading.crop import LineInk
from sonsu.reading.glyph import glyph
from sonsu.reading.line_form import STEP, LineForm, line_form
from sonsu.reading.line_network import LineNetwork
from sonsu.reading.network import Network
from sonsu.reading.page import Box, Digit, Line
from sonsu.reading.segment import share_out

_SMALLEST = 1e-6


@dataclass(frozen=True)
class LineCalibration:
    """How the two looks at a digit, and the line's own probability, become confidence; fitted on development lines.

    Attributes:
        line_weight: exponent of the line network's probabilities of a digit.
        glyph_weight: exponent of the digit network's.
        offset: of the log odds that the whole line is right.
        slope_line: their slope by the log odds of the line network's whole answer.
        slope_digits: their slope by those of all its digits being right.
    """

    line_weight: float = 0.8
    glyph_weight: float = 0.5
    offset: float = 0.0
    slope_line: float = 0.5
    slope_digits: float = 0.5


@dataclass(frozen=True, eq=False)
class ReadLine:
    """What a line's ink says.

    Attributes:
        line: the line; None where no digit is in it.
        marks: how many marks that are no digits.
        answer: digits a step of the line network found, and how sure it is of all of them.
        form: the line as the network saw it.
        glyphs: uint8 (n, 28, 28), each digit as the digit network saw it.
    """

    line: Line | None
    marks: int
    answer: ctc.Decoded
    form: LineForm
    glyphs: NDArray[np.uint8]


class LineReader:
    """Reads lines with a line network and a digit network."""

    def __init__(self, lines: LineNetwork, digits: Network, calibration: Calibration, read_above: float) -> None:
        self._lines, self._digits = lines, digits
        self._calibration, self._read_above = calibration, read_above
        known = LineCalibration.__dataclass_fields__
        self._fit = LineCalibration(**{name: float(lines.card[name]) for name in known if name in lines.card})

    def read(self, found: LineInk) -> ReadLine:
        """Read one line."""
        form = line_form(found.ink)
        probabilities = self._lines.predict(form.image)
        answer = ctc.decode(probabilities)
        if not answer.digits:
            return ReadLine(None, answer.marks, answer, form, np.zeros((0, 28, 28), np.uint8))
        own = self._share_out(found, form, probabilities, answer)
        glyphs = np.stack([glyph(ink) for ink in own])
        combined = self._combine(probabilities, answer, glyphs)
        digits = [
            self._digit(row, label, _box_in_picture(ink, steps, form, found))
            for row, label, ink, steps in zip(combined, answer.digits, own, answer.steps, strict=True)
        ]
        text = "".join(str(digit.label) for digit in digits)
        confidence = self._line_confidence(answer, digits)
        return ReadLine(Line(text, confidence, _around(digits), tuple(digits)), answer.marks, answer, form, glyphs)

    def _share_out(
        self, found: LineInk, form: LineForm, probabilities: NDArray[np.float32], answer: ctc.Decoded
    ) -> list[NDArray[np.uint8]]:
        """Each digit's own ink; other marks take theirs away first."""
        spans = [(span, True) for span in answer.steps]
        spans += [(span, False) for span in ctc.mark_steps(probabilities)]
        spans.sort()
        owners = [(_to_ink(first + 0.25, form), _to_ink(last + 0.75, form)) for (first, last), _ in spans]
        shares = share_out(found.ink, owners)
        return [ink for ink, (_, is_digit) in zip(shares, spans, strict=True) if is_digit]

    def _combine(
        self, probabilities: NDArray[np.float32], answer: ctc.Decoded, glyphs: NDArray[np.uint8]
    ) -> NDArray[np.float64]:
        """Probabilities of the ten digits by both looks, float64 (n, 10)."""
        first = np.stack([_at(probabilities, span) for span in answer.steps])
        second = self._calibration.apply(self._digits.predict(glyphs)).astype(np.float64)
        ten = np.maximum(second[:, :10] / np.maximum(second[:, :10].sum(axis=1, keepdims=True), _SMALLEST), _SMALLEST)
        both = np.maximum(first, _SMALLEST) ** self._fit.line_weight * ten**self._fit.glyph_weight
        return both / both.sum(axis=1, keepdims=True)

    def _digit(self, row: NDArray[np.float64], label: int, box: Box) -> Digit:
        verdict = judge(row.astype(np.float32), self._read_above)
        return Digit(verdict.label, verdict.confidence, verdict.status, box, verdict.probabilities)

    def _line_confidence(self, answer: ctc.Decoded, digits: list[Digit]) -> float:
        whole = _log_odds(math.exp(answer.log_probability))
        each = _log_odds(math.prod(digit.confidence for digit in digits))
        fit = self._fit
        return 1 / (1 + math.exp(-(fit.offset + fit.slope_line * whole + fit.slope_digits * each)))


def _at(probabilities: NDArray[np.float32], span: tuple[int, int]) -> NDArray[np.float64]:
    """What the line network thinks of a digit at its place, float64 (10,), adding up to 1."""
    values = probabilities[max(span[0] - 1, 0) : span[1] + 2, ctc.FIRST : ctc.OTHER].max(axis=0).astype(np.float64)
    return values / max(float(values.sum()), _SMALLEST)


def _log_odds(probability: float) -> float:
    inside = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(inside / (1 - inside))


def _to_ink(step: float, form: LineForm) -> float:
    return form.left_px + step * STEP / form.scale


def _box_in_picture(ink: NDArray[np.uint8], steps: tuple[int, int], form: LineForm, found: LineInk) -> Box:
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


def _around(digits: list[Digit]) -> Box:
    left, top = min(d.box_px[0] for d in digits), min(d.box_px[1] for d in digits)
    right = max(d.box_px[0] + d.box_px[2] for d in digits)
    bottom = max(d.box_px[1] + d.box_px[3] for d in digits)
    return left, top, right - left, bottom - top
