"""How fast `sonsu bulk` reads on this machine, with how much memory, and what a million pictures cost at that rate.

    python benchmarks/bulk.py --out docs/benchmarks

Whole commands from start to end, as a user gives them. Single digits are MNIST's training images as PNG, page photos
are scenes of 1 MP as JPEG with digits of MNIST's training set. Memory is the peak of each process (VmHWM), so Linux
only. Needs the train and bulk extras and MNIST.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
from page import machine, write_section

from sonsu.learning import mnist
from sonsu.learning.line_data import load_hands
from sonsu.scenes import pages

_PAGE_PX = 1_000_000


@dataclass(frozen=True)
class Measured:
    """One command's end.

    Attributes:
        summary: what it said of itself.
        parent_mib: the most memory of the command's own process.
        worker_mib: the most memory of any process that it started.
        cpu_s: of the command and all that it started.
    """

    summary: dict[str, Any]
    parent_mib: float
    worker_mib: float
    cpu_s: float


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--digits", type=int, default=40_000, help="pictures of one digit")
    parser.add_argument("--pages", type=int, default=300, help="page photos")
    parser.add_argument("--listed", type=int, default=1_000_000, help="names in one folder, for memory")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--core-hour", type=float, default=0.05, help="price of a core for an hour")
    parser.add_argument("--model", default="default")
    parser.add_argument("--out", type=Path, help="the page to write a section of: OUT.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lots = {
            "28×28 PNG, `--one`": (_digits(folder / "digits", arguments.digits), ["--one"]),
            "page photo, 1 MP JPEG": (_pages(folder / "pages", arguments.pages), []),
        }
        text = "\n".join(
            [
                *_rates(folder, lots, arguments),
                "",
                *_growth(folder, lots["28×28 PNG, `--one`"][0], arguments),
                "",
                f"{machine()}; onnxruntime {version('onnxruntime')}, pyarrow {version('pyarrow')}; network "
                f"{arguments.model}.",
                "",
                f"    python benchmarks/bulk.py {' '.join(sys.argv[1:])}".rstrip(),
            ]
        )
    print(text)
    if arguments.out:
        write_section(arguments.out.with_suffix(".md"), "bulk", "Very many pictures", text)


def _rates(folder: Path, lots: dict[str, tuple[Path, list[str]]], arguments: argparse.Namespace) -> list[str]:
    cores, rows = os.cpu_count() or 1, []
    for what, (lot, options) in lots.items():
        runs: dict[int, list[Measured]] = {1: [], cores: []}
        for _ in range(arguments.rounds):  # in turns
            for jobs, found in runs.items():
                found.append(_run(lot, folder / "out", [*options, "--jobs", str(jobs), "--model", arguments.model]))
        one, all_cores = (max(run.summary["rate"] for run in runs[jobs]) for jobs in (1, cores))
        memory = max(run.worker_mib for found in runs.values() for run in found)
        pictures = runs[1][0].summary["pictures"]
        cpu_s = min(run.cpu_s for run in runs[cores]) / pictures
        core_hours = 1e6 * cpu_s / 3600
        rows.append(
            f"| {what} | {pictures:,} | {one:,.0f} | {all_cores:,.0f} | {all_cores / one:.2f}× | {memory:.0f} MiB | "
            f"{1000 * cpu_s:.2f} | {core_hours:.2f} | {core_hours * arguments.core_hour:.2f} |"
        )
        print(rows[-1], file=sys.stderr, flush=True)
    return [
        f"Whole commands, start and writing included, the best of {arguments.rounds} rounds in turns. CPU time counts "
        "all processes; other jobs on the machine disturb it less than rates. Core-hours follow from it, and the price "
        f"at {arguments.core_hour:g} a core-hour, in whatever currency that is:",
        "",
        f"| pictures | n | a second, 1 process | {cores} processes | | a worker's memory | CPU ms each | "
        "core-hours a million | price |",
        "|---|---|---|---|---|---|---|---|---|",
        *rows,
    ]


def _growth(folder: Path, digits: Path, arguments: argparse.Namespace) -> list[str]:
    """More pictures: the rate, and the memory of the process that lists them and of those that read."""
    rows = []
    names = sorted(digits.iterdir())
    count = 1000
    while count <= arguments.digits:
        names_file = folder / "names.txt"
        names_file.write_text("\n".join(map(str, names[:count])))
        run = _run(names_file, folder / "out", ["--one", "--model", arguments.model])
        memory = f"{run.parent_mib:.0f} MiB | {run.worker_mib:.0f} MiB"
        rows.append(f"| {count:,} read | {run.summary['rate']:,.0f} a second | {memory} |")
        count *= 5
    for listed in (arguments.listed // 100, arguments.listed // 10, arguments.listed):
        run = _listed(folder, listed)
        rows.append(f"| {listed:,} listed | {run.summary['rate']:,.0f} a second | {run.parent_mib:.0f} MiB | – |")
        print(rows[-1], file=sys.stderr, flush=True)
    return [
        "More pictures; what is listed is one folder of so many names, cut into shards:",
        "",
        "| pictures | rate | the command's own memory | a worker's |",
        "|---|---|---|---|",
        *rows,
    ]


def _digits(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number, image in enumerate(mnist.load("train")[0][:count]):
        cv2.imwrite(str(folder / f"{number:06}.png"), image)
    return folder


def _pages(folder: Path, count: int) -> Path:
    """A dozen scenes, each under several names."""
    folder.mkdir()
    hands = load_hands(["mnist:train"])[1]
    files = []
    for shot in pages.draw_many("photo", hands, 12, seed=2):
        factor = (_PAGE_PX / (shot.pixels.shape[0] * shot.pixels.shape[1])) ** 0.5
        scaled = cv2.resize(shot.pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        files.append(cv2.imencode(".jpg", scaled[..., ::-1] if scaled.ndim == 3 else scaled)[1].tobytes())
    for number in range(count):
        (folder / f"{number:06}.jpg").write_bytes(files[number % len(files)])
    return folder


_LISTING = """
import sys, time
from sonsu.bulk.inputs import items
from sonsu.bulk.plan import Plan, write_plan
from sonsu.bulk.store import Store
started = time.perf_counter()
write_plan(Store(sys.argv[2]), items(sys.argv[1]), {"input": sys.argv[1]})
plan = Plan(Store(sys.argv[2]))
print('{"pictures": %d, "rate": %f}' % (plan.items, plan.items / (time.perf_counter() - started)))
"""


def _listed(folder: Path, count: int) -> Measured:
    lot, out = folder / f"listed-{count}", folder / f"out-{count}"
    lot.mkdir()
    for number in range(count):
        (lot / f"picture-{number:08}.png").touch()
    return _watched([sys.executable, "-c", _LISTING, str(lot), str(out)])


def _run(lot: Path, out: Path, options: list[str]) -> Measured:
    new = out.with_name(f"{out.name}-{time.monotonic_ns()}")
    return _watched([sys.executable, "-m", "sonsu.cli", "bulk", str(lot), "--out", str(new), "--json", *options])


def _watched(command: list[str]) -> Measured:
    """Run a command in a session of its own, and look at its processes' memory meanwhile."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
    peaks: dict[int, float] = {}
    while process.poll() is None:
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                if int(stat.read_text().rsplit(")", 1)[1].split()[3]) == process.pid:  # its session
                    peaks[int(stat.parent.name)] = _peak_mib(stat.with_name("status").read_text())
            except (OSError, IndexError):  # it has ended
                continue
        time.sleep(0.2)
    assert process.stdout is not None
    summary = json.loads(process.stdout.read())
    own = peaks.pop(process.pid, 0.0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(summary, own, max(peaks.values(), default=0.0), cpu_s)


def _peak_mib(status: str) -> float:
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


if __name__ == "__main__":
    main()
