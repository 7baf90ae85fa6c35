"""What was given, as bytes: a path, a file object or bytes, taken in without waiting and without end.

Only regular files are opened (a pipe would hang, a device never ends), and no more than ``Limits.file_bytes``
are read. Also here, as all of reading a picture needs them: the limits, and the one form of its errors.
"""

from __future__ import annotations

import io
import os
import stat
from dataclasses import dataclass
from typing import IO

from sonsu.errors import PictureError


@dataclass(frozen=True)
class Limits:
    """How much one picture may ask for. The defaults fit any scanner and phone, and about 1 GB of memory.

    Attributes:
        file_bytes: The largest file or stream that is read.
        pages: The most pages that a PDF or TIFF may have.
        pixels: The most pixels a picture may declare; checked in its header, before decoding.
        side_px: The longest side a picture may declare; JPEG's own limit by default.
        working_pixels: Larger pictures are reduced to this many pixels. The default leaves a phone's usual
            4032×3024 and an A4 page at 300 dpi (2480×3508) whole, where a pen stroke is about 6 px wide.
    """

    file_bytes: int = 256 << 20
    pages: int = 10_000
    pixels: int = 120_000_000
    side_px: int = 65_535
    working_pixels: int = 12_500_000


_UNNAMED = {"<bytes>", "<array>", "<image>", "<file>", "<stdin>", "<input>"}


def refusal(source: str, what: str, cure: str) -> PictureError:
    """The error for a picture that cannot be read.

    Args:
        source: What the picture is called, as the user gave it.
        what: What is wrong.
        cure: What to do about it.

    Returns:
        The error; its message is one line of printable characters, whatever the file is called.
    """
    name = source if source in _UNNAMED else f"'{source}'"
    return PictureError(_one_line(f"cannot read {shortened(name, 400)}: {what}; {cure}"))


def check_size(size_px: tuple[int, int], name: str, limits: Limits) -> None:
    """Refuse a picture with no pixels or with more than the limits allow.

    Args:
        size_px: Width and height.
        name: What to call it in the message.
        limits: Only ``pixels`` and ``side_px`` are used here.

    Raises:
        PictureError: The picture is outside the limits.
    """
    width, height = size_px
    if width < 1 or height < 1:
        raise refusal(name, f"it has no pixels ({width}×{height})", "give at least one")
    if width * height > limits.pixels or max(width, height) > limits.side_px:
        most = f"at most {limits.pixels / 1e6:g} million pixels and {limits.side_px} a side"
        raise refusal(name, f"{width}×{height} is too large ({most})", "make it smaller, or raise Limits")


def read_bytes(source: object, limits: Limits) -> tuple[str, bytes]:
    """Take in a path, bytes or a binary file object.

    Args:
        source: A path, bytes-like object, or file object; the last is read from its start where it can seek.
        limits: Only ``file_bytes`` is used here.

    Returns:
        What to call the source, and its bytes (at least one).

    Raises:
        PictureError: Missing, not permitted, not a regular file, empty, too large, or of a wrong type.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        name, data = "<bytes>", bytes(source) if memoryview(source).nbytes <= limits.file_bytes else None
    elif isinstance(source, str | os.PathLike):
        name = os.fsdecode(source)
        data = _read_path(name, limits.file_bytes)
    elif callable(getattr(source, "read", None)):
        name = _file_name(source)
        data = _read_stream(source, name, limits.file_bytes)  # type: ignore[arg-type]
    else:
        expected = "give a path, bytes, a binary file object, a PIL image or a numpy array"
        raise refusal("<input>", f"received {type(source).__name__}", expected)
    if data is None:
        limit = f"{limits.file_bytes / 2**20:g} MiB"
        raise refusal(name, f"it is larger than {limit}", "make it smaller, or raise Limits.file_bytes")
    if not data:
        raise refusal(name, "it is empty (0 bytes)", "save or send it again")
    return name, data


def read_start(path: str | os.PathLike[str], length: int) -> bytes:
    """The first bytes of a regular file; none of what is not one or cannot be opened: `read_bytes` says why."""
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            return file.read(length) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""
    except (OSError, ValueError):
        return b""


class NamedBytes(io.BytesIO):
    """A stream that has been taken in: it knows its name, and can be sent to another process."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self.name = name


def _read_path(name: str, limit: int) -> bytes | None:
    try:
        with open(name, "rb", opener=_open_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise refusal(name, "it is a pipe or a device, not a file", "send it on standard input")
            return _read_stream(file, name, limit)
    except FileNotFoundError:
        raise refusal(name, "there is no such file", "check the path") from None
    except IsADirectoryError:
        raise refusal(name, "it is a folder", "give a picture in it") from None
    except PermissionError:
        raise refusal(name, "reading it is not permitted", "check its permissions") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refusal(name, f"it cannot be opened ({reason})", "check the path") from error


def _open_without_waiting(name: str, flags: int) -> int:
    """Open a file; a pipe that nobody writes to is opened too instead of being waited for."""
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _file_name(file: object) -> str:
    name = getattr(file, "name", None)
    if isinstance(name, str) and name:
        return name
    return "<bytes>" if isinstance(file, io.BytesIO) else "<file>"


def _read_stream(file: IO[bytes], name: str, limit: int) -> bytes | None:
    """All bytes of a stream, or None when there are more than the limit."""
    try:
        if hasattr(file, "seekable") and file.seekable():
            file.seek(0)
        data = bytearray()
        while len(data) <= limit and (block := file.read(min(limit + 1 - len(data), 1 << 20))):
            data += block
    except Exception as error:  # a file object may be anyone's code
        what = f"its file object cannot be read ({shortened(str(error), 160)})"
        raise refusal(name, what, "open it in binary mode ('rb')") from error
    return bytes(data) if len(data) <= limit else None


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shortened(text: str, length: int) -> str:
    """The text, its middle left out where it is longer than ``length`` characters."""
    return text if len(text) <= length else f"{text[: length // 2]}…{text[-length // 2 :]}"
