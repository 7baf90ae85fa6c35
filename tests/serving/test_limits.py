"""Limits on bodies, files, pages, pixels and time: each a clear problem, and the server goes on."""

import asyncio
import io
import socket
import threading
import time
import zlib

import httpx
import numpy as np
import pytest
from PIL import Image
from serving_helpers import encoded, running

from sonsu.errors import UsageError
from sonsu.serving import read_routes, records
from sonsu.serving.gate import Gate
from sonsu.serving.problems import ProblemError
from sonsu.serving.settings import Settings


@pytest.fixture(scope="module")
def strict():
    """A server that takes little."""
    limits = {"body_bytes": 20_000, "held_bytes": 30_000, "files": 2, "pages": 3, "pixels": 250_000, "timeout_s": 0.7}
    with running(workers=1, **limits) as url, httpx.Client(base_url=url, timeout=20) as client:
        yield client


def problem(answer, status, kind):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["type"], told["status"]) == (f"urn:sonsu:problem:{kind}", status)
    return told["detail"]


def raw(client, head, *parts, pause_s=0.0):
    """What comes back for a request that is written byte by byte; the connection is closed by the server."""
    url = client.base_url
    with socket.create_connection((url.host, url.port), timeout=10) as connection:
        connection.sendall(head.encode() + b"\r\n\r\n")
        for part in parts:
            connection.sendall(part)
            time.sleep(pause_s)
        answer = b""
        while block := connection.recv(65536):
            answer += block
    return answer.decode()


def test_a_body_that_says_it_is_too_large(strict):
    detail = problem(strict.post("/v1/read", content=bytes(20_001)), 413, "body-too-large")
    assert detail == "at most 0.0190735 MiB a request; send a smaller picture"


def test_a_body_that_does_not_say_how_large_it_is(strict):
    answer = strict.post("/v1/read", content=(bytes(5000) for _ in range(5)))
    problem(answer, 413, "body-too-large")
    assert answer.headers["connection"] == "close"


def test_too_many_files(strict, png):
    problem(strict.post("/v1/read", files=[("f", (f"{i}.png", png(1))) for i in range(3)]), 413, "too-many-files")


def test_too_many_pages(strict):
    pages = [Image.new("1", (20, 20), 1) for _ in range(4)]
    file = io.BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    detail = problem(strict.post("/v1/read", content=file.getvalue()), 422, "unreadable-picture")
    assert "more than 3 pages" in detail
    file = io.BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:2])
    two = file.getvalue()
    problem(strict.post("/v1/read", files=[("f", ("a.tiff", two)), ("f", ("b.tiff", two))]), 413, "too-many-pages")


def test_too_many_pixels(strict):
    bomb = encoded(np.zeros((600, 600), np.uint8))
    detail = problem(strict.post("/v1/read", content=bomb), 422, "unreadable-picture")
    assert "600×600 is too large" in detail


def test_a_compressed_body(strict, png):
    answer = strict.post("/v1/read", content=zlib.compress(png(1)), headers={"Content-Encoding": "deflate"})
    problem(answer, 415, "compressed-body")


def test_a_body_that_comes_too_slowly(strict):
    answer = raw(strict, "POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Length: 9000", b"slow", b"ly", pause_s=0.4)
    assert answer.startswith("HTTP/1.1 408 ")
    assert "urn:sonsu:problem:slow-body" in answer


def test_bodies_that_together_are_too_much(strict):
    url = strict.base_url
    with socket.create_connection((url.host, url.port)) as holding:
        holding.sendall(b"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Length: 19999\r\n\r\n" + bytes(19_000))
        time.sleep(0.2)
        answer = strict.post("/v1/read", content=bytes(15_000))
        problem(answer, 503, "busy")
        assert answer.headers["retry-after"] == "1"
    time.sleep(0.2)
    assert strict.post("/v1/read", content=bytes(15_000)).status_code == 422  # there is room again


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),  # no boundary
        ("multipart/form-data; boundary=a", b"--b\r\n\r\n"),
        ("multipart/form-data; boundary=a", b"--a\r\nContent-Disposition: form-data\r\n\r\nx\r\n--a--"),
        ("multipart/form-data; boundary=a", b'--a\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n--a--\r\n'),
        ("multipart/form-data; boundary=\xff", b"--\xff\r\n\r\n"),
    ],
)
def test_a_damaged_form(ask, kind, body):
    answer = ask.post("/v1/read", content=body, headers={"Content-Type": kind.encode("latin-1")})
    assert answer.status_code == 400
    assert answer.json()["type"] in {"urn:sonsu:problem:damaged-form", "urn:sonsu:problem:no-picture"}


@pytest.mark.parametrize("body", [b"", b"\x00", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7", b"II*\x00", b"<svg/>", bytes(1000)])
def test_what_is_no_picture(ask, body):
    for route in ("/v1/read", "/v1/read-digit"):
        assert problem(ask.post(route, content=body), 422, "unreadable-picture").startswith("cannot read <bytes>: ")


def test_a_truncated_picture(ask, png):
    problem(ask.post("/v1/read", content=png(3)[:-40]), 422, "unreadable-picture")


def test_reading_takes_too_long(png, monkeypatch):
    with running(workers=1, queue=1, timeout_s=0.3) as url, httpx.Client(base_url=url) as client:
        release = threading.Event()
        monkeypatch.setattr(read_routes, "read", lambda *_: release.wait(5))
        problem(client.post("/v1/read", content=png(1)), 422, "too-slow")
        waiting = client.post("/v1/read", content=png(1))  # the first one still has the only worker
        problem(waiting, 503, "busy")
        release.set()
        monkeypatch.undo()
        time.sleep(0.1)
        assert client.post("/v1/read-digit", content=png(1)).json()["label"] == 1


def test_who_waited_for_most_of_the_time_is_not_told_that_reading_took_it():
    gate, release = Gate(Settings(workers=1, queue=1, timeout_s=1.0)), threading.Event()

    async def ask_both():
        first = asyncio.create_task(gate.run(lambda: time.sleep(0.8)))
        await asyncio.sleep(0)
        with pytest.raises(ProblemError) as refused:
            await gate.run(lambda: release.wait(20))
        await first
        return refused.value

    try:
        assert asyncio.run(ask_both()).status == 503
    finally:
        release.set()
        gate.close()


def test_who_comes_when_too_many_wait_is_refused(png, monkeypatch):
    release, answers = threading.Event(), []
    monkeypatch.setattr(read_routes, "read", lambda *given: release.wait(20) and records.read(*given))
    with running(workers=1, queue=1) as url, httpx.Client(base_url=url) as client:

        def ask():
            answers.append(httpx.post(f"{url}/v1/read-digit", content=png(4), timeout=20).json()["label"])

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        while "sonsu_reading_under_way 2.0" not in client.get("/metrics").text:
            time.sleep(0.02)
        refused = client.post("/v1/read-digit", content=png(4))
        release.set()
        for thread in threads:
            thread.join()
    problem(refused, 503, "busy")
    assert refused.headers["retry-after"] == "1"
    assert answers == [4, 4]


@pytest.mark.parametrize(
    "wrong",
    [
        {"workers": -1},
        {"queue": -1},
        {"timeout_s": 0},
        {"pixels": 0},
        {"api_key": "short"},
        {"api_key": "열려라 참깨 열려라"},
        {"api_key": "open sesame "},
    ],
)
def test_settings_that_make_no_sense(wrong):
    with pytest.raises(UsageError, match=r"at least|sent in a header"):
        Settings(**wrong)
