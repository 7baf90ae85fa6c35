"""The servers' benchmark: who does nothing while another is measured."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.skipif(sys.platform != "linux", reason="waits for a child to stop")
def test_idle_servers_are_stopped_while_another_is_measured(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    serving = import_module("serving")
    with subprocess.Popen(["sleep", "20"]) as process:
        with serving._stopped({process.pid}):
            assert os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT).si_code == os.CLD_STOPPED
        assert os.waitid(os.P_PID, process.pid, os.WCONTINUED | os.WEXITED | os.WNOWAIT).si_code == os.CLD_CONTINUED
        process.kill()
