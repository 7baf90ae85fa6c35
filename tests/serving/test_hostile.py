"""Hostile requests: each gets a clear refusal, nothing of the server shows in it, and the server goes on."""

import random
import socket
import struct
import zlib

import httpx
import numpy as np
import pytest
from serving_helpers import encoded, running

SERVERS_OWN = ("/home", "/root", "/usr", "/tmp", "site-packages", "Traceback", "sonsu/serving", ".py", "weights/")


@pytest.fixture(scope="module")
def target():
    """A server with small limits, so that a slow body ends soon."""
    with running(workers=2, timeout_s=2, body_bytes=300_000, pixels=1_000_000) as url:
        yield url


def bombs():
    """Pictures that promise far more than they hold."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    for side in (100_000, 2**31 - 1):
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        yield b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50 * 10**6)))
    yield encoded(np.zeros((20, 20), np.uint8))[:33] + text * 3
    yield b"GIF89a" + struct.pack("<HH", 65535, 65535) + bytes(40)
    yield (
        b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1) + bytes(12) + struct.pack("<I", 8)
    )  # a page after itself
    yield b"%PDF-1.7\n1 0 obj<</Type/Pages/Kids[1 0 R]/Count 99999999>>endobj\ntrailer<</Root 1 0 R>>"


def requests(seed, n, picture):
    """Method, path, headers and body of n requests; most are off in one way or several."""
    rng = random.Random(seed)
    bodies = [b"", b"\0" * 1000, b"{}", b"[[[[", b"\xff" * 5000, bytes(310_000), b"<?xml?>", picture[:-9], *bombs()]
    names = [
        "../../../../etc/passwd",
        "/etc/shadow",
        "C:\\boot.ini",
        "a\0b.png",
        "%2e%2e%2fx",
        "x" * 5000,
        "\u202egnp.exe",
        "",
    ]
    paths = [
        "/v1/read", "/v1/read-digit", "/v1/corrections?label=7", "/v2/models/default/infer", "/static/../app.py",
        "/static/%2e%2e/%2e%2e/etc/passwd", "/static/..%5c..%5cx", "/static//etc/passwd", "/v2/models/..%2f..%2f/infer",
        "/v1/read?explain=maybe", "/v1/read?list=%00", "/v1/read-digit?explain=" + "1" * 3000,
        "/%ff%fe", "//", "/v1/read/",
    ]  # fmt: skip
    kinds = [
        "image/png",
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "x/y;;;",
        "text/html",
        "",
    ]
    for _ in range(n):
        body = rng.choice(bodies)
        if rng.random() < 0.3:  # a picture with bytes changed
            spoilt = bytearray(picture)
            for _ in range(rng.randint(1, 20)):
                spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
            body = bytes(spoilt)
        headers = {"Content-Type": rng.choice(kinds)}
        if rng.random() < 0.3:
            name = rng.choice(names).encode("utf-8")
            body = (
                b'--x\r\nContent-Disposition: form-data; name="f"; filename="'
                + name
                + b'"\r\n\r\n'
                + body
                + b"\r\n--x--\r\n"
            )
            headers["Content-Type"] = "multipart/form-data; boundary=x"
        if rng.random() < 0.1:
            headers |= {"Inference-Header-Content-Length": rng.choice(["-1", "5", "1e9", "99999999999"])}
        if rng.random() < 0.05:
            headers |= {"Content-Encoding": rng.choice(["gzip", "br", "x"])}
        yield (
            rng.choice(["POST"] * 8 + ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]),
            rng.choice(paths),
            headers,
            body,
        )


def check(answer):
    assert answer.status_code < 500, answer.text
    if answer.status_code < 300:
        return
    assert not any(word in answer.text for word in SERVERS_OWN), answer.text
    if answer.request.method != "HEAD" and answer.status_code >= 400:
        assert answer.json()["detail"]
        assert answer.headers["content-type"] == "application/problem+json"


def attack(url, seed, n, picture):
    with httpx.Client(base_url=url, timeout=30) as client:
        for method, path, headers, body in requests(seed, n, picture):
            check(client.request(method, path, headers=headers, content=body))


def test_hostile_requests(target, png):
    attack(target, 1, 150, png(8))
    assert httpx.post(f"{target}/v1/read-digit", content=png(8)).json()["label"] == 8


@pytest.mark.slow
def test_two_thousand_hostile_requests(target, png):
    for seed in range(2, 12):
        attack(target, seed, 200, png(seed % 10))
    assert httpx.post(f"{target}/v1/read-digit", content=png(8)).json()["label"] == 8


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc",  # ends early
        b"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",  # TLS to a plain port
        b"GET /" + b"a" * 100_000,
        b"\0" * 1000,
    ],
)
def test_what_is_hardly_http(target, png, sent):
    host, port = target.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        try:
            answer = connection.recv(65536)
        except ConnectionResetError:
            answer = b""
    assert not answer or answer.split()[1][:1] in b"4", answer
    assert httpx.get(f"{target}/health/live").status_code == 200
