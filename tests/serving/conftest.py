"""A server as it is by default, for all tests that change nothing in it."""

import sys
from pathlib import Path

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # with importlib's way of importing, tests share nothing otherwise

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
