"""What light, lens, sensor, scanner and file format make of a page.

Pictures are float32 (h, w, 3), sRGB in 0..1, unless said otherwise; light is reckoned in linear intensities.
"""

import io
from collections.abc import Collection

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from sonsu.scenes.paper import Map, View, noise

CAMERAS = ("phone", "scan", "fax", "screenshot")


def expose(picture: Map, view: View, kinds: Collection[str], rng: np.random.Generator) -> Map:
    """Take the picture of a page with one of `CAMERAS`, under the light that ``kinds`` names.

    Args:
        picture: The page in even light, float32 (h, w, 3), sRGB in 0..1.
        view: Where each pixel lies on the page.
        kinds: The camera and any of the effects of `sonsu.scenes.digit_photo.EFFECTS`.
        rng: Source of chance.

    Returns:
        float32 (h, w, 3), sRGB in 0..1.
    """
    if "screenshot" in kinds:
        return picture
    if "scan" in kinds or "fax" in kinds:
        return _scan(picture, "fax" in kinds, rng)
    linear = picture**2.2 * _light(view, kinds, rng)
    if "glare" in kinds:
        linear += _glare(view, rng)[..., None]
    linear = _blur(linear, view.unit_px, kinds, rng)
    if "moire" in kinds:
        linear *= _moire(linear.shape[:2], rng)
    low, high = (0.1, 0.25) if "dark" in kinds else (1.1, 1.7) if "bright" in kinds else (0.4, 0.95)
    brightest = 0.25 if picture.mean() < 0.4 else 0.02  # the meter leaves a blackboard dark
    gain = rng.uniform(low, high) / max(float(np.percentile(linear, 85)), brightest)
    warmth, tint = rng.normal(0, 0.1), rng.normal(0, 0.02)
    linear *= np.array((1 + warmth, 1 + tint, 1 - warmth), np.float32) * np.float32(gain)
    shown = np.clip(_grain(linear, kinds, rng), 0, 1) ** np.float32(1 / 2.2)
    contrast = rng.uniform(0, 0.5)
    shown = (1 - contrast) * shown + contrast * shown * shown * (3 - 2 * shown)  # a phone's S-curve
    if "sharpened" in kinds:
        soft = cv2.GaussianBlur(shown, (0, 0), rng.uniform(0.8, 2.0))
        shown += rng.uniform(0.4, 1.3) * (shown - soft)
    return np.asarray(np.clip(shown, 0, 1), np.float32)


def encode(picture: Map, kinds: Collection[str], rng: np.random.Generator) -> tuple[npt.NDArray[np.uint8], str]:
    """Round to bytes, through JPEG (quality 25 to 95) as cameras and chats do.

    Returns:
        uint8 (h, w, 3), and the name of what was done: ``"lossless"`` or ``"jpeg 40"``.
    """
    pixels = (picture * 255 + 0.5).astype(np.uint8)
    if "fax" in kinds or "screenshot" in kinds:
        return pixels, "lossless"
    quality = int(rng.uniform(60 if min(pixels.shape[:2]) < 150 else 25, 96))
    with io.BytesIO() as file:
        Image.fromarray(pixels).save(file, "JPEG", quality=quality)
        return np.array(Image.open(file).convert("RGB")), f"jpeg {quality // 10 * 10}"


def _light(view: View, kinds: Collection[str], rng: np.random.Generator) -> Map:
    """How much light falls where, 1 = full; float32 (h, w, 3)."""
    height, width = view.u.shape
    across, down = (np.linspace(-1, 1, n, dtype=np.float32) for n in (width, height))
    x, y = np.meshgrid(across, down)
    light = np.ones((height, width, 3), np.float32)
    if "gradient" in kinds:
        angle, ratio = rng.uniform(0, 2 * np.pi), rng.uniform(1.3, 6.0)
        light *= np.exp((x * np.cos(angle) + y * np.sin(angle)) * (np.log(ratio) / 2))[..., None]
    if "vignette" in kinds:
        light /= (1 + rng.uniform(0.1, 0.5) * (x**2 + y**2))[..., None] ** 2
    for kind, low, high in (("soft shadow", 0.03, 0.15), ("hard shadow", 0.002, 0.02)):
        if kind in kinds:
            shade = _shadow(x, y, rng.uniform(low, high) * max(height, width), rng)
            depth = rng.uniform(0.3, 0.8) * np.array((1.0, 0.98, 0.93))  # a shadow is lit by the sky: bluish
            light *= 1 - shade[..., None] * depth.astype(np.float32)
    return light


