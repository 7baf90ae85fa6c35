import csv
import io
import json
import sys

import pytest
from PIL import Image

from sonsu import cli
from sonsu.cli_fields import read_fields
from sonsu.errors import UsageError
from sonsu.fields import verdict

HEAD = ["source", *(name + end for name in ("number", "year", "amount", "note")
                    for end in ("", "_confidence", "_status")), "error"]  # fmt: skip


@pytest.fixture
def folder(tmp_path, fill, monkeypatch):
    """The current folder: two filled forms, one of them with a wrong checksum, and two files that are none."""
    Image.fromarray(fill(number="48203178", year="2024", amount="350")).save(tmp_path / "1.png")
    Image.fromarray(fill(number="48203718", year="1984", amount="99")).save(tmp_path / "2.png")
    Image.new("L", (300, 300), 250).save(tmp_path / "3.png")
    (tmp_path / "4.png").write_bytes(b"no picture")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_csv(folder, form_path, parts_reader, capsys):
    failed = read_fields(parts_reader, form_path, [str(folder), "nonesuch.png"], review=folder / "review.html")
    out, err = capsys.readouterr()
    head, first, second, *bad = csv.reader(io.StringIO(out))
    assert failed
    assert head == HEAD
    assert [first[1], first[3], first[4], first[6], first[7], first[9], first[10:]] == [
        "48203178", "read", "2024", "read", "350", "read", ["", "", "empty", ""],
    ]  # fmt: skip
    assert 0.5 < float(first[2]) <= 1
    assert second[1::2][:2] == ["48203718", "mismatch"]
    assert [row[1:13] for row in bad] == [[""] * 12] * 3
    assert ["is not to be found" in bad[0][13], "no such file" in bad[2][13]] == [True, True]
    assert [line.split(" ")[0] for line in err.splitlines()] == ["error:"] * 3
    page = (folder / "review.html").read_text(encoding="utf-8")
    assert "1 field to look at" in page
    assert "3 forms not read at all" in page


def test_json(folder, form_path, parts_reader, capsys):
    assert not read_fields(parts_reader, form_path, ["1.png"], as_json=True)
    assert read_fields(parts_reader, form_path, ["3.png"], as_json=True)
    good, bad = map(json.loads, capsys.readouterr().out.splitlines())
    assert list(good) == list(bad)
    assert (good["source"], good["error"]) == ("1.png", None)
    assert good["fields"]["number"]["text"] == "48203178"
    assert (bad["source"], bad["fields"]) == ("3.png", {})
    assert "is not to be found" in bad["error"]


def test_pages_of_a_document(folder, form_path, parts_reader, capsys):
    with Image.open("1.png") as first, Image.open("2.png") as second:
        first.save("both.tif", save_all=True, append_images=[second])
    assert not read_fields(parts_reader, form_path, ["both.tif"])
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert [row[:2] for row in rows[1:]] == [["both.tif#1", "48203178"], ["both.tif#2", "48203718"]]


def test_whatever_happens_to_one_form_the_others_are_read(folder, form_path, parts_reader, capsys, monkeypatch):
    judge, calls = verdict.judge_field, []

    def judge_or_fail(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            raise RuntimeError("a bug")
        return judge(*arguments)

    monkeypatch.setattr("sonsu.fields.reader.judge_field", judge_or_fail)
    assert read_fields(parts_reader, form_path, ["1.png", "2.png"])
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert "reading it failed (RuntimeError: a bug)" in rows[1][13]
    assert rows[2][1] == "48203718"


def test_what_cannot_be_read_or_written(folder, form_path, parts_reader, capsys):
    with pytest.raises(UsageError, match=r"cannot read .*form\.json: No such file"):
        read_fields(parts_reader, folder / "form.json", ["3.png"])
    with pytest.raises(UsageError, match=r"cannot write .*4\.png/review\.html"):
        read_fields(parts_reader, form_path, ["3.png"], review=folder / "4.png" / "review.html")


@pytest.mark.parametrize("name", ["1.png", "scan", "form.json", "elsewhere"])
def test_a_review_takes_no_ones_place(folder, form_path, parts_reader, capsys, name):
    (folder / "scan").write_bytes((folder / "1.png").read_bytes())
    (folder / "elsewhere").mkdir()
    target = form_path if name == "form.json" else folder / name
    before = None if target.is_dir() else target.read_bytes()
    with pytest.raises(UsageError, match=r"name a web page, such as review\.html, with --review"):
        read_fields(parts_reader, form_path, ["scan", "1.png"], review=target)
    assert target.is_dir() or target.read_bytes() == before
    assert capsys.readouterr().out == ""


def test_a_review_goes_where_a_link_leads(folder, form_path, parts_reader, capsys):
    (folder / "page.html").write_text("old")
    (folder / "link.html").symlink_to("page.html")
    assert not read_fields(parts_reader, form_path, ["1.png"], review=folder / "link.html")
    assert (folder / "link.html").is_symlink()
    assert "No field is in doubt" in (folder / "page.html").read_text("utf-8")


def test_what_was_read_before_an_interrupt_can_be_looked_at(folder, form_path, parts_reader, capsys, monkeypatch):
    judge, calls = verdict.judge_field, []

    def judge_or_interrupt(*arguments):
        calls.append(arguments)
        if len(calls) > 4:
            raise KeyboardInterrupt
        return judge(*arguments)

    monkeypatch.setattr("sonsu.fields.reader.judge_field", judge_or_interrupt)
    with pytest.raises(KeyboardInterrupt):
        read_fields(parts_reader, form_path, ["1.png", "2.png"], review=folder / "review.html")
    page = (folder / "review.html").read_text("utf-8")
    assert "form.json: 1 form," in page and "No field is in doubt so far: reading was broken off" in page
    with pytest.raises(KeyboardInterrupt):  # before anything was read: the page of before stays
        read_fields(parts_reader, form_path, ["1.png"], review=folder / "review.html")
    assert (folder / "review.html").read_text("utf-8") == page


def test_pictures_are_kept_for_a_review_alone(folder, form_path, parts_reader, capsys, monkeypatch):
    monkeypatch.setattr("sonsu.cli_fields.Review", None)  # none is made
    assert not read_fields(parts_reader, form_path, ["1.png"])


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["sonsu", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code or 0


def test_the_command(folder, form_path, capsys, monkeypatch):
    """The shipped network reads here: what is tested is that the row comes out, not what it says."""
    assert run(monkeypatch, "read", "--fields", form_path, "--review", "out/review.html", "1.png") == 0
    head, row = csv.reader(io.StringIO(capsys.readouterr().out))
    assert head == HEAD
    assert (row[0], row[12], row[13]) == ("1.png", "empty", "")
    assert (folder / "out" / "review.html").exists()
    assert run(monkeypatch, "read", "--fields", form_path, "3.png") == 1


@pytest.mark.parametrize(
    "options", [["--one"], ["--draw", "x"], ["--explain", "x"], ["--jobs", "2"], ["--json", "--csv"]]
)
def test_usage(folder, form_path, capsys, monkeypatch, options):
    assert run(monkeypatch, "read", "--fields", form_path, *options, "1.png") == 2
    assert run(monkeypatch, "read", "--review", "review.html", "1.png") == 2
    assert run(monkeypatch, "read", "--fields", "none.json", "1.png") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("error: ") == 3
