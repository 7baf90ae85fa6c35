"""Reader: the one road from a picture to what is written in it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sonsu.errors import ModelError
from sonsu.reading.confidence import Calibration
from sonsu.reading.doubts import Finding
from sonsu.reading.inputs import is_file, is_folder
from sonsu.reading.line_network import LineNetwork
from sonsu.reading.line_reader import LineReader, Look
from sonsu.reading.lines import Found, find_lines
from sonsu.reading.network import Network
from sonsu.reading.one_digit import DigitReader, Sought, seek
from sonsu.reading.page import Digit, Line, Page
from sonsu.reading.picture import DEFAULT_LIMITS, Limits, Picture, Source, load
from sonsu.reading.sizes import without_small
from sonsu.reading.turns import Reading, read_sensibly

if TYPE_CHECKING:
    from sonsu.reading.explanation import Explanation

WEIGHTS = Path(__file__).parent.parent / "weights"

LINE_WEIGHTS = "line.onnx"
"""The network that reads lines; there is one, whichever network reads the digits."""

cv2.setNumThreads(1)  # pictures this small gain nothing from threads, and a server has better use for them


def shipped() -> list[str]:
    """The names of the networks that come with the package."""
    return sorted(path.stem for path in WEIGHTS.glob("*.onnx") if path.name != LINE_WEIGHTS)


def find_model(model: str | Path) -> Path:
    """The .onnx file of a shipped name, a run folder or a path.

    Raises:
        ModelError: there is none.
    """
    path = WEIGHTS / f"{model}.onnx" if str(model) in shipped() else Path(model)
    if is_folder(path):
        path = path / "model.onnx"
    if not is_file(path):
        raise ModelError(
            f"no model {str(model)!r}. Expected a shipped name ({', '.join(shipped())}), a run folder or an .onnx file."
        )
    return path


class Reader:
    """Reads pictures with one network; load it once, read many."""

    def __init__(
        self, model: str | Path = "default", *, min_confidence: float | None = None, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        """Load a network.

        Args:
            model: a shipped name, a run folder of `sonsu train`, or a path to an .onnx file.
            min_confidence: below it a digit is "unsure"; the model's own threshold by default.
            limits: the largest file and picture to accept.

        Raises:
            ModelError: there is no such model, or it cannot be loaded.
        """
        path = find_model(model)
        self._limits = limits
        self._network = Network(path)
        self._calibration = Calibration.from_card(self._network.card)
        self._read_above = self._calibration.read_above if min_confidence is None else min_confidence
        self._digits = DigitReader(self._network, self._calibration, self._read_above)
        name = str(model) if str(model) in shipped() else path.name
        self.model = {"name": name, "sha256": self._network.sha256}

    def read_digit(self, source: Source) -> Digit:
        """Read a picture that holds exactly one digit.

        Args:
            source: a path, bytes, a binary file object, a PIL image or a numpy array (`sonsu.reading.picture.load`).

        Returns:
            The digit. A blank picture gives one without a label, with confidence 0 and the note "blank".

        Raises:
            PictureError: the picture cannot be read.
        """
        return self.see_digit(source)[0]

    def see_digit(self, source: Source) -> tuple[Digit, NDArray[np.uint8]]:
        """Read a picture that holds exactly one digit, and give what the network saw of it, too.

        Args:
            source: as for `read_digit`.

        Returns:
            The digit, and uint8 (28, 28) with ink = 255; zeros where the picture is blank.

        Raises:
            PictureError: the picture cannot be read.
        """
        return self.decide([self.seek(source)])[0]

    def seek(self, source: Source) -> Sought:
        """Find what may be the one digit of a picture, for `decide` to say which it is.

        Args:
            source: as for `read_digit`.

        Raises:
            PictureError: the picture cannot be read.
        """
        return seek(load(source, limits=self._limits))

    def decide(self, several: Sequence[Sought]) -> list[tuple[Digit, NDArray[np.uint8]]]:
        """What `see_digit` gives, of several pictures at once: the network runs once for all of them."""
        return self._digits.decide(several)

    def read(self, source: Source) -> Page:
        """Read all the digits of a picture.

        Args:
            source: as for `read_digit`.

        Returns:
            The page; one without lines where there is no ink.

        Raises:
            PictureError: the picture cannot be read.
        """
        return self.see(source)[0]

    def see(self, source: Source) -> tuple[Page, tuple[Look, ...]]:
        """Read all the digits of a picture, and give what the networks saw of each line, too.

        Args:
            source: as for `read_digit`.

        Returns:
            The page, and for each of its lines what was seen of it, a digit each of the line's.

        Raises:
            PictureError: the picture cannot be read.
        """
        picture = load(source, limits=self._limits)
        reading = self._weighed(picture.pixels)
        return self._page(picture, reading), tuple(look for line, look in reading.read if line is not None)

    def explain(self, source: Source) -> "Explanation":
        """Read all the digits of a picture, and keep what every stage made of it.

        Args:
            source: as for `read_digit`.

        Returns:
            The page and the stages; `to_html` shows them.

        Raises:
            PictureError: the picture cannot be read.
        """
        from sonsu.reading.explain import explain

        picture = load(source, limits=self._limits)
        reading = self._weighed(picture.pixels)
        return explain(picture, reading.found, reading.read, self._page(picture, reading))

    def _page(self, picture: Picture, reading: Reading) -> Page:
        lines = tuple(_in_original_line(line, picture) for line, _ in reading.read if line is not None)
        marks = sum(look.marks + (0 if line else len(look.answer.digits)) for line, look in reading.read)
        notes = [*picture.notes, *reading.found.notes]
        if marks:
            notes.append(f"{marks} mark{'s' if marks > 1 else ''} judged not to be digits")
        if any(look.form.squeezed and (line or look.marks) for line, look in reading.read):
            notes.append("a line is too long for all of its digits to be found")
        return Page(
            picture.source,
            picture.width_px,
            picture.height_px,
            lines,
            tuple(notes),
            self.model,
            Image.fromarray(picture.pixels.copy()),  # the caller may use the array again
        )

    def read_lines(self, pixels: NDArray[np.uint8]) -> Reading:
        """Lines and what they say, the picture turned or its dark ink left out where that makes clearly more sense.

        How sure they are is not yet weighed by what the page shows of them, see `sonsu.reading.doubts`.

        Args:
            pixels: uint8 (h, w) grey or (h, w, 3) RGB.
        """
        found_at = cache(lambda turns: find_lines(pixels, turns))
        reading = read_sensibly(
            lambda turns: self._read_turned(found_at(turns % 2), turns),
            lambda: self._read_turned(find_lines(pixels, pale=True), 0),
            self._lines.read,
        )
        return reading.without_words()

    def _weighed(self, pixels: NDArray[np.uint8]) -> Reading:
        reading = self.read_lines(pixels)
        height, width = pixels.shape[:2]
        return replace(reading, read=self._finding.weighed(reading, width, height))

    def _read_turned(self, found: Found, turns: int) -> Reading:
        if turns >= 2:
            found = found.upside_down()
        kept, read = without_small(found, [self._lines.read(line) for line in found.lines])
        left_out = tuple(line for line in found.lines if not any(line is other for other in kept.lines))
        notes = (f"turned by {90 * turns}°", *kept.notes) if turns else kept.notes
        return Reading(replace(kept, notes=notes), read, left_out)

    @cached_property
    def _lines(self) -> LineReader:
        return LineReader(self._line_network, self._network, self._calibration, self._read_above)

    @cached_property
    def _finding(self) -> Finding:
        return Finding.from_card(self._line_network.card)

    @cached_property
    def _line_network(self) -> LineNetwork:
        return LineNetwork(WEIGHTS / LINE_WEIGHTS)

    def find_glyph(self, source: Source) -> NDArray[np.uint8]:
        """The 28×28 form, uint8 with ink = 255, of a picture's one digit as the network sees it; zeros where blank."""
        return self.see_digit(source)[1]


def _in_original_line(line: Line, picture: Picture) -> Line:
    digits = tuple(replace(digit, box_px=picture.original_box(digit.box_px)) for digit in line.digits)
    return replace(line, box_px=picture.original_box(line.box_px), digits=digits)
