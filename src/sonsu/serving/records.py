"""From uploads to the records that are answered; runs in a thread."""

import base64
import json
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sonsu.errors import PictureError, SonsuError
from sonsu.reading.line_reader import Look
from sonsu.reading.page import Page, digit_record, page_error
from sonsu.reading.pages import DocumentPage, pages
from sonsu.reading.picture import Source
from sonsu.reading.reader import Reader
from sonsu.reading.source import NamedBytes, refusal
from sonsu.serving.gate import too_slow
from sonsu.serving.intake import Upload
from sonsu.serving.problems import ProblemError
from sonsu.serving.settings import Settings

Record = dict[str, Any]

_log = logging.getLogger("sonsu.serving")
_MARGIN = 0.12  # of a digit's own ink, around it
_PREVIEW_PX = 1600


@dataclass(frozen=True)
class Wish:
    """What is wanted of a request's pictures.

    Attributes:
        one: each picture holds exactly one digit.
        explain: what the networks saw is wanted, too.
        as_list: a list is wanted even of one picture.
    """

    one: bool
    explain: bool = False
    as_list: bool = False


@dataclass(frozen=True)
class Answer:
    """What is sent back, and what the metrics say of it.

    Attributes:
        body: JSON.
        pictures: how many were read.
        statuses: of all digits: "read", "unsure".
    """

    body: bytes
    pictures: int
    statuses: tuple[str, ...]


def read(reader: Reader, uploads: Sequence[Upload], wish: Wish, settings: Settings) -> Answer:
    """Read a request's pictures.

    Raises:
        PictureError: there is only one, and it cannot be read.
        ProblemError: they have too many pages, or reading them takes too long.
    """
    deadline = time.monotonic() + settings.timeout_s
    found = list(_pages(uploads, settings, deadline))
    records = []
    for name, source in found:
        if time.monotonic() > deadline:
            raise too_slow(settings.timeout_s)
        try:
            records.append(_record(reader, wish, name, source))
        except PictureError as error:
            if len(found) == 1 and not wish.as_list:
                raise
            records.append(_error(reader, wish, name, str(error)))
    single = len(records) == 1 and not wish.as_list
    body = json.dumps(records[0] if single else records, ensure_ascii=False, separators=(",", ":"))
    return Answer(body.encode(), len(records), tuple(_statuses(records)))


def _pages(
    uploads: Sequence[Upload], settings: Settings, deadline: float
) -> Iterator[tuple[str, Source | PictureError]]:
    left = settings.pages
    for upload in uploads:
        if time.monotonic() > deadline:  # a document's pages may take long to count
            raise too_slow(settings.timeout_s)
        found = pages(upload.name, NamedBytes(upload.data, upload.name), settings.limits)
        left -= len(found)
        if left < 0:
            detail = f"at most {settings.pages} pictures and pages a request; send fewer"
            raise ProblemError(413, "too-many-pages", detail)
        yield from found


def _record(reader: Reader, wish: Wish, name: str, source: Source | PictureError) -> Record:
    try:
        if isinstance(source, PictureError):
            raise source
        return _digit(reader, wish, name, source) if wish.one else _page(reader, wish, name, source)
    except SonsuError:
        raise
    except Exception as error:  # whatever it is, the others are read
        _log.exception("a picture could not be read")
        raise refusal(name, f"reading it failed ({type(error).__name__})", "leave it out, or report it") from error


def _error(reader: Reader, wish: Wish, name: str, error: str) -> Record:
    return digit_record(None, name, reader.model, error) if wish.one else page_error(name, reader.model, error)


def _digit(reader: Reader, wish: Wish, name: str, source: Source) -> Record:
    digit, seen = reader.see_digit(source)
    record = digit_record(digit, name, reader.model)
    return record | {"glyph_png": _png(seen)} if wish.explain else record


def _page(reader: Reader, wish: Wish, name: str, source: Source) -> Record:
    page, looks = reader.see(source)
    record = page.to_dict() | {"source": name}
    if wish.explain:
        for line, look in zip(record["lines"], looks, strict=True):
            _add_looks(line["digits"], look)
        if isinstance(source, DocumentPage) or (isinstance(source, NamedBytes) and not _shown_by_browsers(source)):
            record["picture_jpeg"] = _preview(page)
    return record


def _add_looks(digits: Sequence[Record], look: Look) -> None:
    for digit, seen, ink in zip(digits, look.glyphs, look.inks, strict=True):
        digit["glyph_png"] = _png(seen)
        digit["ink_png"] = _png(_on_paper(ink))


def _on_paper(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A digit's own ink, cropped with a margin, dark on white."""
    x, y, width, height = cv2.boundingRect(ink)
    margin = max(2, round(_MARGIN * max(width, height)))
    own = ink[y : y + height, x : x + width] if width else ink[:1, :1]
    return 255 - cv2.copyMakeBorder(own, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=0)


def _shown_by_browsers(source: NamedBytes) -> bool:
    start = source.getbuffer()[:12].tobytes()
    return (
        start.startswith((b"\x89PNG", b"\xff\xd8", b"GIF8", b"BM")) or start[4:] == b"ftypavif" or start[8:] == b"WEBP"
    )


def _preview(page: Page) -> str:
    small = page.picture.convert("RGB")
    small.thumbnail((_PREVIEW_PX, _PREVIEW_PX))
    return _encoded(small, "JPEG")


def _png(pixels: NDArray[np.uint8]) -> str:
    return _encoded(Image.fromarray(pixels), "PNG")


def _encoded(picture: Image.Image, kind: str) -> str:
    file = BytesIO()
    picture.save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


def _statuses(records: Sequence[Record]) -> Iterator[str]:
    for record in records:
        digits = [record] if "lines" not in record else [d for line in record["lines"] for d in line["digits"]]
        yield from (digit["status"] for digit in digits if digit["status"])
