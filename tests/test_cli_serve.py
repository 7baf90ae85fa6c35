"""`sonsu serve` as a process: it says where it listens, stops in order, and says what is off."""

import json
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from sonsu import cli_serve
from sonsu.errors import MissingExtraError, ModelError, UsageError

httpx = pytest.importorskip("httpx")
pytest.importorskip("uvicorn", reason="pip install 'sonsu[serve]'")


@contextmanager
def serving(*arguments):
    """A server's process and its address."""
    command = [sys.executable, "-m", "sonsu.cli", "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            first = json.loads(process.stderr.readline())
            assert first["event"] == "listening"
            yield process, first["url"]
        finally:
            process.kill()


def test_it_stops_in_order(png_file):
    with serving("--workers", "1") as (process, url):
        answers = []

        def slowly():
            yield png_file[:100]
            started.set()
            stopping.wait(10)
            yield png_file[100:]

        started, stopping = threading.Event(), threading.Event()
        headers = {"Content-Length": str(len(png_file))}
        thread = threading.Thread(
            target=lambda: answers.append(httpx.post(f"{url}/v1/read-digit", content=slowly(), headers=headers))
        )
        thread.start()
        assert started.wait(20)
        assert httpx.get(f"{url}/health/live").status_code == 200
        process.send_signal(signal.SIGTERM)
        stopping.set()
        thread.join()
        lines = [json.loads(line) for line in process.stderr]
        assert process.wait(20) == 0
    assert answers[0].json()["label"] == 3  # what was under way was answered
    assert lines[-1]["event"] == "stopped"
    assert {line["event"] for line in lines} == {"request", "stopped"}


@pytest.fixture
def png_file(draw_digit):
    import cv2

    return cv2.imencode(".png", 255 - draw_digit(3))[1].tobytes()


def test_a_key_comes_from_the_environment(monkeypatch):
    given = []

    def run(app, listening, *_):
        given.append(app)
        listening.close()

    monkeypatch.setenv("SONSU_API_KEY", "something long")
    monkeypatch.setattr(cli_serve, "_run", run)
    cli_serve.serve(port=0)
    assert given[0].api_key == b"something long"


def test_a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError, match=r"cannot listen on 127\.0"):
        cli_serve.serve(port=taken.getsockname()[1])


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"model": "nonesuch"}, ModelError, "no model 'nonesuch'"),
        ({"log_level": "loud"}, UsageError, "--log-level must be"),
        ({"save_corrections": Path("/proc/nonesuch")}, UsageError, "cannot keep corrections in /proc/nonesuch"),
    ],
)
def test_what_is_off_is_said(arguments, error, said):
    with pytest.raises(error, match=said):
        cli_serve.serve(port=0, **arguments)


def test_a_missing_extra_names_its_command(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'sonsu\[serve\]'"):
        cli_serve.serve()
