"""Pictures as people take them: one digit's ink, laid on paper, lit and photographed, with the truth beside it.

Made for measuring how well ink is found in real photos. What a picture shows is a set of *kinds*, drawn at random
by `draw_kinds` or chosen by the caller: one of `sonsu.scenes.paper.PAPERS` and of its ``PENS`` and ``INKS``, one of
`sonsu.scenes.camera.CAMERAS`, and any of `PRINTS`, `EFFECTS` and `RARE`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from sonsu.errors import UsageError
from sonsu.scenes import camera, paper, printed, tabletop
from sonsu.scenes.paper import Map, View

SHEETS = tuple(name for name in paper.PAPERS if name.endswith("paper"))
PRINTS = ("ruled", "squared", "dotted", "box", "cell")
EFFECTS = {  # what a picture shows besides, and how often
    "gradient": 0.45,
    "vignette": 0.25,
    "soft shadow": 0.3,
    "hard shadow": 0.15,
    "glare": 0.08,
    "desk": 0.22,
    "finger": 0.07,
    "pen in view": 0.07,
    "crease": 0.12,
    "backside": 0.12,
    "dirt": 0.1,
    "curl": 0.2,
    "blur": 0.3,
    "motion": 0.1,
    "noisy": 0.25,
    "dark": 0.1,
    "bright": 0.1,
    "sharpened": 0.3,
}
RARE = ("halftone", "moire", "toolbar")
"""What `draw_kinds` never draws, so that its pictures stay the same: shown in `sonsu.scenes.situations`."""
_WORK_PX = 1400  # larger pictures are painted at this size and enlarged: a phone's finest detail is made up too


@dataclass(frozen=True)
class Scene:
    """What was drawn.

    Attributes:
        label: The digit, as given by the caller.
        box_px: x, y, width and height of the digit's ink in the picture.
        kinds: Names of everything the picture shows, sorted; among them the compression.
    """

    label: str
    box_px: tuple[int, int, int, int]
    kinds: tuple[str, ...]


def photo(
    ink: npt.NDArray[np.uint8] | Map,
    rng: np.random.Generator,
    *,
    label: str = "",
    kinds: Iterable[str] | None = None,
    size_px: tuple[int, int] | None = None,
    fill: float | None = None,
) -> tuple[npt.NDArray[np.uint8], Scene]:
    """Write the ink on a page and photograph it, again if a person could not read it.

    Args:
        ink: (h, w), uint8 with ink = 255 or float with ink = 1, on 0; large (some 400 px) for large pictures.
        rng: Source of chance: the same generator gives the same picture.
        label: Passed on to the scene.
        kinds: What the picture shows; drawn by `draw_kinds` if None.
        size_px: Width and height of the picture; 48 to 3000 px a side if None.
        fill: Height of the digit over that of the picture; 0.12 to 0.95 if None.

    Returns:
        The picture, uint8 (h, w, 3) RGB, and what was drawn on it.

    Raises:
        UsageError: No ink, or not one paper, pen, ink and camera in ``kinds``.
    """
    digit, given = _crop(ink), None if kinds is None else frozenset(kinds)
    for _ in range(20):
        chosen = given or draw_kinds(rng)
        width, height = size_px or _draw_size(chosen, rng)
        shrink = min(1.0, _WORK_PX / max(width, height))
        shape = (max(8, round(height * shrink)), max(8, round(width * shrink)))
        view = _lay(shape, digit, chosen, fill or _draw_fill(chosen, rng), rng)
        drawn = paper.deposit(digit, view, "crisp", rng)
        page = _paint(view, digit, chosen, rng)
        tabletop.reach_in(page, drawn, chosen, rng)
        tabletop.toolbars(page, drawn, chosen, rng)
        picture = camera.expose(page, view, chosen, rng)
        if shrink < 1.0:
            picture = np.clip(cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)
        pixels, compression = camera.encode(picture, chosen, rng)
        if legible(pixels, drawn):
            break
    box = cv2.boundingRect((drawn > 0.3).astype(np.uint8))
    x, y, w, h = (round(side / shrink) for side in box)
    return pixels, Scene(label, (x, y, w, h), tuple(sorted({*chosen, compression})))


def draw_kinds(rng: np.random.Generator) -> frozenset[str]:
    """Choose what a picture shows, with every sort of picture about as often as people send it."""
    draw = rng.choice
    device = draw(("phone", "scan", "fax"), p=(0.86, 0.09, 0.05))
    setting = draw(
        ("plain", "ruled", "squared", "dotted", "box", "cell", "whiteboard", "blackboard", "screen"),
        p=(0.33, 0.15, 0.11, 0.04, 0.10, 0.15, 0.05, 0.04, 0.03),
    )
    surface = draw(SHEETS[:4], p=(0.6, 0.15, 0.15, 0.1))
    pen = draw(("ballpoint", "felt", "pencil", "brush"), p=(0.4, 0.32, 0.2, 0.08))
    colour = draw(("black", "blue", "red", "green", "purple", "orange"), p=(0.5, 0.3, 0.08, 0.05, 0.04, 0.03))
    effects = {kind for kind, chance in EFFECTS.items() if rng.random() < chance}
    if setting == "plain":
        surface = draw(SHEETS, p=(0.44, 0.1, 0.1, 0.08, 0.08, 0.06, 0.04, 0.05, 0.05))
    elif setting == "cell":
        surface, pen = "newsprint", draw(("ballpoint", "pencil", "felt"), p=(0.5, 0.35, 0.15))
        effects = effects - {"desk", "finger"} | ({"backside"} if rng.random() < 0.4 else set())
    elif setting == "whiteboard":
        surface, pen = "whiteboard", "felt"
    elif setting == "blackboard":
        surface, pen = draw(("blackboard", "greenboard")), "chalk"
        colour = draw(("white chalk", "yellow chalk"), p=(0.8, 0.2))
    elif setting == "screen":
        device, pen = draw(("phone", "screenshot")), "crisp"
        surface, colour = ("screen", "light") if rng.random() < 0.6 else ("white paper", colour)
        effects &= {"gradient", "glare", "noisy", "blur"}
    if setting in ("whiteboard", "blackboard"):
        effects -= {"crease", "backside", "desk", "curl"}
    if pen == "pencil":
        colour = "graphite"
    if device != "phone":
        effects &= {"crease", "backside", "dirt"} | ({"desk"} if rng.random() < 0.3 else set())
    kinds = {device, surface, pen, colour, *effects} | ({setting} & set(PRINTS))
    return frozenset(map(str, kinds))


def legible(pixels: npt.NDArray[np.uint8], drawn: Map) -> bool:
    """Whether a person could make out the digit: whole, and of another brightness than its surroundings.

    Args:
        pixels: The picture, uint8 (h, w, 3).
        drawn: Where the digit is, float32 in 0..1, of the picture's shape or smaller.
    """
    small = cv2.resize(pixels, drawn.shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    grey = cv2.GaussianBlur(small.mean(axis=2), (0, 0), 0.8)
    ink = drawn > min(0.6, 0.8 * float(drawn.max()))
    reach = 2 * max(2, round(0.04 * np.sqrt(drawn.size))) + 1
    near = cv2.dilate((drawn > 0.05).astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    around = near & (drawn < 0.02)
    rim = np.concatenate((drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1]))
    if not around.any() or rim.max() > 0.3:
        return False
    difference = abs(float(grey[ink].mean() - grey[around].mean()))
    return difference > max(0.05, 1.1 * min(float(grey[around].std()), 0.1), 0.7 * float(grey[ink].std()))


def enlarge(image: npt.NDArray[np.uint8], size_px: int = 400) -> npt.NDArray[np.uint8]:
    """Make a large ink map, smooth and sharp at its edges, of a small one (an MNIST digit).

    Args:
        image: uint8 (h, w), ink = 255 on 0.
        size_px: Height of the result.

    Returns:
        uint8 (size_px, w in proportion), ink = 255 on 0.
    """
    step = size_px / image.shape[0]
    size = (round(image.shape[1] * step), size_px)
    large = cv2.resize(image.astype(np.float32) / 255, size, interpolation=cv2.INTER_CUBIC)
    return sharpen(large, step)


def sharpen(ink: Map, step: float, edge: float = 0.35) -> npt.NDArray[np.uint8]:
    """Make ink that was enlarged ``step`` times, float32 in 0..1, smooth and sharp at its edges: uint8, ink = 255.

    An ``edge`` twice as great makes the edges half as wide.
    """
    soft = cv2.GaussianBlur(ink, (0, 0), 0.45 * step)
    slope = max(step * edge, 1.25)  # less would leave grey where there is none
    return np.asarray(np.clip((soft - 0.42) * slope + 0.5, 0, 1) * 255, np.uint8)


def _draw_size(kinds: Collection[str], rng: np.random.Generator) -> tuple[int, int]:
    long = int(np.exp(rng.uniform(np.log(60), np.log(400 if "cell" in kinds else 3000))))
    short = max(48, int(long * (rng.choice((1.0, 0.75, 0.75, 0.5625)) * rng.uniform(0.9, 1.0))))
    return (long, short) if rng.random() < 0.35 else (short, long)


def _draw_fill(kinds: Collection[str], rng: np.random.Generator) -> float:
    low, high = (0.4, 0.85) if {"cell", "box"} & set(kinds) else (0.12, 0.95)
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _crop(ink: npt.NDArray[np.uint8] | Map) -> Map:
    """The ink's box, float32 in 0..1."""
    scaled = ink.astype(np.float32) / np.float32(255 if ink.dtype == np.uint8 else 1)
    x, y, w, h = cv2.boundingRect((scaled > 0.1).astype(np.uint8))
    if not w:
        raise UsageError(f"There is no ink in the {ink.dtype} {ink.shape} given: expected ink = 255 (or 1.0) on 0.")
    return scaled[y : y + h, x : x + w]


