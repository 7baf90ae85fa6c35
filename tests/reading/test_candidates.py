"""`sonsu.reading.candidates`: where in a picture its one digit may be."""

import cv2
import numpy as np
import pytest

from sonsu.reading import candidates as module
from sonsu.reading.candidates import find_candidates
from sonsu.reading.ink import InkMap


def shared(one, other):
    """Intersection over union of two boxes."""
    x, y = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[0] + one[2], other[0] + other[2]), min(one[1] + one[3], other[1] + other[3])
    both = max(right - x, 0) * max(bottom - y, 0)
    return both / (one[2] * one[3] + other[2] * other[3] - both)


def on_paper(ink, paper=225, pen=50, grain=4, seed=0):
    noise = np.random.default_rng(seed).normal(0, grain, ink.shape)
    return (paper + (pen - paper) * (ink / 255.0) + noise).clip(0, 255).astype(np.uint8)


def assert_in_order(candidates):
    assert 0 < len(candidates) <= 24
    priors = [candidate.prior for candidate in candidates]
    assert priors == sorted(priors, reverse=True)
    assert max(priors) <= 1
    for candidate in candidates:
        assert candidate.ink.dtype == np.uint8
        assert candidate.ink.max() > 200


@pytest.mark.parametrize("label", range(10))
@pytest.mark.parametrize("thickness", [3, 10, 24])
def test_the_first_is_the_digit(draw_digit, label, thickness):
    ink = draw_digit(label, 150, thickness, size_px=(320, 280), at_px=(100, 60))
    truth = cv2.boundingRect(ink)
    for pixels, dark in ((on_paper(ink), True), (on_paper(ink, 30, 210), False)):
        candidates = find_candidates(pixels)
        assert_in_order(candidates)
        assert np.abs(np.subtract(candidates[0].box_px, truth)).max() <= 3
        assert candidates[0].dark is dark
        assert candidates[0].rivals == 0
        assert not candidates[0].rules


def test_its_ink_is_cut_out(draw_digit):
    ink = draw_digit(2, 150, 12, size_px=(320, 280), at_px=(100, 60))
    first = find_candidates(on_paper(ink))[0]
    x, y, width, height = first.box_px
    assert first.ink.shape == (height, width)
    there = ink[y : y + height, x : x + width]
    assert first.ink[there == 255].mean() > 235
    assert first.ink[cv2.dilate(there, np.ones((5, 5))) == 0].max() == 0, "around the strokes it is exactly 0"


@pytest.mark.parametrize("at", [(5, 5), (225, 8), (10, 185), (230, 190), (110, 90)])
def test_off_centre(draw_digit, at):
    ink = draw_digit(5, 80, 7, size_px=(320, 280), at_px=at)
    assert shared(find_candidates(on_paper(ink))[0].box_px, cv2.boundingRect(ink)) > 0.85


@pytest.mark.parametrize("scale", [1, 4, 9])
def test_boxes_are_in_the_px_of_the_picture(draw_digit, scale):
    ink = draw_digit(3, 150 * scale, 12 * scale, size_px=(320 * scale, 280 * scale), at_px=(100 * scale, 60 * scale))
    candidates = find_candidates(np.dstack([255 - ink] * 3))
    assert shared(candidates[0].box_px, cv2.boundingRect(ink)) > 0.9
    assert max(candidates[0].ink.shape) < 400, "the ink itself is of working size"


def test_ruled_paper(draw_digit):
    ink = draw_digit(8, 150, 12, size_px=(320, 280), at_px=(90, 70))
    ruled = ink.copy()
    ruled[30::45] = 160
    ruled[31::45] = 160
    found = [candidate for candidate in find_candidates(on_paper(ruled)) if candidate.rules]
    assert shared(found[0].box_px, cv2.boundingRect(ink)) > 0.8


def test_a_digit_of_two_strokes_is_one_candidate_and_its_main_stroke_another(draw_digit):
    ink = draw_digit(5, 150, 9, size_px=(320, 280), at_px=(90, 70))
    ink[98:106] = 0  # the bar stands apart
    assert cv2.connectedComponents(ink)[0] == 3
    first, *others = find_candidates(on_paper(ink))
    assert shared(first.box_px, cv2.boundingRect(ink)) > 0.9
    main = ink.copy()
    main[:106] = 0
    assert any(shared(candidate.box_px, cv2.boundingRect(main)) > 0.9 for candidate in others)


