"""The ink of a whole page: what is darker than the paper within a stroke's width.

A black top-hat (Meyer 1979: closing less picture) with a window a few strokes wide. Unlike a difference from an average
it leaves nothing along the edges of shadows, tables and sheets, however sharp, as these are steps and no strokes.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

_WINDOW = 4.0  # strokes: wide enough for where two strokes run together, narrow enough for a shadow between fingers
_WIDEST_PX = 31  # of the window: wider ones work on a smaller picture
_DARKEST_PAPER = 64  # in deeper shadow ink is not brought up further: grain would be, too
_STEP = 4  # the texture is measured at every fourth px
_TEXTURE_PX = 31  # of these
_NEAR_PX = 15  # wider squares are found as rules
_SURE = 0.7  # of full ink: what is as dark is writing
_BESIDE_PX = 5  # the paper's edge falls off within half of it
_ALIKE = 0.75  # of the usual darkness that three quarters of a page's squares have


def page_ink(grey: NDArray[np.uint8], stroke_px: float) -> NDArray[np.uint8]:
    """How much darker than the paper each pixel is, as a share of the light that falls there.

    Args:
        grey: uint8 (h, w), dark ink; the negative of a picture with light ink.
        stroke_px: width of the widest strokes that count as ink.

    Returns:
        uint8 (h, w), 0 is paper, 255 is black.
    """
    return _ink_on(_paper(grey, stroke_px), grey)


def ink_and_steps(grey: NDArray[np.uint8], stroke_px: float) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A page's ink, as `page_ink` has it, and the steps of its paper, as `paper_steps`; uint8 (h, w) both."""
    paper = _paper(grey, stroke_px)
    return _ink_on(paper, grey), _as_large_as(grey, paper_steps(paper))


def _paper(grey: NDArray[np.uint8], stroke_px: float) -> NDArray[np.uint8]:
    """A page without its ink, uint8 (h', w'), smaller where strokes are wide."""
    window = _WINDOW * stroke_px
    shrink = max(1.0, window / _WIDEST_PX)
    small = grey
    if shrink > 1:
        size = max(round(grey.shape[1] / shrink), 1), max(round(grey.shape[0] / shrink), 1)
        small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    side = 2 * round(window / shrink / 2) + 1
    return np.asarray(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8)), np.uint8)


