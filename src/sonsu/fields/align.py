"""Where a blank form lies in a picture of a filled one: its printed marks found again.

Marks are SIFT's (Lowe 2004), matched by his ratio test; a homography is fitted to the matches by MAGSAC++ (Barath et
al. 2020), then refined on the print itself by the enhanced correlation coefficient (Evangelidis, Psarakis 2008). How
much of the blank's print is there in the picture decides whether to believe it.

Points are continuous: a picture's left upper corner is 0, 0 and its first pixel's centre 0.5, 0.5.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.reading.contrast import page_ink
from sonsu.reading.picture import Picture

Matrix = NDArray[np.float64]

_BLANK_SIDE_PX = 1200
_PICTURE_SIDE_PX = 1800  # a page may fill but a part of its photo
_STROKE_PX = 0.005  # of the longer side: strokes of the print
_MOST_MARKS = 4000
_RATIO = 0.8  # of the distances to the nearest and second nearest mark: Lowe's
_LEAST_MATCHES = 12
_INLIER_PX = 4.0
_LEAST_AGREEMENT = 0.7
_LEAST_VISIBLE = 0.5  # of the print has to be in the picture
_ECC_STEPS = 15
_LEAST_INK = 30  # of 255


@dataclass(frozen=True, eq=False)
class Alignment:
    """Where the blank lies in a picture.

    Attributes:
        to_picture: homography from px of the blank to px of the picture, float64 (3, 3).
        matches: how many of the blank's marks were found again.
        agreement: how much of its print is there, from 0, what chance gives, to 1.
    """

    to_picture: Matrix
    matches: int
    agreement: float

    @property
    def turned_deg(self) -> float:
        """By how much the page is turned in the picture, clockwise, −180 to 180."""
        (x0, y0), (x1, y1) = warp_points(self.to_picture, np.array([[0.0, 0.0], [100.0, 0.0]]))
        return float(np.degrees(np.arctan2(y1 - y0, x1 - x0)))


class Aligner:
    """Finds one blank in pictures; prepare it once, use it for many."""

    def __init__(self, blank: Picture) -> None:
        self._work = _Work(blank, _BLANK_SIDE_PX)
        self._marks = _marks(self._work.grey)
        self._print = self._work.ink > _LEAST_INK
        self._smooth = cv2.GaussianBlur(self._work.ink, (0, 0), 1.5)
        self._near = cv2.dilate(self._print.astype(np.uint8), np.ones((9, 9), np.uint8))

    def align(self, picture: Picture) -> Alignment | None:
        """Where the blank lies in a picture; None where it is not found, or not surely."""
        work = _Work(picture, _PICTURE_SIDE_PX)
        found = self._match(work)
        if found is None:
            return None
        matrix, matches = found
        matrix = self._refined(matrix, work)
        agreement = self._agreement(matrix, work)
        if agreement < _LEAST_AGREEMENT:
            return None
        return Alignment(np.linalg.inv(work.from_original) @ matrix @ self._work.from_original, matches, agreement)

    def _match(self, work: "_Work") -> tuple[Matrix, int] | None:
        """A homography from the blank's working px to the picture's, and its number of matches."""
        points, descriptors = _marks(work.grey)
        own_points, own = self._marks
        if min(len(points), len(own_points)) < _LEAST_MATCHES:
            return None
        pairs = [
            (near.queryIdx, near.trainIdx)
            for near, next_near in cv2.BFMatcher(cv2.NORM_L2).knnMatch(own, descriptors, 2)
            if near.distance < _RATIO * next_near.distance
        ]
        if len(pairs) < _LEAST_MATCHES:
            return None
        ours, theirs = np.array(pairs).T
        cv2.setRNGSeed(0)
        matrix, inliers = cv2.findHomography(
            own_points[ours], points[theirs], cv2.USAC_MAGSAC, _INLIER_PX, maxIters=5000, confidence=0.999
        )
        if matrix is None or inliers.sum() < _LEAST_MATCHES or not _is_page(matrix, self._work.grey.shape):
            return None
        return matrix, int(inliers.sum())

    def _refined(self, matrix: Matrix, work: "_Work") -> Matrix:
        """The homography that makes the print of both coincide best; the given one where there is none better."""
        seen = cv2.GaussianBlur(_warp(work.ink, matrix, self._print.shape), (0, 0), 1.5)
        step = np.eye(3, dtype=np.float32)
        ends = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _ECC_STEPS, 1e-4)
        try:
            # What is written far from the print has no say.
            _, step = cv2.findTransformECC(self._smooth, seen, step, cv2.MOTION_HOMOGRAPHY, ends, self._near, 1)
        except cv2.error:  # it does not converge
            return matrix
        centred = _CENTRE @ step.astype(np.float64) @ np.linalg.inv(_CENTRE)
        refined = matrix @ centred
        return refined if self._agreement(refined, work) >= self._agreement(matrix, work) else matrix

    def _agreement(self, matrix: Matrix, work: "_Work") -> float:
        shape = self._print.shape
        seen = _warp(work.ink, matrix, shape) > _LEAST_INK
        inside = _warp(np.full(work.ink.shape, 255, np.uint8), matrix, shape) > 127
        visible = self._print & inside
        if visible.sum() < _LEAST_VISIBLE * max(self._print.sum(), 1):
            return 0.0
        around = cv2.dilate(seen.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        chance = float(around[inside].mean())
        return (float(around[visible].mean()) - chance) / max(1.0 - chance, 1e-6)


class _Work:
    """A picture in working size."""

    def __init__(self, picture: Picture, side_px: int) -> None:
        pixels = picture.pixels
        grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        scale = min(side_px / max(grey.shape), 1.0)
        size = max(round(grey.shape[1] * scale), 1), max(round(grey.shape[0] * scale), 1)
        self.grey: NDArray[np.uint8] = cv2.resize(grey, size, interpolation=cv2.INTER_AREA) if scale < 1 else grey
        self.from_original = np.diag([size[0] / picture.width_px, size[1] / picture.height_px, 1.0])
        self.ink = page_ink(self.grey, _STROKE_PX * max(self.grey.shape))


_CENTRE: Matrix = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
"""From OpenCV's points, where the first pixel's centre is 0, 0, to continuous ones."""


def warp_points(matrix: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (n, 2) through a homography."""
    return cv2.perspectiveTransform(points[None].astype(np.float64), matrix)[0]


