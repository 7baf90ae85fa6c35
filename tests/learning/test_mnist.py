import gzip
import hashlib
import struct
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pooch
import pytest

from sonsu.errors import DataError
from sonsu.learning import mnist

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def packed(payload):
    return gzip.compress(payload, mtime=0)


@pytest.fixture
def payloads(monkeypatch, tmp_path):
    """Four small files in MNIST's place; no cache, no $SONSU_DATA and no mirror but what a test sets up."""
    rng = np.random.default_rng(0)
    small = {
        name: idx(rng.integers(0, 256, (6, 28, 28) if "images" in name else (6,)).astype(np.uint8))
        for name in mnist.SHA256
    }
    monkeypatch.setattr(mnist, "SHA256", {name: hashlib.sha256(data).hexdigest() for name, data in small.items()})
    monkeypatch.setattr(mnist, "MIRRORS", ())
    monkeypatch.setattr(mnist, "cache_dir", lambda: tmp_path / "cache")
    monkeypatch.delenv("SONSU_DATA", raising=False)
    return small


@pytest.fixture
def folder(payloads, tmp_path):
    path = tmp_path / "data"
    path.mkdir()
    for name, payload in payloads.items():
        (path / f"{name}.gz").write_bytes(packed(payload))
    return path


class Handler(BaseHTTPRequestHandler):
    """Serves a dict of name to bytes; `promised` more bytes are announced than are sent."""

    def __init__(self, *args, files, promised, asked):
        self.files, self.promised, self.asked = files, promised, asked
        super().__init__(*args)

    def do_GET(self):
        name = self.path.lstrip("/")
        self.asked.append(name)
        if name not in self.files:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.files[name]) + self.promised))
        self.end_headers()
        self.wfile.write(self.files[name])

    def log_message(self, *_args):
        pass


@pytest.fixture
def mirror():
    """A function that starts a mirror of the files it is given; returns its URL and the list of what it was asked."""
    servers = []

    def start(files, promised=0):
        asked = []
        server = ThreadingHTTPServer(
            ("127.0.0.1", 0), partial(Handler, files=files, promised=promised, asked=asked), bind_and_activate=True
        )
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def cached(tmp_path):
    return sorted(path.name for path in (tmp_path / "cache").rglob("*") if path.is_file())


# Where the files are looked for


@pytest.mark.parametrize("gzipped", [True, False])
@pytest.mark.parametrize("sub", ["", "mnist"])
def test_load_finds_packed_and_unpacked_files_in_the_folder_or_in_mnist_below_it(payloads, tmp_path, gzipped, sub):
    where = tmp_path / "data" / sub
    where.mkdir(parents=True)
    for name, payload in payloads.items():
        (where / (f"{name}.gz" if gzipped else name)).write_bytes(packed(payload) if gzipped else payload)
    images, labels = mnist.load("test", tmp_path / "data")
    assert images.shape == (6, 28, 28) and images.dtype == np.uint8
    assert labels.shape == (6,) and labels.dtype == np.uint8
    assert images.tobytes() == payloads["t10k-images-idx3-ubyte"][16:]
    assert labels.tobytes() == payloads["t10k-labels-idx1-ubyte"][8:]


def test_the_environment_variable_is_used_where_no_folder_is_named(folder, monkeypatch):
    monkeypatch.setenv("SONSU_DATA", str(folder))
    assert len(mnist.load("train")[0]) == 6
    assert mnist.available()


