"""Pictures a second: the network alone beside Keras, whole pictures beside Tesseract and the usual road.

    python benchmarks/throughput.py --out docs/benchmarks

What is compared is measured in turns, so that a busy moment hits all alike; only ratios within one run count where
something else runs on the machine. The usual road is an adaptive threshold, contours and `keras.Model.predict` of the
same network, in one process that may use all cores; Tesseract is started for each picture, as its users do. Pages are
scenes with digits of MNIST's training set, scaled to a size, as JPEG; single digits are MNIST's as PNG, and the photos
of examples/. Needs the train extra and MNIST.
"""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from lines_roads import tesseract, usual
from numpy.typing import NDArray
from page import machine, write_section

from sonsu.learning import mnist
from sonsu.learning.line_data import Hands, load_hands
from sonsu.reading.network import Network
from sonsu.reading.reader import Reader, find_model, shipped
from sonsu.reading.workers import SPAWN
from sonsu.scenes import pages

Ways: TypeAlias = Mapping[str, Callable[[bytes], object]]
Lots: TypeAlias = Mapping[str, list[bytes]]

_BATCHES = (32, 128, 512, 2048, 8192)  # of keras.Model.predict
_LEAST_AT_ONCE = 1024  # images a call of it: what it does before the first batch takes its time, too


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="default")
    parser.add_argument("--n", type=int, default=8, help="pictures a kind")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement of the network")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, help="the page to write a section of: OUT.md")
    arguments = parser.parse_args()
    sha256 = Network(find_model(arguments.model)).sha256
    hands = load_hands(["mnist:train"])[1]
    text = "\n".join(
        [
            *_network_alone(arguments.seconds, arguments.rounds),
            "",
            *_pictures(arguments.model, _by_size(hands, arguments.n) | _single(arguments.n), arguments.rounds),
            "",
            *_pictures(arguments.model, _by_digits(), arguments.rounds, "one page of 1 MP with"),
            "",
            f"{machine()}; onnxruntime {version('onnxruntime')}, Keras {version('keras')}, TensorFlow "
            f"{version('tensorflow-cpu')}; network {arguments.model}, sha256 {sha256[:12]}.",
            "",
            f"    python benchmarks/throughput.py {' '.join(sys.argv[1:])}".rstrip(),
        ]
    )
    print(text)
    if arguments.out:
        write_section(arguments.out.with_suffix(".md"), "throughput", "Pictures a second", text)


def _network_alone(seconds: float, rounds: int) -> list[str]:
    """Images 28×28 a second on one core and on all, each shipped network."""
    rows = []
    for model, cores in product(shipped(), sorted({1, os.cpu_count() or 1})):
        found: dict[str, list[float]] = {"ours": [], "keras": []}
        for _ in range(rounds):
            found["ours"].append(_together(_run_network, [(model, seconds, {core}) for core in range(cores)]))
            found["keras"].append(_together(_run_keras, [(model, seconds, set(range(cores)))]))
        ours, keras = (float(np.median(rates)) for rates in found.values())
        rows.append(f"| {model} | {cores} | {ours:,.0f} | {keras:,.0f} | {ours / keras:.1f}× |")
    return [
        f"The network alone, 28×28 images a second, median of {rounds} rounds; one process a core, and one "
        "`keras.Model.predict` over as many cores at its best batch size of "
        f"{', '.join(map(str, _BATCHES))}:",
        "",
        "| network | cores | ONNX Runtime | `predict` | |",
        "|---|---|---|---|---|",
        *rows,
    ]


def _together(work: Callable[..., None], calls: list[tuple[Any, ...]]) -> float:
    """The sum of the rates of processes that begin at the same time."""
    barrier, rates = SPAWN.Barrier(len(calls)), SPAWN.SimpleQueue()
    processes = [SPAWN.Process(target=work, args=(*call, barrier, rates)) for call in calls]
    for process in processes:
        process.start()
    total = sum(rates.get() for _ in processes)
    for process in processes:
        process.join()
    return float(total)


def _run_network(model: str, seconds: float, cores: set[int], barrier: Any, rates: Any) -> None:
    os.sched_setaffinity(0, cores)
    network, images = Network(find_model(model)), _noise(4096)
    network.predict(images[:256])
    barrier.wait()
    rates.put(_rate(lambda: network.predict(images), len(images), seconds))


def _run_keras(model: str, seconds: float, cores: set[int], barrier: Any, rates: Any) -> None:
    os.sched_setaffinity(0, cores)
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(len(cores))
    from sonsu.learning.restore import load

    network, images = load(model)[0], (_noise(max(_BATCHES)) / 255).astype(np.float32)[..., None]
    barrier.wait()
    found = []
    for batch in _BATCHES:
        some = images[: max(batch, _LEAST_AT_ONCE)]
        network.predict(some[:batch], batch_size=batch, verbose=0)
        predict = partial(network.predict, some, batch_size=batch, verbose=0)
        found.append(_rate(predict, len(some), seconds / len(_BATCHES)))
    rates.put(max(found))