def pixel_matrix(matrix: Matrix) -> Matrix:
    """A homography of continuous points as one of OpenCV's pixel centres."""
    return np.linalg.inv(_CENTRE) @ matrix @ _CENTRE


def _warp(pixels: NDArray[np.uint8], matrix: Matrix, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """What a picture shows where the blank, of this shape, lies in it."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(pixels, pixel_matrix(matrix), shape[1::-1], flags=flags)


def _marks(grey: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Places (n, 2) of what can be found again, and their descriptions (n, 128)."""
    points, descriptors = cv2.SIFT.create(_MOST_MARKS).detectAndCompute(grey, None)
    if descriptors is None:
        return np.zeros((0, 2)), np.zeros((0, 128), np.float32)
    return np.array([point.pt for point in points]) + 0.5, descriptors


def _is_page(matrix: Matrix, shape: tuple[int, ...]) -> bool:
    """Whether a homography shows a page as a camera may see it: its outline convex, not mirrored, not from the edge."""
    height, width = shape
    outline = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    depth = np.c_[outline, np.ones(4)] @ matrix[2]
    if (depth <= 0).any() and (depth >= 0).any():
        return False
    seen = warp_points(matrix, outline)
    sides = np.roll(seen, -1, axis=0) - seen
    turns = sides[:, 0] * np.roll(sides, -1, axis=0)[:, 1] - sides[:, 1] * np.roll(sides, -1, axis=0)[:, 0]
    lengths = np.hypot(*sides.T)
    stretch = lengths / (width, height, width, height)
    return bool((turns > 0).all() and stretch.min() > 0.05 and stretch.max() < 3.5 * stretch.min())
