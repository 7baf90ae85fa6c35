"""Whether lines were found whole: what a page shows of that, which the networks that read a line cannot know."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.crop import LineInk
from sonsu.reading.line_reader import Read
from sonsu.reading.turns import Reading, counted

_INKED = 40  # of 255
# From where on something is a doubt; beyond it doubt grows evenly. All are measured against the line's own height.
_LOWER = 0.2  # natural logarithm of how much lower than the page's other digits
_OWNED = 0.97  # of the ink is the digits' and other marks'
_READABLE_PX = 25.0
_UNDERSTOOD = 0.95  # of the page's other digits are likely read right
_APART = 2.0  # from the next line on the same level that was left out
_FARTHER = 0.5  # the next line on the same level than the line's own widest gap
_MOST = 2.0  # that any doubt grows to
_NO_DIGIT = 0.05  # a lone digit less sure is a speck: of 43 none was right, of longer lines some are
_LEVEL = 0.4  # of the lower one's height, that lines on one level overlap by


@dataclass(frozen=True)
class Finding:
    """How likely a line is to have been found whole, none of it missing and nothing else with it.

    The log odds are ``offset`` less each doubt times its weight (logistic regression); fitted by
    `sonsu.scenes.finding` on 7,030 lines of scenes, seeds 13 to 15, 21 and 22.

    Attributes:
        offset: the log odds where nothing is doubtful.
        lower: weight of being lower than the page's other lines: print, or a piece.
        unowned: of ink that is of no digit and of no other mark that was seen.
        marked: of ink that is other marks'.
        beside: of another line hardly farther than the line's own digits are apart: one number, or both are several.
        lone_one: of a single 1: any stroke is one.
        tiny: of few px.
        at_edge: of reaching the picture's edge.
        misread: of other lines of the page that are likely read wrong.
        cut: of a lower line close beside it that was left out: a digit of the same number.
        power: that the odds of it all are raised to: with it 99 of 100 of those lines were right that were given 0.99.
    """

    offset: float = 4.74
    lower: float = 5.73
    unowned: float = 7.52
    marked: float = 6.64
    beside: float = 1.98
    lone_one: float = 2.3
    tiny: float = 6.34
    at_edge: float = 1.62
    misread: float = 5.67
    cut: float = 0.46
    power: float = 1.25

    @classmethod
    def from_card(cls, card: Mapping[str, Any]) -> "Finding":
        """What a line network's card holds; what was fitted for the shipped one where it holds nothing."""
        held = card.get("finding", {})
        return cls(**{field.name: float(held.get(field.name, field.default)) for field in fields(cls)})

    def whole(self, doubts: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability that each line was found whole, (n,), of its `doubts`, (n, 9)."""
        offset, *weights, _ = astuple(self)
        return np.asarray(1 / (1 + np.exp(doubts @ np.array(weights) - offset)))

    def confidence(self, read: NDArray[np.float64], doubts: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability that each line is right, (n,).

        Args:
            read: (n,), that what was found of each was read right.
            doubts: (n, 9), see `doubts`.
        """
        both = np.clip(read * self.whole(doubts), 1e-9, 1 - 1e-9)
        return np.asarray(1 / (1 + (1 / both - 1) ** self.power))

    def weighed(self, reading: Reading, width_px: int, height_px: int) -> list[Read]:
        """What a page's lines say, each as sure as it was read well and found whole; a lone digit hardly sure is none.

        Args:
            reading: the page's lines.
            width_px: of the picture.
            height_px: of the picture.
        """
        sure = np.array([line.confidence if line else 0.0 for line, _ in reading.read])
        sure = self.confidence(sure, doubts(reading, width_px, height_px))
        return [
            (replace(line, confidence=each) if line and (each >= _NO_DIGIT or len(line.text) > 1) else None, look)
            for (line, look), each in zip(reading.read, sure.tolist(), strict=True)
        ]


def doubts(reading: Reading, width_px: int, height_px: int) -> NDArray[np.float64]:
    """What speaks against each line, float64 (n, 9), 0 where nothing does, in the order of the weights of `Finding`.

    Args:
        reading: the page's lines; what holds no digit has no doubts.
        width_px: of the picture.
        height_px: of the picture.
    """
    table = np.zeros((len(reading.read), 9))
    some = [
        (number, ink, line, look)
        for number, (ink, (line, look)) in enumerate(zip(reading.found.lines, reading.read, strict=True))
        if line is not None
    ]
    if not some:
        return table
    corners, left_out = _corners([ink for _, ink, _, _ in some]), _corners(reading.left_out)
    heights = np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)
    digits = np.array([len(line.text) for _, _, line, _ in some])
    right = np.array([line.confidence for _, _, line, _ in some]) * digits
    inside = (corners.min(axis=(1, 2)) >= 1) & (corners.max(axis=1) <= (width_px - 1, height_px - 1)).all(axis=1)
    seen = np.array(list(map(counted, reading.found.lines, reading.read)))
    for place, (number, ink, line, look) in enumerate(some):
        others = np.arange(len(some)) != place
        lower = misread = 0.0
        if others.any():
            usual = float(np.median(np.repeat(heights[others], digits[others])))
            lower = np.log(usual / heights[place]) - _LOWER
            rest = max(int(seen.sum() - seen[number]), 1)
            misread = _UNDERSTOOD - float(right[others].sum()) / rest
        owned = np.array([sum(map(_area, look.inks)), _area(look.marked)]) / max(_area(ink.ink), 1)
        table[number] = (
            lower,
            _OWNED - owned.sum(),
            owned[1],
            _widest_gap(ink.ink) + _FARTHER - _nearest(ink, corners[others]),
            float(line.text == "1"),
            np.log(_READABLE_PX / heights[place]),
            float(not inside[place]),
            misread,
            _APART - _nearest(ink, left_out),
        )
    return np.clip(table, 0.0, _MOST)


