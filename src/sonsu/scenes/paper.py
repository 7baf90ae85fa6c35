"""What lies before the camera: a surface, what is printed on it, and ink; everything but light and lens.

All of it is drawn in *page coordinates*: the digit's centre is 0, 0 and its height is 1, whatever the size, turn
or perspective. Colours are sRGB in 0..1; pictures are float32 (h, w, 3), maps float32 (h, w).
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Map = npt.NDArray[np.float32]

PAPERS = {
    "white paper": (0.97, 0.97, 0.96),
    "cream paper": (0.97, 0.93, 0.82),
    "grey paper": (0.82, 0.82, 0.83),
    "recycled paper": (0.84, 0.80, 0.72),
    "kraft paper": (0.76, 0.62, 0.45),
    "yellow paper": (0.98, 0.91, 0.55),
    "pink paper": (0.97, 0.75, 0.78),
    "blue paper": (0.75, 0.85, 0.95),
    "green paper": (0.78, 0.92, 0.76),
    "newsprint": (0.83, 0.80, 0.75),
    "whiteboard": (0.92, 0.94, 0.95),
    "blackboard": (0.16, 0.19, 0.18),
    "greenboard": (0.13, 0.29, 0.22),
    "screen": (0.06, 0.06, 0.08),
}
INKS = {
    "black": (0.08, 0.08, 0.10),
    "blue": (0.10, 0.16, 0.55),
    "red": (0.78, 0.10, 0.13),
    "green": (0.05, 0.42, 0.20),
    "purple": (0.38, 0.12, 0.50),
    "orange": (0.95, 0.50, 0.08),
    "graphite": (0.25, 0.25, 0.27),
    "white chalk": (0.95, 0.95, 0.92),
    "yellow chalk": (0.95, 0.90, 0.55),
    "light": (0.95, 0.96, 0.98),
}
PENS = ("ballpoint", "felt", "pencil", "brush", "chalk", "crisp")


@dataclass(frozen=True)
class View:
    """Where each pixel of the picture lies on the page.

    Attributes:
        u: float32 (h, w), to the right, in digit heights from the digit's centre.
        v: float32 (h, w), downward.
        unit_px: Height of the digit in pixels.
        aspect: Width of the digit over its height.
    """

    u: Map
    v: Map
    unit_px: float
    aspect: float


def noise(shape: tuple[int, ...], rng: np.random.Generator, scale_px: float = 1.0) -> Map:
    """Smooth noise, mean 0, standard deviation about 1, with bumps of about ``scale_px``; float32 (h, w)."""
    scale = max(1.0, scale_px)
    small = rng.standard_normal((int(shape[0] / scale) + 3, int(shape[1] / scale) + 3), dtype=np.float32)
    if scale == 1.0:
        return small[: shape[0], : shape[1]]
    size = (int(small.shape[1] * scale), int(small.shape[0] * scale))
    large = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)[int(scale) :, int(scale) :]
    return np.asarray(large[: shape[0], : shape[1]], np.float32)


def band(distance: Map, width: float, unit_px: float) -> Map:
    """Coverage 0..1 of a line, from each pixel's distance to its middle; a thin one gets weak, not jagged."""
    half, fade = max(width * unit_px, 0.7) / 2, min(1.0, width * unit_px / 0.7)
    return np.asarray(np.clip(half + 0.5 - np.abs(distance) * unit_px, 0, 1) * fade, np.float32)


def paint(picture: Map, coverage: Map, colour: tuple[float, ...]) -> None:
    """Lay an ink over the picture in place: it filters what is under it, so crossings get darker."""
    picture *= 1 - coverage[..., None] * (1 - np.array(colour, np.float32))


def cover(picture: Map, coverage: Map, colour: npt.ArrayLike) -> None:
    """Lay an opaque colour, or a picture of the same shape, over the picture in place."""
    picture += coverage[..., None] * (np.asarray(colour, np.float32) - picture)


def surface(view: View, paper: str, rng: np.random.Generator) -> Map:
    """Bare paper or board with its grain, fibres, dust or smears; float32 (h, w, 3) in 0..1."""
    shape = view.u.shape
    base = np.array(PAPERS[paper], np.float32) * np.float32(rng.uniform(0.94, 1.02))
    grain = noise(shape, rng, rng.uniform(1, 3)) * rng.uniform(0.002, 0.012)
    cloud = noise(shape, rng, max(shape) / rng.uniform(2, 6)) * rng.uniform(0.002, 0.015)
    if paper in ("recycled paper", "kraft paper", "newsprint"):
        grain = grain * 2 + noise(shape, rng, rng.uniform(2, 6)) * 0.012
    if "board" in paper:
        smear = cv2.GaussianBlur(noise(shape, rng, 2), (0, 0), max(shape) / 30, sigmaY=max(shape) / 150)
        cloud = cloud + smear / smear.std() * rng.uniform(0.005, 0.02) * (2.0 if paper != "whiteboard" else 1.0)
    if paper == "screen":
        grain, cloud = grain * 0.2, cloud * 0.2
    return np.asarray(np.clip(base * (1 + (grain + cloud))[..., None], 0, 1), np.float32)


