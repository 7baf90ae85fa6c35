import numpy as np
import pytest

from sonsu.learning import manners, skeletons

NAMES = sorted(skeletons.FORMS)


@pytest.mark.parametrize("name", NAMES)
def test_a_curve_starts_and_ends_each_stroke_at_its_control_points(name):
    how = manners.manner(name)
    for form in how.forms:
        ends = np.concatenate([part[[0, -1]] for part in np.split(how.curve @ form, how.parts)])
        first = [0, *(last + 1 for last in how.last[:-1])]
        expected = np.stack([form[[i, j]] for i, j in zip(first, how.last, strict=True)]).reshape(-1, 2)
        np.testing.assert_allclose(ends, expected, atol=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_a_curve_stays_among_its_control_points(name):
    how = manners.manner(name)
    np.testing.assert_allclose(how.curve.sum(axis=1), 1.0, rtol=1e-5)
    np.testing.assert_allclose(how.rounding.sum(axis=1), 0.0, atol=1e-5)
    assert how.curve.min() >= 0.0


@pytest.mark.parametrize("name", NAMES)
def test_the_forms_of_a_manner_turn_and_lift_at_the_same_points(name):
    shapes = [[[point.endswith("!") for point in s.split()] for s in f.split("/")] for f in skeletons.FORMS[name]]
    assert all(shape == shapes[0] for shape in shapes)


@pytest.mark.parametrize("name", NAMES)
def test_forms_are_about_1000_high(name):
    how = manners.manner(name)
    heights = np.ptp(how.curve @ how.forms, axis=1)[:, 1]
    assert heights.min() > 900 and heights.max() < 1150


def test_every_form_is_written_by_somebody():
    assert set(NAMES) == {name for shares in skeletons.TRADITIONS.values() for name in shares}


@pytest.mark.parametrize("tradition", skeletons.TRADITIONS)
def test_a_traditions_shares_add_up_for_each_digit(tradition):
    for digit in "0123456789":
        shares = [share for name, share in skeletons.TRADITIONS[tradition].items() if name[0] == digit]
        assert sum(shares) == pytest.approx(1.0)


def test_a_corner_is_passed_sharply_and_a_rounded_one_is_cut():
    how = manners.manner("7")
    corner = how.forms[0][3]
    sharp = how.curve @ how.forms[0]
    cut = sharp + 0.3 * (how.rounding @ how.forms[0])
    assert np.linalg.norm(sharp - corner, axis=1).min() < 0.01
    assert np.linalg.norm(cut - corner, axis=1).min() > 50
