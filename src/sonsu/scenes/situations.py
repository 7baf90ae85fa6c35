"""Single digits as people photograph them, by what makes them hard: `digit_photo`'s pictures, sorted.

`sonsu.scenes.digit_photo.draw_kinds` shows every difficulty about as often as it is met; here each has pictures of its
own, so that reading can be measured by it. The same name and generator give the same picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from sonsu.errors import UsageError
from sonsu.scenes import digit_photo
from sonsu.scenes.digit_photo import Scene

Range = tuple[float, float]

_LIGHT = {"gradient": 0.4, "vignette": 0.25, "soft shadow": 0.2, "noisy": 0.2, "sharpened": 0.4, "blur": 0.15}
_DARK_INKS = ("black", "blue", "black", "blue", "red", "green")


@dataclass(frozen=True)
class Situation:
    """One way in which pictures of a digit are hard.

    Attributes:
        papers: one of `sonsu.scenes.paper.PAPERS` is drawn; so of ``pens``, ``inks`` and ``cameras``.
        kinds: what the pictures show besides, each with its chance.
        sides_px: range of the picture's longer side, drawn evenly on a logarithmic scale.
        fill: range of the digit's height over that of the picture, drawn likewise.
        thicker: range of how much is added to each stroke's width, of the digit's height.
    """

    papers: tuple[str, ...] = ("white paper",)
    pens: tuple[str, ...] = ("ballpoint", "felt")
    inks: tuple[str, ...] = _DARK_INKS
    cameras: tuple[str, ...] = ("phone",)
    kinds: Mapping[str, float] = field(default_factory=lambda: _LIGHT)
    sides_px: Range = (250, 1000)
    fill: Range = (0.2, 0.7)
    thicker: Range = (0.0, 0.0)


_CELL = {"cell": 1.0, "halftone": 0.5, "backside": 0.4, "gradient": 0.3, "blur": 0.3, "noisy": 0.2, "curl": 0.3}
SITUATIONS = {
    "far away": Situation(kinds={**_LIGHT, "ruled": 0.3, "desk": 0.3}, sides_px=(800, 1400), fill=(0.05, 0.14)),
    "filling the picture": Situation(pens=("ballpoint", "felt", "brush"), sides_px=(60, 800), fill=(0.85, 0.97)),
    "thick felt pen": Situation(pens=("felt", "brush"), fill=(0.3, 0.9), thicker=(0.06, 0.14)),
    "fine pencil": Situation(pens=("pencil",), inks=("graphite",), kinds={**_LIGHT, "bright": 0.2, "dark": 0.1}),
    "hand's or phone's shadow": Situation(
        pens=("ballpoint", "felt", "pencil"),
        kinds={"soft shadow": 0.7, "hard shadow": 0.7, "gradient": 0.4, "dark": 0.1},
    ),
    "coloured paper": Situation(
        papers=("yellow paper", "pink paper", "blue paper", "green paper", "kraft paper", "recycled paper"),
        inks=("blue", "blue", "black", "red", "green", "purple"),
    ),
    "notebook": Situation(kinds={**_LIGHT, "ruled": 1.0, "backside": 0.3, "curl": 0.5}, fill=(0.08, 0.5)),
    "squared paper": Situation(kinds={**_LIGHT, "squared": 1.0, "curl": 0.3}, fill=(0.08, 0.5)),
    "out of focus or shaken": Situation(kinds={"blur": 0.6, "motion": 0.7, "gradient": 0.3, "noisy": 0.3}),
    "table and fingers": Situation(kinds={**_LIGHT, "desk": 1.0, "finger": 0.5, "pen in view": 0.3}, fill=(0.1, 0.4)),
    "whiteboard": Situation(papers=("whiteboard",), pens=("felt",), kinds={**_LIGHT, "glare": 0.3}, fill=(0.1, 0.7)),
    "chalk on a board": Situation(
        papers=("blackboard", "greenboard"), pens=("chalk",), inks=("white chalk", "yellow chalk"), fill=(0.1, 0.7)
    ),
    "screen with moiré": Situation(
        papers=("screen", "white paper"),
        pens=("crisp",),
        inks=("light",),
        kinds={"moire": 1.0, "gradient": 0.4, "glare": 0.2},
    ),
    "tablet's screenshot": Situation(
        papers=("white paper", "white paper", "screen"),
        pens=("crisp",),
        inks=("light",),
        cameras=("screenshot",),
        kinds={"toolbar": 1.0},
        sides_px=(300, 1000),
        fill=(0.1, 0.6),
    ),
    "newsprint cell": Situation(
        papers=("newsprint",),
        pens=("ballpoint", "pencil"),
        inks=("black", "blue"),
        kinds=_CELL,
        sides_px=(80, 400),
        fill=(0.4, 0.8),
    ),
    "small newsprint cell": Situation(
        papers=("newsprint",),
        pens=("ballpoint", "pencil"),
        inks=("black", "blue"),
        kinds=_CELL,
        sides_px=(30, 80),
        fill=(0.45, 0.8),
    ),
}
"""By what makes them hard; measured by `benchmarks/pictures.py`."""


def photo(
    ink: npt.NDArray[np.uint8], situation: str, rng: np.random.Generator, *, label: str = ""
) -> tuple[npt.NDArray[np.uint8], Scene]:
    """Photograph the ink in one of `SITUATIONS`.

    Args:
        ink: uint8 (h, w), ink = 255 on 0; large (some 400 px).
        situation: its name.
        rng: Source of chance: the same generator gives the same picture.
        label: Passed on to the scene.

    Returns:
        uint8 (h, w, 3) and what it shows, as `sonsu.scenes.digit_photo.photo`.

    Raises:
        UsageError: there is no such situation, or no ink.
    """
    if situation not in SITUATIONS:
        raise UsageError(f"no situation {situation!r}. Choose from: {', '.join(SITUATIONS)}.")
    chosen = SITUATIONS[situation]
    long, fill = _draw(chosen.sides_px, rng), _draw(chosen.fill, rng)
    short = long * rng.choice((1.0, 0.75, 0.75, 0.5625))
    size_px = (round(long), round(short)) if rng.random() < 0.35 else (round(short), round(long))
    thicker = round(rng.uniform(*chosen.thicker) * ink.shape[0])
    return digit_photo.photo(
        _thicken(ink, thicker), rng, label=label, kinds=_draw_kinds(chosen, rng), size_px=size_px, fill=fill
    )


def _draw(span: Range, rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(*np.log(span))))


def _draw_kinds(chosen: Situation, rng: np.random.Generator) -> frozenset[str]:
    surface = str(rng.choice(chosen.papers))
    pen = str(rng.choice(chosen.pens))
    inks = chosen.inks if pen != "pencil" else ("graphite",)
    if inks == ("light",) and surface != "screen":
        inks = _DARK_INKS
    kinds = {surface, pen, str(rng.choice(inks)), str(rng.choice(chosen.cameras))}
    return frozenset(kinds | {kind for kind, chance in chosen.kinds.items() if rng.random() < chance})


def _thicken(ink: npt.NDArray[np.uint8], px: int) -> npt.NDArray[np.uint8]:
    if px < 1:
        return ink
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (px + 1, px + 1))
    return cv2.dilate(cv2.copyMakeBorder(ink, px, px, px, px, cv2.BORDER_CONSTANT, value=0), pen)
