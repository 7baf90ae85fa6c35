"""`sonsu read`: documents of several pages, several processes, and what is drawn and explained; other models."""

import csv
import io
import json
import os
from pathlib import Path

import pytest
from PIL import Image

from sonsu.reading.reader import find_model
from sonsu.reading.workers import cores

PAGE_KEYS = ["schema", "source", "width_px", "height_px", "text", "lines", "notes", "model", "error"]


# --- models, drawings


def test_models(sonsu, pictures):
    data = find_model("default").read_bytes()
    Path("mine.onnx").write_bytes(data)
    Path("half.onnx").write_bytes(data[:1000])
    assert sonsu("read", "--one", "--model", "mine.onnx", "3.png") == (0, "3\n", "")
    for name in ("nonesuch", "half.onnx", "x" * 5000):
        code, out, err = sonsu("read", "--one", "--model", name, "3.png")
        assert (code, out) == (1, "")
        assert err.startswith("error: ")
        assert name in err
        assert err.count("\n") == 1


def test_draw(sonsu, assert_errors, pictures):
    Path("other").mkdir()
    with Image.open("3.png") as picture:
        picture.save("other/sheet.webp", lossless=True)
    code, out, err = sonsu("read", "--draw", "out/drawn", "sheet.png", "other/sheet.webp", "none.png")
    assert code == 1
    assert out == "sheet.png: 41 6\nother/sheet.webp: 3\n"
    assert_errors(err, 1)
    assert sorted(path.name for path in Path("out/drawn").iterdir()) == ["sheet-2.png", "sheet.png"]
    with Image.open("out/drawn/sheet.png") as drawn:
        assert drawn.size == (220, 240)
        assert (0, 140, 60) in {colour for _, colour in drawn.getcolors(100_000)}


def test_a_drawing_that_cannot_be_written_does_not_stop_the_others(sonsu, pictures):
    Path("taken").write_text("a file")
    code, out, err = sonsu("read", "--draw", "taken/drawn", "3.png", "7.png")
    assert code == 1
    assert out.splitlines() == ["3.png: 3", "7.png: 7"]
    assert err.count("cannot write taken") == 2


def test_drawings_of_pages_and_of_small_pictures(sonsu, pictures):
    with Image.open("sheet.png") as sheet, Image.open("3.png") as three:
        sheet.save("scan.pdf", save_all=True, append_images=[three])
        three.resize((40, 40)).save("small.png")
    assert sonsu("read", "--draw", "out", "scan.pdf", "small.png", "-", stdin=Path("3.png").read_bytes())[0] == 0
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "scan-page1.png", "scan-page2.png", "small.png", "stdin.png",
    ]  # fmt: skip
    with Image.open("out/small.png") as drawn:
        assert min(drawn.size) >= 200


# --- documents of several pages


@pytest.fixture
def scan(pictures):
    """scan.pdf and scan.tif, each with three pages: a 3, nothing, a 7."""
    names = "3.png", "blank.png", "7.png"
    pages = [Image.open(name).convert("L").resize((200, 200)) for name in names]
    for name in ("scan.pdf", "scan.tif"):  # copies: Pillow leaves settings of one format in what it has saved
        first, *others = (page.copy() for page in pages)
        first.save(name, save_all=True, append_images=others)
    return pages


@pytest.mark.parametrize("name", ["scan.pdf", "scan.tif"])
def test_each_page_is_a_record(sonsu, scan, name):
    code, out, err = sonsu("read", "--one", name)
    assert (code, out) == (0, f"{name}#1: 3\n{name}#2: ?\n{name}#3: 7\n")
    assert err == f"{name}#2: unsure of ? (0%); blank\n"
    code, out, _ = sonsu("read", "--json", "3.png", name)
    assert code == 0
    records = [json.loads(line) for line in out.splitlines()]
    assert [record["source"] for record in records] == ["3.png", f"{name}#1", f"{name}#2", f"{name}#3"]
    assert all(list(record) == PAGE_KEYS for record in records)
    code, out, _ = sonsu("read", "--one", "--csv", name)
    assert [row[:2] for row in csv.reader(io.StringIO(out))][1:] == [
        [f"{name}#1", "3"], [f"{name}#2", ""], [f"{name}#3", "7"],
    ]  # fmt: skip


def test_a_document_on_standard_input(sonsu, scan):
    for name in ("scan.pdf", "scan.tif"):
        out = sonsu("read", "--one", "-", stdin=Path(name).read_bytes())[1]
        assert out == "<stdin>#1: 3\n<stdin>#2: ?\n<stdin>#3: 7\n"
    scan[2].save("one.pdf")
    assert sonsu("read", "--one", "-", stdin=Path("one.pdf").read_bytes()) == (0, "7\n", "")
    assert sonsu("read", "--one", "one.pdf") == (0, "7\n", "")


def test_documents_in_a_folder_and_broken_ones(sonsu, assert_errors, scan):
    Path("in").mkdir()
    os.rename("scan.pdf", "in/a.pdf")  # noqa: PTH104
    Path("in/b.pdf").write_bytes(b"%PDF-1.7 and no more")
    Path("in/c.tif").write_bytes(Path("scan.tif").read_bytes()[:-1000])
    os.rename("7.png", "in/d.png")  # noqa: PTH104
    code, out, err = sonsu("read", "--one", "in")
    assert code == 1
    assert out.splitlines() == [
        "in/a.pdf#1: 3", "in/a.pdf#2: ?", "in/a.pdf#3: 7", "in/c.tif#1: 3", "in/c.tif#2: ?", "in/d.png: 7",
    ]  # fmt: skip
    first, second = assert_errors(err, 2)
    assert "'in/b.pdf': it is a PDF that is damaged" in first
    assert "'in/c.tif#3'" in second


# --- several processes


def test_jobs_give_the_same_in_the_same_order(sonsu, scan):
    arguments = ["--one", "--json", "7.png", "none.png", "scan.pdf", "-", "3.png"]
    one, two = (sonsu("read", *jobs, *arguments, stdin=Path("3.png").read_bytes()) for jobs in ([], ["--jobs", "2"]))
    assert two == one
    assert one[0] == 1
    assert [json.loads(line)["source"] for line in one[1].splitlines()] == [
        "7.png", "none.png", "scan.pdf#1", "scan.pdf#2", "scan.pdf#3", "<stdin>", "3.png",
    ]  # fmt: skip


def test_as_many_jobs_as_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(7)), raising=False)
    assert cores() == 7


# --- explanations


def test_explain(sonsu, assert_errors, pictures):
    odd = "<b>&3.png"
    os.rename("3.png", odd)  # noqa: PTH104
    code, out, err = sonsu("read", "--explain", "out/why", odd, "sheet.png", "blank.png", "none.png")
    assert code == 1
    assert_errors(err, 1)
    assert out == sonsu("read", odd, "sheet.png", "blank.png", "none.png")[1], "the results are the same"
    assert sorted(path.name for path in Path("out/why").iterdir()) == ["<b>&3.html", "blank.html", "sheet.html"]
    html = Path("out/why/<b>&3.html").read_text(encoding="utf-8")
    assert "How &lt;b&gt;&amp;3.png was read" in html
    assert odd not in html
    assert "src='data:image/png;base64," in html
