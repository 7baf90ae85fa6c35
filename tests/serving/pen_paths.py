"""Digits as a pen moves: made-up hands, and recorded ones where SONSU_DATA has them; drawn on the page by the mouse."""

import os
from pathlib import Path

import numpy as np

from sonsu.learning import pen, strokes
from sonsu.learning.skeletons import TRADITIONS

ANSWERED = "since => performance.getEntriesByName('answer').some(({startTime}) => startTime >= since)"


def made_up(n_writers, seed=7):
    """(label, strokes) of all ten digits by writers of each tradition."""
    rng = np.random.default_rng(seed)
    writers = [strokes.draw_writer(rng, tradition) for tradition in TRADITIONS for _ in range(n_writers)]
    return [(label, strokes.write(label, writer, rng)) for writer in writers for label in range(10)]


def recorded(n, seed=7):
    """(label, strokes) of n recorded digits; none where there are no recordings on this machine."""
    path = Path(os.environ.get("SONSU_DATA", "")) / "unipen" / "digits.jsonl.gz"
    if not path.is_file():
        return []
    characters = pen.load(path)
    chosen = np.random.default_rng(seed).choice(len(characters), n, replace=False)
    return [(int(characters[i].label), list(characters[i].strokes)) for i in chosen]


def number(text, seed=5):
    """Strokes of a number, its digits side by side."""
    rng = np.random.default_rng(seed)
    writer = strokes.draw_writer(rng, "East Asian")
    placed = []
    for place, digit in enumerate(text):
        written = strokes.write(int(digit), writer, rng)
        middle = np.concatenate(written)[:, 0].max() / 2
        placed += [stroke + np.array([1150 * place - middle, 0]) for stroke in written]
    return placed


def draw(page, written, canvas="#digit canvas", fill=0.6):
    """Write strokes on a canvas, fitted into its middle, and wait for the answer to the last one."""
    box = page.locator(canvas).bounding_box()
    points = np.concatenate(written)
    low, high = points.min(0), points.max(0)
    scale = fill * min(box["width"], box["height"]) / max(high[1] - low[1], 1)
    scale = min(scale, 0.9 * box["width"] / max(high[0] - low[0], 1))
    offset = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]) - scale * (low + high) / 2
    for stroke in written:
        way = stroke * scale + offset
        page.mouse.move(*way[0])
        page.mouse.down()
        for point in way[1::3]:
            page.mouse.move(*point)
        page.mouse.move(*way[-1])
        since = page.evaluate("performance.now()")
        page.mouse.up()
    page.wait_for_function(ANSWERED, arg=since)
