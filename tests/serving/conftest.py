"""A server as it is by default, and the system's Chromium to open its page with."""

import shutil
import sys
from pathlib import Path

import httpx
import pytest

# With importlib's way of importing, tests share nothing otherwise; the benchmarks write on the page, too.
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from serving_helpers import encoded, running


@pytest.fixture(scope="session")
def served():
    """Its address."""
    with running(workers=2) as url:
        yield url


@pytest.fixture(scope="session")
def ask(served):
    """A client of it."""
    with httpx.Client(base_url=served, timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
def png(draw_digit):
    """`png(label, ...)`: a PNG file's bytes, a digit dark on white; further arguments as for `draw_digit`."""

    def draw(label, **how):
        return encoded(255 - draw_digit(label, **how))

    return draw


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium; nothing is downloaded."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.skip("there is no Chromium on the PATH: apt install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, served):
    """`open_page(url, **context)`: the page, opened; what it complains of or asks elsewhere fails the test."""
    contexts, complaints = [], []

    def visit(url=served, **options):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 860}, "locale": "en-GB"} | options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", complain)
        page.on("request", lambda request: asked(request.url, url))
        page.goto(url)
        page.wait_for_function("() => document.getElementById('about').textContent")
        return page

    def complain(said):
        if said.type == "error" and not said.text.startswith("Failed to load resource"):  # which the page speaks of
            complaints.append(said.text)

    def asked(address, url):
        if not address.startswith((url, "blob:", "data:")):
            complaints.append(f"asked elsewhere: {address}")

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []
