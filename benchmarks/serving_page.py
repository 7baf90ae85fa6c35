"""How long the page takes from the end of a stroke to the answer, and how much that is written on it is read right."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from pen_paths import Strokes, draw, number


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
    """Write digits; for each whether it was read right, and ms from its last stroke to its answer."""
    for label, written in digits:
        answered_ms = draw(page, written)
        yield page.inner_text("#one .label") == str(label), answered_ms
        page.click("#digit .tools button:last-child")


def write_numbers(page: Any, n: int) -> Iterator[tuple[bool, float]]:
    """The same for n numbers of five digits."""
    rng = np.random.default_rng(11)
    page.click("#tab-number")
    for seed in range(n):
        text = "".join(map(str, rng.integers(0, 10, 5)))
        answered_ms = draw(page, number(text, seed), "#number canvas")
        yield "".join(page.inner_text("#reading .digits").split()) == text, answered_ms
        page.click("#number .tools button:last-child")
