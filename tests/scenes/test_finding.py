"""`sonsu.scenes.finding`: what doubts about a line weigh."""

from types import SimpleNamespace

import numpy as np
import pytest

from sonsu.reading.crop import LineInk
from sonsu.reading.lines import Found
from sonsu.reading.page import Line
from sonsu.reading.turns import Reading
from sonsu.scenes.exposure import Shot
from sonsu.scenes.finding import Sample, fit, look_at
from sonsu.scenes.sheet import TrueDigit, TrueLine

BESIDE, EDGE = 3, 6


def sample(n: int, rng: np.random.Generator) -> Sample:
    """Lines read right as often as is said; half of those at the edge and none of the others were not found whole."""
    read = rng.uniform(0.7, 1, n)
    table = np.zeros((n, 9))
    table[:, EDGE] = rng.random(n) < 0.2
    table[:, BESIDE] = rng.random(n) < 0.2
    whole = rng.random(n) > np.where(table[:, EDGE] > 0, 0.5, 0.01)
    return Sample(read, table, (rng.random(n) < read) & whole)


def test_what_tells_of_lines_that_were_not_found_whole_weighs_and_nothing_else() -> None:
    made = sample(4000, np.random.default_rng(0))
    found = fit(made)
    assert found.at_edge > 2
    assert found.beside < 0.7
    assert found.tiny == found.cut == 0
    whole = found.whole(made.doubts)
    assert whole[made.doubts[:, EDGE] > 0].mean() == pytest.approx(0.5, abs=0.06)
    assert whole[made.doubts[:, EDGE] == 0].mean() == pytest.approx(0.99, abs=0.015)


def test_lines_are_looked_at_with_their_truth() -> None:
    strokes = LineInk(np.full((20, 30), 255, np.uint8), np.eye(3))
    look = SimpleNamespace(
        answer=SimpleNamespace(digits=(4, 5)), inks=(strokes.ink,), marked=np.zeros_like(strokes.ink)
    )
    read = [(Line(text, 0.9, (10, y, 20, 20), ()), look) for text, y in (("45", 10), ("77", 40), ("1", 80))]
    reading = Reading(Found((strokes,) * 4, ()), [*read, (None, look)])
    truth = tuple(
        TrueLine(tuple(TrueDigit(int(char), (10 + 10 * i, y, 10, 20)) for i, char in enumerate(text)))
        for text, y in (("45", 10), ("71", 40))
    )
    reader = SimpleNamespace(read_lines=lambda pixels: reading)
    seen = look_at(reader, [Shot(np.zeros((100, 100), np.uint8), truth)])  # type: ignore[arg-type]
    assert seen.right.tolist() == [True, False, False]
    assert seen.read.tolist() == [0.9] * 3
    assert seen.doubts.shape == (3, 9)
