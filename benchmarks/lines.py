"""How many lines of digits are read exactly, on scenes of `sonsu.scenes.pages`, beside the usual road and Tesseract.

    python benchmarks/lines.py                                   # all kinds, 20 pages each
    python benchmarks/lines.py --kind photo --n 50 --save /tmp/failures --scenes /tmp/scenes

Scenes show digits held back from the default network's training: MNIST's, and with SONSU_DATA recorded pens'. With
``--scenes`` they are drawn once and kept. With ``--save`` each page with a mistake is saved with the mistakes on it.
With ``--out`` a section of OUT.md is written.
"""

import argparse
import os
import shutil
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from lines_roads import FoundLine, roads
from lines_score import HEAD, SURE, Score
from numpy.typing import NDArray
from page import machine, write_section

from sonsu.learning.line_data import Hands, load_hands
from sonsu.reading.network import Network
from sonsu.reading.reader import find_model
from sonsu.scenes import pages
from sonsu.scenes.exposure import Shot
from sonsu.scenes.matching import match


def main() -> None:
    """Measure, print, write."""
    arguments = _arguments()
    ways = {name: road for name, road in roads(arguments.model).items() if name in arguments.road}
    rows, totals = [], {name: Score() for name in ways}
    print(HEAD)
    for kind in arguments.kind or pages.KINDS:
        scores = {name: Score() for name in ways}
        for i, shot in enumerate(_shots(kind, arguments)):
            for name, road in ways.items():
                started = time.perf_counter()
                found = road(shot.pixels)
                seconds = time.perf_counter() - started
                matched = match(shot.lines, found)
                for score in (scores[name], totals[name]):
                    score.add(shot, found, matched, seconds)
                if arguments.save and name == "sonsu":
                    _save_failure(arguments.save, f"{kind}-{i:04}", shot, found, matched)
        rows += [score.row(kind, name) for name, score in scores.items()]
        print("\n".join(rows[-len(ways) :]), flush=True)
    rows += [score.row("**all**", name) for name, score in totals.items()]
    print("\n".join(rows[-len(ways) :]), _of_one_megapixel(totals), sep="\n\n")
    if arguments.out:
        _write(arguments.out, rows, totals, find_model(arguments.model))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", action="append", choices=list(pages.KINDS), help="all if not given")
    parser.add_argument("--n", type=int, default=20, help="pages a kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--digits", action="append", help="SPECs as `sonsu data scenes --digits` takes them")
    parser.add_argument("--road", action="append", choices=["sonsu", "usual", "Tesseract"], help="all if not given")
    parser.add_argument("--model", default="default")
    parser.add_argument("--scenes", type=Path, help="folder where the scenes are kept")
    parser.add_argument("--save", type=Path, help="folder for the pages with mistakes")
    parser.add_argument("--out", type=Path, help="the page to write a section of: OUT.md")
    arguments = parser.parse_args()
    arguments.road = arguments.road or ["sonsu", "usual", "Tesseract"]
    return arguments


def _shots(kind: str, arguments: argparse.Namespace) -> Iterator[Shot]:
    """The scenes of a kind, from the folder where they are kept if there is one."""
    if not arguments.scenes:
        return pages.draw_many(kind, _hands(arguments.digits), arguments.n, arguments.seed)
    specs = _specs(arguments.digits)
    of = "" if specs == _specs(None) else f"-{zlib.crc32(' '.join(specs).encode()):08x}"
    folder = arguments.scenes / f"{kind}-seed{arguments.seed}-n{arguments.n}{of}"
    if not folder.exists():
        draft = folder.with_name(folder.name + ".partial")
        shutil.rmtree(draft, ignore_errors=True)
        pages.save(draft, kind, pages.draw_many(kind, _hands(arguments.digits), arguments.n, arguments.seed))
        draft.rename(folder)
    return pages.load(folder)


def _specs(given: list[str] | None) -> list[str]:
    """Those given; MNIST and the recorded pens, where they are, if none are."""
    pens = Path(os.environ.get("SONSU_DATA", "")) / "unipen" / "digits.jsonl.gz"
    return given or ["mnist:train", *([f"pen:{pens}"] if pens.is_file() else [])]


