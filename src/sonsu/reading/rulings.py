"""How a page lies before the camera, from what is ruled on it: level and upright lines meet in two vanishing points."""

import cv2
import numpy as np
from numpy.typing import NDArray

MOST_DEG = 17.0
"""Farther turned pages are left as they are: slanting strokes would mislead."""

_SHORTEST = 0.22  # of the picture's longer side
_TOGETHER_DEG = 6.0  # lines of one family, in perspective
_MOST_PAIRED = 40  # of the longest lines, to see which meet where a steep camera spreads them farther
_FAR_MORE = 1.2  # times the length of those that are nearly parallel
_MOST_OF_ALL = 0.6  # of all lines' length: fewer meet by chance
_STRAY_DEG = 1.2
_LEAST_LINES = 3  # of a family, on as many places
_APART = 0.04  # of half the longer side: nearer ones are one line
_FIRM = 0.02  # how much speaks for parallel lines where there are few of them
_MOST_LEAN = 0.3  # of perspective, over half the picture
_MOST_SHEAR_DEG = 14.0


def rulings(thin: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """The homography that makes ruled lines level and upright.

    Args:
        thin: uint8 (h, w), 255 where there are thin lines, strokes among them.

    Returns:
        float64 (3, 3), of px of `thin`, the middle staying where it is and as large as it is; None where no three
        lines agree.
    """
    longer = max(thin.shape)
    found = cv2.HoughLinesP(thin, 1, np.pi / 360, 30, minLineLength=_SHORTEST * longer, maxLineGap=6)
    if found is None:
        return None
    middle = np.array([thin.shape[1], thin.shape[0]]) / 2
    ends = (found.reshape(-1, 2, 2) + 0.5 - middle) * 2 / longer  # (n, 2, 2), the middle is the origin
    across, upright = _vanishing(ends, 0.0), _vanishing(ends, 90.0)
    if across is not None and upright is None:
        upright = np.array([-across[1], across[0], 0.0])
    if upright is not None and across is None:
        across = np.array([upright[1], -upright[0], 0.0])
    if across is None or upright is None:
        return None
    level = _levelling(across, upright)
    if level is None:
        return None
    to_unit = np.diag([2 / longer, 2 / longer, 1.0]) @ _shift(-middle)
    return np.linalg.inv(to_unit) @ level @ to_unit


def _vanishing(ends: NDArray[np.float64], around_deg: float) -> NDArray[np.float64] | None:
    """Where lines near a direction meet, homogeneous (3,) with a direction of length 1 in front; None for too few."""
    way = ends[:, 1] - ends[:, 0]
    length = np.hypot(*way.T)
    angle = (np.degrees(np.arctan2(way[:, 1], way[:, 0])) - around_deg + 90) % 180 - 90
    near = np.abs(angle) <= MOST_DEG
    if near.sum() < _LEAST_LINES:
        return None
    ends, length, angle = ends[near], length[near], angle[near]
    ones = np.ones((len(ends), 1))
    lines = np.cross(np.hstack([ends[:, 0], ones]), np.hstack([ends[:, 1], ones]))
    lines /= np.hypot(lines[:, 0], lines[:, 1])[:, None]
    votes = (np.abs(angle[:, None] - angle[None]) < _TOGETHER_DEG) @ length
    parallel = np.abs(angle - angle[votes.argmax()]) < _TOGETHER_DEG
    point = _meeting(lines[parallel], length[parallel], _FIRM, _LEAST_LINES)
    several = _largest_bundle(lines, length)
    through = 0.0 if point is None else length[_through(point, lines)].sum()
    if length[several].sum() > max(_FAR_MORE * through, _MOST_OF_ALL * length.sum()):
        spread = _meeting(lines[several], length[several], 0.0, _LEAST_LINES + 1)
        point = point if spread is None else spread
    if point is None:
        return None
    towards = np.array([np.cos(np.radians(around_deg)), np.sin(np.radians(around_deg))])
    return point if point[:2] @ towards > 0 else -point


def _meeting(
    lines: NDArray[np.float64], length: NDArray[np.float64], firm: float, least: int
) -> NDArray[np.float64] | None:
    """Where most of some lines, (n, 3), meet, of which so many are the least; as `_vanishing`, but either way round."""
    fits = np.ones(len(lines), bool)
    for _ in range(3):
        if fits.sum() < least:
            return None
        weights = length * fits
        scatter = (lines * weights[:, None]).T @ lines / weights.sum()
        scatter[2, 2] += firm
        point = np.linalg.eigh(scatter)[1][:, 0]
        point /= np.hypot(point[0], point[1])
        fits = _through(point, lines)
    if length[fits].sum() < 0.6 * length.sum():
        return None
    places = np.sort(lines[fits, 2] * np.sign(lines[fits] @ np.array([-point[1], point[0], 0.0])))
    return point if 1 + (np.diff(places) > _APART).sum() >= least else None


def _through(point: NDArray[np.float64], lines: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(np.abs(lines @ point) < np.radians(_STRAY_DEG))


def _largest_bundle(lines: NDArray[np.float64], length: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which lines, (n, 3), go through one point: the two of the longest that most others meet with."""
    longest = lines[np.argsort(-length, kind="stable")[:_MOST_PAIRED]]
    one, other = np.triu_indices(len(longest), 1)
    points = np.cross(longest[one], longest[other])
    points /= np.maximum(np.hypot(points[:, 0], points[:, 1]), 1e-9)[:, None]
    points = points[np.abs(points[:, 2]) < _MOST_LEAN]
    if not len(points):
        return np.zeros(len(lines), bool)
    met = _through(points.T, lines)
    return np.asarray(met[:, (length @ met).argmax()])


def _levelling(across: NDArray[np.float64], upright: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The homography that takes two vanishing points to the ends of the axes; None where it would bend too much."""
    horizon = np.cross(across, upright)
    if abs(horizon[2]) < 1e-6:
        return None
    horizon /= horizon[2]
    shear = np.degrees(np.arccos(np.clip(across[:2] @ upright[:2], -1, 1))) - 90
    if np.abs(horizon[:2]).max() > _MOST_LEAN or abs(shear) > _MOST_SHEAR_DEG:
        return None
    flat = np.eye(3)
    flat[2] = horizon
    axes = np.stack([(flat @ across)[:2], (flat @ upright)[:2]], axis=1)
    axes /= np.linalg.norm(axes, axis=0)
    level = np.eye(3)
    level[:2, :2] = np.linalg.inv(axes)
    return level @ flat


def _shift(by: NDArray[np.float64]) -> NDArray[np.float64]:
    matrix = np.eye(3)
    matrix[:2, 2] = by
    return matrix
