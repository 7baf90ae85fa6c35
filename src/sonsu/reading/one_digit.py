"""Pictures of one digit each: where it may be in each, and, in one batch for several of them, which digit it is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonsu.reading.candidates import Candidate, find_candidates
from sonsu.reading.choice import choose, notes_on
from sonsu.reading.confidence import Calibration, judge
from sonsu.reading.glyph import SIZE, glyph
from sonsu.reading.network import Network
from sonsu.reading.page import Box, Digit
from sonsu.reading.picture import Picture


@dataclass(frozen=True, eq=False)
class Sought:
    """What a picture's one digit may be; the picture itself is not kept.

    Attributes:
        candidates: the likeliest first; none for a blank picture.
        boxes_px: of each candidate, in the original picture.
        glyphs: uint8 (n, 28, 28), ink = 255, one a candidate.
        notes: what was done to the picture.
    """

    candidates: Sequence[Candidate]
    boxes_px: Sequence[Box]
    glyphs: NDArray[np.uint8]
    notes: tuple[str, ...]


def seek(picture: Picture) -> Sought:
    """Find what may be a picture's one digit."""
    candidates = find_candidates(picture.pixels)
    glyphs = np.empty((len(candidates), SIZE, SIZE), np.uint8)
    for place, candidate in enumerate(candidates):
        glyphs[place] = candidate.ink if candidate.formed else glyph(candidate.ink)
    boxes = [picture.original_box(candidate.box_px) for candidate in candidates]
    return Sought(candidates, boxes, glyphs, picture.notes)


@dataclass(frozen=True, eq=False)
class DigitReader:
    """Decides which digit it is.

    Attributes:
        network: of single digits.
        calibration: its own.
        read_above: the confidence from which a digit is not unsure.
    """

    network: Network
    calibration: Calibration
    read_above: float

    def decide(self, several: Sequence[Sought]) -> list[tuple[Digit, NDArray[np.uint8]]]:
        """The digit of each picture, and what the network saw of it.

        The network sees all candidates of all pictures in one batch, which costs it less than many small ones.

        Args:
            several: pictures.

        Returns:
            For each the digit, and uint8 (28, 28) with ink = 255; zeros where the picture is blank.
        """
        glyphs = np.concatenate([sought.glyphs for sought in several])
        rows = self.calibration.apply(self.network.predict(glyphs)) if len(glyphs) else np.empty((0, 0), np.float32)
        decided, start = [], 0
        for sought in several:
            decided.append(self._decide(sought, rows[start : start + len(sought.glyphs)]))
            start += len(sought.glyphs)
        return decided

    def _decide(self, sought: Sought, probabilities: NDArray[np.float32]) -> tuple[Digit, NDArray[np.uint8]]:
        if not sought.candidates:
            blank = Digit(None, 0.0, "unsure", (0, 0, 0, 0), (0.0,) * 10, (*sought.notes, "blank"))
            return blank, np.zeros((SIZE, SIZE), np.uint8)
        best, row = choose(sought.candidates, probabilities)
        verdict = judge(row, self.read_above)
        notes = (*sought.notes, *notes_on(sought.candidates[best], verdict.label))
        digit = Digit(
            verdict.label, verdict.confidence, verdict.status, sought.boxes_px[best], verdict.probabilities, notes
        )
        return digit, sought.glyphs[best]
