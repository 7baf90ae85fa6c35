"""Servers to ask: each in a thread of this process, on a port of its own."""

import io
import threading
from contextlib import contextmanager

import httpx
import pytest
from PIL import Image

pytest.importorskip("uvicorn", reason="pip install 'sonsu[serve]'")
import uvicorn

from sonsu.serving.app import create_app
from sonsu.serving.settings import Settings


@contextmanager
def running(**settings):
    """A server with these settings; gives its address."""
    config = uvicorn.Config(
        create_app(Settings(**settings)), port=0, access_log=False, log_level="error", server_header=False,
        timeout_graceful_shutdown=5,
    )  # fmt: skip
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture(scope="session")
def served():
    """The address of a server as it is by default."""
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


def encoded(pixels, kind="PNG"):
    """A picture's pixels as a file's bytes."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()
