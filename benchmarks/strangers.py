"""Pictures that are no digits: what a reader of digits should refuse."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sonsu.learning import datasets
from sonsu.reading.glyph import SIZE, glyph

# Handwritten ones first; Debian's fonts-nanum-extra and fonts-nanum, or what other systems bring.
HANGUL_FONTS = (
    "NanumPen.ttf",
    "NanumBrush.ttf",
    "NanumGothic.ttf",
    "NanumMyeongjo.ttf",
    "malgun.ttf",
    "AppleGothic.ttf",
)
_SIDE = 64


@dataclass(frozen=True, eq=False)
class Strangers:
    """Some pictures of one kind.

    Attributes:
        name: the kind.
        pictures: uint8 (n, h, w), as found; dark on light or light on dark.
        forms: uint8 (n, 28, 28), ink = 255, for a network.
        pens: whether recorded pens drew them, so that they stand beside the digits of the same pens.
    """

    name: str
    pictures: NDArray[np.uint8]
    forms: NDArray[np.uint8]
    pens: bool = False


def kinds(data: Path, n: int, seed: int = 0) -> Iterator[Strangers | str]:
    """Each kind in turn, or a sentence on why it is left out.

    Args:
        data: where unipen/ and real/ lie.
        n: the most of each.
        seed: of the choice, and of what is made up.
    """
    for name, title in (
        ("upper", "capital letters"),
        ("lower", "small letters"),
        ("symbols", "symbols"),
    ):
        held = held_out(data, name)
        if held is None:
            yield f"{title}: no unipen/{name}.jsonl.gz under SONSU_DATA"
        else:
            chosen = held.images[pick(len(held), n, seed)]
            yield Strangers(f"{title}, pens", chosen, chosen, pens=True)
    path = data / "real" / "mdas_symbols.npz"
    if path.is_file():
        signs = np.load(path)["x"]
        signs = signs[pick(len(signs), n, seed)]
        yield Strangers("handwritten + × ÷", signs, as_mnist(signs))
    else:
        yield "handwritten + × ÷: no real/mdas_symbols.npz under SONSU_DATA"
    yield hangul(n, seed)
    yield shapes(n, seed)


def held_out(data: Path, name: str) -> datasets.Dataset | None:
    """The recorded pens' characters whose writers every training holds back; None where the file is not there."""
    path = data / "unipen" / f"{name}.jsonl.gz"
    if not path.is_file():
        return None
    return datasets.split(datasets.load(f"pen:{path}"), datasets.VALIDATION_SHARE, seed=0)[1]


def hangul(n: int, seed: int) -> Strangers | str:
    """Random syllables in the Hangul fonts of this system, in turn; a sentence where there is none."""
    fonts = [font for name in HANGUL_FONTS if (font := _font(name)) is not None]
    if not fonts:
        return "Hangul: no font of it on this system (Debian: fonts-nanum)"
    rng = np.random.default_rng(seed)
    drawn = np.zeros((n, _SIDE, _SIDE), np.uint8)
    for i, code in enumerate(rng.integers(0xAC00, 0xD7A4, n).tolist()):
        sheet = Image.new("L", (_SIDE, _SIDE))
        ImageDraw.Draw(sheet).text((_SIDE // 2, _SIDE // 2), chr(code), 255, fonts[i % len(fonts)], anchor="mm")
        drawn[i] = np.asarray(sheet)
    return _made(f"Hangul in {len(fonts)} fonts", drawn)


def shapes(n: int, seed: int) -> Strangers:
    """Triangles, stars, arrows, hearts, waves and spirals, turned and drawn with pens of several widths."""
    rng = np.random.default_rng(seed)
    drawn = np.zeros((n, _SIDE, _SIDE), np.uint8)
    for i in range(n):
        points = _SHAPES[i % len(_SHAPES)] @ _turn(rng.uniform(-25, 25)) * rng.uniform((16, 16), (24, 24)) + _SIDE / 2
        points += rng.normal(0, 0.5, points.shape)
        lines = [np.rint(points * 16).astype(np.int32)]
        cv2.polylines(drawn[i], lines, False, 255, int(rng.integers(2, 7)), cv2.LINE_AA, 4)
    return _made("made-up shapes", drawn)


def as_mnist(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Resized to 28×28 and light on dark, which is all that a network alone is given: uint8 (n, 28, 28)."""
    small = [
        cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA) if picture.shape != (SIZE, SIZE) else picture
        for picture in pictures
    ]
    border = [np.median([*image[0], *image[-1], *image[:, 0], *image[:, -1]]) for image in small]
    return np.stack([255 - image if edge > 127 else image for image, edge in zip(small, border, strict=True)])


def pick(available: int, n: int, seed: int = 0) -> NDArray[np.intp]:
    """At most n places of so many, by chance, in their order."""
    return np.sort(np.random.default_rng(seed).permutation(available)[:n])


def _made(name: str, ink: NDArray[np.uint8]) -> Strangers:
    return Strangers(name, 255 - ink, np.stack([glyph(one) for one in ink]))


def _font(name: str) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(name, 50)
    except OSError:
        return None


def _turn(angle_deg: float) -> NDArray[np.float64]:
    cos, sin = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return np.array([[cos, sin], [-sin, cos]])


def _shapes() -> list[NDArray[np.float64]]:
    """Outlines within -1 to 1, y down, each float64 (points, 2)."""
    t = np.linspace(0, 1, 60)[:, None]
    around = 2 * np.pi * t
    star = np.radians(-90 + 144 * np.arange(6))[:, None]
    return [
        np.array([[0, -1], [1, 0.8], [-1, 0.8], [0, -1]], np.float64),
        np.hstack([np.cos(star), np.sin(star)]),
        np.array([[-1, 0], [1, 0], [0.4, -0.5], [1, 0], [0.4, 0.5]], np.float64),
        np.hstack([np.sin(around) ** 3, -np.cos(around) * 0.8 + np.cos(2 * around) * 0.3 + np.cos(3 * around) * 0.1]),
        np.hstack([2 * t - 1, 0.5 * np.sin(3 * around)]),
        np.hstack([t * np.cos(3 * around), t * np.sin(3 * around)]),
    ]


_SHAPES = _shapes()
