"""How quick `sonsu serve` is, beside the same model behind keras and FastAPI; what it does with more than it can do.

    python benchmarks/serving.py --out docs/benchmarks        # minutes; needs apt install wrk chromium

Servers run on the first core, wrk and Chromium on the others.
"""

import argparse
import os
import shlex
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from page import machine, write_section
from pen_paths import made_up, recorded
from serving_load import Load, ask, cpu_seconds, resident_mb, serving
from serving_page import opened, write_digits, write_numbers

from sonsu.learning import pen
from sonsu.reading.network import Network
from sonsu.reading.reader import find_model
from sonsu.serving.app import STATIC

_SONSU = ["-m", "sonsu.cli", "serve", "--port", "PORT", "--workers", "1", "--log-level", "error"]
_KERAS = [
    "-m",
    "uvicorn",
    "--app-dir",
    str(Path(__file__).parent),
    "serving_keras:app",
    "--port",
    "PORT",
    "--no-access-log",
]
_PAGE = Path(__file__).parents[1] / "docs" / "images" / "lines.png"
_PAGE_TEXT = '"text":"4019\\n273"'


def main() -> None:
    """Measure, print, write."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        digit = _digit(Path(folder))
        rows = [
            "| server, one core, 8 clients | n | digits a second | p50, ms | p99, ms | processor, ms a digit |",
            "|---|---|---|---|---|---|",
            *_side_by_side(digit, arguments.seconds, arguments.rounds),
            "",
            *_beyond_capacity(digit, arguments.beyond),
            "",
            *_on_the_page(arguments.digits),
        ]
    rows += [
        "",
        "The keras servers resize the picture to 28×28 and run the network; sonsu does all that `read_digit` does. "
        f"Rounds of {arguments.seconds} s take turns; medians of {arguments.rounds}.",
        "",
        f"The default network, sha256 {Network(find_model('default')).sha256[:12]}; {machine()}; {arguments.note}",
        "",
        f"    python benchmarks/serving.py {_said(arguments.note)}".rstrip(),
    ]
    print("\n".join(rows))
    if arguments.out:
        write_section(arguments.out.with_suffix(".md"), "serving", "Serving", "\n".join(rows))


def _said(note: str) -> str:
    """The command line; the note stands above it."""
    return shlex.join(sys.argv[1:]).replace(shlex.quote(note), "'…'")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=10, help="of a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--beyond", type=int, default=60, help="seconds of 64 clients")
    parser.add_argument(
        "--digits", type=int, default=150, help="to write on the page, of made-up and of recorded hands"
    )
    parser.add_argument("--note", default="nothing else ran.", help="what else the machine did meanwhile")
    parser.add_argument("--out", type=Path, help="the page to write a section of: OUT.md")
    return parser.parse_args()


def _digit(folder: Path) -> Path:
    """A 7 as MNIST has it: light on dark, 28×28, so that the keras servers can read it, too."""
    _, strokes = made_up(1)[7]
    path = folder / "7.png"
    cv2.imwrite(str(path), pen.render(strokes, size_px=28, width_px=2.2, margin_px=4))
    return path


def _side_by_side(digit: Path, seconds: int, rounds: int) -> list[str]:
    ways: dict[str, list[Load]] = {"sonsu serve": [], "keras `model(x)` + FastAPI": [], "keras `predict` + FastAPI": []}
    with (
        serving(_SONSU, "/health/ready") as (sonsu, first),
        serving(_KERAS, "/openapi.json") as (called, second),
        serving(_KERAS, "/openapi.json", {"PREDICT": "1"}) as (predicted, third),
    ):
        urls = [f"{sonsu}/v1/read-digit", f"{called}/read-digit", f"{predicted}/read-digit"]
        for url in urls:
            ask(url, digit, '"label":7', 8, 2)
        before = [cpu_seconds(pid) for pid in (first, second, third)]
        for _ in range(rounds):
            for url, pid, loads in zip(urls, (first, second, third), ways.values(), strict=True):
                with _stopped({first, second, third} - {pid}):
                    loads.append(ask(url, digit, '"label":7', 8, seconds))
        used = [cpu_seconds(pid) - start for pid, start in zip((first, second, third), before, strict=True)]
    faulty = [load for loads in ways.values() for load in loads if load.wrong or load.other or load.broken]
    if faulty:
        raise RuntimeError(f"not all answers were right: {faulty[0]}")
    return [_row(name, loads, cpu) for (name, loads), cpu in zip(ways.items(), used, strict=True)]


@contextmanager
def _stopped(pids: Collection[int]) -> Iterator[None]:
    """Processes that do nothing meanwhile: idle servers' threads wake up, too, and it is their core."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _row(name: str, loads: list[Load], cpu: float) -> str:
    middle = {key: statistics.median(getattr(load, key) for load in loads) for key in ("per_second", "p50", "p99")}
    n = sum(load.ok for load in loads)
    clock = f"{middle['per_second']:,.0f} | {middle['p50']:.1f} | {middle['p99']:.1f}"
    return f"| {name} | {n:,} | {clock} | {1e3 * cpu / max(n, 1):.2f} |"


def _beyond_capacity(digit: Path, seconds: int) -> list[str]:
    lines = [
        f"64 clients for {seconds} s, one worker, a queue of 16:",
        "",
        "| what | answered right | wrong | 503 | anything else | memory at first → at the end, most |",
        "|---|---|---|---|---|---|",
    ]
    for name, path, body, right in (
        ("digits", "/v1/read-digit", digit, '"label":7'),
        ("pages", "/v1/read", _PAGE, _PAGE_TEXT),
    ):
        with serving(_SONSU, "/health/ready") as (url, pid):
            ask(url + path, body, right, 64, 5)
            memory, stop = [resident_mb(pid)], threading.Event()
            watch = threading.Thread(target=_watch, args=(pid, memory, stop))
            watch.start()
            load = ask(url + path, body, right, 64, seconds)
            stop.set()
            watch.join()
        lines.append(
            f"| {name} | {load.ok - load.wrong:,} | {load.wrong} | {load.busy:,} | {load.other + load.broken} | "
            f"{memory[0]:.0f} → {memory[-1]:.0f} MB, {max(memory):.0f} |"
        )
    return lines


def _watch(pid: int, memory: list[float], stop: threading.Event) -> None:
    while not stop.wait(0.5):
        memory.append(resident_mb(pid))


def _on_the_page(n: int) -> list[str]:
    """What the page does with digits that are written on it, in one sentence each."""
    made, pens = made_up(max(n // 30, 1), seed=11), recorded(n, seed=11)
    if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, os.sched_getaffinity(0) - {0})  # Chromium, too: it is this process's child
    with serving(_SONSU, "/health/ready") as (url, _):
        time.sleep(1)
        with opened(url) as page:
            right, times = zip(*write_digits(page, [*made, *pens]), strict=True)
            texts_right, texts_times = zip(*write_numbers(page, max(n // 5, 1)), strict=True)
    weight = sum(path.stat().st_size for path in STATIC.iterdir())
    return [
        f"On the page, with Chromium: {sum(right)} of {len(right)} written digits read right ({len(made)} by made-up "
        f"hands, {len(pens)} recorded by UNIPEN's pens, some of which it was trained on). From the last stroke's end "
        f"to the answer {np.median(times):.0f} ms (median), {np.percentile(times, 95):.0f} ms (95 %). "
        f"Numbers of five digits: {sum(texts_right)} of {len(texts_right)} exact, {np.median(texts_times):.0f} ms. "
        f"All of the page's files: {weight / 1e3:.0f} kB.",
    ]


if __name__ == "__main__":
    main()
