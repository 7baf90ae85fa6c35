"""`sonsu read`: what goes to stdout, what to stderr, and the exit code."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sonsu import cli
from sonsu.reading.reader import Reader, find_model

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


def test_a_pipe_into_a_process_of_its_own(pictures):
    """As a shell runs it, with a name that is no text in any encoding."""
    odd = os.fsdecode(b"\xff7.png")
    try:
        os.rename("7.png", odd)  # noqa: PTH104
    except OSError:
        pytest.skip("this file system takes no such names")
    environment = os.environ | {"PYTHONIOENCODING": "utf-8:strict", "PYTHONWARNINGS": "error"}
    command = [sys.executable, "-m", "sonsu.cli", "read", "--one", "--json", "-", odd]
    run = subprocess.run(
        command, input=Path("3.png").read_bytes(), capture_output=True, timeout=60, env=environment, check=True
    )
    first, second = map(json.loads, run.stdout.splitlines())
    assert (first["source"], first["label"]) == ("<stdin>", 3)
    assert (second["source"], second["label"]) == (odd, 7)
    assert run.stderr == b""


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
        ["nonesuch"],
    ],
)
def test_usage(sonsu, pictures, arguments):
    code, out, err = sonsu(*arguments)
    assert (code, out) == (2, "")
    assert "Error" in err
    assert "Traceback" not in err


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
