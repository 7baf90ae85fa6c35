"""Cells of real photos of number puzzles, with a digit and empty: how many are read right.

The photos come with other packages, and are not in this project: ``samples/data/sudoku.png`` of OpenCV (Debian's
opencv-doc), and ``tests/img/sudoku1.png``, ``sudoku2.jpg`` and ``sudoku3.jpg`` of sudoku_ocr 1.1.3 (PyPI's wheel). Put
all four into a folder. Each cell is cut tight, exact and loose, and shown with 100 and 40 px::

    python benchmarks/puzzles.py FOLDER
"""

import argparse
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu import Reader

CELL_PX, MARGIN_PX = 100, 50
SLACKS_PX, SIDES_PX = (-6, 0, 5), (100, 40)

# Each grid's corners in its photo, clockwise from the left upper one, px, and what stands in it, "." for nothing.
Corners = tuple[tuple[float, float], ...]
GRIDS: dict[str, tuple[Corners, str]] = {
    "sudoku.png": (
        ((75, 88), (491, 70), (520, 519), (36, 514)),
        "...6.47.. 7.6.....9 .....5.8. .7..2..93 8.......5 43..1..7. .5.2..... 3.....2.8 ..23.1...",
    ),
    "sudoku1.png": (
        ((117.1, 345.7), (572.8, 341.4), (644.3, 835.7), (60.0, 852.8)),
        "..7..4..9 .......15 4..358..7 1..2..3.6 .5..3..72 ..3..1..8 ...893..4 .7......3 3..7..5.1",
    ),
    "sudoku2.jpg": (
        ((35.8, 65.4), (211.6, 64.4), (217.1, 265.6), (27.9, 262.4)),
        "85......2 1.4.7...3 6..3..... 23..5.8.1 .8..3..2. 4.1.9..36 .....2..5 3...6.2.9 5......47",
    ),
    "sudoku3.jpg": (
        ((234, 557), (2867, 563), (2867, 3184), (234, 3202)),
        "...23.... .67...92. .9...7.3. ..4.7...8 6..4.2..1 7...1.6.. .7.6...1. .18...37. ....51...",
    ),
}


def main() -> None:
    """Read, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    reader, counts = Reader(), Counter[str]()
    for name, (corners, digits) in GRIDS.items():
        grid = flat(folder / name, corners)
        for number, truth in enumerate(digits.replace(" ", "")):
            kind = "empty" if truth == "." else "digit"
            for pixels in cells(grid, *divmod(number, 9)):
                digit = reader.read_digit(pixels)
                read, right = digit.label is not None and digit.status == "read", str(digit.label) == truth
                counts += Counter({kind: 1, f"{kind} right": right, f"{kind} read": read, "sure": read and right})
    digits_right, read_right = counts["digit right"] / counts["digit"], counts["sure"] / counts["digit read"]
    print(f"cells with a digit   {counts['digit']:,}: {digits_right:.1%} right,", end=" ")
    print(f"{counts['digit read'] / counts['digit']:.1%} read, of those {read_right:.1%} right")
    print(f"empty cells          {counts['empty']:,}: {counts['empty read'] / counts['empty']:.1%} read as a digit")


def flat(path: Path, corners: Corners) -> NDArray[np.uint8]:
    """A grid seen from above, uint8 (h, w, 3) RGB, its cells 100 px wide, with a margin of 50."""
    photo = cv2.imread(str(path))
    if photo is None:
        raise SystemExit(f"{path} is not there, or is no picture")
    side = 9 * CELL_PX
    target = np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float32) + MARGIN_PX
    matrix = cv2.getPerspectiveTransform(np.array(corners, np.float32), target)
    size = (side + 2 * MARGIN_PX,) * 2
    return np.asarray(cv2.cvtColor(cv2.warpPerspective(photo, matrix, size), cv2.COLOR_BGR2RGB), np.uint8)


def cells(grid: NDArray[np.uint8], row: int, column: int) -> list[NDArray[np.uint8]]:
    """A cell in each way that it is cut, uint8 (s, s, 3)."""
    cut = []
    for slack in SLACKS_PX:
        x, y = (MARGIN_PX + CELL_PX * place - slack for place in (column, row))
        cell = grid[y : y + CELL_PX + 2 * slack, x : x + CELL_PX + 2 * slack]
        cut += [
            cell if side == CELL_PX else cv2.resize(cell, (side, side), interpolation=cv2.INTER_AREA)
            for side in SIDES_PX
        ]
    return [np.ascontiguousarray(pixels) for pixels in cut]


if __name__ == "__main__":
    main()