def test_a_folder_that_is_named_comes_before_the_environment_variable(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("SONSU_DATA", str(tmp_path / "elsewhere"))
    assert mnist.available(folder)
    assert not mnist.available()


def test_what_a_folder_that_is_named_lacks_is_looked_for_elsewhere(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("SONSU_DATA", str(folder))
    (tmp_path / "empty").mkdir()
    assert mnist.available(tmp_path / "empty")
    assert len(mnist.load("train", tmp_path / "empty")[0]) == 6


def test_the_cache_is_looked_into_last(payloads, folder, tmp_path):
    folder.rename(tmp_path / "cache")
    assert mnist.available()
    assert mnist.load("train")[1].tobytes() == payloads[LABELS][8:]


def test_available_wants_all_four_files(folder):
    assert mnist.available(folder)
    (folder / f"{LABELS}.gz").unlink()
    assert not mnist.available(folder)


def test_a_missing_folder_is_named(payloads, tmp_path):
    with pytest.raises(DataError, match=r"data folder '.*nowhere' does not exist.*--data-dir"):
        mnist.load("train", tmp_path / "nowhere")


def test_with_no_file_and_no_mirror_the_message_says_what_to_do(payloads, tmp_path):
    with pytest.raises(DataError, match=rf"{IMAGES} is not on this machine.*--data-dir or SONSU_DATA"):
        mnist.load("train", tmp_path)


# Damage


@pytest.mark.parametrize("keep", [0, 3, 500, -1])
def test_a_truncated_file_is_named_with_the_cure(payloads, folder, keep):
    path = folder / f"{IMAGES}.gz"
    path.write_bytes(packed(payloads[IMAGES][:keep]))
    with pytest.raises(DataError, match=rf"{path}: not MNIST's {IMAGES}: .*altered or cut short.*Delete it and copy"):
        mnist.load("train", folder)


@pytest.mark.parametrize("keep", [2, 10, 300, -1])
def test_a_truncated_gzip_file_is_named_with_the_cure(payloads, folder, keep):
    path = folder / f"{LABELS}.gz"
    path.write_bytes(packed(payloads[LABELS] * 40)[:keep])
    with pytest.raises(DataError, match=rf"{path}: (damaged gzip file|not MNIST's).*Delete it and copy or download"):
        mnist.load("train", folder)


@pytest.mark.parametrize("place", [12, 60, -6])
def test_a_gzip_file_with_a_flipped_byte_is_named(payloads, folder, place):
    path = folder / f"{IMAGES}.gz"
    data = bytearray(path.read_bytes())
    data[place] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(DataError, match=rf"{path}: damaged gzip file .*Delete it"):
        mnist.load("train", folder)


def test_one_altered_pixel_is_noticed(payloads, folder):
    altered = bytearray(payloads[IMAGES])
    altered[1000] ^= 1
    (folder / f"{IMAGES}.gz").write_bytes(packed(altered))
    with pytest.raises(DataError, match="content was altered"):
        mnist.load("train", folder)


def test_swapped_files_are_told_apart_by_what_they_hold(payloads, folder):
    path = folder / f"{IMAGES}.gz"
    path.write_bytes(packed(payloads["t10k-images-idx3-ubyte"]))
    with pytest.raises(DataError, match=f"{path}: not MNIST's {IMAGES}: it holds t10k-images-idx3-ubyte"):
        mnist.load("train", folder)


def test_a_web_page_in_a_files_place_is_refused(payloads, folder):
    (folder / f"{LABELS}.gz").write_bytes(b"<!doctype html><title>404</title>")
    with pytest.raises(DataError, match="Delete it and copy or download it again"):
        mnist.load("train", folder)


# IDX


@pytest.mark.parametrize("shape", [(3, 4, 5), (1, 28, 28), (0, 28, 28)])
def test_parse_idx_gives_the_array_back(shape):
    array = np.arange(np.prod(shape)).astype(np.uint8).reshape(shape)
    parsed = mnist.parse_idx(idx(array), "a file", ndim=3)
    assert parsed.dtype == np.uint8
    np.testing.assert_array_equal(parsed, array)


@pytest.mark.parametrize(
    "header",
    [b"", b"\0\0\x08\x03", b"\0\0\x08\x03\0\0\0\x01", b"\0\0\x0d\x03" + bytes(12), b"\x01\0\x08\x03" + bytes(12)],
)
def test_parse_idx_refuses_another_magic_or_a_short_header(header):
    with pytest.raises(DataError, match=r"^a file: not an IDX file .*expected '00 00 08 03'"):
        mnist.parse_idx(header, "a file", ndim=3)


def test_parse_idx_refuses_labels_in_the_images_place():
    with pytest.raises(DataError, match=r"'00 00 08 01'.*expected '00 00 08 03'\. Were two files swapped"):
        mnist.parse_idx(idx(np.zeros(100, np.uint8)), "a file", ndim=3)


@pytest.mark.parametrize("change", [-1, 1])
def test_parse_idx_refuses_a_length_that_the_header_does_not_promise(change):
    payload = idx(np.zeros((2, 3, 4), np.uint8))
    payload = payload[:change] if change < 0 else payload + bytes(change)
    with pytest.raises(DataError, match=rf"^a file: {40 + change} bytes, but its header \(2, 3, 4\) calls for 40"):
        mnist.parse_idx(payload, "a file", ndim=3)


def test_parse_idx_does_not_believe_a_header_of_a_huge_array():
    with pytest.raises(DataError, match="a file: 16 bytes, but its header"):
        mnist.parse_idx(b"\0\0\x08\x03" + b"\xff" * 12, "a file", ndim=3)


# Download: from a mirror on this machine


def test_download_fills_the_cache_and_is_done_once(payloads, mirror, monkeypatch, tmp_path):
    url, asked = mirror({f"{name}.gz": packed(payload) for name, payload in payloads.items()})
    monkeypatch.setattr(mnist, "MIRRORS", (url,))
    first, again = mnist.load("train"), mnist.load("train")
    assert first[0].tobytes() == again[0].tobytes() == payloads[IMAGES][16:]
    assert asked == [f"{IMAGES}.gz", f"{LABELS}.gz"]
    assert cached(tmp_path) == sorted(asked)


def test_a_mirror_that_fails_is_followed_by_the_next(payloads, mirror, monkeypatch):
    without, asked = mirror({})
    url, _ = mirror({f"{name}.gz": packed(payload) for name, payload in payloads.items()})
    monkeypatch.setattr(mnist, "MIRRORS", ("http://127.0.0.1:9/", without, url))
    assert mnist.load("test")[1].tobytes() == payloads["t10k-labels-idx1-ubyte"][8:]
    assert len(asked) == 2


@pytest.mark.parametrize("wrong", [b"<html>sign in</html>", packed(b"other"), packed(b"other")[:-3]])
def test_a_mirror_with_another_payload_leaves_nothing_in_the_cache(payloads, mirror, monkeypatch, tmp_path, wrong):
    url, asked = mirror({f"{IMAGES}.gz": wrong})
    monkeypatch.setattr(mnist, "MIRRORS", (url,))
    with pytest.raises(DataError, match=rf"no mirror served it: {url} \(DataError\)"):
        mnist.load("train")
    assert asked == [f"{IMAGES}.gz"]
    assert cached(tmp_path) == []


def test_a_wrong_payload_is_followed_by_the_next_mirror(payloads, mirror, monkeypatch, tmp_path):
    wrong, _ = mirror({f"{name}.gz": packed(b"other") for name in payloads})
    url, _ = mirror({f"{name}.gz": packed(payload) for name, payload in payloads.items()})
    monkeypatch.setattr(mnist, "MIRRORS", (wrong, url))
    assert mnist.load("train")[0].tobytes() == payloads[IMAGES][16:]
    assert cached(tmp_path) == [f"{IMAGES}.gz", f"{LABELS}.gz"]


def test_a_download_that_breaks_off_leaves_nothing(payloads, mirror, monkeypatch, tmp_path):
    url, asked = mirror({f"{IMAGES}.gz": packed(payloads[IMAGES])[:200]}, promised=5000)
    monkeypatch.setattr(mnist, "MIRRORS", (url,))
    with pytest.raises(DataError, match="no mirror served it"):
        mnist.load("train")
    assert asked == [f"{IMAGES}.gz"]
    assert cached(tmp_path) == []


def test_ctrl_c_in_a_download_leaves_nothing(payloads, monkeypatch, tmp_path):
    def half(_self, _url, output_file, _pooch, **_options):
        Path(output_file).write_bytes(packed(payloads[IMAGES])[:200])
        raise KeyboardInterrupt

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", half)
    monkeypatch.setattr(mnist, "MIRRORS", ("http://127.0.0.1:9/",))
    with pytest.raises(KeyboardInterrupt):
        mnist.load("train")
    assert cached(tmp_path) == []


@pytest.mark.mnist
def test_the_real_files_are_what_they_are_said_to_be():
    if not mnist.available():
        pytest.skip("MNIST is not on this machine: set SONSU_DATA")
    for split, n, first in (("train", 60_000, 5), ("test", 10_000, 7)):
        images, labels = mnist.load(split)
        assert images.shape == (n, 28, 28)
        assert set(np.unique(labels)) == set(range(10))
        assert labels[0] == first
