"""How long reading takes: a cold start, and one digit warm, beside the same through Keras.

Prints it and writes a section of OUT.md. Nothing else may run on the machine meanwhile. Needs the train extra; no data.

    python benchmarks/reading.py
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
from baselines import keras_convnet
from numpy.typing import NDArray
from page import machine, write_section
from PIL import Image

from sonsu.reading.network import Network
from sonsu.reading.reader import Reader, find_model

KERAS_COLD = """
import keras, numpy, sys
from PIL import Image
model = keras.saving.load_model(sys.argv[1])
pixels = numpy.asarray(Image.open(sys.argv[2]).convert("L").resize((28, 28)), "float32")
print(model.predict((255 - pixels)[None, ..., None] / 255, verbose=0).argmax())
"""


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks"), help="the page: OUT.md")
    parser.add_argument("--repeats", type=int, default=2000)
    arguments = parser.parse_args()
    digit = cv2.putText(np.zeros((28, 28), np.uint8), "3", (7, 23), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    text = "\n".join(
        [
            *_warm(digit, arguments.repeats),
            "",
            *_cold(digit),
            "",
            f"{machine()}; onnxruntime {version('onnxruntime')}, OpenCV {cv2.__version__}, Keras {version('keras')}.",
            "",
            f"    python benchmarks/reading.py {' '.join(sys.argv[1:])}".rstrip(),
        ]
    )
    print(text)
    write_section(arguments.out.with_suffix(".md"), "reading", "How long reading takes", text)


def _warm(digit: NDArray[np.uint8], repeats: int) -> list[str]:
    """One digit at a time, taken in turns so that a busy moment hits all alike."""
    reader, network = Reader(), Network(find_model("default"))
    with tempfile.TemporaryDirectory() as folder:
        convnet = _keras_convnet(Path(folder))
    batch = digit[None]
    drawn = cv2.putText(
        np.zeros((280, 280), np.uint8), "3", (70, 230), cv2.FONT_HERSHEY_SIMPLEX, 8, 255, 17, cv2.LINE_AA
    )
    scaled = (batch / 255).astype(np.float32)[..., None]
    reference = ort.InferenceSession(*_one_thread(convnet))
    name = reference.get_inputs()[0].name
    ways: dict[str, Callable[[], object]] = {
        "`Reader.read_digit`, whole road from a 28×28 array": lambda: reader.read_digit(digit),
        "default network alone": lambda: network.predict(batch),
        "Keras' well-known convnet (32-64 filters) in ONNX Runtime, for scale": lambda: reference.run(
            None, {name: scaled}
        ),
    }
    # By itself: it takes so long that the others would find their data gone from the processor's caches.
    drawing = {"`Reader.read_digit`, a drawing of 280×280 px": lambda: reader.read_digit(255 - drawn)}
    return [
        f"Warm, one thread, n = {repeats} each:",
        "",
        "| what | median µs | 10 % | 90 % |",
        "|---|---|---|---|",
        *_in_turns(ways, repeats),
        *_in_turns(drawing, repeats),
    ]


def _in_turns(ways: Mapping[str, Callable[[], object]], repeats: int) -> list[str]:
    """A row each: the median time, and the percentiles 10 and 90."""
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(repeats):
        for way, call in ways.items():
            started = time.perf_counter()
            call()
            times[way].append(time.perf_counter() - started)
    return [
        f"| {way} | {np.median(taken) * 1e6:,.0f} | {np.percentile(taken, 10) * 1e6:,.0f} | "
        f"{np.percentile(taken, 90) * 1e6:,.0f} |"
        for way, taken in times.items()
    ]


def _cold(digit: NDArray[np.uint8], runs: int = 7) -> list[str]:
    """Whole processes from launch to the answer, taken in turns."""
    with tempfile.TemporaryDirectory() as folder:
        picture, model = Path(folder) / "three.png", Path(folder) / "model.keras"
        Image.fromarray(255 - cv2.resize(digit, (280, 280))).save(picture)
        keras_convnet().save(model)
        commands = {
            "`sonsu read --one three.png`": [sys.executable, "-m", "sonsu.cli", "read", "--one", str(picture)],
            "the same through `keras` (load_model, predict)": [
                sys.executable, "-c", KERAS_COLD, str(model), str(picture),
            ],
        }  # fmt: skip
        times: dict[str, list[float]] = {what: [] for what in commands}
        for _ in range(runs):
            for what, command in commands.items():
                started = time.perf_counter()
                subprocess.run(command, check=True, capture_output=True)
                times[what].append(time.perf_counter() - started)
    ours, theirs = (float(np.median(taken)) for taken in times.values())
    rows = [f"| {what} | {np.median(taken):.2f} | {min(taken):.2f} |" for what, taken in times.items()]
    head = [f"Cold, whole processes, n = {runs} each:", "", "| what | median s | best s |", "|---|---|---|"]
    return [*head, *rows, "", f"Ratio of the medians: 1 / {theirs / ours:.1f}."]


def _keras_convnet(folder: Path) -> bytes:
    model, path = keras_convnet(), folder / "convnet.onnx"
    model(np.zeros((1, 28, 28, 1), np.float32))
    model.export(path, format="onnx", verbose=False)
    return path.read_bytes()


def _one_thread(model: bytes) -> tuple[bytes, ort.SessionOptions, list[str]]:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return model, options, ["CPUExecutionProvider"]


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