def _corners(lines: Sequence[LineInk]) -> NDArray[np.float64]:
    """Of each line in the picture: left top, right top, right bottom, left bottom, (k, 4, 2), px."""
    boxes = [np.array([[(0, 0), (w, 0), (w, h), (0, h)]], float) for h, w in (line.ink.shape for line in lines)]
    found = [cv2.perspectiveTransform(box, line.to_picture) for box, line in zip(boxes, lines, strict=True)]
    return np.concatenate([np.zeros((0, 4, 2)), *found])


def _area(ink: NDArray[np.uint8]) -> int:
    """How many px are inked."""
    return cv2.countNonZero(cv2.threshold(ink, _INKED, 255, cv2.THRESH_BINARY)[1])


def _nearest(line: LineInk, others: NDArray[np.float64]) -> float:
    """How far the nearest of the others on the same level is, by their corners, (k, 4, 2), in the line's heights."""
    if len(others) == 0:
        return np.inf
    height, width = line.ink.shape
    there = cv2.perspectiveTransform(others, np.linalg.inv(line.to_picture))
    left, right = there[:, [0, 3], 0].mean(axis=1), there[:, [1, 2], 0].mean(axis=1)
    top, bottom = there[:, :2, 1].mean(axis=1), there[:, 2:, 1].mean(axis=1)
    level = np.minimum(bottom, height) - np.maximum(top, 0) > _LEVEL * np.minimum(bottom - top, height)
    return float(np.where(level, np.maximum(left - width, -right) / height, np.inf).min())


def _widest_gap(ink: NDArray[np.uint8]) -> float:
    """How wide a line's widest gap is, in its heights."""
    gaps = np.diff(np.flatnonzero(cv2.reduce(ink, 0, cv2.REDUCE_MAX)[0] > _INKED)) - 1
    return float(gaps.max(initial=0)) / len(ink)