_loaded: dict[tuple[str, ...], Hands] = {}


def _hands(specs: list[str] | None) -> Hands:
    """Those held back of the SPECs."""
    specs = _specs(specs)
    if tuple(specs) not in _loaded:
        _loaded[tuple(specs)] = load_hands(specs)[1]
    return _loaded[tuple(specs)]


def _save_failure(folder: Path, name: str, shot: Shot, found: list[FoundLine], matched: list[FoundLine | None]) -> None:
    """The page with what is right in green, the truth of what is wrong in red, what was found instead in blue."""
    wrong = [(t, m) for t, m in zip(shot.lines, matched, strict=True) if m is None or m.text != t.text]
    invented = [line for line in found if line.text and not any(line is other for other in matched)]
    if not wrong and not invented:
        return
    folder.mkdir(parents=True, exist_ok=True)
    picture = np.atleast_3d(shot.pixels)[..., ::-1].copy()
    picture = picture if picture.shape[2] == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    picture = _enlarged(picture)
    scale = picture.shape[1] / shot.pixels.shape[1]
    for truth, line in zip(shot.lines, matched, strict=True):
        if line is not None and line.text == truth.text:
            _frame(picture, truth.box_px, scale, (60, 160, 0), "")
        else:
            _frame(picture, truth.box_px, scale, (0, 0, 230), truth.text)
    for line in [m for _, m in wrong if m is not None] + invented:
        _frame(picture, line.box_px, scale, (230, 80, 0), f"{line.text} {line.confidence:.2f}", below=True)
    cv2.imwrite(str(folder / f"{name}.png"), picture)
    with (folder / "failures.txt").open("a", encoding="utf-8") as file:
        for truth, m in wrong:
            file.write(f"{name}\t{truth.text}\t{m.text if m else ''}\t{m.confidence if m else 0:.3f}\n")
        for line in invented:
            file.write(f"{name}\t\t{line.text}\t{line.confidence:.3f}\n")


def _enlarged(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    scale = min(max(600 / picture.shape[1], 1.0), 4.0)
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale), np.uint8) if scale > 1 else picture


def _frame(
    picture: NDArray[np.uint8], box: tuple[int, ...], scale: float, colour: tuple[int, int, int], text: str,
    *, below: bool = False,
) -> None:  # fmt: skip
    x, y, width, height = (round(side * scale) for side in box)
    thick = max(1, picture.shape[1] // 600)
    pad = 2 * thick if below else 4 * thick
    cv2.rectangle(picture, (x - pad, y - pad), (x + width + pad, y + height + pad), colour, thick)
    at = (max(x, 0), y + height + pad + 18 * thick if below else max(y - pad - 3, 12 * thick))
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.55 * thick, colour, thick, cv2.LINE_AA)


def _of_one_megapixel(totals: dict[str, Score]) -> str:
    said = []
    for name, score in totals.items():
        near = np.array([0.7 <= size <= 1.4 for size in score.megapixels], bool)
        if near.any():
            said.append(f"{name} {np.median(np.array(score.seconds)[near]) * 1e3:.0f} ms (n = {near.sum()})")
    return f"A page of 0.7 to 1.4 MP, median: {', '.join(said) or 'none among them'}."


def _write(out: Path, rows: list[str], totals: dict[str, Score], model: Path) -> None:
    text = "\n".join(
        [
            "A line is read exactly where each of its digits is right, none missed and none invented. Sure are lines "
            f"with a confidence of {SURE} or more. The usual road is an adaptive threshold, contours and the same "
            "digit network. In order are pages whose lines come in the order in which a person reads them.",
            "",
            HEAD,
            *rows,
            "",
            _of_one_megapixel(totals),
            "",
            f"The default network, sha256 {Network(model).sha256[:12]}; {machine()}.",
            "",
            f"    python benchmarks/lines.py {' '.join(sys.argv[1:])}".rstrip(),
        ]
    )
    write_section(out.with_suffix(".md"), "lines", "Lines, pages and forms", text)


if __name__ == "__main__":
    main()
