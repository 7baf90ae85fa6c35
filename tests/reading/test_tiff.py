"""`sonsu.reading.tiff`: the chain of directories, followed without reading what they hold."""

import io
import struct

import pytest
from PIL import Image

from sonsu.reading.picture import Limits, load
from sonsu.reading.tiff import is_tiff, page_offsets, with_first_page

SHADES = (10, 100, 200)


def written(**options):
    pages = [Image.new("L", (30 + shade, 20), shade) for shade in SHADES]
    buffer = io.BytesIO()
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:], **options)
    return buffer.getvalue()


def in_order(order, *kinds, big=False):
    """A TIFF by hand: one grey px a page; each page's subfile type is given, None for a page without one."""
    size, count, offset = ("Q", "Q", "Q") if big else ("I", "H", "I")
    mark = order + ("HHHQ" if big else "HI")
    first = 16 if big else 8
    head = (b"II" if order == "<" else b"MM") + (
        struct.pack(mark, 43, 8, 0, first) if big else struct.pack(mark, 42, first)
    )
    data = head
    for number, kind in enumerate(kinds):
        tags = [(256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 0), (278, 1), (279, 1)]
        tags = ([(254, kind)] if kind is not None else []) + tags
        start = len(data)
        length = struct.calcsize(order + count) + len(tags) * (20 if big else 12) + struct.calcsize(order + offset)
        directory = struct.pack(order + count, len(tags))
        for tag, value in tags:
            value = start + length if tag == 273 else value
            entry = struct.pack(order + "HH" + size + "I", tag, 4, 1, value)
            directory += entry + bytes(4) if big else entry
        last = number == len(kinds) - 1
        directory += struct.pack(order + offset, 0 if last else start + length + 1)
        data += directory + bytes([40 * (number + 1) % 256])
    return data


def first_px(data):
    return int(load(data).pixels[0, 0])


@pytest.mark.parametrize("options", [{}, {"big_tiff": True}])
def test_pages_of_a_file_that_pillow_wrote(options):
    data = written(**options)
    offsets = page_offsets(data, 10)
    assert len(offsets) == 3
    for offset, shade in zip(offsets, SHADES, strict=True):
        with Image.open(io.BytesIO(with_first_page(data, offset))) as page:
            assert page.size == (30 + shade, 20)
            assert page.getpixel((0, 0)) == shade
    assert with_first_page(data, offsets[0]) == data


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_either_byte_order_and_size(order, big):
    data = in_order(order, None, 0, 2, big=big)
    offsets = page_offsets(data, 10)
    assert len(offsets) == 3
    if not (big and order == ">"):  # which Pillow does not read
        assert [first_px(with_first_page(data, offset)) for offset in offsets] == [40, 80, 120]


@pytest.mark.parametrize("order", ["<", ">"])
def test_thumbnails_and_masks_are_no_pages(order):
    data = in_order(order, 0, 1, 2, 4, 0)
    assert [first_px(with_first_page(data, at)) for at in page_offsets(data, 10)] == [40, 120, 200]
    assert len(page_offsets(in_order(order, 1, 0), 10)) == 2, "the first is a page whatever it says"


def test_only_so_many_are_looked_for():
    assert len(page_offsets(in_order("<", *[0] * 50), 7)) == 7
    assert len(page_offsets(in_order("<", 0, *[1] * 10_000), 7)) == 1


def test_a_chain_that_leads_round_in_a_circle_ends():
    data = bytearray(in_order("<", 0, 0))
    offsets = page_offsets(bytes(data), 10)
    data[len(data) - 5 : len(data) - 1] = struct.pack("<I", offsets[0])
    assert page_offsets(bytes(data), 10) == offsets


def test_a_chain_that_leads_out_of_the_file_ends_with_a_page_that_is_missing():
    data = in_order("<", 0, 0, 0)
    offsets = page_offsets(data, 10)
    assert page_offsets(data[: offsets[2] + 5], 10) == offsets
    assert page_offsets(b"II*\0" + struct.pack("<I", 1 << 31) + bytes(20), 10) == [1 << 31]


@pytest.mark.parametrize("data", [b"", b"II", b"II*\0", b"MM\0+" + bytes(4), b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_what_is_no_tiff(data):
    assert not is_tiff(data)
    assert page_offsets(data, 10) == []
    assert with_first_page(data, 8) == data


def test_more_pages_than_the_limit_still_give_the_first():
    picture = load(written(), limits=Limits(pages=2))
    assert picture.pixels[0, 0] == SHADES[0]
