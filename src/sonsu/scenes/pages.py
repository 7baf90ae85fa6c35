"""Scenes for development: lines, pages and forms such as people and offices send, each with the truth about it.

Nothing here trains a network: it is for measuring how whole pictures are read. `KINDS` lists what there is; what a
picture of a kind looks like is decided in the module named there; how it is taken in `capture` and `exposure`.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from sonsu.errors import DataError, UsageError
from sonsu.learning.line_data import Hands
from sonsu.scenes import cheques, form_boxes, forms, notes, plain_lines, tables
from sonsu.scenes.exposure import Shot, turned
from sonsu.scenes.sheet import TrueDigit, TrueLine


def turned_page(hands: Hands, rng: np.random.Generator) -> Shot:
    """A page that lies on its side or upside down, with enough digits on it that show which way is up."""
    while True:
        shot = (notes.photo, notes.photo, tables.score_sheet, forms.form)[rng.integers(4)](hands, rng)
        if sum(digit in "234579" for line in shot.lines for digit in line.text) >= 6:
            return turned(shot, int(rng.integers(1, 4)))


KINDS: dict[str, tuple[Callable[[Hands, np.random.Generator], Shot], str]] = {
    "clean": (plain_lines.clean, "one line of 1-10 separate digits on white"),
    "touching": (plain_lines.touching, "2-6 digits that touch or overlap"),
    "photo": (notes.photo, "photographed pages of several numbers"),
    "boxes": (form_boxes.boxes, "one digit in each printed box, scanned or photographed"),
    "tablet": (plain_lines.tablet, "numbers drawn on a tablet or with a mouse"),
    "cheque": (cheques.cheque, "a cheque's amount in its field"),
    "form": (forms.form, "printed forms with filled fields"),
    "sheet": (tables.score_sheet, "tables of numbers: score sheets, sums"),
    "turned": (turned_page, "pages turned by 90, 180 or 270 degrees"),
}


def draw(kind: str, hands: Hands, rng: np.random.Generator) -> Shot:
    """Draw a picture.

    Args:
        kind: one of `KINDS`.
        hands: who writes on it.
        rng: source of chance: the same generator gives the same picture.

    Raises:
        UsageError: no such kind.
    """
    check_kind(kind)
    return KINDS[kind][0](hands, rng)


def check_kind(kind: str) -> None:
    """Raise UsageError unless it is one of `KINDS`."""
    if kind not in KINDS:
        raise UsageError(f"No scenes are called {kind!r}. Choose from: {', '.join(KINDS)}.")


def draw_many(kind: str, hands: Hands, n: int, seed: int) -> Iterator[Shot]:
    """``n`` pictures of a kind; the same for the same seed, whatever ``n`` is."""
    check_kind(kind)
    number = list(KINDS).index(kind)
    for i in range(n):
        yield draw(kind, hands, np.random.default_rng((seed, number, i)))


def load(folder: Path) -> Iterator[Shot]:
    """What `save` wrote, in its order.

    Raises:
        DataError: there is no ``truth.jsonl``.
    """
    path = folder / "truth.jsonl"
    if not path.is_file():
        raise DataError(f"{path}: no such file. Expected a folder that `sonsu data scenes` wrote.")
    for record in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        lines = tuple(
            TrueLine(tuple(TrueDigit(digit["label"], tuple(digit["box_px"])) for digit in line["digits"]))
            for line in record["lines"]
        )
        yield Shot(np.array(Image.open(folder / record["picture"])), lines)


def truth_record(name: str, kind: str, shot: Shot) -> dict[str, Any]:
    """What is known of a picture, as ``truth.jsonl`` has it."""
    height, width = shot.pixels.shape[:2]
    lines = [
        {
            "text": line.text,
            "box_px": list(line.box_px),
            "digits": [{"label": digit.label, "box_px": list(digit.box_px)} for digit in line.digits],
        }
        for line in shot.lines
    ]
    return {"picture": name, "kind": kind, "width_px": width, "height_px": height, "lines": lines}


def save(out: Path, kind: str, shots: Iterable[Shot]) -> None:
    """Write pictures and ``truth.jsonl``, a JSON object a picture, into a new folder.

    Args:
        out: the folder; made here.
        kind: of the scenes, for the records.
        shots: what to write.

    Raises:
        UsageError: the folder holds something already.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is there already and not empty. Name a new folder.")
    out.mkdir(parents=True, exist_ok=True)
    with (out / "truth.jsonl").open("x", encoding="utf-8") as file:
        for i, shot in enumerate(shots):
            name = f"{kind}-{i:04}.png"
            Image.fromarray(shot.pixels).save(out / name, compress_level=1)
            file.write(json.dumps(truth_record(name, kind, shot)) + "\n")
