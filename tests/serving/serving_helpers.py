"""Servers to ask, each in a thread of this process, and small pictures to send."""

import io
import threading
from contextlib import contextmanager

import uvicorn
from PIL import Image

from sonsu.serving.app import create_app
from sonsu.serving.settings import Settings


@contextmanager
def running(**settings):
    """A server with these settings; gives its address."""
    config = uvicorn.Config(
        create_app(Settings(**settings)), host="127.0.0.1", port=0, access_log=False, log_config=None,
        server_header=False, timeout_graceful_shutdown=5,
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


def encoded(pixels, kind="PNG"):
    """A picture's pixels as a file's bytes."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()
