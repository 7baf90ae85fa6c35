"""From a picture to its lines of handwriting, each level and cut out: what is not a line's own ink is gone.

A line is found whole; which digits it holds, touching or broken, is for the network to say.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.boxes import Rules, beside_dark, find_rules, without_dark, without_faint
from sonsu.reading.columns import in_order, parted
from sonsu.reading.contrast import fullest, ink_and_steps, threshold
from sonsu.reading.crop import LineInk, cut_line, slope
from sonsu.reading.parts import Parts, find_parts, remnants, without
from sonsu.reading.rows import Rows, in_rows, of_tables, with_marks
from sonsu.reading.rulings import rulings
from sonsu.reading.sheet import off_sheet
from sonsu.reading.skew import skew
from sonsu.reading.survey import Survey, survey
from sonsu.reading.tables import gutters

__all__ = ["Found", "LineInk", "find_lines"]

_STROKE_PX = 6.0  # pages are worked on at a size at which strokes are no wider
_MOST_PX = 1_300_000
_LEAST_SIDE_PX = 480
_THIN_PX = 4.0
_ENLARGED_SIDE_PX = 480  # small pictures with thin strokes are enlarged up to this side
_LEAST_TURN_DEG = 0.7
_DARK = 0.5  # of full ink
_RIM_PX = 9  # around dark strokes and in them: as wide a square of them counts as their ink
_SMALLEST_PX = 8  # lines that are lower cannot be read


@dataclass(frozen=True, eq=False)
class Found:
    """The lines of one picture, in reading order, and notes on what was done.

    What they were found in is kept for `Reader.explain` to show: `ink` of the level page, the `mask` of its strokes,
    the `rules` taken out of it; uint8 (h, w), None where it did not come to that.
    """

    lines: tuple[LineInk, ...]
    notes: tuple[str, ...]
    ink: NDArray[np.uint8] | None = None
    mask: NDArray[np.uint8] | None = None
    rules: NDArray[np.uint8] | None = None

    def upside_down(self) -> "Found":
        """The same lines as they lie, and in the order in which they are read, where the page is turned by 180°."""
        lines = tuple(line.upside_down() for line in reversed(self.lines))
        pictures = (None if picture is None else np.rot90(picture, 2) for picture in (self.ink, self.mask, self.rules))
        return Found(lines, self.notes, *pictures)


def find_lines(pixels: NDArray[np.uint8], turns: int = 0, *, pale: bool = False) -> Found:
    """Find a picture's lines of handwriting.

    Args:
        pixels: uint8 (h, w) grey or (h, w, 3) RGB.
        turns: quarter turns against the clock by which the picture is turned first.
        pale: leave out what is usually found, such as print, for what is paler, such as pencil.

    Returns:
        The lines as a person reads them: column after column, from top to bottom.
    """
    turned = np.ascontiguousarray(np.rot90(pixels, turns))
    grey = turned if turned.ndim == 2 else cv2.cvtColor(turned, cv2.COLOR_RGB2GRAY)
    look = survey(grey)
    if look is None:
        return Found((), ("blank",))
    notes = [] if look.dark else ["light on dark: inverted"]
    page = _page(turned, grey, look)
    if abs(page.angle_deg) >= _LEAST_TURN_DEG:
        notes.append(f"straightened by {abs(page.angle_deg):.0f}°")
    ink, least = page.ink, 255 * look.least
    full = fullest(ink, least)
    rules = find_rules(ink, page.stroke_px, full, least)
    if rules is None:
        mask = threshold(ink, least, full)
    else:
        notes.append("ruled lines taken away")
        ink = without_faint(ink, rules)
        mask = threshold(ink, least, fullest(beside_dark(ink, rules), least))
        mask = without_dark(mask, rules, page.stroke_px)
    if pale:
        dark = cv2.threshold(ink, _DARK * full, 255, cv2.THRESH_BINARY)[1]
        ink = _paler(ink, dark if rules is None else dark | rules.across | rules.upright)
        mask = threshold(ink, least, fullest(ink, least))
        notes.append("dark ink left out")
    parts = find_parts(ink, mask, page.edge, page.steps, page.stroke_px)
    if rules is not None:
        parts = without(parts, remnants(parts, mask, page.ink, rules.ink))
    rows = _rows(parts, rules)
    to_picture = _unturn(pixels.shape, turns) @ page.to_turned
    lines = [_cut(ink, parts, row, to_picture) for row in rows]
    kept = tuple(line for line in lines if line is not None and line.ink.shape[0] >= _SMALLEST_PX)
    return Found(kept, tuple(notes) if kept else ("blank",), page.ink, mask, rules.ink if rules else None)


def _paler(ink: NDArray[np.uint8], dark: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Ink without what is dark, uint8 (h, w) both, and its rim."""
    return cv2.subtract(ink, cv2.dilate(dark, np.ones((_RIM_PX, _RIM_PX), np.uint8)))


def _rows(parts: Parts, rules: Rules | None) -> Rows:
    """The parts of each line, in reading order."""
    boxes, none = parts.boxes, np.zeros((0, 4), int)
    separators = _separators(parts, rules) if rules else none
    rows = in_rows(boxes, parts.usual_px, rules.frames if rules else none, separators)
    rows = parted(boxes, rows, rules.sides if rules else none)
    return in_order(boxes, with_marks(boxes, rows, parts.usual_px), separators)


def _separators(parts: Parts, rules: Rules) -> NDArray[np.int_]:
    """Boxes, (k, 4), around what parts tables' columns: upright rules, or what they leave free without them."""
    return np.vstack([of_tables(rules.separators, parts.usual_px), gutters(parts.boxes, rules.rails, parts.usual_px)])


