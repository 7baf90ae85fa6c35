"""`sonsu.reading.inputs`: the pictures that a command line names."""

import io
import os
from types import SimpleNamespace

import pytest

from sonsu.reading import inputs
from sonsu.reading.inputs import expand, is_file, is_folder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in (
        "b.png",
        "a.JPG",
        "notes.txt",
        "sub/c.webp",
        "sub/deep/d.tif",
        "dir.png/e.bmp",
        "[1].png",
        "sub/f.PDF",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*given):
    return [name for name, _ in expand(given)]


def test_files_are_taken_as_named(folder):
    assert list(expand(["notes.txt", "b.png"])) == [("notes.txt", "notes.txt"), ("b.png", "b.png")]


def test_folders_are_walked_in_order_for_pictures(folder):
    expected = ["[1].png", "a.JPG", "b.png", "dir.png/e.bmp", "sub/c.webp", "sub/f.PDF", "sub/deep/d.tif"]
    assert names(str(folder)) == [str(folder / name) for name in expected]
    assert names("sub") == ["sub/c.webp", "sub/f.PDF", "sub/deep/d.tif"]


@pytest.mark.parametrize("ending", ["jp2", "jfif", "JPE", "apng"])
def test_names_that_pictures_have_less_often(folder, ending):
    (folder / "sub" / f"g.{ending}").touch()
    assert f"sub/g.{ending}" in names("sub")


def test_a_folder_is_walked_as_it_goes(folder, monkeypatch):
    listed = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listed.append(path) or scandir(path))
    found = expand([str(folder)])
    assert listed == []
    next(found)
    assert listed == [str(folder)], "the folders in it are left for later"
    assert len(list(found)) == 6
    assert len(listed) == 4


def test_links_round_in_a_circle_and_shut_folders(folder, monkeypatch):
    (folder / "sub" / "back").symlink_to(folder, target_is_directory=True)
    assert names("sub") == ["sub/c.webp", "sub/f.PDF", "sub/deep/d.tif"]
    scandir = os.scandir

    def shut(path):
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", shut)
    assert names("sub") == ["sub/c.webp", "sub/f.PDF", "sub/deep"], "reading it says why"


def test_globs_that_the_shell_left_alone(folder):
    assert names("*.png") == ["[1].png", "b.png", "dir.png"]
    assert names("**/*.tif") == ["sub/deep/d.tif"]
    assert names(f"{folder}/sub/*.webp") == [f"{folder}/sub/c.webp"]
    assert names("[1].png") == ["[1].png"], "a file of that name comes before the pattern"


def test_what_matches_nothing_is_passed_on(folder):
    (folder / "empty").mkdir()
    too_long = "x" * 5000
    assert names("none.png", "*.gif", "empty", too_long, f"{too_long}*") == [
        "none.png", "*.gif", "empty", too_long, f"{too_long}*",
    ]  # fmt: skip


def test_standard_input(monkeypatch):
    stream = io.BytesIO(b"picture")
    monkeypatch.setattr(inputs.sys, "stdin", SimpleNamespace(buffer=stream))
    ((name, source),) = expand(["-"])
    assert name == "<stdin>"
    assert source.read() == b"picture", "not taken in yet: how much of it is for the reading to limit"


def test_files_and_folders(folder):
    assert (is_file(folder / "b.png"), is_folder(folder / "b.png")) == (True, False)
    assert (is_file(folder / "sub"), is_folder(folder / "sub")) == (False, True)
    assert (is_file(folder / ("x" * 5000)), is_folder(folder / ("x" * 5000))) == (False, False)
