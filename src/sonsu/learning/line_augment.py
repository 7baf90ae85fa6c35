"""What finding a line in a picture leaves on it and takes from it: done to a line's ink, in training.

The ink that reading finds is never clean: ends of ruled lines, borders of boxes, security print, the neighbouring
line's feet, specks; strokes cut where a ruled line was taken out; a pen that fades, few pixels, one bit.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.uint8]

_PRINTED = 0.14  # of the lines have security print behind them
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def spoil(ink: Ink, gaps: list[int], neighbour: Ink, rng: np.random.Generator) -> Ink:
    """Make of a written line what a reader may find of it.

    Args:
        ink: uint8 (h, w), ink = 255 on 0, cropped.
        gaps: x in px of the places between characters, where the borders of boxes stand.
        neighbour: uint8, another line's ink, whose feet or heads may reach in.
        rng: source of chance.

    Returns:
        uint8 (h', w'), somewhat larger.
    """
    height = ink.shape[0]
    pad = max(round(0.12 * height), 2)
    ink = np.pad(ink, pad)
    gaps = [x + pad for x in gaps]
    chance = rng.random(11)
    if chance[0] < 0.35:
        ink = _repen(ink, height, rng)
    ink = _bend(ink, gaps, rng) if chance[1] < 0.8 else ink
    if chance[2] < 0.1:
        _cut(ink, rng)
    junk = np.zeros_like(ink)
    if chance[3] < 0.14:
        _rules(junk, pad, rng)
    if chance[4] < 0.07:
        _boxes(junk, gaps, pad, rng)
    if chance[5] < _PRINTED:
        _print(junk, rng)
    if chance[6] < 0.12:
        _reach_in(junk, neighbour, pad, rng)
    ink = np.maximum(ink, junk)
    if chance[7] < 0.25:
        ink = _fade(ink, rng)
    if chance[8] < 0.4:
        ink = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.3, 0.025 * height + 0.4))
    if chance[9] < 0.3:
        ink = _grain(ink, rng)
    if chance[10] < 0.3:
        usual = float(np.percentile(ink[ink > 40], 75)) if (ink > 40).any() else 255.0
        least = 0.55 if chance[5] < _PRINTED else 0.25  # a threshold that print passes leaves nothing to read
        ink = cv2.threshold(ink, rng.uniform(least, 0.7) * usual, 255, cv2.THRESH_BINARY)[1]
    _specks(ink, rng)
    return ink


def _repen(ink: Ink, height: int, rng: np.random.Generator) -> Ink:
    """A thicker pen, up to a marker's, or a thinner one."""
    thicker = rng.random() < 0.6
    times = round(height * rng.uniform(0.03, 0.09)) if thicker else 1 if height < 24 else 2
    other = (cv2.dilate if thicker else cv2.erode)(ink, _CROSS, iterations=max(times, 1))
    if not thicker and np.count_nonzero(other > 127) < 0.45 * np.count_nonzero(ink > 127):
        return ink
    share = rng.uniform(0.3, 1.0)
    return cv2.addWeighted(ink, 1 - share, other, share, 0)


def _bend(ink: Ink, gaps: list[int], rng: np.random.Generator) -> Ink:
    """Slant the line, turn it a little, make it wavy; ``gaps`` move along, in place."""
    height, width = ink.shape
    slant = rng.normal(0.0, 0.18)
    turn = np.tan(np.radians(rng.normal(0.0, 1.2)))
    stretch = np.exp(rng.normal(0.0, 0.16))
    extra = int(abs(slant) * height / 2 + 1)
    rise = int(abs(turn) * width / 2 * stretch + 1)
    matrix = np.array(
        [
            [stretch, -slant * stretch, extra + slant * stretch * height / 2],
            [turn * stretch, 1.0, rise - turn * stretch * width / 2],
        ]
    )
    size = (round(width * stretch) + 2 * extra, height + 2 * rise)
    if size[1] > 1.6 * height:  # a long line turned far is two lines' height
        return ink
    gaps[:] = [round(x * stretch + extra) for x in gaps]
    return cv2.warpAffine(ink, matrix, size, flags=cv2.INTER_LINEAR)


def _cut(ink: Ink, rng: np.random.Generator) -> None:
    """Strokes broken where a ruled line or a border was taken out, in place."""
    height, width = ink.shape
    thick = max(1, round(rng.uniform(0.02, 0.07) * height))
    keep = rng.uniform(0.0, 0.5)
    if rng.random() < 0.7:
        y = int(rng.integers(0, height - thick))
        ink[y : y + thick] = (ink[y : y + thick] * keep).astype(np.uint8)
    else:
        for _ in range(rng.integers(1, 4)):
            x = int(rng.integers(0, max(width - thick, 1)))
            ink[:, x : x + thick] = (ink[:, x : x + thick] * keep).astype(np.uint8)


