"""From bytes to an opened Pillow image, safely: known formats only, bounded pixels, one-line errors.

What is read may come from anyone. So only the formats in ``FORMATS`` are tried (no Ghostscript, none without
a signature), and the size is checked in the header before anything is decoded. What goes wrong inside Pillow
comes out as one `PictureError` whose message is one line that names the source.
"""

from __future__ import annotations

import io
import re
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from PIL import Image, UnidentifiedImageError

from sonsu.errors import PictureError
from sonsu.reading.source import Limits, check_size, refusal, shortened

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "PPM", "TIFF", "WEBP", "JPEG2000", "AVIF")
"""The formats that are tried, by Pillow's names. TGA and the like are left out: any text could be one."""

MAX_SCANS = 50
"""Passes over a progressive JPEG. Encoders write about ten; a small file can ask for hours of them."""

MAX_READS = 500_000
"""Reads of one file. Decoders take 64 KiB or a chunk at a time; junk is built to be taken byte by byte."""

MAX_PLAIN_BYTES = 8 << 20
"""PPM written as text (P1 to P3). Pillow reads a million numbers a second, and its comments in quadratic time."""

_SCAN = re.compile(rb"\xff\xda\x00[\x06-\x0c][\x01-\x04]")  # marker, length of its header, 1-4 components

_NOT_PICTURES = (
    (rb"....ftyp(hei|hev|mif1|msf1)", "it is HEIC, which is not supported", "save it as JPEG or PNG"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "it is PostScript", "save it as PNG or JPEG first"),
    (rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<svg", "it is an SVG drawing", "save it as PNG first"),
    (rb"PK\x03\x04", "it is a ZIP archive or an office document", "take the pictures out of it first"),
    (rb"[\t\n\r\x20-\x7e]{32}|[\t\n\r\x20-\x7e]+\Z", "it is text", "give the picture itself"),
)


def open_image(data: bytes, name: str, limits: Limits) -> Image.Image:
    """Open a picture and check what its header declares; nothing is decoded yet.

    Args:
        data: The whole file.
        name: What to call it in messages.
        limits: Only ``pixels`` and ``side_px`` are used here.

    Returns:
        The image, not yet loaded, its size within the limits. To be used inside ``quiet()``.

    Raises:
        PictureError: Not a picture, damaged, or larger than the limits.
    """
    try:
        image = Image.open(_CountedBytes(_without_comments(data, name)), formats=FORMATS)
    except UnidentifiedImageError:
        raise _unknown(data, name) from None
    except Image.DecompressionBombError as error:
        raise refusal(name, f"it is too large ({error})", "make it smaller") from None
    check_size(image.size, name, limits)
    if image.format in {"JPEG", "MPO"} and _scans(data) > MAX_SCANS:
        raise refusal(name, f"its JPEG data asks for over {MAX_SCANS} passes", "save it as a plain JPEG")
    return image


@contextmanager
def damage_named(name: str) -> Iterator[None]:
    """Turn whatever goes wrong while a picture is decoded into a `PictureError`; keep Pillow's warnings in.

    Decoders raise nearly anything on damaged data (SyntaxError, struct.error, zlib.error, IndexError...),
    hence the broad ``except``.
    """
    try:
        with quiet():
            yield
    except PictureError:
        raise
    except MemoryError as error:
        raise refusal(name, "not enough memory to decode it", "make it smaller") from error
    except Exception as error:
        reason = shortened(str(error) or type(error).__name__, 160)
        raise refusal(name, f"it is damaged or cut short ({reason})", "save or send it again") from error


_quiet_filter = ("ignore", None, Warning, re.compile(r"PIL\."), 0)
_quiet_lock = threading.Lock()


@contextmanager
def quiet() -> Iterator[None]:
    """Ignore warnings that come from inside Pillow (odd metadata), and only those, in any number of threads.

    ``warnings.catch_warnings`` swaps the whole process's filters and puts them back: two threads that overlap
    leave the wrong ones behind, for good. This puts in one entry, for modules ``PIL.*`` only, and takes one
    out, which is right in any order. Where Python keeps the filters per context (free-threaded 3.14), its own
    tool is safe.
    """
    if getattr(sys.flags, "context_aware_warnings", False):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"PIL\.")
            yield
        return
    filters: list[object] = warnings.filters  # type: ignore[assignment]
    with _quiet_lock:
        filters.insert(0, _quiet_filter)
    try:
        yield
    finally:
        with _quiet_lock, suppress(ValueError):  # someone may have reset the filters meanwhile
            filters.remove(_quiet_filter)


def _unknown(data: bytes, name: str) -> PictureError:
    for pattern, what, cure in _NOT_PICTURES:
        if re.match(pattern, data[:1024], re.DOTALL):
            return refusal(name, what + ", not a picture", cure)
    known = ", ".join(FORMATS).replace("JPEG2000", "JPEG 2000").replace("WEBP", "WebP")
    return refusal(name, "it is not a picture, or its header is damaged", f"give one of {known}")


class _CountedBytes(io.BytesIO):
    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > MAX_READS:
            raise OSError("made of too many small parts")
        return super().read(size)


def _without_comments(data: bytes, name: str) -> bytes:
    if not re.match(rb"P[123]\s", data):
        return data
    if len(data) > MAX_PLAIN_BYTES:
        limit = f"{MAX_PLAIN_BYTES >> 20} MiB"
        raise refusal(name, f"it is a PPM written as text, larger than {limit}", "save it as PNG")
    return re.sub(rb"#[^\r\n]*", b"", data)


def _scans(data: bytes) -> int:
    rough = data.count(b"\xff\xda")  # 20 times as fast; may count chance hits in what follows the picture
    return rough if rough <= MAX_SCANS else len(_SCAN.findall(data))
