"""How long the page takes from the end of a stroke to the answer, and how many drawn digits it reads right."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonsu.learning import pen, strokes
from sonsu.learning.skeletons import TRADITIONS

Strokes = list[NDArray[np.float32]]

_SINCE = """since => performance.getEntriesByName('answer').filter(entry => entry.startTime >= since)
  .map(entry => entry.duration).at(-1)"""


def made_up(n: int, seed: int = 11) -> list[tuple[int, Strokes]]:
    """Labels and strokes of n digits by as many made-up writers, of each tradition equally many."""
    rng = np.random.default_rng(seed)
    names = list(TRADITIONS)
    writers = [strokes.draw_writer(rng, names[i % len(names)]) for i in range(n)]
    return [(i % 10, strokes.write(i % 10, writer, rng)) for i, writer in enumerate(writers)]


def recorded(n: int, seed: int = 11) -> list[tuple[int, Strokes]]:
    """Labels and strokes of n recorded digits; none where SONSU_DATA has no recordings."""
    path = Path(os.environ.get("SONSU_DATA", "")) / "unipen" / "digits.jsonl.gz"
    if not path.is_file():
        return []
    characters = pen.load(path)
    chosen = np.random.default_rng(seed).choice(len(characters), n, replace=False)
    return [(int(characters[i].label), list(characters[i].strokes)) for i in chosen]


def numbers(n: int, seed: int = 11) -> list[tuple[str, Strokes]]:
    """Texts and strokes of n numbers of five digits, side by side."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(n):
        text = "".join(map(str, rng.integers(0, 10, 5)))
        writer, placed = strokes.draw_writer(rng), Strokes()
        for place, digit in enumerate(text):
            written = strokes.write(int(digit), writer, rng)
            right = float(np.concatenate(written)[:, 0].max())
            placed += [stroke + np.array([1000 * place - right / 2, 0], np.float32) for stroke in written]
        made.append((text, placed))
    return made


@contextmanager
def opened(url: str) -> Iterator[Any]:
    """The page in Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(url)
        page.wait_for_function("() => document.getElementById('about').textContent")
        yield page
        browser.close()


def write_digits(page: Any, digits: Sequence[tuple[int, Strokes]]) -> Iterator[tuple[bool, float]]:
    """Write digits with the mouse; for each whether it was read right, and ms from its last stroke to its answer."""
    for label, written in digits:
        answered_ms = _write(page, "#digit", written)
        yield page.inner_text("#one .label") == str(label), answered_ms
        page.click("#digit .tools button:last-child")


def write_numbers(page: Any, texts: Sequence[tuple[str, Strokes]]) -> Iterator[tuple[bool, float]]:
    """The same for numbers."""
    page.click("#tab-number")
    for text, written in texts:
        answered_ms = _write(page, "#number", written)
        yield "".join(page.inner_text("#reading").split()).startswith(text), answered_ms
        page.click("#number .tools button:last-child")


def _write(page: Any, sheet: str, written: Strokes) -> float:
    box = page.locator(f"{sheet} canvas").bounding_box()
    points = np.concatenate(written)
    low, high = points.min(0), points.max(0)
    scale = 0.6 * box["height"] / pen.UNIT
    corner = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]) - scale * (low + high) / 2
    since = 0.0
    for stroke in written:
        way = (stroke * scale + corner).tolist()
        page.mouse.move(*way[0])
        page.mouse.down()
        for point in way[1::3]:
            page.mouse.move(*point)
        page.mouse.move(*way[-1])
        since = page.evaluate("performance.now()")
        page.mouse.up()
    page.wait_for_function(f"since => ({_SINCE})(since) !== undefined", arg=since)
    return float(page.evaluate(_SINCE, since))
