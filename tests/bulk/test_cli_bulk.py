"""`sonsu bulk`, the command: summary, exit codes, and kill -9 at any moment."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from sonsu import cli


def sonsu(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["sonsu", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code, *capsys.readouterr()


def test_summary_and_exit_codes(lot, tmp_path, monkeypatch, capsys):
    line = "bulk", lot / "even", "--out", tmp_path / "out", "--one", "--jobs", 1
    code, out, err = sonsu(monkeypatch, capsys, *line)
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == ["pictures", "30"]
    code, out, err = sonsu(monkeypatch, capsys, *line, "--json")
    assert (code, json.loads(out)["pictures"]) == (0, 30)
    code, out, err = sonsu(monkeypatch, capsys, "bulk", lot / "none", "--out", tmp_path / "new")
    assert (code, out) == (2, "")
    assert "there is no" in err


def start(lot, out):
    call = [
        sys.executable,
        "-c",
        "from sonsu.cli import main; main()",
        "bulk",
        lot,
        "--out",
        out,
        "--one",
        "--jobs",
        "2",
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([*map(str, call)], start_new_session=True, **quiet)


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups on this system")
@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_at_random_moments_it_ends_with_what_an_unbroken_run_gives(lot, tmp_path, contents, kills):
    chance = random.Random(kills)
    started = time.monotonic()
    assert start(lot, tmp_path / "unbroken").wait() == 1
    seconds = time.monotonic() - started
    expected = contents(tmp_path / "unbroken")
    out = tmp_path / "out"
    for _ in range(kills):
        job = start(lot, out)
        time.sleep(chance.uniform(0.2, 1.0) * seconds)
        kill = chance.choice([os.kill, os.killpg])  # the parent alone, whose children must follow, or all at once
        kill(job.pid, signal.SIGKILL)
        job.wait()
        shards = {name: data for name, data in contents(out).items() if name.startswith("parquet") and name in expected}
        assert shards.items() <= expected.items()  # what has its final name is whole
    assert start(lot, out).wait() == 1
    assert contents(out) == expected
