"""Documents of several pages: PDF and TIFF, taken apart lazily, each page a picture of its own.

A page is called like its document with its number behind it, from 1: ``scan.pdf#2``. A document of one page is called
by its name alone, as any picture is.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import IO, TypeAlias

from sonsu.errors import PictureError
from sonsu.reading import pdf, tiff
from sonsu.reading.source import Limits, NamedBytes, read_bytes, read_start, refusal

File: TypeAlias = str | os.PathLike[str] | IO[bytes]

_START_BYTES = 64  # enough to know a PDF or a TIFF by


@dataclass(frozen=True)
class DocumentPage:
    """One page, to be given to `Reader.read` or `load`; nothing of it is read before that.

    Attributes:
        document: the PDF or TIFF: a path, or a file object.
        number: of the page, from 1.
    """

    document: File
    number: int


def pages(name: str, source: File, limits: Limits) -> list[tuple[str, File | DocumentPage | PictureError]]:
    """Each page of a document; any other picture as it is.

    Args:
        name: what to call it.
        source: a path, or a file object, which is taken in here.
        limits: ``file_bytes`` and ``pages`` are used here.

    Returns:
        Name and source of each page, the source ready to be sent to another process. What cannot be opened is
        one source: the error that says so.
    """
    try:
        document, count = _opened(source, limits)
    except PictureError as error:
        return [(name, error)]
    if count == 1:
        return [(name, document)]
    return [(page_name(name, number), DocumentPage(document, number)) for number in range(1, count + 1)]


def _opened(source: File, limits: Limits) -> tuple[File, int]:
    """The source in a form that another process can be sent, and its pages."""
    if isinstance(source, str | os.PathLike):
        if not _is_document(read_start(source, _START_BYTES)):
            return source, 1
        name, data = read_bytes(source, limits)
        return source, _count(data, name, limits)
    name, data = read_bytes(source, limits)
    return NamedBytes(data, name), _count(data, name, limits)


def _is_document(data: bytes) -> bool:
    return pdf.is_pdf(data) or tiff.is_tiff(data)


def _count(data: bytes, name: str, limits: Limits) -> int:
    """How many pages a file's bytes hold; 1 for what is no document."""
    count = pdf.count_pages(data, name, limits) if pdf.is_pdf(data) else len(_tiff_pages(data, limits))
    if count > limits.pages:
        raise refusal(name, f"it has more than {limits.pages} pages", "split it, or raise Limits.pages")
    return max(count, 1)


def tiff_page(data: bytes, number: int | None, name: str, limits: Limits) -> tuple[bytes, list[str]]:
    """A TIFF with the page of a number as its first, and notes; anything else as it is.

    Args:
        data: the whole file.
        number: of the page, from 1; None stands for the first, with a note where there are more.
        name: what to call it in messages.
        limits: only ``pages`` is used here.

    Raises:
        PictureError: there is no such page.
    """
    offsets = _tiff_pages(data, limits)
    if (number or 1) > max(len(offsets), 1):
        raise refusal(name, f"there is no page {number} of {len(offsets)}", "check the number")
    if number is None or number == 1:
        return data, first_of(len(offsets), number)
    return tiff.with_first_page(data, offsets[number - 1]), []


def _tiff_pages(data: bytes, limits: Limits) -> list[int]:
    return tiff.page_offsets(data, limits.pages + 1) if tiff.is_tiff(data) else []


def first_of(count: int, number: int | None) -> list[str]:
    """The note that says what was left out where no page was asked for."""
    return [f"first of {count} pages"] if count > 1 and number is None else []


def page_name(document: str, number: int) -> str:
    """What a page is called."""
    return f"{document}#{number}"