def crease(picture: Map, view: View, rng: np.random.Generator) -> None:
    """Fold the paper once or twice: light on one flank of each fold, shade on the other, in place."""
    for _ in range(rng.integers(1, 4)):
        angle = rng.uniform(0, np.pi)
        wobble = noise(view.u.shape, rng, view.unit_px * 0.4) * 0.015
        off = view.u * np.cos(angle) + view.v * np.sin(angle) - rng.uniform(-1.2, 1.2) + wobble
        flank = off / rng.uniform(0.015, 0.06)
        fold = flank * np.exp(-np.abs(flank)) * rng.uniform(0.08, 0.3)
        picture *= (1 + np.clip(fold, -0.3, 0.15))[..., None].astype(np.float32)


def dirt(picture: Map, view: View, rng: np.random.Generator) -> None:
    """Specks, and the grey smudge of a hand, in place."""
    height, width = view.u.shape
    specks = np.zeros((height, width), np.uint8)
    for _ in range(rng.integers(3, 25)):
        at = (int(rng.integers(width)), int(rng.integers(height)))
        radius = rng.exponential(0.01) * view.unit_px
        cv2.circle(
            specks,
            (at[0] * 16, at[1] * 16),
            int(radius * 16),
            int(rng.uniform(60, 220) * min(1.0, radius)),
            -1,
            cv2.LINE_AA,
            4,
        )
    smudge = np.clip(noise((height, width), rng, max(height, width) / rng.uniform(2, 8)) - 0.8, 0, 1)
    paint(
        picture,
        np.maximum(specks.astype(np.float32) / 255, smudge * rng.uniform(0.02, 0.15)),
        (0.25, 0.22, 0.2),
    )


def deposit(ink: Map, view: View, pen: str, rng: np.random.Generator, *, digit_px: float | None = None) -> Map:
    """How much ink lies where, for a pen that skips, presses and catches the paper's grain.

    Args:
        ink: float32 in 0..1, its crop the digit's box with the digit's height as that of the array.
        view: Where each pixel lies on the page.
        pen: ballpoint, felt, pencil, brush, chalk or crisp.
        rng: Source of chance.
        digit_px: Height of a digit in ``ink``, where that is more than one digit; its middle is the page's.

    Returns:
        float32 (h, w), coverage 0..1.
    """
    height, width = ink.shape
    digit_px = digit_px or height
    padded = cv2.copyMakeBorder(ink, 8, 8, 8, 8, cv2.BORDER_CONSTANT, value=0)
    shrink = digit_px / view.unit_px
    if shrink > 1.5:
        padded = cv2.GaussianBlur(padded, (0, 0), 0.35 * shrink)
    x = view.u * np.float32(digit_px) + np.float32(width / 2 + 7.5)
    y = view.v * np.float32(digit_px) + np.float32(height / 2 + 7.5)
    covered = cv2.remap(padded, x, y, cv2.INTER_LINEAR)
    if pen == "crisp":
        return np.asarray(covered, np.float32)
    shape, unit = view.u.shape, view.unit_px
    press = 1 + noise(shape, rng, 0.25 * unit) * {"brush": 0.1, "pencil": 0.15}.get(pen, 0.06)
    grain = noise(shape, rng, max(1.0, rng.uniform(0.004, 0.012) * unit))
    hold = {"ballpoint": 2.2, "felt": 4.0, "pencil": 1.2, "brush": 2.0, "chalk": 0.8}[pen] + rng.uniform(-0.3, 0.5)
    if pen in ("brush", "felt"):  # bristles and a drying felt leave streaks
        along = cv2.GaussianBlur(noise(shape, rng, 2), (0, 0), 0.12 * unit + 1, sigmaY=0.008 * unit + 0.3)
        grain = grain + along / along.std() * (0.7 if pen == "brush" else 0.3)
    caught = np.clip(0.5 + (grain + hold) * 0.6, 0, 1)
    rough = np.clip((covered - 0.5) * 1.6 + 0.5 + grain * 0.06 * (pen in ("chalk", "pencil")), 0, 1)
    return np.asarray(np.clip(rough * np.clip(press, 0.3, 1.1) * caught, 0, 1), np.float32)
