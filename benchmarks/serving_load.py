"""Servers in processes of their own on one core, and wrk (https://github.com/wg/wrk) to ask them from the others."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Counts statuses and answers without the words that a right one has.
_SCRIPT = """
wrk.method = "POST"
local file = io.open("BODY", "rb")
wrk.body = file:read("*a")
file:close()
wrk.headers["Content-Type"] = "image/png"
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init() ok, busy, other, wrong = 0, 0, 0, 0 end
function response(status, headers, body)
  if status == 200 then
    ok = ok + 1
    if not string.find(body, [[RIGHT]], 1, true) then wrong = wrong + 1 end
  elseif status == 503 and headers["retry-after"] then busy = busy + 1
  else other = other + 1 end
end
function done(summary, latency)
  local sums = {ok = 0, busy = 0, other = 0, wrong = 0}
  for _, thread in ipairs(threads) do
    for name in pairs(sums) do sums[name] = sums[name] + thread:get(name) end
  end
  local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '\\nRESULT {"ok": %d, "busy": %d, "other": %d, "wrong": %d, "broken": %d, "seconds": %f, "p50": %f, "p99": %f}\\n',
    sums.ok, sums.busy, sums.other, sums.wrong, errors, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


@dataclass(frozen=True)
class Load:
    """What came of one run.

    Attributes:
        ok: answers with 200.
        wrong: those of them that were not the right one.
        busy: refusals with 503 and Retry-After.
        other: answers with any other status.
        broken: connections that failed or timed out.
        seconds: how long it took.
        p50: ms.
        p99: ms.
    """

    ok: int
    wrong: int
    busy: int
    other: int
    broken: int
    seconds: float
    p50: float
    p99: float

    @property
    def per_second(self) -> float:
        """Right answers a second."""
        return (self.ok - self.wrong) / self.seconds


def ask(url: str, body: Path, right: str, clients: int, seconds: int) -> Load:
    """Have so many clients send a body again and again.

    Args:
        url: where to.
        body: the file that is sent.
        right: what the right answer's text holds.
        clients: connections at the same time.
        seconds: for how long.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SCRIPT.replace("BODY", str(body)).replace("RIGHT", right))
        script.flush()
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s", "-s", script.name, url]
        run = subprocess.run([*_core(1), *command], capture_output=True, text=True, check=True)
    return Load(**json.loads(run.stdout.partition("RESULT ")[2]))


@contextmanager
def serving(
    arguments: Sequence[str], ready: str, environment: dict[str, str] | None = None
) -> Iterator[tuple[str, int]]:
    """A server on the first core; gives its address and its process' number.

    Args:
        arguments: of this Python; PORT stands for the port.
        ready: a path that is answered once it is ready.
        environment: further variables.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [*_core(0), sys.executable, *(word.replace("PORT", str(port)) for word in arguments)]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ | (environment or {})) as process:
        try:
            _wait(url + ready, process)
            yield url, process.pid
        finally:
            process.terminate()


def cpu_seconds(pid: int) -> float:
    """The processor's time that a process has used; unlike the clock's, it is little disturbed by other processes."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """A process' memory in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            if process.poll() is not None:
                raise RuntimeError(f"the server at {url} ended with {process.returncode}") from None
            time.sleep(0.2)
    raise RuntimeError(f"the server at {url} did not start within two minutes")


def _core(number: int) -> list[str]:
    return ["taskset", "-c", str(number)] if shutil.which("taskset") else []
