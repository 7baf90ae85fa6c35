"""`sonsu.reading.pages` and `pdf`: documents taken apart; hostile ones cost one clear line each."""

import io
import pickle
import re
import time

import numpy as np
import pytest
from PIL import Image, ImageDraw

from sonsu.errors import PictureError
from sonsu.reading import pdf
from sonsu.reading.pages import DocumentPage, pages
from sonsu.reading.picture import Limits, load

LIMITS = Limits()


def sheet(number):
    image = Image.new("RGB", (300, 200), "white")
    ImageDraw.Draw(image).rectangle((10 * number, 50, 10 * number + 5, 150), fill=(30, 30, 30))
    return image


def document(file_format, count=3, **options):
    buffer = io.BytesIO()
    sheets = [sheet(number) for number in range(1, count + 1)]
    sheets[0].save(buffer, file_format, save_all=True, append_images=sheets[1:], **options)
    return buffer.getvalue()


def pdf_of(content=b"", media=b"0 0 300 200", count=b"1", forms=(), trailer=b""):
    """A PDF of one page by hand; its forms are called /F5, /F6 … and may call each other."""
    resources = (
        b"/Resources<</XObject<<" + b"".join(b"/F%d %d 0 R" % (5 + i, 5 + i) for i in range(len(forms))) + b">>>>"
    )
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count " + count + b">>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[" + media + b"]" + resources + b"/Contents 4 0 R>>",
        b"<</Length %d>>stream\n" % len(content) + content + b"\nendstream",
    ]
    head = b"<</Type/XObject/Subtype/Form/BBox[0 0 900 900]" + resources
    objects += [head + b"/Length %d>>stream\n" % len(form) + form + b"\nendstream" for form in forms]
    data = b"%PDF-1.7\n"
    table = b"0000000000 65535 f \n"
    for number, body in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(data)
        data += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    end = b"trailer<</Size %d/Root 1 0 R" % (len(objects) + 1) + trailer + b">>\nstartxref\n%d\n%%%%EOF\n" % len(data)
    return data + b"xref\n0 %d\n" % (len(objects) + 1) + table + end