def _rules(junk: Ink, pad: int, rng: np.random.Generator) -> None:
    """What is left of ruled lines, an underline, a line struck under a sum, in place."""
    height, width = junk.shape
    shade = int(rng.integers(80, 256))
    for _ in range(rng.integers(1, 3)):
        y = rng.choice((rng.uniform(0, height), rng.uniform(height - 2 * pad, height), rng.uniform(0, pad)))
        drop = rng.normal(0.0, 0.02) * height
        start, end = (0.0, 1.0) if rng.random() < 0.4 else np.sort(rng.uniform(-0.2, 1.2, 2))
        left, right = (int(start * width), int(y)), (int(end * width), int(y + drop))
        cv2.line(junk, left, right, shade, int(rng.integers(1, max(2, height // 12 + 1))), cv2.LINE_AA)
    if rng.random() < 0.4:  # in pieces
        for x in rng.integers(0, width, rng.integers(2, 8)).tolist():
            junk[:, x : x + int(rng.uniform(0.1, 0.8) * height)] = 0


def _boxes(junk: Ink, gaps: list[int], pad: int, rng: np.random.Generator) -> None:
    """Borders of form boxes or combs between the characters, whole or in pieces, in place."""
    height, width = junk.shape
    shade, thick = int(rng.integers(80, 256)), int(rng.integers(1, max(2, height // 14 + 1)))
    comb = rng.random() < 0.3
    top, bottom = int(rng.uniform(-0.1, 1.0) * pad), int(height - rng.uniform(-0.1, 1.0) * pad)
    for x in (0, *gaps, width - 1):
        if rng.random() < 0.85:
            start = int(rng.uniform(0.5, 0.9) * height) if comb else top
            cv2.line(junk, (x, start), (x, bottom), shade, thick, cv2.LINE_AA)
    # An upright border without its frame would be a 1 to anybody.
    cv2.line(junk, (0, bottom), (width, bottom), shade, thick, cv2.LINE_AA)
    if not comb:
        cv2.line(junk, (0, top), (width, top), shade, thick, cv2.LINE_AA)
    if rng.random() < 0.4:  # mostly taken out already
        y = int(rng.uniform(0.1, 0.4) * height)
        junk[y : y + int(0.6 * height)] = 0


def _print(junk: Ink, rng: np.random.Generator) -> None:
    """Security print: fine waves, hatching or cloud that did not fall away, in place."""
    height, width = junk.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    pitch = rng.uniform(0.08, 0.35) * height + 2
    angle = rng.uniform(0, np.pi)
    wave = rng.uniform(0, 0.3) * pitch * np.sin(x / rng.uniform(0.2, 1.5) / height + rng.uniform(0, 6))
    across = x * np.cos(angle) + y * np.sin(angle) + wave
    lines = (across % pitch) < rng.uniform(0.1, 0.35) * pitch
    if rng.random() < 0.4:  # only some of it was darker than the threshold
        cloud = cv2.resize(rng.standard_normal((4, 12)).astype(np.float32), (width, height))
        lines &= cloud > rng.uniform(-0.5, 1.0)
    np.maximum(junk, lines.astype(np.uint8) * np.uint8(rng.integers(25, 130)), out=junk)


def _reach_in(junk: Ink, neighbour: Ink, pad: int, rng: np.random.Generator) -> None:
    """The feet of the line above or the heads of the line below, in place."""
    height, width = junk.shape
    rows = min(int(rng.uniform(0.05, 0.22) * height), neighbour.shape[0])
    if rows < 1:
        return
    columns = min(width, neighbour.shape[1])
    left = int(rng.integers(0, width - columns + 1))
    if rng.random() < 0.5:
        junk[:rows, left : left + columns] = neighbour[-rows:, :columns]
    else:
        junk[-rows:, left : left + columns] = neighbour[:rows, :columns]


def _fade(ink: Ink, rng: np.random.Generator) -> Ink:
    """A pen that gives more ink here and less there."""
    height, width = ink.shape
    field = rng.uniform(0.35, 1.15, (2, max(width // height, 2) + 2)).astype(np.float32)
    field = np.clip(cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC), 0.3, 1.0)
    return (ink * field).astype(np.uint8)


def _grain(ink: Ink, rng: np.random.Generator) -> Ink:
    noise = rng.standard_normal(ink.shape, dtype=np.float32) * np.float32(rng.uniform(5, 45))
    inked = ink > 0
    if rng.random() < 0.5:  # within the strokes and on their edges only: the paper's grain has been cut off
        noise *= cv2.dilate(inked.astype(np.uint8), _CROSS)
    return np.clip(ink + noise, 0, 255).astype(np.uint8)


def _specks(ink: Ink, rng: np.random.Generator) -> None:
    height, width = ink.shape
    for _ in range(rng.integers(0, 6) if rng.random() < 0.25 else 0):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        size = int(max(1, rng.exponential(0.03) * height))
        end = (int(x + rng.normal(0, 0.05) * height), int(y + rng.normal(0, 0.05) * height))
        cv2.line(ink, (int(x), int(y)), end, int(rng.integers(60, 256)), size)
