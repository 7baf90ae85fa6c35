"""Counts lines that were read exactly, what is right, what is invented."""

from dataclasses import dataclass, field

import numpy as np
from lines_roads import FoundLine

from sonsu.scenes.exposure import Shot

SURE = 0.99
"""A line with this confidence or more is called sure."""

HEAD = (
    "| scenes | read by | lines | read exactly | digits right | invented a page | in order "
    "| of those sure, right | sure | ms a page |\n|---|---|---|---|---|---|---|---|---|---|"
)


@dataclass
class Score:
    """Counts of one road over one kind of scenes."""

    pages: int = 0
    lines: int = 0
    exact: int = 0
    digits: int = 0
    digit_errors: int = 0
    invented: int = 0
    sure: int = 0
    sure_right: int = 0
    covered: int = 0
    in_order: int = 0
    seconds: list[float] = field(default_factory=list)
    megapixels: list[float] = field(default_factory=list)

    def add(self, shot: Shot, found: list[FoundLine], matched: list[FoundLine | None], seconds: float) -> None:
        """Count one page."""
        self.pages += 1
        self.seconds.append(seconds)
        self.megapixels.append(shot.pixels.shape[0] * shot.pixels.shape[1] / 1e6)
        places = [next(i for i, other in enumerate(found) if other is line) for line in matched if line]
        self.in_order += places == sorted(places)
        self.invented += sum(bool(line.text) and not any(line is other for other in matched) for line in found)
        self.sure += sum(line.confidence >= SURE and bool(line.text) for line in found)
        for truth, line in zip(shot.lines, matched, strict=True):
            right = line is not None and line.text == truth.text
            sure = line is not None and line.confidence >= SURE
            self.lines += 1
            self.exact += right
            self.digits += len(truth.text)
            self.digit_errors += min(edits(truth.text, line.text if line else ""), len(truth.text))
            self.covered += sure
            self.sure_right += right and sure

    def row(self, kind: str, road: str) -> str:
        """The counts as a row of a table."""
        sure = f"{self.sure_right / self.sure:.1%} | {self.covered / self.lines:.0%}" if self.sure else "– | –"
        return (
            f"| {kind} | {road} | {self.lines} | {self.exact / self.lines:.1%} | "
            f"{1 - self.digit_errors / self.digits:.1%} | {self.invented / self.pages:.2f} | "
            f"{self.in_order / self.pages:.0%} | {sure} | "
            f"{np.median(self.seconds) * 1e3:.0f} |"
        )


def edits(a: str, b: str) -> int:
    """How many digits must be changed, added or taken away to make one text of the other (Levenshtein 1966)."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]
