"""The tutorial's code, run block by block on made-up digits, and the Korean page held against the English one."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("keras")

import keras

from sonsu import cli
from sonsu.learning import datasets
from sonsu.reading.reader import shipped

ROOT = Path(__file__).parents[1]
SIZES = {"train": 1500, "test": 300}


def blocks(page, language):
    """The code blocks of a page in one language."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def code(block):
    """A block without its comments, which may be translated."""
    return [line.split("  #")[0].rstrip() for line in block.splitlines() if not line.startswith("#")]


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Made-up digits in MNIST's place, one epoch of everything, and a folder to leave runs in."""
    fitted = keras.Model.fit

    def short(self, *arguments, epochs, **options):
        return fitted(self, *arguments, epochs=1, **options)

    def made(name, _data_dir):
        dataset = datasets.load(f"strokes:{SIZES[name]}")
        return datasets.Dataset(f"mnist:{name}", dataset.images, dataset.labels)

    monkeypatch.setattr(keras.Model, "fit", short)
    monkeypatch.setitem(datasets._KINDS, "mnist", made)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")


def test_the_python_blocks_run_one_after_another(small, capsys):
    names = {}
    for block in blocks("tutorial.md", "python"):
        exec(compile(block, "docs/tutorial.md", "exec"), names)  # each goes on where the one before ended
    said = capsys.readouterr().out
    for block in blocks("tutorial.md", "python"):
        for promised in re.findall(r"\)(?:  |\n)# (\(.*|[\d,]+ parameters.*)", block):
            assert promised in said
    assert "the commonest: a" in said and "validation" in said


@pytest.mark.slow
def test_the_commands_run_one_after_another(small):
    lines = [line for block in blocks("tutorial.md", "sh") for line in block.splitlines()]
    assert len(lines) > 5
    for line in lines:
        words = shlex.split(line, comments=True)
        assert words[0] == "sonsu"
        if words[1] == "train":
            words += ["--epochs", "1"]
        if words[1] == "tune":
            words += ["--trials", "1", "--epochs", "1"]
        done = CliRunner().invoke(cli.app, words[1:])
        assert done.exit_code == 0, f"{line}: {done.output}{done.exception!r}"


@pytest.mark.parametrize("language", ["python", "sh"])
def test_both_languages_have_the_same_code(language):
    english, korean = (blocks(page, language) for page in ("tutorial.md", "tutorial.ko.md"))
    assert [code(block) for block in english] == [code(block) for block in korean]


def test_the_models_it_names_are_shipped():
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    named = {*re.findall(r'model="(\w+)"', text), *re.findall(r"--model (\w+)", text)}
    assert named and named <= set(shipped())
