"""Numbers far lower than a page's handwriting left out: print beside it, and pieces of digits."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.crop import LineInk
from sonsu.reading.line_reader import Look, Read
from sonsu.reading.lines import Found
from sonsu.reading.page import Line

# Chosen on scenes for development: of 1,900 lines found there, 247 that nobody had written, 182 are left out.
_USUAL = 0.75  # of the digits, by their lines' confidence, are no higher than the page's handwriting: print is lower
_SMALL = 0.55  # of that height
_FEWEST = 4  # digits must be higher than this: one large digit does not make another one small
_SURE = 0.8  # a longer number that is as sure, with no other marks beside it, was written, however small


def without_small(found: Found, read: Sequence[Read]) -> tuple[Found, list[Read]]:
    """Leave out of a page what is print or a piece of a digit by its size.

    Args:
        found: its lines.
        read: what each says, None where it holds no digit, and what the networks saw of it.

    Returns:
        The other lines with a note on how many were left out, and what they say.
    """
    heights = [_heights_px(ink, *each) for ink, each in zip(found.lines, read, strict=True)]
    least = _SMALL * _usual_px(heights, read)
    if sum(int((high >= least).sum()) for high in heights) < _FEWEST:
        return found, list(read)
    kept = [
        not (len(high) and np.median(high) < least and _doubtful(*each))
        for high, each in zip(heights, read, strict=True)
    ]
    if all(kept):
        return found, list(read)
    note = f"{len(kept) - sum(kept)} far lower than the page's numbers left out"
    lines = tuple(line for line, keep in zip(found.lines, kept, strict=True) if keep)
    return replace(found, lines=lines, notes=(*found.notes, note)), [
        each for each, keep in zip(read, kept, strict=True) if keep
    ]


def _doubtful(line: Line | None, look: Look) -> bool:
    """Whether a small number may be print or a piece of a digit."""
    return line is not None and (len(line.text) == 1 or look.marks > 0 or line.confidence < _SURE)


def _usual_px(heights: Sequence[NDArray[np.float64]], read: Sequence[Read]) -> float:
    """The height of a page's handwritten digits."""
    every = np.concatenate([np.zeros(0), *heights])
    if len(every) == 0:
        return 0.0
    sure = np.repeat([line.confidence if line else 0.0 for line, _ in read], [len(high) for high in heights])
    order = np.argsort(every)
    total = np.cumsum(sure[order])
    return float(every[order[np.searchsorted(total, _USUAL * total[-1])]])


def _heights_px(found: LineInk, line: Line | None, look: Look) -> NDArray[np.float64]:
    """The heights of a line's digits in px of the picture, (n,), measured across the line."""
    if line is None:
        return np.zeros(0)
    height, width = found.ink.shape
    ends = np.array([(width / 2, 0, 1), (width / 2, height, 1)]) @ found.to_picture.T
    scale = float(np.linalg.norm(np.diff(ends[:, :2] / ends[:, 2:], axis=0))) / height
    digits = zip(line.digits, look.inks, strict=True)
    return np.array([cv2.boundingRect(ink)[3] * scale for digit, ink in digits if digit.label is not None])
