"""What else is before the camera: the table under the sheet, a finger, a pen; drawn in place, as in `paper`."""

from collections.abc import Collection

import cv2
import numpy as np

from sonsu.scenes.paper import Map, View, cover, noise


def desk(picture: Map, view: View, rng: np.random.Generator) -> None:
    """End the sheet at one side or more and show what it lies on, in place. Never within the digit."""
    shape = view.u.shape
    kind = rng.choice(("wood", "dark", "cloth", "white", "blanket"))
    base = {
        "wood": np.array((0.62, 0.43, 0.27)) * rng.uniform(0.5, 1.3),
        "dark": np.full(3, rng.uniform(0.04, 0.25)),
        "cloth": rng.uniform(0.1, 0.8, 3),
        "white": np.full(3, rng.uniform(0.75, 0.95)),
        "blanket": rng.uniform(0.2, 0.9, 3),
    }[kind]
    texture = noise(shape, rng, 3) * 0.04 + noise(shape, rng, max(shape) / 8) * 0.06
    if kind == "wood":
        rings = noise((shape[0], 1), rng, max(1, shape[0] / 60)) + noise((shape[0], 1), rng, 2) * 0.4
        texture = texture + (rings if rng.random() < 0.5 else np.resize(rings, (1, shape[1]))) * 0.08
    elif kind == "blanket":
        texture = texture + np.sign(np.sin(view.u * rng.uniform(4, 20)) * np.sin(view.v * rng.uniform(4, 20))) * 0.12
    table = np.clip(base * (1 + texture[..., None]), 0, 1)
    outside = np.full(shape, -np.inf, np.float32)
    torn = noise(shape, rng, 0.08 * view.unit_px) * rng.choice((0.0, 0.0, 0.01))
    sides = rng.permutation(4)[: rng.choice((1, 1, 2, 2, 3, 4))]
    for side in sides:
        x = view.v if side % 2 else view.u
        edge = rng.uniform(0.15, 1.1) + (0.5 if side % 2 else view.aspect / 2)
        outside = np.maximum(outside, (x if side < 2 else -x) - np.float32(edge) + torn)
    shade = 1 - 0.55 * np.exp(-np.maximum(outside, 0) / rng.uniform(0.02, 0.15))
    cover(picture, np.clip(outside * view.unit_px + 0.5, 0, 1), table * shade[..., None])


def reach_in(page: Map, drawn: Map, kinds: Collection[str], rng: np.random.Generator) -> None:
    """Let a finger or a pen reach in from the border, in place; never over the digit, which is at ``drawn``."""
    height, width = drawn.shape
    size, middle = max(height, width), np.array((width, height)) / 2
    digit = cv2.dilate((drawn > 0.05).astype(np.uint8), np.ones((5, 5), np.uint8), iterations=2) > 0
    for thing, thin, thick in (("finger", 0.1, 0.22), ("pen in view", 0.025, 0.06)):
        for _ in range(12 if thing in kinds else 0):
            angle = rng.uniform(0, 2 * np.pi)
            way, side = np.array((np.cos(angle), np.sin(angle))), np.array((-np.sin(angle), np.cos(angle)))
            tip = middle * (1 + way * rng.uniform(0.55, 0.95))
            tail = tip + (way + side * rng.uniform(-0.6, 0.6)) * size
            width_px = size * rng.uniform(thin, thick)
            mask = np.zeros(drawn.shape, np.uint8)
            ends = tip.astype(int).tolist(), tail.astype(int).tolist()
            cv2.line(mask, *ends, 255, max(2, int(width_px)), cv2.LINE_AA)
            if not mask[digit].any():
                _lay_over(page, mask.astype(np.float32) / np.float32(255), width_px, rng, skin=thing == "finger")
                break


def toolbars(page: Map, drawn: Map, kinds: Collection[str], rng: np.random.Generator) -> None:
    """Lay a drawing program's bars of buttons along the edges, in place; never over the digit, at ``drawn``."""
    size = max(drawn.shape)
    digit = drawn > 0.05
    for side in rng.permutation(4)[: rng.integers(1, 4)] if "toolbar" in kinds else ():
        across = side % 2 == 0  # along the upper or the lower edge
        view, ink = (page, digit) if across else (page.transpose(1, 0, 2), digit.T)
        view, ink = (view, ink) if side < 2 else (view[::-1], ink[::-1])
        thick = int(size * rng.uniform(0.04, 0.09))
        if thick >= 8 and not ink[: round(1.3 * thick)].any():
            _buttons(view[:thick], rng)


def _buttons(bar: Map, rng: np.random.Generator) -> None:
    """A row of icons on a plain ground, in place."""
    height, width = bar.shape[:2]
    ground = rng.uniform(0.05, 0.95)
    icons = np.zeros((height, width), np.uint8)
    pitch, at, middle = round(height * rng.uniform(1.0, 1.6)), height, height // 2
    stroke, reach = max(1, height // 14), round(height * 0.26)
    while at < width - height:
        icon = rng.choice(("circle", "square", "line", "none"), p=(0.3, 0.25, 0.25, 0.2))
        filled = -1 if rng.random() < 0.4 else stroke
        if icon == "circle":
            cv2.circle(icons, (at, middle), reach, 255, filled, cv2.LINE_AA)
        elif icon == "square":
            cv2.rectangle(icons, (at - reach, middle - reach), (at + reach, middle + reach), 255, filled)
        elif icon == "line":
            cv2.line(icons, (at - reach, middle + reach), (at + reach, middle - reach), 255, stroke, cv2.LINE_AA)
        at += pitch
    bar[:] = np.float32(ground)
    cover(bar, icons.astype(np.float32) / np.float32(255), np.full(3, ground - 0.5 if ground > 0.5 else ground + 0.5))


def _lay_over(picture: Map, mask: Map, thick_px: float, rng: np.random.Generator, *, skin: bool) -> None:
    """Lay a round thing, a finger or a pen, and its shadow over the page, in place; ``mask`` is its outline."""
    shift = (rng.normal(0, thick_px * 0.2, 2) + thick_px * 0.1).astype(int).tolist()
    shadow = cv2.GaussianBlur(np.roll(mask, shift, (0, 1)), (0, 0), thick_px * 0.2 + 1)
    picture *= 1 - 0.45 * shadow[..., None]
    colour = np.array((0.88, 0.66, 0.53)) * rng.uniform(0.4, 1.05) if skin else rng.uniform(0.05, 0.95, 3)
    inside = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 3) / (thick_px / 2)
    round_off = 0.6 + 0.45 * np.sqrt(np.clip(inside, 0, 1)) + noise(mask.shape, rng, thick_px * 0.2) * 0.02
    cover(picture, mask, np.clip(round_off[..., None] * colour, 0, 1))
