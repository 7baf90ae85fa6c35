"""Recorded pen strokes: load them, bend them, draw them with any pen width.

A stroke file has one JSON object a line, plain or gzipped (``.gz``)::

    {"label": "7", "writer": "aga-12", "strokes": [[[x, y], ...], ...]}

with x to the right and y **down**, strokes and points in the order of writing, a stroke of one point for a
dot. Other keys (``site``) are ignored. Drawing strokes anew gives what a bitmap cannot: the same hand with
any pen, at any size.
"""

import gzip
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from sonsu.errors import DataError

Strokes = Sequence[npt.NDArray[np.float32]]

UNIT = 1000.0
"""Length of the larger side of a loaded character's box."""

_STEP = 22.0  # units between resampled points: finer than any curve of a hand, coarser than a tablet's raster
_COARSE = 10.0  # smallest step of a coordinate from which a tablet counts as coarse
_SHIFT = 4  # cv2 takes coordinates in 1/16 pixel


@dataclass(frozen=True)
class Character:
    """One written character.

    Attributes:
        label: What was written, as one character: ``"7"``.
        writer: Whose hand, for splits by writer; empty where unknown.
        strokes: float32 (n, 2) arrays of x, y in the order of writing, y down, smoothed to a point every 22
            units or so; the recorded points' box starts at 0, 0 and its larger side is 1000.
    """

    label: str
    writer: str
    strokes: tuple[npt.NDArray[np.float32], ...]


def load(path: str | Path) -> list[Character]:
    """Read a file of recorded strokes (``.jsonl`` or ``.jsonl.gz``).

    Args:
        path: The file. Empty lines are skipped.

    Returns:
        The characters, in the order of the file.

    Raises:
        DataError: The file is missing or damaged, or a line is not a character; names the file and the line.
    """
    path = Path(path)
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"Cannot read strokes from {path}: {error}. Expected .jsonl or .jsonl.gz.") from error
    return [_parse(line, f"{path}, line {number}") for number, line in enumerate(data.splitlines(), 1) if line.strip()]