def test_what_leaves_the_picture_is_no_part_of_a_digit_within_it():
    ink = np.zeros((200, 160), np.uint8)
    cv2.line(ink, (124, 60), (120, 160), 255, 8)
    cv2.line(ink, (100, 44), (159, 40), 255, 6)  # near its top, and on to the next cell
    assert all(candidate.box_px[1] > 50 for candidate in find_candidates(on_paper(ink)) if candidate.prior > 0.5)


def test_a_large_digit_in_uneven_light_is_whole():
    ink = np.zeros((600, 400), np.uint8)
    cv2.ellipse(ink, (160, 380), (130, 160), 0, 0, 360, 255, 60)
    cv2.line(ink, (70, 380), (210, 60), 255, 60)
    light = np.linspace(110, 240, 400)[np.newaxis]
    picture = (light * (1 - 0.6 * ink / 255.0)).astype(np.uint8)
    likely = [candidate.box_px for candidate in find_candidates(picture) if candidate.prior > 0.5]
    assert max(shared(box, cv2.boundingRect(ink)) for box in likely) > 0.97


@pytest.mark.parametrize("across", [0, 1])
@pytest.mark.parametrize("strip", [slice(8, 20), slice(7, 21), slice(0, 9)])
def test_a_strip_across_a_picture_in_mnists_form_is_the_ground_of_what_stands_on_it(across, strip):
    ink = np.zeros((28, 28), np.uint8)
    cv2.line(ink, (14, 5), (6, 22), 255, 2)
    picture = 255 - ink
    picture[:, strip] = ink[:, strip]
    picture, ink = (picture.T, ink.T) if across else (picture, ink)
    formed = [one for one in find_candidates(np.ascontiguousarray(picture)) if one.formed and one.prior == 1]
    assert np.array_equal(formed[0].ink, ink)


def test_a_picture_in_mnists_form_is_looked_at_either_way_round_where_its_paper_is_not_clear():
    noisy = np.where(np.random.default_rng(0).random((28, 28)) < 0.25, 0, 140).astype(np.uint8)
    cv2.line(noisy, (14, 4), (14, 24), 255, 4)
    assert {one.dark for one in find_candidates(noisy) if one.formed} == {True, False}


def test_rivals_are_noted(draw_digit):
    ink = np.hstack([draw_digit(label, 110, 9, size_px=(130, 260)) for label in (2, 6, 3)])
    assert find_candidates(on_paper(ink))[0].rivals == 2


def test_hundreds_of_specks_above_it(draw_digit):
    """More parts than are looked at, and found before the digit."""
    ink = draw_digit(7, 130, 12, size_px=(320, 280), at_px=(100, 135))
    truth = cv2.boundingRect(ink)
    for y in range(4, 120, 9):
        for x in range(4, 310, 9):
            ink[y : y + 3, x : x + 3] = 255
    candidates = find_candidates(on_paper(ink))
    assert_in_order(candidates)
    assert max(shared(candidate.box_px, truth) for candidate in candidates[:3]) > 0.8
    assert candidates[0].rivals == 0


# --- the quick road


def test_a_clean_small_picture_is_one_candidate(draw_digit):
    ink = draw_digit(4, 24, 3)
    for pixels, dark in ((ink, False), (255 - ink, True)):
        (only,) = find_candidates(pixels)
        x, y, width, height = only.box_px
        assert (only.prior, only.dark, only.rivals, only.rules) == (1.0, dark, 0, False)
        assert only.box_px == cv2.boundingRect(cv2.threshold(ink, 24, 255, cv2.THRESH_TOZERO)[1])
        expected = ink[y : y + height, x : x + width]
        np.testing.assert_array_equal(only.ink, np.where(expected > 24, expected, 0))


# --- cells


@pytest.mark.parametrize("colour", [False, True])
def test_a_digit_among_a_small_cells_borders(draw_digit, colour):
    ink = draw_digit(3, 26, 3, size_px=(48, 52), at_px=(16, 13))
    truth = cv2.boundingRect(ink)
    ink[:, 4:6] = ink[:, 44:46] = ink[5:7] = ink[46:48] = 255
    picture = 235 - ink // 2
    picture = np.dstack([picture] * 3) if colour else picture
    assert max(shared(candidate.box_px, truth) for candidate in find_candidates(picture)) > 0.8


def test_a_dark_digit_among_many_fainter_lines(draw_digit):
    picture = np.full((400, 300), 230, np.uint8)
    picture[::9] = 205
    ink = draw_digit(1, 40, 4, size_px=(300, 400), at_px=(150, 180))
    picture[ink > 127] = 60
    assert max(shared(candidate.box_px, cv2.boundingRect(ink)) for candidate in find_candidates(picture)) > 0.5


