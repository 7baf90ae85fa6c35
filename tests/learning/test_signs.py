import numpy as np
import pytest

from sonsu.learning import pen, signs

ALL = signs.LETTERS + signs.SIGNS + signs.SHAPES


@pytest.mark.parametrize("skeleton", ALL)
def test_every_skeleton_lies_on_its_grid_and_can_be_drawn(skeleton):
    strokes = signs.parse(skeleton)
    points = np.concatenate(strokes)
    assert points.dtype == np.float32 and all(len(stroke) >= 2 for stroke in strokes)
    assert points.min() >= -50 and points.max() <= 1050
    assert np.ptp(points, axis=0).max() >= 600
    assert pen.render(strokes, size_px=40, width_px=3).max() == 255


def test_no_two_skeletons_are_the_same():
    assert len(set(ALL)) == len(ALL)


def test_an_arc_is_one_of_an_ellipse():
    (arc,) = signs.parse("@5,5,4,2,0,90")
    np.testing.assert_allclose((((arc - 500) / [400, 200]) ** 2).sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(arc[[0, -1]], [[900, 500], [500, 700]], atol=1e-3)  # 90 degrees is down


def test_a_line_after_an_arc_goes_on_from_it():
    (stroke,) = signs.parse("0,0 @5,5,5,5,180,270 10,0")
    np.testing.assert_allclose(stroke[[0, 1, -2, -1]], [[0, 0], [0, 500], [500, 0], [1000, 0]], atol=1e-3)


def test_a_syllables_parts_do_not_overlap():
    for seed in range(50):
        strokes = signs.syllable(np.random.default_rng(seed))
        points = np.concatenate(strokes)
        assert points.min() >= 0 and points.max() <= 1000
        assert 2 <= len(strokes) <= 14


def test_every_kind_of_sign_is_drawn():
    rng = np.random.default_rng(0)
    drawn = [signs.draw_sign(rng) for _ in range(300)]
    keys = {tuple(np.concatenate(strokes).ravel().tolist()) for strokes in drawn}
    for group in (signs.LETTERS, signs.SIGNS, signs.SHAPES):
        assert any(tuple(np.concatenate(signs.parse(each)).ravel().tolist()) in keys for each in group)
    assert len(keys) > 120