def _parse(line: bytes, where: str) -> Character:
    try:
        record: Any = json.loads(line)
        return _character(record["label"], record.get("writer", ""), record["strokes"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise DataError(
            f"{where} is not a written character: {type(error).__name__}: {error}. "
            'Expected {"label": "7", "writer": "...", "strokes": [[[x, y], ...], ...]}.'
        ) from error


def _character(label: Any, writer: Any, lists: Any) -> Character:
    if not isinstance(label, str) or not label or not isinstance(writer, str):
        raise ValueError(f"label and writer must be text, received {label!r} and {writer!r}")
    strokes = [np.asarray(stroke, np.float64) for stroke in lists]
    if not strokes or any(s.ndim != 2 or s.shape[1] != 2 or not len(s) for s in strokes):
        raise ValueError("strokes must be non-empty lists of [x, y]")
    points = np.concatenate(strokes)
    low, side = points.min(0), float(np.ptp(points, axis=0).max())
    if not np.isfinite(side):
        raise ValueError("coordinates must be finite numbers")
    scale = UNIT / side if side > 0 else 1.0
    return Character(label, writer, tuple(smooth((s - low) * scale) for s in strokes))


def smooth(stroke: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Resample a stroke evenly and round off the tablet's raster, keeping its ends in place.

    Args:
        stroke: (n, 2) points in units (larger side of the character 1000).

    Returns:
        float32 (m, 2) points about 22 units apart, at least two.
    """
    raw = np.asarray(stroke, np.float64)
    points = raw[:, 0] + 1j * raw[:, 1]  # np.interp takes complex values: both coordinates at once
    steps = np.abs(np.diff(points))
    along = np.concatenate(([0.0], np.cumsum(steps)))
    at = np.linspace(0.0, along[-1], max(2, round(along[-1] / _STEP) + 1))
    even = np.interp(at, along, points)
    # A coarse tablet makes staircases of its raster, which only longer averages take away.
    passes = 4 if _raster(raw) > _COARSE else 1
    for _ in range(passes if len(even) > 2 else 0):
        even[1:-1] = 0.25 * (even[:-2] + 2 * even[1:-1] + even[2:])
    return np.stack((even.real, even.imag), axis=1).astype(np.float32)


def _raster(points: npt.NDArray[np.float64]) -> float:
    """The smallest step of a coordinate, the tablet's resolution; 0 where too few points tell."""
    steps = np.abs(np.diff(points, axis=0))
    return float(steps[steps > 0].min()) if len(points) >= 8 and steps.any() else 0.0


def distort(
    strokes: Strokes,
    rng: np.random.Generator,
    *,
    rotation_deg: float = 8.0,
    shear: float = 0.15,
    stretch: float = 0.15,
    warp: float = 0.02,
    tremor: float = 0.003,
) -> list[npt.NDArray[np.float32]]:
    """Write the same character a little differently: turn, slant, stretch, bend and tremble.

    Args:
        strokes: float32 (n, 2) arrays in units (larger side 1000), with a point every few units as
            `smooth` and `load` give them.
        rng: Source of chance.
        rotation_deg: Standard deviation of the turn, cut off at twice that; so are the next two.
        shear: Standard deviation of the slant (x moves by this much of y).
        stretch: Standard deviation of the logarithm of width over height.
        warp: Size of the smooth bends, of the larger side (Simard et al. 2003 in spirit, on points).
        tremor: Size of the pen's shake, of the larger side.

    Returns:
        float32 (n, 2) arrays of the same lengths; their box no longer starts at 0, 0.
    """
    ends = np.cumsum([len(stroke) for stroke in strokes])[:-1]
    points = np.concatenate(strokes) - UNIT / 2
    turn, slant, aspect = np.clip(rng.standard_normal(3), -2, 2) * (np.radians(rotation_deg), shear, stretch)
    cos, sin, widen = np.cos(turn), np.sin(turn), np.exp(aspect / 2)
    affine = np.array([[cos, sin], [-sin, cos]]) @ np.array([[widen, 0.0], [-slant, 1 / widen]])  # x, y @ affine
    # A few long waves in random directions: as smooth as a blurred random field, for a fraction of the work.
    waves = rng.normal(0.0, 2.0 * np.pi / (1.2 * UNIT), (2, 6))
    bend = np.sin(points @ waves + rng.uniform(0.0, 2 * np.pi, 6)).reshape(-1, 2, 3).sum(axis=2)
    bent = points @ affine + warp * UNIT * bend + tremor * UNIT * _shake(len(points), rng)
    return np.split((bent + UNIT / 2).astype(np.float32), ends)


def _shake(n: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """float64 (n, 2) of noise correlated over a few points, standard deviation about 1."""
    noise = rng.standard_normal((n + 2, 2))
    return 0.5 * noise[:-2] + 0.7 * noise[1:-1] + 0.5 * noise[2:]


def render(strokes: Strokes, *, size_px: int, width_px: float, margin_px: float | None = None) -> npt.NDArray[np.uint8]:
    """Draw strokes with a round pen, fitted into a square and centred by their box.

    Args:
        strokes: float32 (n, 2) arrays in any unit, y down; a single point is a dot.
        size_px: Side of the picture.
        width_px: Width of the pen's line, not necessarily whole.
        margin_px: Clear space between the ink and the picture's edge; a fourteenth of the size if None.

    Returns:
        uint8 (size_px, size_px), ink = 255 on 0, anti-aliased.
    """
    margin = size_px / 14 if margin_px is None else margin_px
    # cv2's wide lines come out an odd number of pixels wide, one more than an even thickness (measured; 0.35
    # more when anti-aliased): draw on a canvas scaled so that an odd width is right, then average down.
    smoothing, extra, rough_scale = (cv2.LINE_8, 0.0, 3.5) if size_px < 100 else (cv2.LINE_AA, 0.35, 1.0)
    drawn = max(3, int(np.ceil(rough_scale * width_px - extra)) | 1)
    over = (drawn + extra) / width_px
    side = round(size_px * over)
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    extent = float((high - low).max())
    scale = (size_px - 2 * margin - width_px) / extent if extent > 0 else 1.0
    canvas = np.zeros((side, side), np.uint8)
    _draw(canvas, strokes, (points - (low + high) / 2) * scale * over + (side - 1) / 2, drawn, smoothing)
    return np.asarray(cv2.resize(canvas, (size_px, size_px), interpolation=cv2.INTER_AREA), np.uint8)


def sketch(strokes: Strokes, width: float) -> npt.NDArray[np.uint8]:
    """Draw strokes at whatever size is quick: for `sonsu.reading.glyph`, which brings any size to MNIST's form.

    Args:
        strokes: as `render` takes them.
        width: of the pen's line, as a share of the larger side of the strokes' box.

    Returns:
        uint8 (h, w), ink = 255 on 0, anti-aliased; the digit is 80 px or larger.
    """
    extra = 0.35  # as above
    drawn = max(3, int(np.ceil(80 * width - extra)) | 1)
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    extent = float((high - low).max())
    scale = (drawn + extra) / width / extent if extent > 0 else 1.0
    margin = drawn // 2 + 3
    columns, rows = np.ceil((high - low) * scale).astype(int).tolist()
    canvas = np.zeros((rows + 2 * margin, columns + 2 * margin), np.uint8)
    _draw(canvas, strokes, (points - low) * scale + margin, drawn, cv2.LINE_AA)
    return canvas


def _draw(
    canvas: npt.NDArray[np.uint8], strokes: Strokes, points: npt.NDArray[np.float32], drawn: int, smoothing: int
) -> None:
    """Draw lines ``drawn`` px wide through the strokes' points, float32 (n, 2) in px of the canvas."""
    fixed = np.rint(points * (1 << _SHIFT)).astype(np.int32)
    lines = np.split(fixed, np.cumsum([len(stroke) for stroke in strokes])[:-1])
    lines = [np.repeat(line, 2, axis=0) if len(line) == 1 else line for line in lines]  # a dot is a short line
    cv2.polylines(canvas, lines, False, 255, drawn - 1, smoothing, _SHIFT)