@dataclass(frozen=True, eq=False)
class _Page:
    """A page's ink, level and of working size, and the way back.

    `edge` is where the picture ends in it, `steps` are those of its paper.
    """

    ink: NDArray[np.uint8]
    edge: NDArray[np.uint8]
    steps: NDArray[np.uint8]
    stroke_px: float
    angle_deg: float
    to_turned: NDArray[np.float64]


def _page(pixels: NDArray[np.uint8], grey: NDArray[np.uint8], look: Survey) -> _Page:
    height, width = grey.shape
    scale = min(1.0, _STROKE_PX / look.stroke_px, (_MOST_PX / grey.size) ** 0.5)
    scale = min(1.0, max(scale, _LEAST_SIDE_PX / max(height, width)))
    if look.stroke_px < _THIN_PX:  # so thin that a px more or less would matter
        scale = max(scale, min(_THIN_PX / look.stroke_px, _ENLARGED_SIDE_PX / max(height, width)))
    work = grey if look.dark else cv2.bitwise_not(grey)
    if scale != 1:
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        work = cv2.resize(work, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    stroke = max(look.stroke_px * scale, 1.5)
    ink, steps = ink_and_steps(work, stroke)
    matrix = np.diag([work.shape[1] / width, work.shape[0] / height, 1.0])
    edge = np.full_like(ink, 255)
    edge[2:-2, 2:-2] = 0
    high, wide = look.mask.shape
    coarse = cv2.resize(pixels, (2 * wide, 2 * high), interpolation=cv2.INTER_NEAREST)
    # Colours need no better average, and of four px each it is a quick one.
    off = off_sheet(cv2.resize(coarse, (wide, high), interpolation=cv2.INTER_AREA), look.writing)
    if off is not None:
        off = cv2.resize(cv2.dilate(off, np.ones((3, 3), np.uint8)), ink.shape[::-1], interpolation=cv2.INTER_LINEAR)
        ink = cv2.subtract(ink, off)
        edge |= cv2.threshold(off, 0, 255, cv2.THRESH_BINARY)[1]
    level, angle = _levelling(look, ink.shape)
    if level is not None:
        level, size = _in_view(level, ink.shape)
        ink, edge, steps = (
            cv2.warpPerspective(each, level, size, flags=cv2.INTER_LINEAR) for each in (ink, edge, steps)
        )
        matrix = level @ matrix
    return _Page(ink, edge, steps, stroke, angle, np.linalg.inv(matrix))


def _levelling(look: Survey, shape: tuple[int, ...]) -> tuple[NDArray[np.float64] | None, float]:
    """The homography that levels a page of this shape, None where it is level; and the angle it was turned by."""
    height, width = shape
    ruled = rulings(look.thin)
    if ruled is not None:
        scale = np.diag([width / look.thin.shape[1], height / look.thin.shape[0], 1.0])
        level = scale @ ruled @ np.linalg.inv(scale)
        middle = np.array([(width / 2, height / 2), (width / 2 + 1, height / 2)])
        (x0, y0), (x1, y1) = cv2.perspectiveTransform(middle[None], level)[0]
        return level, float(-np.degrees(np.arctan2(y1 - y0, x1 - x0)))
    angle = skew(look.thin, look.writing)
    if abs(angle) < _LEAST_TURN_DEG:
        return None, 0.0
    return np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0), (0, 0, 1)]), angle


def _in_view(level: NDArray[np.float64], shape: tuple[int, ...]) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """A homography shifted so that all of a picture stays in view, and the new width and height."""
    height, width = shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    corners = cv2.perspectiveTransform(corners[None], level)[0]
    low, high = corners.min(axis=0), corners.max(axis=0)
    shift = np.eye(3)
    shift[:2, 2] = -low
    return shift @ level, (int(np.ceil(high[0] - low[0])), int(np.ceil(high[1] - low[1])))


def _unturn(shape: tuple[int, ...], turns: int) -> NDArray[np.float64]:
    """From px of a picture turned by quarter turns against the clock back to its own, (3, 3)."""
    height, width = shape[:2]
    back = np.eye(3)
    for _ in range(turns % 4):
        # (x, y) of the turned picture, `width` high, was at (width − y, x).
        back = back @ np.array([[0, -1, width], [1, 0, 0], [0, 0, 1.0]])
        height, width = width, height
    return back


def _cut(ink: NDArray[np.uint8], parts: Parts, row: list[int], to_picture: NDArray[np.float64]) -> LineInk | None:
    boxes = parts.boxes[row]
    usual = float(np.median(boxes[boxes[:, 3] >= 0.45 * parts.usual_px, 3]))
    steep = slope(boxes[boxes[:, 3] >= 0.5 * usual])
    low, high = boxes[:, :2].min(axis=0), (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
    pad = 3
    x0, y0, x1, y1 = (int(v) for v in (*(low - pad), *(high + pad)))
    x0, y0 = max(x0, 0), max(y0, 0)
    labels = parts.labels[y0:y1, x0:x1]
    chosen = np.zeros(int(labels.max()) + 1, np.uint8)
    chosen[parts.numbers[row]] = 255
    own = chosen[labels]
    # A level rectangle around all of the line's own ink, along its slope.
    ys, xs = np.nonzero(own)
    along = np.array([1.0, steep]) / np.hypot(1.0, steep)
    across = np.array([-along[1], along[0]])
    points = np.stack([xs, ys], axis=1) + 0.5
    u, v = points @ along, points @ across
    left, right, top, bottom = u.min() - pad, u.max() + pad, v.min() - pad, v.max() + pad
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)]) @ np.stack([along, across])
    shift = np.array([[1, 0, x0], [0, 1, y0], [0, 0, 1.0]])
    return cut_line(np.ascontiguousarray(ink[y0:y1, x0:x1]), own, corners, to_picture @ shift)