def _shadow(x: Map, y: Map, blur_px: float, rng: np.random.Generator) -> Map:
    """The shade, 0..1, of a hand, a phone or something beyond the picture."""
    angle = rng.uniform(0, 2 * np.pi)
    wobble = noise(x.shape, rng, max(x.shape) / rng.uniform(2, 6)) * 0.1
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    form = rng.choice(("edge", "hand", "phone"))
    if form == "edge":
        mask = along + wobble > rng.uniform(-0.6, 0.6)
    elif form == "hand":
        far = np.hypot(along - rng.uniform(0.2, 1.2), across * rng.uniform(0.5, 1.5))
        mask = far + wobble < rng.uniform(0.5, 1)
    else:
        middle, half = rng.uniform(-0.3, 0.3), rng.uniform(0.3, 0.7)
        mask = (along > rng.uniform(-0.5, 0.5)) & (np.abs(across - middle) < half)
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), blur_px + 0.3), np.float32)


def _glare(view: View, rng: np.random.Generator) -> Map:
    """A lamp's reflection, in linear light to be added; float32 (h, w)."""
    height, width = view.u.shape
    y, x = np.ogrid[:height, :width]
    x0, y0 = rng.uniform(0, width), rng.uniform(0, height)
    far = np.hypot(x - x0, (y - y0) * rng.uniform(0.5, 2)) / (rng.uniform(0.08, 0.3) * max(height, width))
    return np.asarray(rng.uniform(0.3, 1.2) * np.exp(-(far**2)), np.float32)


def _moire(shape: tuple[int, ...], rng: np.random.Generator) -> Map:
    """The bands where a screen's pixels beat with the sensor's, in each colour at another place; float32 (h, w, 3)."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    bands = np.zeros((*shape, 3), np.float32)
    for _ in range(2):
        angle, wave_px = rng.uniform(0, np.pi), np.exp(rng.uniform(np.log(3), np.log(max(shape) / 4)))
        bend = noise(shape, rng, max(shape) / 3) * rng.uniform(0, 1.5)
        phase = (x * np.cos(angle) + y * np.sin(angle)) * (2 * np.pi / wave_px) + bend
        bands += np.sin(phase[..., None] + rng.uniform(0, 2, 3)) * rng.uniform(0.02, 0.1)
    return np.asarray(1 + bands, np.float32)


def _blur(linear: Map, unit_px: float, kinds: Collection[str], rng: np.random.Generator) -> Map:
    """Out of focus, or shaken; in proportion to the digit, so that it stays readable."""
    sigma = rng.uniform(0.008, 0.035) * unit_px if "blur" in kinds else rng.uniform(0.3, 0.7)
    blurred = cv2.GaussianBlur(linear, (0, 0), max(0.3, sigma))
    if "motion" in kinds:
        length, angle = max(3, int(rng.uniform(0.02, 0.08) * unit_px)), rng.uniform(0, np.pi)
        kernel = np.zeros((length, length), np.float32)
        reach = np.array((np.cos(angle), np.sin(angle))) * length / 2
        start, end = ((length / 2 + sign * reach).astype(int).tolist() for sign in (-1, 1))
        cv2.line(kernel, start, end, 1.0)
        blurred = cv2.filter2D(blurred, -1, kernel / kernel.sum())
    return np.asarray(blurred, np.float32)


def _grain(linear: Map, kinds: Collection[str], rng: np.random.Generator) -> Map:
    """Shot noise: it grows with the root of the light, in each colour by itself."""
    strength = rng.uniform(0.02, 0.07) if "noisy" in kinds else rng.uniform(0.002, 0.015)
    size_px = rng.uniform(1, 1.8)
    spread = np.stack([noise(linear.shape[:2], rng, size_px) for _ in range(3)], axis=2)
    return linear + spread * np.sqrt(np.clip(linear, 0.01, 1)) * np.float32(strength)


def _scan(picture: Map, fax: bool, rng: np.random.Generator) -> Map:
    """Even light, white paper cut off to white; a fax leaves one bit of it."""
    grey = (picture @ np.array((0.3, 0.59, 0.11), np.float32))[..., None].repeat(3, axis=2)
    flat = grey if fax or rng.random() < 0.6 else picture
    shape = flat.shape[:2]
    flat = cv2.GaussianBlur(flat, (0, 0), rng.uniform(0.3, 0.8)) + noise(shape, rng)[..., None] * 0.012
    low, high = rng.uniform(0, 0.12), rng.uniform(0.85, 1.05) * np.percentile(flat, 90)
    flat = np.clip((flat - low) / (high - low), 0, 1)
    if fax:
        flat = flat + noise(shape, rng, 1.5)[..., None] * 0.06 > rng.uniform(0.45, 0.75)
        flat ^= (rng.random(shape) < rng.choice((0.0, 0.0005, 0.003)))[..., None]
    return np.asarray(flat, np.float32)
