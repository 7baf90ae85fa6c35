"""What pens, paper, scanners and croppers do to a digit's ink: one uint8 (h, w) picture to another, ink = 255 on 0.

`sonsu.learning.augment` says how often each happens. None of them changes its input.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.glyph import stroke_width

Ink = NDArray[np.uint8]

_THIN = 2.6  # px: thinner strokes fall apart when eroded
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_SLIM = 0.45  # width over height: ink this slim, stretched into a square, is a blot until it is narrowed again


def repen(ink: Ink, change_px: float) -> Ink:
    """A thicker (> 0) or thinner (< 0) pen: dilated or eroded pixel by pixel, the last one in part."""
    if stroke_width(ink) < _THIN:
        change_px = abs(change_px)
    while change_px != 0.0:
        share = min(abs(change_px), 1.0)
        other = (cv2.dilate if change_px > 0 else cv2.erode)(ink, _CROSS)
        ink = cv2.addWeighted(ink, 1 - share, other, share, 0)
        change_px -= share if change_px > 0 else change_px
    return ink


def fade(ink: Ink, rng: np.random.Generator) -> Ink:
    """Uneven pressure, a dry pen, a gap in a stroke: the ink is fainter in places."""
    if rng.random() < 0.5:
        field = cv2.resize(rng.uniform(0.2, 1.0, (4, 4)).astype(np.float32), ink.shape[::-1])
        return cv2.convertScaleAbs(ink * field)
    (x, y), end = _near(ink, rng, 0.0), _near(ink, rng, 0.0)
    return cv2.line(ink.copy(), (x, y), end, 0, 1, cv2.LINE_AA)


def speck(ink: Ink, rng: np.random.Generator) -> Ink:
    """Stray ink near the digit: dust, the end of a ruled line."""
    start = _near(ink, rng, 2.0)
    far = rng.normal(0.0, 0.5 if rng.random() < 0.5 else 3.0, 2)
    end = round(start[0] + far[0]), round(start[1] + far[1])
    return cv2.line(ink.copy(), start, end, _shade(rng), 1, cv2.LINE_AA)


def grain(ink: Ink, rng: np.random.Generator) -> Ink:
    """Background that a threshold has left over: a few pixels of any shade."""
    x, y, width, height = cv2.boundingRect(ink)
    grainy = ink.copy()
    for _ in range(int(rng.integers(3, 20))):
        place = (
            min(y + int(rng.integers(0, height + 1)), len(ink) - 1),
            min(x + int(rng.integers(0, width + 1)), ink.shape[1] - 1),
        )
        grainy[place] = max(int(grainy[place]), int(rng.integers(40, 200)))
    return grainy


def edge(ink: Ink, rng: np.random.Generator) -> Ink:
    """An edge of the printed box that the digit stands in, along one side of the digit or two."""
    x, y, width, height = cv2.boundingRect(ink)
    gap, slope = rng.uniform(-0.5, 3.0, 2), rng.normal(0.0, 0.7)
    marked, shade, pen = ink.copy(), _shade(rng), int(rng.integers(1, 3))
    sides = int(rng.integers(1, 4))  # bit 0: upright, bit 1: level
    if sides & 1:
        across = x - gap[0] if rng.random() < 0.5 else x + width + gap[0]
        top, bottom = round(y - 3 - gap[1]), round(y + height + 3 + gap[1])
        cv2.line(marked, (round(across), top), (round(across + slope), bottom), shade, pen, cv2.LINE_AA)
    if sides & 2:
        down = y - gap[1] if rng.random() < 0.5 else y + height + gap[1]
        left, right = round(x - 3 - gap[0]), round(x + width + 3 + gap[0])
        cv2.line(marked, (left, round(down)), (right, round(down + slope)), shade, pen, cv2.LINE_AA)
    return marked


def neighbour(ink: Ink, other: Ink, rng: np.random.Generator) -> Ink:
    """The end of the next digit's stroke, left or right.

    Args:
        ink: uint8 (h, w).
        other: uint8 (h2, w2), another digit.
        rng: the source of chance.
    """
    x, y, width, height = cv2.boundingRect(ink)
    x2, y2, width2, height2 = cv2.boundingRect(other)
    shown = min(int(rng.integers(2, 5)), width2)
    right = rng.random() < 0.5
    piece = (
        other[y2 : y2 + height2, x2 : x2 + shown]
        if right
        else other[y2 : y2 + height2, x2 + width2 - shown :][:, :shown]
    )
    left = x + width + 1 if right else x - shown - 1
    top = y + (height - height2) // 2
    if min(left, top) < 0 or left + shown > ink.shape[1] or top + height2 > ink.shape[0] or height2 == 0:
        return ink
    beside = ink.copy()
    place = beside[top : top + height2, left : left + shown]
    np.maximum(place, piece, out=place)
    return beside


def line(ink: Ink, rng: np.random.Generator) -> Ink:
    """A ruled line or another stroke across the digit, from one end of the picture to the other."""
    crossed, (x, y) = ink.copy(), _near(ink, rng, 1.0)
    angle = rng.normal(0.0, 0.1) + (0.0 if rng.random() < 0.6 else rng.uniform(0.0, np.pi))
    reach = np.array([np.cos(angle), np.sin(angle)]) * rng.uniform(9.0, 17.0)
    start, end = (np.round((x, y) + way * reach).astype(int).tolist() for way in (-1, 1))
    cv2.line(crossed, start, end, _shade(rng), 1, cv2.LINE_AA)
    return np.maximum(crossed, ink)


def ligature(ink: Ink, rng: np.random.Generator) -> Ink:
    """The stroke by which a hasty hand comes from the digit before or goes on to the next one."""
    joined, (x, _, width, height) = ink.copy(), cv2.boundingRect(ink)
    right = rng.random() < 0.5
    edge = max(x + width - 1, 0) if right else x
    inked = np.flatnonzero(ink[:, edge])
    if inked.size:
        length = rng.uniform(0.1, 0.4) * height
        start = np.array([edge, int(rng.choice(inked))], np.float64)
        way = np.array([length if right else -length, rng.normal(0.0, 0.5) * length])
        bend = start + way / 2 + np.array([0.0, rng.normal(0.0, 0.3) * length])
        share = np.linspace(0.0, 1.0, 7)[:, np.newaxis]
        path = (1 - share) ** 2 * start + 2 * share * (1 - share) * bend + share**2 * (start + way)
        pen = max(round(min(stroke_width(ink), 3.0)), 1)
        cv2.polylines(joined, [np.round(path).astype(np.int32)], False, int(rng.integers(180, 256)), pen, cv2.LINE_AA)
    return np.maximum(joined, ink)


def haze(ink: Ink, rng: np.random.Generator) -> Ink:
    """Paper that is not quite white to the reader, and not equally so: ink covers it."""
    corners = rng.uniform(0.0, rng.uniform(20.0, 150.0), (2, 2)).astype(np.float32)
    paper = cv2.resize(corners, ink.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.convertScaleAbs(paper + ink * (1 - paper / 255))


def noise(ink: Ink, rng: np.random.Generator) -> Ink:
    """A sensor's noise in bad light, fine or in clumps."""
    values = rng.standard_normal(ink.shape, np.float32)
    if rng.random() < 0.4:
        values = 2 * cv2.GaussianBlur(values, (0, 0), rng.uniform(0.5, 0.9))
    return cv2.convertScaleAbs(np.maximum(ink + values * np.float32(rng.uniform(10, 80)), 0))


