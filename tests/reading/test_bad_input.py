"""Bad input on purpose: whatever it is, one clear line that names it; no crash, no hang, memory bounded."""

import io
import os
import random
import re
import resource
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

from sonsu.errors import PictureError
from sonsu.reading import decode
from sonsu.reading.picture import Limits, Picture, load


def drawing(mode: str = "RGB") -> Image.Image:
    noise = np.random.default_rng(0).normal(200, 15, (48, 64, 3))
    image = Image.fromarray(noise.clip(0, 255).astype(np.uint8))
    ImageDraw.Draw(image).rectangle((10, 5, 20, 24), fill=(20, 30, 60))
    return image.convert(mode)


def encoded(image: Image.Image, file_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def message(source: object, **options: object) -> str:
    """The message it is refused with, which must be one line: what is wrong; what to do."""
    with pytest.raises(PictureError) as caught:
        load(source, **options)
    text = str(caught.value)
    assert text.isprintable(), text
    assert re.match(r"cannot read .+: .+; .+", text), text
    return text


def png(*chunks: tuple[bytes, bytes], size: tuple[int, int] = (8, 8)) -> bytes:
    rows = zlib.compress(b"\0" * 72)
    header = struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, data in ((b"IHDR", header), *chunks, (b"IDAT", rows), (b"IEND", b"")):
        parts.append(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))
    return b"".join(parts)


# --- paths


def test_missing_folder_empty_and_not_permitted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.png").touch()
    assert message("none.png") == "cannot read 'none.png': there is no such file; check the path"
    assert "it is a folder" in message("folder")
    assert "'empty.png': it is empty" in message("empty.png")
    assert "it is empty" in message(b"")
    assert "cannot be opened" in message("x" * 5000)
    assert "cannot be opened" in message("nul\0byte")
    assert "no such file" in message("")

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert "not permitted" in message("empty.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_pipes_and_devices_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    started = time.perf_counter()
    assert "a pipe or a device" in message(tmp_path / "pipe.png")
    assert "a pipe or a device" in message("/dev/zero")
    with open("/dev/zero", "rb") as endless:  # noqa: PTH123
        assert "larger than 0.0625 MiB" in message(endless, limits=Limits(file_bytes=1 << 16))
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("name", ["two\nlines.png", "\x1b[31mred.png", "turned\u202egnp.x", "lone\udcff.png"])
def test_names_stay_on_one_line(name):
    assert "there is no such file" in message(name)


def test_a_very_long_name_is_shortened():
    assert len(message("a/" * 2000 + "x.png")) < 600


# --- not pictures


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"%PDF-1.7\n...", "it is a PDF"),
        (b"hello, this is a text file and it goes on for a while", "it is text"),
        (b"short\n", "it is text"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
        (b"PK\x03\x04 a docx", "ZIP archive"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">', "SVG"),
        (b"\x00\x01\x02\x03" * 50, "not a picture, or its header is damaged"),
        (b"\x89PNG\r\n\x1a\n", "not a picture, or its header is damaged"),
    ],
)
def test_not_pictures(data, says):
    assert says in message(data)
    assert says in message(io.BytesIO(data))


def test_white_space_is_refused_at_once():
    started = time.perf_counter()
    assert "it is text" in message(b" " * 4000)
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("source", [None, 7, 3.5, [[0, 1]], object(), {"a": 1}])
def test_wrong_types(source):
    assert f"received {type(source).__name__}" in message(source)


def test_file_objects_that_are_not_binary_or_break():
    assert "binary mode" in message(io.StringIO("text"))

    class Broken(io.RawIOBase):
        def readable(self):
            return True

        def read(self, size=-1):
            raise ConnectionError("gone\naway")

    assert "gone" in message(Broken())


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros(5), "shape (5,)"),
        (np.zeros((2, 3, 4, 5)), "shape (2, 3, 4, 5)"),
        (np.zeros((4, 5, 2), np.uint8), "shape (4, 5, 2)"),
        (np.zeros((3, 28, 28), np.uint8), "colours last"),
        (np.zeros((0, 5), np.uint8), "no pixels (5×0)"),
        (np.array([["a"]]), "array of <U1"),
        (np.array([[None]]), "array of object"),
        (np.zeros((2, 2), complex), "array of complex128"),
        (np.full((2, 2), np.nan), "NaN or infinity"),
        (np.array([[0.0, np.inf]]), "NaN or infinity"),
    ],
)
def test_arrays_that_are_not_pictures(array, says):
    assert says in message(array)