def bar(pixels):
    """Where the bar is, as a share of the width; it stands in the middle half of the height."""
    grey = pixels if pixels.ndim == 2 else pixels.min(axis=2)
    columns = np.flatnonzero((grey < 100).any(axis=0))
    assert (grey[grey.shape[0] // 2, columns] < 100).all()
    return columns.mean() / grey.shape[1]


def message(source, **options):
    with pytest.raises(PictureError) as caught:
        load(source, **options)
    text = str(caught.value)
    assert text.isprintable(), text
    assert re.match(r"cannot read .+: .+; .+", text), text
    return text


# --- pages


@pytest.mark.parametrize("file_format", ["PDF", "TIFF"])
def test_each_page_is_a_picture(tmp_path, file_format):
    path = tmp_path / "scan.x"
    path.write_bytes(document(file_format))
    found = pages("scan", path, LIMITS)
    assert [name for name, _ in found] == ["scan#1", "scan#2", "scan#3"]
    for number, (_, page) in enumerate(found, 1):
        assert page == DocumentPage(path, number)
        picture = load(pickle.loads(pickle.dumps(page)))
        assert picture.source == f"{path}#{number}"
        assert picture.notes == ()
        assert bar(picture.pixels) == pytest.approx((10 * number + 3) / 300, abs=0.004)


@pytest.mark.parametrize("file_format", ["PDF", "TIFF"])
def test_the_document_itself_gives_its_first_page(file_format):
    picture = load(document(file_format))
    assert picture.notes == ("first of 3 pages",)
    assert bar(picture.pixels) == pytest.approx(13 / 300, abs=0.004)
    assert load(document(file_format, 1)).notes == ()


def test_a_document_of_one_page_is_called_by_its_name(tmp_path):
    path = tmp_path / "one.pdf"
    for data in (document("PDF", 1), document("TIFF", 1)):
        path.write_bytes(data)
        assert pages("one.pdf", path, LIMITS) == [("one.pdf", path)]
    animation = document("GIF")
    path.write_bytes(animation)
    assert pages("one.pdf", str(path), LIMITS) == [("one.pdf", str(path))], "an animation's frames are no pages"


def test_streams_are_taken_in_and_keep_their_name():
    class Stream(io.BytesIO):
        name = "<stdin>"

    found = pages("<stdin>", Stream(document("PDF", 2)), LIMITS)
    assert [name for name, _ in found] == ["<stdin>#1", "<stdin>#2"]
    second = load(pickle.loads(pickle.dumps(found[1][1])))
    assert second.source == "<stdin>#2"
    ((name, single),) = pages("<stdin>", Stream(document("PNG", 1)), LIMITS)
    assert (name, load(pickle.loads(pickle.dumps(single))).source) == ("<stdin>", "<stdin>")


def test_a_page_that_is_not_there(tmp_path):
    for file_format in ("PDF", "TIFF"):
        path = tmp_path / file_format
        path.write_bytes(document(file_format))
        assert f"'{path}#4': there is no page 4 of 3" in message(DocumentPage(path, 4))


def test_what_cannot_be_opened_is_one_error(tmp_path):
    for data, limits in ((b"%PDF-1.7 junk", LIMITS), (document("TIFF"), Limits(pages=2)),
                         (document("PDF"), Limits(pages=2)), (document("PDF"), Limits(file_bytes=100))):  # fmt: skip
        path = tmp_path / "bad"
        path.write_bytes(data)
        ((name, error),) = pages("bad", path, limits)
        assert name == "bad"
        assert isinstance(error, PictureError)
        assert str(path) in str(error)
    assert pages("none", "none.pdf", LIMITS) == [("none", "none.pdf")], "reading it says that it is missing"


def test_a_tiff_cut_short_loses_no_page_in_silence(tmp_path):
    path = tmp_path / "cut.tif"
    path.write_bytes(document("TIFF")[:-100])
    found = pages("cut.tif", path, LIMITS)
    assert len(found) == 3
    assert bar(load(found[0][1]).pixels) > 0
    assert "cut.tif#3" in message(found[2][1])


# --- PDF


def test_pages_are_drawn_at_300_dpi_unless_they_are_very_large():
    a4 = load(pdf_of(b"100 100 200 200 re f", media=b"0 0 595 842"))
    assert (a4.width_px, a4.height_px) == (2480, 3509)
    assert a4.notes == ()
    poster = load(pdf_of(media=b"0 0 14400 7200"))
    assert poster.pixels.size <= LIMITS.working_pixels
    assert poster.width_px == pytest.approx(2 * poster.height_px, abs=2)
    assert poster.notes == ("drawn at 25 dpi",)
    assert load(pdf_of(media=b"0 0 0.001 14400")).pixels.shape[1] == 1


def test_grey_pages_are_grey_and_colours_stay():
    assert load(pdf_of(b"0 0 100 100 re f")).pixels.shape == (834, 1250)
    red = load(pdf_of(b"1 0 0 rg 0 0 300 200 re f")).pixels
    assert red.shape == (834, 1250, 3)
    assert red[400, 600].tolist() == [255, 0, 0]


def test_damaged_and_encrypted():
    whole = document("PDF")
    for data in (
        b"%PDF-1.7\n...",
        whole[: len(whole) // 2],
        b"\n\n %PDF-",
        pdf_of(count=b"0").replace(b"3 0 R", b"9 0 R"),
    ):
        assert "a PDF" in message(data) or "no page" in message(data)
    encrypted = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O(" + b"o" * 32 + b")/U(" + b"u" * 32 + b")>>/ID[(a)(a)]"
    assert "a PDF that is encrypted" in message(pdf_of(trailer=encrypted))


def test_a_pdf_that_asks_for_hours_and_all_memory(monkeypatch):
    """Ten forms deep, each drawing the next ten times."""
    monkeypatch.setattr(pdf, "_CPU_SECONDS", 1)
    monkeypatch.setattr(pdf, "_MEMORY_BYTES", 1 << 29)
    forms = [b"/F%d Do " % (6 + i) * 10 for i in range(10)] + [b"0 0 5 5 re f"]
    started = time.perf_counter()
    assert "a PDF that took more than 1 s" in message(pdf_of(b"/F5 Do", forms=forms))
    assert time.perf_counter() - started < 20
    assert load(pdf_of(b"/F5 Do", forms=[b"0 0 5 5 re f"])).pixels.min() == 0


def test_a_page_count_that_lies():
    assert load(pdf_of(count=b"100000000")).notes == ()


def test_a_missing_extra_names_its_line(monkeypatch):
    monkeypatch.setattr(pdf.importlib.util, "find_spec", lambda _: None)
    assert "pip install 'sonsu[pdf]'" in message(document("PDF"))


def test_20_damaged_pdfs_give_a_page_or_one_line():
    rng = np.random.default_rng(0)
    whole = np.frombuffer(pdf_of(b"0 0 100 100 re f"), np.uint8)
    refused = 0
    for _ in range(20):
        data = whole.copy()
        data[rng.integers(5, data.size, 20)] = rng.integers(0, 256, 20)
        try:
            assert load(data.tobytes()).pixels.dtype == np.uint8
        except PictureError as error:
            assert str(error).isprintable()
            refused += 1
    assert refused > 0