def _lay(shape: tuple[int, int], digit: Map, kinds: Collection[str], fill: float, rng: np.random.Generator) -> View:
    """Choose where the page lies before the camera, so that the whole digit is in the picture."""
    height, width = shape
    aspect = digit.shape[1] / digit.shape[0]
    unit = min(max(20.0, fill * height), 0.97 * height, 0.95 * width / max(aspect, 0.1))
    room = np.maximum((np.array((width, height)) - unit * np.array((aspect, 1)) * 1.12) / 2, 0)
    centre = np.array((width, height)) / 2 + np.clip(rng.normal(0, 0.4, 2), -1, 1) * room
    tilted = "phone" in kinds
    turn = np.radians(np.clip(rng.normal(0, 6 if tilted else 1), -15, 15))
    lean = rng.uniform(-0.18, 0.18, 2) / max(shape) * unit * tilted
    bend = (rng.uniform(0.5, 1.5, 2), rng.uniform(0, 2 * np.pi)) if "curl" in kinds else None
    return look(shape, centre, float(unit), turn, lean, aspect=aspect, bend=bend)


def look(
    shape: tuple[int, int],
    centre: npt.NDArray[np.float64],
    unit_px: float,
    turn: float,
    lean: npt.NDArray[np.float64],
    *,
    aspect: float,
    bend: tuple[npt.NDArray[np.float64], float] | None = None,
    bend_size: float = 0.06,
) -> View:
    """Where each pixel lies on a page seen from near by.

    Args:
        shape: Height and width of the picture.
        centre: x, y of the page's origin in the picture, px.
        unit_px: Height of a digit.
        turn: The page's turn, radians.
        lean: How the distance grows along x and y, of a digit's height: perspective.
        aspect: Passed on to the view.
        bend: Number of waves along x and y in radians a digit's height, and their phase: a page that does not lie flat.
        bend_size: How far the bends shift the page, in digit heights.
    """
    height, width = shape
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    x, y = (columns - centre[0]) / unit_px, (rows - centre[1]) / unit_px
    far = 1 + x * lean[0] + y * lean[1]
    u = (x * np.cos(turn) + y * np.sin(turn)) * far
    v = (y * np.cos(turn) - x * np.sin(turn)) * far
    if bend:
        waves, phase = bend
        u, v = u + bend_size * np.sin(v * waves[0]), v + bend_size * np.sin(u * waves[1] + phase)
    return View(u.astype(np.float32), v.astype(np.float32), unit_px, aspect)


