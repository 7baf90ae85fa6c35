import cv2
import numpy as np
import pytest

from sonsu.fields.align import pixel_matrix
from sonsu.fields.written import cut_field
from sonsu.reading.picture import load

LEVEL = np.eye(3)
BOX = (60, 200, 320, 56)  # the comb of eight cells
LINE = (60, 560, 420, 60)


def cut(page, blank, box=BOX, matrix=LEVEL):
    return cut_field(load(page), load(blank), box, matrix)


def moved(page, shift):
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], float)
    return cv2.warpAffine(page, matrix, page.shape[::-1], borderValue=255)


def overlap(first, second):
    """Of two masks: what they share of what either covers."""
    return (first & second).sum() / (first | second).sum()


def test_an_empty_field_is_blank(blank):
    for box in (BOX, LINE):
        written = cut(blank, blank, box)
        assert written.blank
        assert (written.ink == 255).all()
        assert written.agreement > 0.95
        assert written.visible


@pytest.mark.parametrize("box", [BOX, LINE])
@pytest.mark.parametrize("shift", [(0, 0), (3, -2), (-4, 3)])
def test_the_print_goes_and_the_writing_stays(blank, fill, box, shift):
    """Beside its place, as on paper that is not flat, and scanned with grain."""
    page = fill(number="48203178", note="48203178")
    bare = np.where(blank < 255, 255, page)  # the writing alone: it touches no print
    noisy = moved(page, shift) + np.random.default_rng(0).normal(0, 4, page.shape)
    written = cut(np.clip(noisy, 0, 255).astype(np.uint8), blank, box)
    truth = cv2.warpPerspective(
        moved(bare, shift),
        pixel_matrix(written.to_picture),
        written.ink.shape[::-1],
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )
    assert overlap(written.ink < 128, truth < 128) > 0.85
    beside = written.corners_px[0] - np.array(box[:2])
    assert beside[1] == pytest.approx(shift[1], abs=0.6)
    if box == BOX:  # a line does not say where along it
        assert beside[0] == pytest.approx(shift[0], abs=0.6)


def test_a_stroke_across_the_print_is_whole(blank):
    page = blank.copy()
    cv2.line(page, (90, 245), (170, 215), 40, 4)  # through two walls between cells
    written = cut(page, blank)
    assert cv2.connectedComponents((written.ink < 128).astype(np.uint8))[0] == 2
    x = (90 - BOX[0] + 0.2 * BOX[3], 170 - BOX[0] + 0.2 * BOX[3])
    columns = np.flatnonzero((written.ink < 128).any(axis=0))
    assert (columns.min(), columns.max()) == pytest.approx(x, abs=4)


def test_faint_and_coloured_ink(blank, fill):
    faint = fill(shade=190, number="48203178")
    assert not cut(faint, blank).blank
    red = np.dstack([blank] * 3)
    red[fill(number="48203178") < blank] = (220, 60, 60)
    assert ((cut(red, blank).ink < 128) == (cut(fill(number="48203178"), blank).ink < 128)).mean() > 0.95


def test_what_lies_beside_the_box_is_not_in_it(blank):
    page = blank.copy()
    cv2.putText(page, "77", (120, 196), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 40, 3)
    assert cut(page, blank).blank


def test_in_shadow(blank, fill):
    page = fill(number="48203178").astype(float)
    page[:, 200:] *= 0.5  # as sharp as shadows get
    written = cut(page.astype(np.uint8), blank)
    assert overlap(written.ink < 170, cut(fill(number="48203178"), blank).ink < 170) > 0.8


def test_a_field_that_is_not_in_the_picture(blank):
    beyond = np.array([[1, 0, -150], [0, 1, 0], [0, 0, 1.0]])
    written = cut(blank, blank, matrix=beyond)
    assert not written.visible


def test_print_that_is_elsewhere(blank):
    assert cut(np.full_like(blank, 255), blank).agreement < 0.3


def test_back_in_the_picture(blank, fill):
    """A point of the crop lies in the picture where the homography says."""
    twice = cv2.resize(fill(number="48203178"), None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    written = cut(twice, blank, matrix=np.diag([2.0, 2.0, 1.0]))
    x, y, _, _ = written.box_px
    assert written.to_picture @ (x, y, 1) == pytest.approx((120, 400, 1), abs=1.0)
    assert written.ink.shape == written.shown.shape[:2]