def _ink_on(paper: NDArray[np.uint8], grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    paper = _as_large_as(grey, paper)
    ink = share_of_light(cv2.subtract(paper, grey), paper)
    return cv2.subtract(ink, _spread(_grain_level(ink), ink.shape))


def _as_large_as(grey: NDArray[np.uint8], small: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if small.shape == grey.shape:
        return small
    return np.asarray(cv2.resize(small, grey.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def paper_steps(paper: NDArray[np.uint8], *, dark: bool = True) -> NDArray[np.uint8]:
    """How much darker than right beside it the paper is, at px or next to them, as a share of the light there.

    Args:
        paper: uint8 (h, w), a closing: how light the paper is without its ink.
        dark: whether the ink is darker; for lighter ink, of the negative, it is no share, but grey levels.

    Returns:
        uint8 (h, w), large along the edge of a sheet on a dark table.
    """
    light = cv2.dilate(paper, np.ones((_BESIDE_PX, _BESIDE_PX), np.uint8))
    fall = cv2.subtract(light, paper)
    return cv2.dilate(share_of_light(fall, light) if dark else fall, np.ones((3, 3), np.uint8))


def share_of_light(darker: NDArray[np.uint8], paper: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How much darker than the paper px are, as a share of the light that falls there.

    Args:
        darker: uint8 (h, w), how much darker they are.
        paper: uint8 (h, w), how light the paper is there.

    Returns:
        uint8 (h, w), 255 for black on any paper but the darkest.
    """
    return cv2.divide(darker, cv2.max(paper, _DARKEST_PAPER), scale=255)


def threshold(ink: NDArray[np.uint8], least: float, full: float) -> NDArray[np.uint8]:
    """Part the strokes from texture that is fainter than they are, such as grain, security print and fine squares.

    Args:
        ink: uint8 (h, w), from `page_ink`.
        least: the smallest value that any ink has.
        full: the value of ink where it is full.

    Returns:
        The mask, uint8 (h, w), ink = 255.
    """
    # What is surely ink says nothing about the texture: pencil among print and rules would be taken for it.
    sampled = ink[::_STEP, ::_STEP].astype(np.float32)
    paper = (sampled < 0.4 * full).astype(np.float32)
    share = np.maximum(_around(paper), 1 / _TEXTURE_PX)
    mean = _around(paper * sampled) / share
    spread = np.sqrt(np.maximum(_around(paper * sampled * sampled) / share - mean * mean, 0))
    level = np.clip(mean + 2 * spread, max(least, 0.22 * full), max(least, 0.4 * full))
    level = np.maximum(level, _crest(ink, full)).astype(np.uint8)
    return cv2.compare(ink, _spread(level, ink.shape), cv2.CMP_GT)


def fullest(ink: NDArray[np.uint8], least: float) -> float:
    """The value of ink where it is full: of what stands out, weighted by how much it does; 255 where nothing does.

    So a little print hides no lot of pencil, and a lot of texture no strokes.
    """
    values = np.arange(256)
    counts = _histogram(ink[::2, ::2]) * (values > least) * values**2
    weight = np.cumsum(counts)
    return float(np.searchsorted(weight, 0.75 * weight[-1])) if weight[-1] else 255.0


def _histogram(values: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How often each of 256 values is there, (256,)."""
    counts = cv2.calcHist([np.ascontiguousarray(values)], [0], None, [256], [0, 256])
    return counts.ravel().astype(np.float64)


def quantile(values: NDArray[np.uint8], share: float) -> float:
    """The quantile of many values, as `np.quantile` has it, from how often each is there."""
    upto = np.cumsum(_histogram(values))
    at = share * (upto[-1] - 1)
    low, high = np.searchsorted(upto, (np.floor(at), np.ceil(at)), side="right")
    return float(low + (high - low) * (at % 1))


def _grain_level(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the paper's grain alone gives: the median around every fourth px; strokes cover less than half of a page."""
    sampled = np.ascontiguousarray(ink[::_STEP, ::_STEP])
    level = cv2.medianBlur(cv2.copyMakeBorder(sampled, *(_TEXTURE_PX // 2,) * 4, cv2.BORDER_REFLECT), _TEXTURE_PX)
    edge = _TEXTURE_PX // 2
    # Ink that fills a close crop is not grain.
    return np.minimum(level[edge:-edge, edge:-edge], np.uint8(min(2 * quantile(sampled, 0.5) + 4, 80)))


def _crest(ink: NDArray[np.uint8], full: float) -> float:
    """How dark the lines or dots are that lie all over a page, such as fine squares; 0.0 where there are none.

    They take too little of it to be seen in means, but the darkest px near each px is one of theirs, and is alike.
    """
    darkest = cv2.dilate(ink, np.ones((_NEAR_PX, _NEAR_PX), np.uint8))[::_STEP, ::_STEP]
    paler = darkest[(darkest > 0) & (darkest < _SURE * full)]  # nothing is 0 on a sheet with something all over it
    if 2 * paler.size <= darkest.size:
        return 0.0
    quarter, middle = quantile(paler, 0.25), quantile(paler, 0.5)
    return 3 * middle - 2 * quarter if quarter > _ALIKE * middle else 0.0


def _around(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean around each value, float32 of the same shape."""
    return cv2.blur(values, (_TEXTURE_PX, _TEXTURE_PX), borderType=cv2.BORDER_REFLECT)


def _spread(small: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    return cv2.resize(np.ascontiguousarray(small), (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
