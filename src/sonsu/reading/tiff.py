"""Pages of a TIFF: where each begins, and the file with another page put first.

Pillow reaches a page by reading all tags of all pages before it, which a file can make as costly as it likes. The chain
of directories itself is short work: TIFF 6.0, section 2 (Adobe 1992), and its 64-bit form, BigTIFF.
"""

from dataclasses import dataclass
from struct import Struct

_NEW_SUBFILE_TYPE = 254
_NO_PAGE = 1 | 4  # its bits for a reduced copy of another page (a thumbnail) and for a transparency mask


@dataclass(frozen=True)
class _Form:
    """The fields of a directory: number of entries, one entry's tag and value, offset of the next directory."""

    count: Struct
    entry: Struct
    offset: Struct
    first_at: int


def is_tiff(data: bytes) -> bool:
    """Whether a file's first bytes say that it is a TIFF."""
    return _form(data) is not None


def page_offsets(data: bytes, most: int) -> list[int]:
    """Where the directories of a TIFF's pages begin.

    Args:
        data: the whole file.
        most: no more pages than this are looked for.

    Returns:
        Offsets in bytes, the first page's at least; empty for what is not a TIFF. Thumbnails and masks are left out.
        Where the chain leads out of the file, the offset that does so is the last one: that page is missing.
    """
    form = _form(data)
    if form is None:
        return []
    pages: list[int] = []
    seen: set[int] = set()
    (offset,) = form.offset.unpack_from(data, form.first_at)
    while len(pages) < most and len(seen) < 2 * most and (offset or not pages) and offset not in seen:
        seen.add(offset)
        directory = _directory(data, offset, form)
        if directory is None:
            return [*pages, offset]
        kind, following = directory
        if not pages or not kind & _NO_PAGE:
            pages.append(offset)
        offset = following
    return pages


def with_first_page(data: bytes, offset: int) -> bytes:
    """The same TIFF with the page at an offset as its first."""
    form = _form(data)
    if form is None:
        return data
    return b"".join((data[: form.first_at], form.offset.pack(offset), data[form.first_at + form.offset.size :]))


def _form(data: bytes) -> _Form | None:
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 16:
        return None
    version = data[2:4] if order == ">" else data[3:1:-1]
    if version == b"\0\x2a":
        return _Form(Struct(order + "H"), Struct(order + "H6xI"), Struct(order + "I"), 4)
    if version == b"\0\x2b":
        return _Form(Struct(order + "Q"), Struct(order + "H10xI4x"), Struct(order + "Q"), 8)
    return None


def _directory(data: bytes, offset: int, form: _Form) -> tuple[int, int] | None:
    """Subfile type of the directory at an offset, and the next one's offset; None where it reaches out of the file."""
    start = offset + form.count.size
    if start > len(data):
        return None
    (entries,) = form.count.unpack_from(data, offset)
    end = start + entries * form.entry.size
    if end + form.offset.size > len(data):
        return None
    tag, value = form.entry.unpack_from(data, start) if entries else (0, 0)  # entries are in the order of their tags
    return value if tag == _NEW_SUBFILE_TYPE else 0, form.offset.unpack_from(data, end)[0]
