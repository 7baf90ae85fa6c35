"""Digits as a pen moves, written on the page with the mouse: made-up hands, and recorded ones where there are any."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonsu.learning import pen, strokes
from sonsu.learning.skeletons import TRADITIONS

Strokes = list[NDArray[np.float32]]

ANSWERED = "since => performance.getEntriesByName('answer').some(({startTime}) => startTime >= since)"
"""Whether the page has answered what was written since then."""

_TOOK_MS = "() => performance.getEntriesByName('answer').at(-1).duration"


def made_up(n_writers: int, seed: int = 7) -> list[tuple[int, Strokes]]:
    """Labels and strokes of all ten digits by so many writers of each tradition."""
    rng = np.random.default_rng(seed)
    writers = [strokes.draw_writer(rng, tradition) for tradition in TRADITIONS for _ in range(n_writers)]
    return [(label, strokes.write(label, writer, rng)) for writer in writers for label in range(10)]


def recorded(n: int, seed: int = 7) -> list[tuple[int, Strokes]]:
    """Labels and strokes of n recorded digits; none where SONSU_DATA has no recordings."""
    path = Path(os.environ.get("SONSU_DATA", "")) / "unipen" / "digits.jsonl.gz"
    if not path.is_file():
        return []
    characters = pen.load(path)
    chosen = np.random.default_rng(seed).choice(len(characters), n, replace=False)
    return [(int(characters[i].label), list(characters[i].strokes)) for i in chosen]


def number(text: str, seed: int = 5) -> Strokes:
    """Strokes of a number, its digits side by side."""
    rng = np.random.default_rng(seed)
    writer = strokes.draw_writer(rng, "East Asian")
    placed = Strokes()
    for place, digit in enumerate(text):
        written = strokes.write(int(digit), writer, rng)
        middle = float(np.concatenate(written)[:, 0].max()) / 2
        placed += [stroke + np.array([1150 * place - middle, 0], np.float32) for stroke in written]
    return placed


def draw(page: Any, written: Strokes, canvas: str = "#digit canvas") -> float:
    """Write strokes in the middle of a canvas and wait for the answer.

    Args:
        page: Playwright's.
        written: what to write.
        canvas: where.

    Returns:
        Milliseconds from the last stroke's end to its answer on the page.
    """
    box = page.locator(canvas).bounding_box()
    points = np.concatenate(written)
    low, high = points.min(0), points.max(0)
    width, height = np.maximum(high - low, 1.0)
    scale = min(0.6 * min(box["width"], box["height"]) / height, 0.9 * box["width"] / width)
    offset = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]) - scale * (low + high) / 2
    since = 0.0
    for stroke in written:
        way = (stroke * scale + offset).tolist()
        page.mouse.move(*way[0])
        page.mouse.down()
        for point in way[1::3]:
            page.mouse.move(*point)
        page.mouse.move(*way[-1])
        since = page.evaluate("performance.now()")
        page.mouse.up()
    page.wait_for_function(ANSWERED, arg=since)
    return float(page.evaluate(_TOOK_MS))