def test_pil_images_that_are_not_whole():
    assert "no pixels" in message(Image.new("L", (0, 5)))
    data = encoded(drawing(), "PNG")
    assert "damaged or cut short" in message(Image.open(io.BytesIO(data[: len(data) // 2])))


# --- limits


def test_limits():
    data = encoded(drawing(), "PNG")
    assert "larger than" in message(data, limits=Limits(file_bytes=100))
    assert "64×48 is too large" in message(data, limits=Limits(pixels=3000))
    assert "64×48 is too large" in message(drawing(), limits=Limits(side_px=60))
    assert "64×48 is too large" in message(
        np.zeros((48, 64), np.uint8), limits=Limits(pixels=3000, working_pixels=3000)
    )


@pytest.mark.parametrize("size", [(2**31 - 1, 2**31 - 1), (40_000, 40_000), (11_000, 11_000), (65_536, 1)])
def test_bombs_are_refused_from_their_header(size):
    started = time.perf_counter()
    assert "too large" in message(png(size=size))
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt"])
def test_chunk_bombs(kind):
    bomb = (kind, b"a\0\0" + zlib.compress(bytes(5 << 20)))
    assert "damaged or cut short" in message(png(bomb))


def test_a_jpeg_of_very_many_passes():
    data = encoded(drawing(), "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    assert isinstance(load(data[:-2] + last * 20 + b"\xff\xd9"), Picture)
    assert "over 50 passes" in message(data[:-2] + last * 100 + b"\xff\xd9")
    chance_hits = b"\xff\xda" * 100  # in what follows the picture, as the film of a phone's live photo
    assert isinstance(load(data + chance_hits), Picture)


def test_junk_built_to_be_read_byte_by_byte(monkeypatch):
    monkeypatch.setattr(decode, "MAX_READS", 50_000)
    started = time.perf_counter()
    assert "too many small parts" in message(b"\xff\xd8" + b"\xff\xfe\x00\x02" * 100_000)
    assert "written as text" in message(b"P2\n9 9\n255\n" + b"#a\n" * 3_000_000)
    assert isinstance(load(b"P2\n1 1\n255\n" + b"#a\n" * 1_000_000 + b"7\n"), Picture)
    assert time.perf_counter() - started < 5


def test_memory_that_runs_out(monkeypatch):
    def exhausted(self):
        raise MemoryError

    image = drawing()
    monkeypatch.setattr(Image.Image, "load", exhausted)
    assert "not enough memory" in message(image)


# --- damage

KINDS = {
    "png": ("PNG", "RGB", {}),
    "alpha.png": ("PNG", "RGBA", {}),
    "palette.png": ("PNG", "P", {"transparency": 3}),
    "jpg": ("JPEG", "RGB", {"exif": b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0"}),
    "progressive.jpg": ("JPEG", "L", {"progressive": True}),
    "gif": ("GIF", "P", {}),
    "tif": ("TIFF", "RGB", {}),
    "lzw.tif": ("TIFF", "L", {"compression": "tiff_lzw"}),
    "fax.tif": ("TIFF", "1", {"compression": "group4"}),
    "webp": ("WEBP", "RGB", {}),
    "lossless.webp": ("WEBP", "RGBA", {"lossless": True}),
    "bmp": ("BMP", "RGB", {}),
    "ppm": ("PPM", "RGB", {}),
    "jp2": ("JPEG2000", "RGB", {}),
    "avif": ("AVIF", "RGB", {}),
}
WHOLE = {name: encoded(drawing(mode), kind, **options) for name, (kind, mode, options) in KINDS.items()}


@pytest.mark.parametrize("name", WHOLE)
def test_cut_short_is_an_error_and_never_half_a_picture(name):
    whole = load(WHOLE[name]).pixels
    for part in (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99):
        try:
            cut = load(WHOLE[name][: int(len(WHOLE[name]) * part)])
        except PictureError:
            continue
        np.testing.assert_array_equal(cut.pixels, whole, f"{part} of the file")


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Flip bits, write over, cut out or cut off; half of the time in the first 64 bytes, the header."""
    junk = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        at = rng.randrange(min(64, len(junk)) if rng.random() < 0.5 else len(junk))
        action = rng.randrange(6)
        if action == 0:
            junk[at] ^= 1 << rng.randrange(8)
        elif action == 1:
            junk[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\1\0\0\0"))
        elif action == 2:
            junk[at] = rng.randrange(256)
        elif action == 3 and len(junk) > 40:
            del junk[at : at + rng.choice((1, 2, 16))]
        elif action == 4:
            junk[at:at] = rng.randbytes(rng.choice((1, 4, 32)))
        elif len(junk) > 40 and rng.random() < 0.3:
            del junk[max(20, at) :]
    return bytes(junk)


def test_1200_damaged_files(tmp_path):
    """Each gives a picture or one line that names it, in less than 2 s; the good ones beside them still read."""
    rng = random.Random(20)
    memory_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read = refused = 0
    for number in range(1200):
        name = list(WHOLE)[number % len(WHOLE)]
        path = tmp_path / f"{number}.{name}"
        path.write_bytes(mutated(WHOLE[name], rng))
        started = time.perf_counter()
        try:
            picture = load(path, limits=Limits(pixels=4_000_000))
            assert picture.pixels.dtype == np.uint8
            assert picture.pixels.size <= 12_000_000
            read += 1
        except PictureError as error:
            assert str(error).isprintable()
            assert str(error).startswith(f"cannot read '{path}': ")
            refused += 1
        assert time.perf_counter() - started < 2, path.name
    assert read > 100
    assert refused > 400
    memory_after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert memory_after - memory_before < 400 * 1024, "KiB on Linux"
    for data in WHOLE.values():
        assert load(data).width_px in {64, 48}
