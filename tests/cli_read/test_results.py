"""`sonsu read`: what goes to stdout, what to stderr, and the exit code."""

import csv
import io
import json
import os
from pathlib import Path

from PIL import Image

DIGIT_KEYS = ["schema", "source", "label", "confidence", "status", "box_px", "probabilities", "notes", "model", "error"]
PAGE_KEYS = ["schema", "source", "width_px", "height_px", "text", "lines", "notes", "model", "error"]


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


def test_standard_input(sonsu, assert_errors, pictures):
    data = Path("7.png").read_bytes()
    assert sonsu("read", "--one", "-", stdin=data) == (0, "7\n", "")
    code, out, _ = sonsu("read", "--one", "--json", "-", "3.png", stdin=data)
    assert code == 0
    assert [json.loads(line)["source"] for line in out.splitlines()] == ["<stdin>", "3.png"]
    code, out, err = sonsu("read", "-", stdin=b"")
    assert (code, out) == (1, "")
    assert "it is empty" in assert_errors(err, 1)[0]


# --- JSON


def test_json_of_one_digit(sonsu, assert_errors, pictures):
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
