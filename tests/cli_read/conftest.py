"""The command `sonsu read`, run in this process, and a folder of pictures for it."""

import io
import sys

import numpy as np
import pytest
from PIL import Image

from sonsu import cli


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


@pytest.fixture(scope="session")
def assert_errors():
    """`assert_errors(err, count)`: one line an error, each naming the trouble and the cure; these lines."""

    def check(err, count):
        lines = [line for line in err.splitlines() if line.startswith("error: ")]
        assert len(lines) == count
        assert all("; " in line for line in lines)
        assert "Traceback" not in err
        return lines

    return check