def _paint(view: View, digit: Map, kinds: frozenset[str], rng: np.random.Generator) -> Map:
    """The page with everything printed and written on it, in even light; float32 (h, w, 3), sRGB in 0..1."""
    surface, colour = one_of(kinds, paper.PAPERS, "paper"), one_of(kinds, paper.INKS, "ink")
    pen, _ = one_of(kinds, paper.PENS, "pen"), one_of(kinds, camera.CAMERAS, "camera")
    picture = paper.surface(view, surface, rng)
    if "backside" in kinds:
        printed.backside(picture, view, rng)
    if "halftone" in kinds:
        printed.halftone(picture, view, rng)
    for ruling in sorted(kinds & {"ruled", "squared", "dotted"}):
        printed.rule(picture, view, ruling, rng)
    if kinds & {"box", "cell"}:
        printed.box(picture, view, rng, newsprint="cell" in kinds)
    coverage = paper.deposit(digit, view, pen, rng)
    strength = np.float32(rng.uniform(0.4, 0.85) if pen == "pencil" else rng.uniform(0.65, 1.0))
    light = min(paper.INKS[colour][:2]) > 0.8
    (paper.cover if light else paper.paint)(picture, coverage * strength, paper.INKS[colour])
    for effect in (paper.dirt, paper.crease, tabletop.desk):
        if effect.__name__ in kinds:
            effect(picture, view, rng)
    return np.clip(picture, 0, 1)


def one_of(kinds: frozenset[str], group: Collection[str], what: str) -> str:
    """The one of a group that is among the kinds; raises UsageError unless there is exactly one."""
    found = sorted(kinds & set(group))
    if len(found) != 1:
        raise UsageError(f"A scene has one {what}; received {found or 'none'}. Choose from: {', '.join(group)}.")
    return found[0]
