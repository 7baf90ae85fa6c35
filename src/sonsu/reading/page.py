"""What reading gives: a Page of Lines of Digits, each of them plain data."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sonsu.reading.confidence import Status

if TYPE_CHECKING:
    from PIL.Image import Image

Box = tuple[int, int, int, int]
"""x, y, width, height in px of the picture that was given, upright."""


@dataclass(frozen=True)
class Digit:
    """One digit.

    Attributes:
        label: 0 to 9, or None where it was judged not to be a digit.
        confidence: calibrated probability that the label is right; of the likeliest digit where the label is None.
        status: "read", or "unsure" for a digit in doubt.
        box_px: x, y, width, height in the picture; zeros where there was no ink.
        probabilities: of the ten digits; what they lack of 1 is the probability that it is no digit.
        notes: what was done to the picture, for a digit that was read alone.
    """

    label: int | None
    confidence: float
    status: Status
    box_px: Box
    probabilities: tuple[float, ...]
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The digit as plain values, ready for JSON."""
        return {
            "label": self.label,
            "confidence": round(self.confidence, 6),
            "status": self.status,
            "box_px": list(self.box_px),
            "probabilities": [round(p, 6) for p in self.probabilities],
        }

    def __repr__(self) -> str:
        return f"Digit({self.label}, {self.confidence:.1%}, {self.status})"


@dataclass(frozen=True)
class Line:
    """Digits side by side.

    Attributes:
        text: the labels of its digits; what was judged not to be a digit has none.
        confidence: calibrated probability that the whole line is right.
        box_px: around all of its digits.
        digits: from left to right.
    """

    text: str
    confidence: float
    box_px: Box
    digits: tuple[Digit, ...]

    def to_dict(self) -> dict[str, Any]:
        """The line as plain values, ready for JSON."""
        return {
            "text": self.text,
            "confidence": round(self.confidence, 6),
            "box_px": list(self.box_px),
            "digits": [digit.to_dict() for digit in self.digits],
        }


@dataclass(frozen=True, eq=False)
class Page:
    """All that was read in one picture.

    Attributes:
        source: what was read: a file's name as given, or "<bytes>", "<array>"….
        width_px: of the picture, upright.
        height_px: of the picture, upright.
        lines: from top to bottom, each with at least one digit.
        notes: what was done to the picture.
        model: name and sha256 of the network.
        picture: the upright picture that `draw` draws on.
    """

    source: str
    width_px: int
    height_px: int
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    model: dict[str, str]
    picture: "Image" = field(repr=False)

    @property
    def text(self) -> str:
        """The lines' digits, one line a row."""
        return "\n".join(line.text for line in self.lines)

    def to_dict(self) -> dict[str, Any]:
        """The page in the form "sonsu.page/1", ready for JSON."""
        return {
            "schema": "sonsu.page/1",
            "source": self.source,
            "width_px": self.width_px,
            "height_px": self.height_px,
            "text": self.text,
            "lines": [line.to_dict() for line in self.lines],
            "notes": list(self.notes),
            "model": self.model,
            "error": None,
        }

    def draw(self, least_px: int = 0) -> "Image":
        """The picture with a box and a label for each digit, and its text beside each line of several digits.

        Green is read, orange in doubt, grey judged not to be a digit. A picture whose shorter side is below
        `least_px` is enlarged, by a whole factor, and gets a margin for the labels.
        """
        from sonsu.reading.drawing import draw_page

        return draw_page(self, least_px)


def digit_record(digit: Digit | None, source: str, model: dict[str, str], error: str | None = None) -> dict[str, Any]:
    """One picture's only digit, or the error that stood in its way, in the form "sonsu.digit/1"."""
    empty = {"label": None, "confidence": None, "status": None, "box_px": None, "probabilities": None}
    return {
        "schema": "sonsu.digit/1",
        "source": source,
        **(digit.to_dict() if digit else empty),
        "notes": list(digit.notes) if digit else [],
        "model": model,
        "error": error,
    }


def page_error(source: str, model: dict[str, str], error: str) -> dict[str, Any]:
    """The error that stood in the way of a page, in the form "sonsu.page/1"."""
    return {
        "schema": "sonsu.page/1",
        "source": source,
        "width_px": None,
        "height_px": None,
        "text": "",
        "lines": [],
        "notes": [],
        "model": model,
        "error": error,
    }
