"""`sonsu read`: bad files among good ones, calls that are off, interrupts."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sonsu.reading.reader import Reader


def test_one_bad_file_among_good_ones(sonsu, assert_errors, pictures):
    Path("bad.png").write_bytes(Path("7.png").read_bytes()[:60])
    Path("notes.txt").write_text("no picture, but named")
    Path("folder").mkdir()
    code, out, err = sonsu("read", "--one", "3.png", "bad.png", "notes.txt", "none.png", "folder", "x" * 5000, "7.png")
    assert (code, out) == (1, "3.png: 3\n7.png: 7\n")
    lines = assert_errors(err, 5)
    for line, name in zip(lines, ("bad.png", "notes.txt", "none.png", "folder", "xxx"), strict=True):
        assert name in line


@pytest.mark.parametrize("options", [["--one"], ["--json"]])
def test_thirty_damaged_files_beside_three_good_ones(sonsu, assert_errors, pictures, options):
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


def test_interrupted(sonsu, pictures, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Reader, "read", interrupt)
    code, out, _ = sonsu("read", "3.png")
    assert code == 130
    assert out == ""