def cut(ink: Ink, rng: np.random.Generator) -> Ink:
    """A crop too close: up to a tenth of the digit is lost at one side."""
    x, y, width, height = cv2.boundingRect(ink)
    lost_x, lost_y = (int(rng.integers(0, 1 + round(0.1 * side))) for side in (width, height))
    if rng.random() < 0.5:
        return ink[y + lost_y :, x + lost_x :]
    return ink[: y + height - lost_y, : x + width - lost_x]


def square(ink: Ink, rng: np.random.Generator) -> tuple[Ink, float]:
    """A crop stretched into a square, and the share of its width at which it is looked at.

    The reader looks at such crops as they are and narrowed (`sonsu.reading.whole.narrower`).
    """
    x, y, width, height = cv2.boundingRect(ink)
    if width == 0:
        return ink, 1.0
    stretched = cv2.resize(ink[y : y + height, x : x + width], (28, 28), interpolation=cv2.INTER_LINEAR)
    share = rng.uniform(0.4, 0.5) if width < _SLIM * height else rng.choice([1.0, 0.7, 0.45], p=[0.5, 0.3, 0.2])
    return np.pad(stretched, 6), float(share)


def coarsen(ink: Ink, scale: float) -> Ink:
    """Few pixels: averaged down to this share of its size."""
    size = max(round(ink.shape[1] * scale), 3), max(round(ink.shape[0] * scale), 3)
    return cv2.resize(ink, size, interpolation=cv2.INTER_AREA)


def jpeg(ink: Ink, quality: int) -> Ink:
    """Written as JPEG, quality 0–100, and read again."""
    _, file = cv2.imencode(".jpg", ink, [cv2.IMWRITE_JPEG_QUALITY, quality])
    read: Any = cv2.imdecode(file, cv2.IMREAD_GRAYSCALE)
    return np.asarray(read, np.uint8)


def one_bit(ink: Ink, rng: np.random.Generator) -> Ink:
    """A black and white scan, its edges ragged where the paper was grainy."""
    values = ink.astype(np.float32)
    if rng.random() < 0.5:
        values += rng.standard_normal(ink.shape, np.float32) * np.float32(rng.uniform(5, 30))
    return np.where(values > rng.uniform(70, 175), np.uint8(255), np.uint8(0))


def _near(ink: Ink, rng: np.random.Generator, margin: float) -> tuple[int, int]:
    x, y, width, height = cv2.boundingRect(ink)
    return (
        round(rng.uniform(x - margin, x + width + margin)),
        round(rng.uniform(y - margin, y + height + margin)),
    )


def _shade(rng: np.random.Generator) -> int:
    return int(rng.integers(90, 256))
