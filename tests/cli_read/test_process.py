"""`sonsu read` in a process of its own: pipes, interrupts, terminals."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest
from PIL import Image


@pytest.fixture
def pictures(tmp_path, monkeypatch, draw_digit):
    """A folder, the current one, with 3.png and 7.png."""
    for label in (3, 7):
        Image.fromarray(255 - draw_digit(label, 90, 8)).save(tmp_path / f"{label}.png")
    monkeypatch.chdir(tmp_path)


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


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups on this system")
def test_an_interrupt_ends_all_processes(pictures):
    """Ctrl-C goes to the whole group: nothing but the exit code is seen of it, and no process is left behind."""
    # Standard input stays open, so that the command waits for it until it is interrupted. Its results are there before.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-m", "sonsu.cli", "read", "--one", "--jobs", "2", *["3.png"] * 20, "-"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
        # A shell lets what it starts in the background ignore interrupts, and these tests may be there.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.default_int_handler),
    ) as process:
        impatient = threading.Timer(60, process.kill)
        impatient.start()
        assert process.stdout.readline() == b"3.png: 3\n"
        impatient.cancel()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(60) == 130  # a machine that has much else to do may take its time
        # It comes to an end only when the last process that holds it has ended.
        assert b"Traceback" not in process.stderr.read()


def test_progress_is_for_terminals(pictures):
    """On a terminal's stderr there is a bar that is taken away in the end; results stay as they are."""
    pty = pytest.importorskip("pty", reason="no terminals on this system")
    os.mkdir("many")  # noqa: PTH102
    for number in range(5):
        Path(f"many/{number}.png").write_bytes(Path("3.png").read_bytes())
    main, terminal = pty.openpty()
    command = [sys.executable, "-m", "sonsu.cli", "read", "--one", "many"]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal, env=environment) as process:
        os.close(terminal)
        shown = b""
        with contextlib.suppress(OSError):  # how Linux says that the other end is closed
            while part := os.read(main, 1 << 16):
                shown += part
        out = process.stdout.read()
    os.close(main)
    assert process.returncode == 0
    assert out == b"".join(b"many/%d.png: 3\n" % number for number in range(5))
    assert b"5/5" in shown
    assert shown.endswith(b"\x1b[2K"), "the last thing is that the bar's line is cleared"
