"""`sonsu bulk`, the command: summary, exit codes, and kill -9 at any moment."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from functools import partial

import pytest
from PIL import Image

from sonsu import cli, cli_bulk
from sonsu.bulk import shard


def sonsu(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["sonsu", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code, *capsys.readouterr()


@pytest.fixture
def quick(monkeypatch):
    """No processes are started."""
    monkeypatch.setattr(cli_bulk, "_here", lambda processes: in_this_process)


def in_this_process(work, numbers):
    reader = shard.ShardReader(work)
    return (reader(number) for number in numbers)


def test_summary_and_exit_codes(lot, tmp_path, monkeypatch, capsys):
    line = "bulk", lot, "--out", tmp_path / "out", "--one", "--jobs", 2
    code, out, err = sonsu(monkeypatch, capsys, *line)
    assert (code, err) == (1, "")
    told = dict(row.split() for row in out.splitlines())
    assert [told[name] for name in ("pictures", "lines", "digits", "failed", "read_now")] == [
        "60",
        "0",
        "59",
        "1",
        "60",
    ]
    code, out, err = sonsu(monkeypatch, capsys, *line, "--json")
    assert (code, err) == (1, "")
    assert json.loads(out) | {"seconds": 0} == {
        "pictures": 60, "lines": 0, "digits": 59, "unsure": int(told["unsure"]), "failed": 1, "read_now": 0,
        "seconds": 0, "rate": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--jobs", 1, "--ray", "auto"], "--jobs counts processes on this machine; --ray reads on a cluster"),
        (["--model", "none"], "no model 'none'"),
        (["--format", "xml"], "Invalid value for '--format'"),
        (["--labels", "none.csv"], "cannot read labels from 'none.csv'"),
    ],
)
def test_what_cannot_be(lot, tmp_path, monkeypatch, capsys, quick, options, said):
    code, out, err = sonsu(monkeypatch, capsys, "bulk", lot / "even", "--out", tmp_path / "out", "--one", *options)
    assert (code, out) == (1 if "--model" in options else 2, "")
    assert said in err
    assert not (tmp_path / "out").exists()


def test_nothing_there(tmp_path, monkeypatch, capsys):
    code, out, err = sonsu(monkeypatch, capsys, "bulk", tmp_path / "none", "--out", tmp_path / "out")
    assert (code, out) == (2, "")
    assert "there is no '" in err


def test_results_that_cannot_be_written(lot, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    code, out, err = sonsu(monkeypatch, capsys, "bulk", lot / "even", "--out", tmp_path / "file" / "out")
    assert (code, out) == (1, "")
    assert err.startswith("error: cannot go on: ")


def test_labels(tmp_path, monkeypatch, capsys, quick, draw_digit):
    for label in (3, 7):
        (tmp_path / "lot" / str(label)).mkdir(parents=True)
        Image.fromarray(255 - draw_digit(label, 40)).save(tmp_path / "lot" / str(label) / "a.png")
    Image.fromarray(255 - draw_digit(7, 40)).save(tmp_path / "lot" / "3" / "b.png")
    line = "bulk", tmp_path / "lot", "--out", tmp_path / "out", "--one", "--format", "both", "--labels", "folder"
    code, out, _ = sonsu(monkeypatch, capsys, *line)
    assert code == 0
    rows = [row.split() for row in out.splitlines()]
    assert ["accuracy", "66.67%"] in rows
    assert ["3", "·", "·", "·", "1", "·", "·", "·", "1", "·", "·", "·"] in rows
    _, out, _ = sonsu(monkeypatch, capsys, *line, "--json")
    assert json.loads(out)["evaluation"] == json.loads((tmp_path / "out" / "evaluation.json").read_text())


SMALL_SHARDS = "from sonsu.bulk import plan; plan._SHARD = 10; from sonsu.cli import main; main()"


def start(names, out, stderr=subprocess.DEVNULL):
    call = [sys.executable, "-c", SMALL_SHARDS, "bulk", names, "--out", out, "--one", "--jobs", "2"]
    streams = {"stdout": subprocess.DEVNULL, "stderr": stderr, "text": True}
    # A shell lets what it starts in the background ignore interrupts, and these tests may be there.
    listen = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen([*map(str, call)], start_new_session=True, preexec_fn=listen, **streams)


def receipts(out):
    return len(list(out.glob("_work/*.json")))


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups on this system")
def test_an_interrupt_ends_all_processes(lot, tmp_path):
    names = tmp_path / "names.txt"
    names.write_text("".join(f"{path}\n" for path in sorted(lot.rglob("*.png"))) * 200)
    with start(names, tmp_path / "out", subprocess.PIPE) as job:
        while job.poll() is None and not receipts(tmp_path / "out"):
            time.sleep(0.01)
        os.killpg(job.pid, signal.SIGINT)
        assert job.wait(60) == 130  # a machine that has much else to do may take its time
        # It comes to an end only when the last process that holds it has ended.
        assert "Traceback" not in job.stderr.read()


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups on this system")
@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_at_random_moments_it_ends_with_what_an_unbroken_run_gives(lot, tmp_path, contents, kills):
    names = tmp_path / "names.txt"
    names.write_text("".join(f"{path}\n" for path in sorted(lot.rglob("*.png"))) * 4 * kills)
    assert start(names, tmp_path / "unbroken").wait() == 1
    expected = contents(tmp_path / "unbroken")
    out, chance, in_mid_job = tmp_path / "out", random.Random(kills), 0
    for _ in range(kills):
        enough = receipts(out) + chance.randrange(4)
        job = start(names, out)
        while job.poll() is None and receipts(out) < enough:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.03))
        in_mid_job += job.poll() is None
        kill = chance.choice([os.kill, os.killpg])  # the parent alone, whose children must follow, or all at once
        kill(job.pid, signal.SIGKILL)
        job.wait()
        shards = {f"parquet/{path.name}": path.read_bytes() for path in out.glob("parquet/*.parquet")}
        assert shards.items() <= expected.items()  # what has its final name is whole
    assert in_mid_job == kills
    assert start(names, out).wait() == 1
    assert contents(out) == expected
