"""What the tests of bulk reading share: a lot of small pictures, and its rows read back."""

import json

import pyarrow.dataset
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def lot(tmp_path_factory, draw_digit):
    """A folder of 60 pictures of a digit each, in two folders; one is damaged, one is empty paper."""
    folder = tmp_path_factory.mktemp("lot")
    for number in range(60):
        path = folder / ("even" if number % 2 == 0 else "odd") / f"{number:03}.png"
        path.parent.mkdir(exist_ok=True)
        ink = draw_digit(number % 10, 30 + number % 7, 4)
        Image.fromarray(255 - (ink if number != 17 else 0 * ink)).save(path)
    (folder / "odd" / "021.png").write_bytes((folder / "odd" / "021.png").read_bytes()[:60])
    (folder / "notes.md").write_text("no picture")
    return folder


ENDS_ON_CRASH_PNG = """
import builtins, os
usual = builtins.open
def opens(name, *arguments, **named):
    if str(name).endswith("crash.png"):
        os.kill(os.getpid(), 9)
    return usual(name, *arguments, **named)
builtins.open = opens
"""


@pytest.fixture
def crashing(lot, tmp_path, monkeypatch):
    """A list of 15 names, the eleventh of which ends whatever process opens it, if it was started after this."""
    (tmp_path / "sitecustomize.py").write_text(ENDS_ON_CRASH_PNG)  # Python runs it at its start
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    paths = sorted(lot.rglob("*.png"))[:15]
    paths[10] = tmp_path / "crash.png"
    (tmp_path / "names.txt").write_text("\n".join(map(str, paths)))
    return tmp_path / "names.txt"


@pytest.fixture(scope="session")
def rows():
    """`rows(out, kind)`: what a job wrote, in the shards' order."""

    def read(out, kind="parquet"):
        if kind == "jsonl":
            texts = [path.read_text(encoding="utf-8") for path in sorted((out / kind).iterdir())]
            return [json.loads(line) for line in "".join(texts).splitlines()]
        paths = sorted(str(path) for path in (out / kind).iterdir())
        return pyarrow.dataset.dataset(paths).to_table().to_pylist()

    return read


@pytest.fixture(scope="session")
def contents():
    """`contents(out)`: all that a finished job left, by name."""

    def read(out):
        return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}

    return read