def _noise(n: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (n, 28, 28), dtype=np.uint8)


def _rate(call: Callable[[], object], images: int, seconds: float) -> float:
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        call()
        done += images
    return done / (time.perf_counter() - started)


def _pictures(model: str, lots: Lots, rounds: int, what: str = "") -> list[str]:
    """Pictures a second in one process: the fastest of some rounds for each picture, then the mean over a lot."""
    rows = []
    for kind, pictures in lots.items():
        ways = _roads(model, one=kind.startswith("one digit"))
        times = {way: np.full(len(pictures), np.inf) for way in ways}
        for _ in range(rounds):
            for number, picture in enumerate(pictures):
                for way, read in ways.items():
                    started = time.perf_counter()
                    read(picture)
                    times[way][number] = min(times[way][number], time.perf_counter() - started)
        rates = {way: 1 / float(taken.mean()) for way, taken in times.items()}
        ours = rates["sonsu"]
        others = (f"{rates[way]:,.1f} | {ours / rates[way]:.1f}×" if way in rates else "– | –" for way in _OTHERS)
        rows.append(f"| {kind} | {len(pictures)} | {ours:,.1f} | {' | '.join(others)} |")
        print(rows[-1], file=sys.stderr, flush=True)
    return [
        f"Pictures a second in one process, from a file's bytes; the best of {rounds} rounds for each picture:",
        "",
        f"| {what} | n | sonsu | usual road | | Tesseract | |",
        "|---|---|---|---|---|---|---|",
        *rows,
    ]


_OTHERS = ("usual", "Tesseract")


class _Keras:
    """A network's `predict` through Keras, for the usual road."""

    def __init__(self, model: str) -> None:
        from sonsu.learning.restore import load

        self._model = load(model)[0]

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        scaled = (images / 255).astype(np.float32)[..., None]
        return np.asarray(self._model.predict(scaled, verbose=0), np.float32)


_loaded: dict[str, tuple[Reader, _Keras]] = {}


def _roads(model: str, one: bool) -> Ways:
    if model not in _loaded:
        _loaded[model] = Reader(model), _Keras(model)
    reader, network = _loaded[model]
    ways: dict[str, Callable[[bytes], object]] = {
        "sonsu": reader.read_digit if one else reader.read,
        "usual": lambda data: usual(_decoded(data), network),
    }
    if shutil.which("tesseract"):
        ways["Tesseract"] = lambda data: tesseract(data, 10 if one else 6)
    return ways


def _by_size(hands: Hands, n: int) -> dict[str, list[bytes]]:
    lots = {}
    for kind, megapixels in (("photo", 0.3), ("photo", 1.0), ("photo", 4.0), ("form", 1.0), ("sheet", 1.0)):
        shots = pages.draw_many(kind, hands, n, seed=2)
        lots[f"page, {kind}, {megapixels:g} MP"] = [_jpeg(_scaled(shot.pixels, megapixels)) for shot in shots]
    lots["line, clean"] = [_jpeg(shot.pixels) for shot in pages.draw_many("clean", hands, n, seed=2)]
    return lots


def _single(n: int) -> dict[str, list[bytes]]:
    images = mnist.load("train")[0][:n]
    photos = [_decoded(path.read_bytes()) for path in sorted(Path("examples").glob("[0-9]-*.jpg"))[:n]]
    return {
        "one digit, 28×28": [cv2.imencode(".png", image)[1].tobytes() for image in images],
        "one digit, photo, 1 MP": [_jpeg(_scaled(photo, 1.0)) for photo in photos],
    }


def _by_digits() -> dict[str, list[bytes]]:
    """Pages of 1 MP with so many digits in rows of twenty at most."""
    images = mnist.load("train")[0]
    lots = {}
    for digits in (1, 5, 20, 100, 300):
        page = np.full((1000, 1000), 255, np.uint8)
        for place in range(digits):
            y, x = 40 + 60 * (place // 20), 60 + 44 * (place % 20)
            page[y : y + 28, x : x + 28] = 255 - images[place]
        lots[f"{digits} digits"] = [_jpeg(page)]
    return lots


def _decoded(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB), np.uint8)


def _scaled(pixels: NDArray[np.uint8], megapixels: float) -> NDArray[np.uint8]:
    factor = (megapixels * 1e6 / (pixels.shape[0] * pixels.shape[1])) ** 0.5
    size = round(pixels.shape[1] * factor), round(pixels.shape[0] * factor)
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    shown = pixels if pixels.ndim == 2 else pixels[..., ::-1]
    return bytes(cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, 90])[1])


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
