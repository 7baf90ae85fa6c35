"""`sonsu read`: what goes to stdout, what to stderr, and the exit code."""

import csv
import io
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sonsu import cli
from sonsu.reading.reader import Reader, find_model
from sonsu.reading.workers import cores

DIGIT_KEYS = ["schema", "source", "label", "confidence", "status", "box_px", "probabilities", "notes", "model", "error"]
PAGE_KEYS = ["schema", "source", "width_px", "height_px", "text", "lines", "notes", "model", "error"]


@pytest.fixture
def sonsu(monkeypatch, capsys):
    """`sonsu("read", …)`: exit code, stdout and stderr of the command, run in this process."""

    def run(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "argv", ["sonsu", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return ended.value.code or 0, captured.out, captured.err

    return run


@pytest.fixture
def pictures(tmp_path, monkeypatch, draw_digit):
    """A folder, the current one, with 3.png and 7.png, sheet.png with the lines 41 and 6, and blank.png."""
    for label in (3, 7):
        Image.fromarray(255 - draw_digit(label, 90, 8)).save(tmp_path / f"{label}.png")
    sheet = np.zeros((240, 220), np.uint8)
    for label, at in ((4, (15, 15)), (1, (115, 15)), (6, (15, 130))):
        sheet |= draw_digit(label, 80, 8, size_px=(220, 240), at_px=at)
    Image.fromarray(255 - sheet).save(tmp_path / "sheet.png")
    Image.new("L", (80, 60), 255).save(tmp_path / "blank.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def assert_errors(err, count):
    """One line an error, each naming the trouble and the cure."""
    lines = [line for line in err.splitlines() if line.startswith("error: ")]
    assert len(lines) == count
    assert all("; " in line for line in lines)
    assert "Traceback" not in err
    return lines


# --- text


def test_one_picture(sonsu, pictures):
    assert sonsu("read", "--one", "3.png") == (0, "3\n", "")
    assert sonsu("read", "sheet.png") == (0, "41\n6\n", "")


def test_several_pictures_are_named(sonsu, pictures):
    assert sonsu("read", "--one", "3.png", "7.png") == (0, "3.png: 3\n7.png: 7\n", "")
    assert sonsu("read", "sheet.png", "3.png") == (0, "sheet.png: 41 6\n3.png: 3\n", "")


def test_nothing_on_it_is_a_valid_result(sonsu, pictures):
    assert sonsu("read", "--one", "blank.png") == (0, "?\n", "blank.png: unsure of ? (0%); blank\n")
    assert sonsu("read", "blank.png") == (0, "\n", "blank.png: blank\n")


def test_doubts_and_notes_go_to_stderr(sonsu, pictures):
    with Image.open("3.png") as picture:
        picture.point(lambda value: 255 - value).save("light.png")
    code, out, err = sonsu("read", "--one", "--min-confidence", "1", "light.png")
    assert (code, out) == (0, "3\n")
    assert err.startswith("light.png: unsure of 3 (")
    assert err.endswith("%); light on dark: inverted\n")
    assert sonsu("read", "--min-confidence", "1", "sheet.png")[2].count("%") == 3
    assert sonsu("read", "--min-confidence", "0", "sheet.png")[2] == ""


# --- which pictures


def test_folders_and_globs(sonsu, pictures):
    (pictures / "notes.txt").write_text("no picture")
    named = sonsu("read", "--one", "3.png", "7.png")
    assert sonsu("read", "--one", "[37].png") == named
    code, out, _ = sonsu("read", "--one", pictures)
    assert code == 0
    assert out.splitlines() == [f"{pictures}/3.png: 3", f"{pictures}/7.png: 7", f"{pictures}/blank.png: ?",
                                *(line for line in out.splitlines() if "sheet" in line)]  # fmt: skip
    os.mkdir("only")  # noqa: PTH102
    os.rename("7.png", "only/7.png")  # noqa: PTH104
    assert sonsu("read", "--one", "only")[1] == "only/7.png: 7\n", "a folder may hold several: they are named"


def test_standard_input(sonsu, pictures):
    data = Path("7.png").read_bytes()
    assert sonsu("read", "--one", "-", stdin=data) == (0, "7\n", "")
    code, out, _ = sonsu("read", "--one", "--json", "-", "3.png", stdin=data)
    assert code == 0
    assert [json.loads(line)["source"] for line in out.splitlines()] == ["<stdin>", "3.png"]
    code, out, err = sonsu("read", "-", stdin=b"")
    assert (code, out) == (1, "")
    assert "it is empty" in assert_errors(err, 1)[0]


# --- JSON


def test_json_of_one_digit(sonsu, pictures):
    code, out, err = sonsu("read", "--one", "--json", "3.png", "none.png")
    assert code == 1
    assert_errors(err, 1)
    good, bad = map(json.loads, out.splitlines())
    assert list(good) == list(bad) == DIGIT_KEYS
    assert (good["schema"], good["source"], good["label"], good["error"]) == ("sonsu.digit/1", "3.png", 3, None)
    assert (good["status"], len(good["probabilities"]), len(good["box_px"])) == ("read", 10, 4)
    assert good["model"]["name"] == "default"
    assert len(good["model"]["sha256"]) == 64
    assert (bad["source"], bad["label"]) == ("none.png", None)
    assert bad["error"] in err


def test_json_of_a_page(sonsu, pictures):
    code, out, err = sonsu("read", "--json", "sheet.png", "none.png")
    assert code == 1
    good, bad = map(json.loads, out.splitlines())
    assert list(good) == list(bad) == PAGE_KEYS
    assert (good["schema"], good["text"], good["width_px"], good["height_px"]) == ("sonsu.page/1", "41\n6", 220, 240)
    assert [list(line) for line in good["lines"]] == [["text", "confidence", "box_px", "digits"]] * 2
    assert list(good["lines"][0]["digits"][0]) == ["label", "confidence", "status", "box_px", "probabilities"]
    assert (bad["source"], bad["lines"], bad["text"]) == ("none.png", [], "")
    assert bad["error"] in err
    assert sonsu("read", "--json", "blank.png")[0] == 0


# --- CSV


def test_csv(sonsu, pictures):
    os.rename("3.png", 'a, "3".png')  # noqa: PTH104
    code, out, _ = sonsu("read", "--one", "--csv", 'a, "3".png', "none.png", "blank.png")
    head, good, bad, blank = csv.reader(io.StringIO(out))
    assert code == 1
    assert head == ["source", "label", "confidence", "status", "x", "y", "width", "height", "error"]
    assert good[:2] + good[3:4] + good[8:] == ['a, "3".png', "3", "read", ""]
    assert all(int(value) > 0 for value in good[4:8])
    assert bad[0] == "none.png"
    assert bad[1:8] == [""] * 7
    assert "no such file" in bad[8]
    assert blank == ["blank.png", "", "0.0", "unsure", "0", "0", "0", "0", ""]


def test_csv_of_pages(sonsu, pictures):
    code, out, _ = sonsu("read", "--csv", "--min-confidence", "1", "sheet.png", "none.png")
    head, first, second, bad = csv.reader(io.StringIO(out))
    assert code == 1
    assert head == ["source", "line", "text", "confidence", "unsure", "x", "y", "width", "height", "error"]
    assert first[:3] + first[4:5] == ["sheet.png", "1", "41", "2"]
    assert second[:3] + second[4:5] == ["sheet.png", "2", "6", "1"]
    assert bad[0] == "none.png"
    assert bad[1:9] == [""] * 8
    assert "no such file" in bad[9]


# --- trouble


def test_one_bad_file_among_good_ones(sonsu, pictures):
    Path("bad.png").write_bytes(Path("7.png").read_bytes()[:60])
    Path("notes.txt").write_text("no picture, but named")
    Path("folder").mkdir()
    code, out, err = sonsu("read", "--one", "3.png", "bad.png", "notes.txt", "none.png", "folder", "x" * 5000, "7.png")
    assert (code, out) == (1, "3.png: 3\n7.png: 7\n")
    lines = assert_errors(err, 5)
    for line, name in zip(lines, ("bad.png", "notes.txt", "none.png", "folder", "xxx"), strict=True):
        assert name in line


@pytest.mark.parametrize("options", [["--one"], ["--json"]])
def test_thirty_damaged_files_beside_three_good_ones(sonsu, pictures, options):
    rng = np.random.default_rng(0)
    good = Path("3.png")
    Path("damaged").mkdir()
    for number in range(30):
        kind = ("png", "jpg", "gif", "tif", "webp", "bmp")[number % 6]
        path = Path(f"damaged/{number:02}.{kind}")
        with Image.open(good) as picture:
            picture.save(path)
        data = np.frombuffer(path.read_bytes(), np.uint8).copy()
        if number % 3 == 0:
            data = data[: int(len(data) * rng.uniform(0, 0.5))]
        elif number % 3 == 1:
            data[:64] = rng.integers(0, 256, 64)
        else:
            data = rng.integers(0, 256, 500, dtype=np.uint8)
        path.write_bytes(data.tobytes())
    for name in ("03.png", "17.png", "99.png"):
        Path(f"damaged/{name[:2]}-good.png").write_bytes(good.read_bytes())
    code, out, err = sonsu("read", *options, "damaged")
    assert code == 1
    assert_errors(err, 30)
    if options == ["--json"]:
        records = [json.loads(line) for line in out.splitlines()]
        assert [record["text"] for record in records if record["error"] is None] == ["3"] * 3
        assert len(records) == 33
    else:
        assert [line.split(": ") for line in out.splitlines()] == [
            [f"damaged/{number}-good.png", "3"] for number in ("03", "17", "99")
        ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["read"],
        ["read", "--nonesuch", "3.png"],
        ["read", "--min-confidence", "1.5", "3.png"],
        ["read", "--min-confidence", "high", "3.png"],
        ["read", "--draw", "3.png", "sheet.png"],
        ["read", "--explain", "3.png", "sheet.png"],
        ["read", "--one", "--draw", "out", "3.png"],
        ["read", "--one", "--explain", "out", "3.png"],
        ["read", "--json", "--csv", "3.png"],
        ["read", "--jobs", "-1", "3.png"],
        ["nonesuch"],
    ],
)
def test_usage(sonsu, pictures, arguments):
    code, out, err = sonsu(*arguments)
    assert (code, out) == (2, "")
    assert "error" in err.lower()
    assert "Traceback" not in err


def test_no_name_is_not_this_folder(sonsu, pictures):
    code, out, err = sonsu("read", "")
    assert (code, out) == (1, "")
    assert "there is no such file" in err


def test_json_on_a_terminal_that_knows_no_hangul(sonsu, pictures, monkeypatch):
    Path("3.png").rename("손글씨 😀.png")
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    sonsu("read", "--one", "--json", "손글씨 😀.png")
    sys.stdout.flush()
    assert json.loads(raw.getvalue())["source"] == "손글씨 😀.png"


def test_what_cannot_be_written_is_one_line(sonsu, pictures):
    Path("file").write_text("")
    code, _, err = sonsu("data", "scenes", "file/x", "--digits", "strokes:1", "--kind", "clean", "--n", "1")
    assert (code, err.splitlines()[-1]) == (1, "error: file/x: Not a directory")


def test_an_option_before_the_verb_that_it_is_for(sonsu, pictures):
    code, _, err = sonsu("data", "--data-dir", ".", "scenes", "new")
    assert code == 2 and "--data-dir belongs behind scenes" in err


def test_interrupted(sonsu, pictures, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Reader, "read", interrupt)
    code, out, _ = sonsu("read", "3.png")
    assert code == 130
    assert out == ""


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


def test_draw(sonsu, pictures):
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


def test_documents_in_a_folder_and_broken_ones(sonsu, scan):
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


def test_explain(sonsu, pictures):
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
