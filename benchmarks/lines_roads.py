"""The ways of reading lines of digits that benchmarks/lines.py compares: picture in, lines out."""

import csv
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.glyph import glyph
from sonsu.reading.network import Network
from sonsu.reading.reader import Reader, find_model

Box = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class FoundLine:
    """Digits that were read, where, and the confidence that they are right; 0 where the road does not know it."""

    text: str
    box_px: Box
    confidence: float = 0.0


class Classifier(Protocol):
    """A network of single digits."""

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Probabilities (n, classes) of images uint8 (n, 28, 28)."""


Road = Callable[[NDArray[np.uint8]], list[FoundLine]]


def roads(model: str) -> dict[str, Road]:
    """What there is on this machine, by name."""
    reader, network = Reader(model), Network(find_model(model))

    def sonsu(pixels: NDArray[np.uint8]) -> list[FoundLine]:
        return [FoundLine(line.text, line.box_px, line.confidence) for line in reader.read(pixels).lines]

    ways: dict[str, Road] = {"sonsu": sonsu, "usual": lambda pixels: usual(pixels, network)}
    if shutil.which("tesseract"):
        ways["Tesseract"] = lambda pixels: tesseract(_png(pixels))
    return ways


def usual(pixels: NDArray[np.uint8], network: Classifier) -> list[FoundLine]:
    """Adaptive threshold, outer contours of a digit's size, the network on each, lines by height."""
    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if grey.mean() < 100:
        grey = 255 - grey
    block = max(max(grey.shape) // 12, 31) | 1
    mask = cv2.adaptiveThreshold(
        cv2.GaussianBlur(grey, (5, 5), 0), 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY_INV, block, 15
    )
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    boxes = np.array([cv2.boundingRect(contour) for contour in contours]).reshape(-1, 4)
    least = max(10, 0.015 * max(grey.shape))
    boxes = boxes[(boxes[:, 3] >= least) & (boxes[:, 2] < 4 * boxes[:, 3])]
    if len(boxes) == 0:
        return []
    usual = np.percentile(boxes[:, 3], 80, method="nearest")  # a height that there is, so that some box is left
    boxes = boxes[(boxes[:, 3] > 0.5 * usual) & (boxes[:, 3] < 2 * usual)]
    glyphs = np.stack([glyph(mask[y : y + h, x : x + w]) for x, y, w, h in boxes])
    labels = network.predict(glyphs)[:, :10].argmax(axis=1)
    lines: list[list[int]] = []
    for i in np.argsort(boxes[:, 0]):
        x, y, _, h = boxes[i]
        for line in lines:
            last_x, last_y, last_w, last_h = boxes[line[-1]]
            if abs(y + h / 2 - last_y - last_h / 2) < 0.5 * max(h, last_h) and x - last_x - last_w < 1.8 * usual:
                line.append(int(i))
                break
        else:
            lines.append([int(i)])
    return [FoundLine("".join(str(labels[i]) for i in line), _around(boxes[line])) for line in lines]


def _png(pixels: NDArray[np.uint8]) -> bytes:
    return bytes(cv2.imencode(".png", pixels if pixels.ndim == 2 else pixels[..., ::-1])[1])


def tesseract(file: bytes, segmentation: int = 6) -> list[FoundLine]:
    """Tesseract told that there are digits only; by default in one block of lines, its page segmentation mode 6."""
    command = ["tesseract", "stdin", "stdout", "--psm", str(segmentation)]
    command += ["-c", "tessedit_char_whitelist=0123456789", "tsv"]
    told = subprocess.run(command, input=file, capture_output=True, check=True).stdout.decode()
    words: dict[tuple[str, ...], list[tuple[str, Box]]] = {}
    for row in csv.DictReader(told.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        text = "".join(char for char in row["text"] or "" if char.isdigit())
        if text:
            box = (int(row["left"]), int(row["top"]), int(row["width"]), int(row["height"]))
            words.setdefault((row["block_num"], row["par_num"], row["line_num"]), []).append((text, box))
    return [
        FoundLine("".join(text for text, _ in line), _around(np.array([box for _, box in line])))
        for line in words.values()
    ]


def _around(boxes: NDArray[np.int_]) -> Box:
    left, top = (int(value) for value in boxes[:, :2].min(axis=0))
    right, bottom = (int(value) for value in (boxes[:, :2] + boxes[:, 2:]).max(axis=0))
    return left, top, right - left, bottom - top