def test_a_drawing_is_not_asked_for_its_light(draw_digit, monkeypatch):
    monkeypatch.setattr(module, "evenly_lit", None)
    assert find_candidates(255 - draw_digit(3, 150, 12))


def test_a_pencil_in_too_much_light(draw_digit):
    ink = draw_digit(3, 120, 7, size_px=(400, 300), at_px=(150, 90))
    picture = on_paper(ink, 235, 207, grain=1)
    picture[:100] //= 2  # as pale for its own light, but not for one threshold over all
    assert max(shared(candidate.box_px, cv2.boundingRect(ink)) for candidate in find_candidates(picture)) > 0.8


def test_four_parts_that_look_alike_are_all_tried(draw_digit):
    inks = [
        draw_digit(label, 70, 6, size_px=(420, 200), at_px=(20 + 100 * i, 60)) for i, label in enumerate((2, 3, 5, 7))
    ]
    candidates = find_candidates(on_paper(np.maximum.reduce(inks)))
    for ink in inks:
        assert max(shared(candidate.box_px, cv2.boundingRect(ink)) for candidate in candidates) > 0.8


def test_long_lines_are_no_measure_of_grain(draw_digit):
    rng, ink = np.random.default_rng(1), draw_digit(5, 70, 6, size_px=(400, 400), at_px=(160, 160))
    page = ink.copy()
    for x, y in rng.integers(20, 380, (150, 2)).tolist():
        cv2.circle(page, (x, y), 1, 255, -1)
    for y in range(4, 400, 16):
        page[y : y + 2, :60] = page[y : y + 2, 340:] = 255
    candidates = find_candidates(on_paper(page, grain=1))
    assert max(shared(candidate.box_px, cv2.boundingRect(ink)) for candidate in candidates) > 0.8


def map_of(mask, tallest=1.0):
    return InkMap((mask > 127).astype(np.float32), 0.0, True, tallest)


def test_the_same_mask_is_tried_once(draw_digit):
    assert len(list(module._of_map(map_of(draw_digit(4, 90, 8)), 1.0))) == 1


def test_what_no_rule_touches_is_tried_once(draw_digit):
    mask = draw_digit(4, 90, 8, size_px=(300, 280), at_px=(60, 40))
    mask[200:203] = 255
    assert [found.rules for found in module._of_map(map_of(mask), 1.0) if found.ink.shape[0] > 50] == [False]


def test_rules_are_taken_out_where_they_may_show(draw_digit, monkeypatch):
    ruled = []
    monkeypatch.setattr(module, "without_rules", lambda mask, _: ruled.append(cv2.countNonZero(mask)))
    soft = cv2.GaussianBlur(draw_digit(4, 90, 8), (0, 0), 2).astype(np.float32) / 255
    list(module._of_map(InkMap(soft, 0.0, True), 1.0))
    assert len(ruled) == 2, "below the darkest level"


def test_a_narrow_window_shows_no_tall_digit(draw_digit):
    for height, shown in ((90, True), (200, False)):
        mask = draw_digit(4, height, 8, size_px=(300, 240), at_px=(30, 20))
        assert bool(list(module._of_map(map_of(mask, tallest=0.5), 1.0))) == shown


# --- nothing there


def test_lines_from_edge_to_edge_alone_are_none():
    ruled = np.full((28, 28), 240, np.uint8)
    ruled[4::8] = 90
    squared = ruled.copy()
    squared[:, 4::8] = 120
    assert find_candidates(ruled) == find_candidates(squared) == []
    squared[8:20, 14:16] = 20
    assert find_candidates(squared)


@pytest.mark.parametrize("shape", [(28, 28), (60, 60), (300, 400), (300, 400, 3), (900, 700)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_plain_pictures_have_none(shape, value):
    assert find_candidates(np.full(shape, value, np.uint8)) == []


@pytest.mark.parametrize("sd", [3, 10, 30])
def test_even_grain_has_none(sd):
    assert find_candidates(on_paper(np.zeros((200, 260)), 170, grain=sd)) == []


def test_a_speck_is_none():
    picture = np.full((200, 300), 240, np.uint8)
    picture[100:102, 150:152] = 0
    assert find_candidates(picture) == []


def test_what_is_most_unlikely_is_none():
    picture = on_paper(np.zeros((300, 400)))
    cv2.circle(picture, (8, 8), 7, 190, -1)  # a faint spot in a corner
    assert all(candidate.prior >= 0.05 for candidate in find_candidates(picture))


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (1, 3000), (3000, 2), (2, 32_000), (5, 5, 3)])
def test_odd_shapes(shape):
    candidates = find_candidates(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))
    assert all(candidate.ink.any() for candidate in candidates)
