"""`sonsu.reading.boxes`, `uprights`, `rulings` and `skew`: what is printed around writing goes, the strokes stay."""

import cv2
import numpy as np
import pytest

from sonsu.reading.boxes import find_rules, without_dark, without_faint
from sonsu.reading.rulings import rulings
from sonsu.reading.skew import skew

FULL, LEAST, STROKE = 200.0, 13.0, 6.0


def page(draw_digit, labels="4719", height=60):
    """Digits in a row as ink, uint8 (200, 500), full ink = 200."""
    ink = np.zeros((200, 500), np.uint8)
    for i, label in enumerate(labels):
        ink |= draw_digit(int(label), height, 6, size_px=(500, 200), at_px=(60 + 95 * i, 70))
    return cv2.convertScaleAbs(ink, alpha=200 / 255)


def cleaned(ink):
    rules = find_rules(ink, STROKE, FULL, LEAST)
    if rules is None:
        return cv2.threshold(ink, 80, 255, cv2.THRESH_BINARY)[1]
    mask = cv2.threshold(without_faint(ink, rules), 80, 255, cv2.THRESH_BINARY)[1]
    return without_dark(mask, rules, STROKE)


def assert_clean(ink, digits):
    """Of the digits nearly all is left, of the rest nearly nothing."""
    kept, strokes = cleaned(ink), digits > 80
    near = cv2.dilate(strokes.astype(np.uint8), np.ones((7, 7))) > 0
    assert (kept[strokes] > 0).mean() > 0.93
    rest = (ink > 20) & ~near
    assert not rest.any() or (kept[rest] > 0).mean() < 0.05


@pytest.mark.parametrize("value", [35, 70, 190])
@pytest.mark.parametrize("thickness", [1, 2, 3])
def test_ruled_lines_of_any_darkness(draw_digit, value, thickness):
    digits = page(draw_digit)
    rules = np.zeros_like(digits)
    for y in (60, 122, 190):
        rules[y : y + thickness] = value
    assert_clean(np.maximum(digits, rules), digits)


@pytest.mark.parametrize("value", [40, 190])
def test_squared_paper(draw_digit, value):
    digits = page(draw_digit, "5308")
    rules = np.zeros_like(digits)
    rules[7::34] = value
    rules[:, 11::34] = value
    assert_clean(np.maximum(digits, rules), digits)


@pytest.mark.parametrize("labels", ["5308", "4167", "1786"])
@pytest.mark.parametrize(("step", "value"), [(14, 60), (17, 60), (17, 80), (34, 80)])
def test_strokes_along_the_lines_of_squared_paper_are_kept(draw_digit, labels, step, value):
    for height in (40, 60):
        digits = page(draw_digit, labels, height)
        rules = np.zeros_like(digits)
        rules[7::step] = rules[8::step] = rules[:, 11::step] = rules[:, 12::step] = value
        assert_clean(np.maximum(digits, rules), digits)


@pytest.mark.parametrize("value", [60, 190])
def test_boxes_of_one_digit_each(draw_digit, value):
    digits = page(draw_digit, "5386")
    rules = np.zeros_like(digits)
    for i in range(4):
        cv2.rectangle(rules, (50 + 95 * i, 58), (130 + 95 * i, 142), value, 2)
    assert_clean(np.maximum(digits, rules), digits)


@pytest.mark.parametrize("label", range(10))
@pytest.mark.parametrize("height", [30, 60, 110])
def test_digits_alone_lose_nothing(draw_digit, label, height):
    ink = cv2.convertScaleAbs(
        draw_digit(label, height, max(3, height // 12), size_px=(500, 200), at_px=(60, 50)), alpha=200 / 255
    )
    assert find_rules(ink, max(3, height // 12), FULL, LEAST) is None


def test_a_4_with_straight_strokes_is_no_rule():
    ink = np.zeros((260, 170), np.uint8)
    cv2.polylines(ink, [np.array([(46, 28), (40, 74), (92, 71)])], False, 200, 2)
    cv2.line(ink, (65, 48), (63, 125), 200, 2)
    assert find_rules(ink, 2.0, FULL, LEAST) is None


def test_writing_that_hangs_together_is_no_rule():
    ink = np.zeros((200, 500), np.uint8)
    ink[98:104, 60:400] = 94
    for x in range(60, 400, 40):
        ink[85:118, x : x + 16] = 200
    assert find_rules(ink, STROKE, FULL, LEAST) is None


def test_ones_that_hang_together_down_a_column_are_no_rule():
    ink = np.zeros((500, 500), np.uint8)
    ink[60:400, 98:104] = 94
    for y in range(60, 400, 40):
        ink[y : y + 16, 98:104] = 200
    for x in range(180, 450, 45):  # beside them noughts, which say how high digits are
        for y in (60, 130, 200):
            cv2.rectangle(ink, (x + 2, y + 2), (x + 16, y + 48), 200, 4)
    assert find_rules(ink, STROKE, FULL, LEAST) is None


@pytest.mark.parametrize("x", [130, 145])
def test_a_margin_line_that_digits_part_into_pieces_is_one_rule(draw_digit, x):
    digits = np.zeros((420, 300), np.uint8)
    for row, labels in enumerate(("886", "088", "683")):
        for i, label in enumerate(labels):
            digits |= draw_digit(int(label), 60, 6, size_px=(300, 420), at_px=(40 + 70 * i, 60 + 120 * row))
    digits = cv2.convertScaleAbs(digits, alpha=200 / 255)
    rules = np.zeros_like(digits)
    cv2.line(rules, (x, 5), (x + 3, 415), 90, 1)
    assert_clean(np.maximum(digits, rules), digits)


def test_rules_that_glare_interrupts_are_rules_on_both_sides_of_it(draw_digit):
    digits = page(draw_digit, "8", height=40)
    rules = np.zeros_like(digits)
    for y in (20, 60, 122, 190):
        rules[y : y + 2, 10:220] = rules[y : y + 2, 290:490] = 100
    assert_clean(np.maximum(digits, rules), digits)


def test_pale_strokes_over_fainter_squares_keep_their_ink(draw_digit):
    digits = cv2.convertScaleAbs(page(draw_digit, "5308"), alpha=0.6)
    rules = np.zeros_like(digits)
    rules[7::17] = rules[8::17] = rules[:, 11::17] = rules[:, 12::17] = 60
    assert_clean(np.maximum(digits, rules), digits)


def test_a_smear_beside_a_rule_does_not_break_it(draw_digit):
    digits = page(draw_digit, "4719")
    rules = np.zeros_like(digits)
    rules[182:184, 5:495] = 150
    rules[184:191, 100:380] = 40
    assert find_rules(np.maximum(digits, rules), STROKE, FULL, LEAST).ink[182:184, 20:480].min() > 100


def test_a_rule_that_is_darker_on_one_side_is_taken_away_on_both(draw_digit):
    digits = page(draw_digit)
    rules = np.zeros_like(digits)
    for y in (60, 150, 190):
        rules[y : y + 2, 5:330], rules[y : y + 2, 330:495] = 52, 88
    assert find_rules(np.maximum(digits, rules), STROKE, FULL, LEAST).ink[190:192, 420:480].min() > 80


def test_ones_below_each_other_are_no_rule():
    ink = np.zeros((520, 300), np.uint8)
    for y in range(20, 500, 80):
        ink[y : y + 60, 98:104] = 200
        cv2.rectangle(ink, (162, y + 2), (190, y + 58), 200, 4)
    rules = find_rules(ink, STROKE, FULL, LEAST)
    assert rules is None or not rules.ink[:, 95:107].any()


def test_an_empty_field_has_sides():
    ink = np.zeros((300, 500), np.uint8)
    for y in (40, 140):
        cv2.rectangle(ink, (60, y), (440, y + 60), 190, 2)
    cv2.putText(ink, "5386", (80, 90), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 200, 4)
    assert len(find_rules(ink, 4.0, FULL, LEAST).sides) == 4


def test_a_table_has_columns_and_a_row_of_boxes_has_none():
    table = np.zeros((300, 500), np.uint8)
    for y in range(20, 300, 60):
        cv2.line(table, (20, y), (480, y), 190, 2)
    for x in (20, 180, 340, 480):
        cv2.line(table, (x, 20), (x, 260), 190, 2)
    cv2.putText(table, "5", (60, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 200, 4)
    rules = find_rules(table, 4.0, FULL, LEAST)
    assert len(rules.separators) == 4
    assert len(rules.rails) == 5
    boxes = table[:82].copy()
    boxes[82:] = 0
    rules = find_rules(boxes, 4.0, FULL, LEAST)
    assert len(rules.separators) == 0
    assert len(rules.sides) >= 3


@pytest.mark.parametrize("thickness", [1, 3])
@pytest.mark.parametrize("value", [60, 190])
def test_ticks_of_a_comb_go_and_ones_stay(draw_digit, value, thickness):
    digits = page(draw_digit, "1711")
    comb = np.zeros_like(digits)
    cv2.line(comb, (40, 150), (420, 150), value, thickness)
    for i in range(5):
        cv2.line(comb, (40 + 95 * i, 150), (40 + 95 * i, 90 if i in (0, 4) else 120), value, thickness)
    assert_clean(np.maximum(digits, comb), digits)


@pytest.mark.parametrize("nearer", [-0.08, 0.08])
def test_boxes_and_ticks_of_a_row_with_one_end_nearer_are_found(nearer):
    way = np.arange(8) / 7
    columns = np.rint(20 + 460 * way * (1 + nearer) / (1 + nearer * way)).astype(int)
    comb, boxes = np.zeros((200, 500), np.uint8), np.zeros((200, 500), np.uint8)
    cv2.putText(comb, "5", (40, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.8, 200, 5)
    cv2.line(comb, (20, 150), (480, 150), 190, 2)
    cv2.rectangle(boxes, (20, 70), (480, 150), 190, 2)
    for x in columns:
        cv2.line(comb, (x, 150), (x, 128), 190, 2)
        cv2.line(boxes, (x, 70), (x, 150), 190, 2)
    cv2.line(boxes, (145, 70), (145, 150), 200, 2)  # a 1 as high as its box
    for ink, written in ((comb, (40, 62)), (boxes, (145, 146))):
        sides = find_rules(ink, 5.0, FULL, LEAST).sides
        assert len(sides) == 8
        assert not any(written[0] <= x <= written[1] for x in sides[:, 0])


def test_digits_on_a_rule_are_no_comb(draw_digit):
    digits = page(draw_digit, "1411")
    rule = np.zeros_like(digits)
    cv2.line(rule, (20, 130), (480, 130), 190, 2)
    assert_clean(np.maximum(digits, rule), digits)


def test_boxes_lower_than_the_shortest_rule_have_sides(draw_digit):
    digits, boxes = np.zeros((120, 400), np.uint8), np.zeros((120, 400), np.uint8)
    for i, label in enumerate("5117"):
        cv2.rectangle(boxes, (20 + 46 * i, 30), (66 + 46 * i, 80), 190, 3)
        digits |= draw_digit(int(label), 38, 8, size_px=(400, 120), at_px=(30 + 46 * i, 36))
    digits = cv2.convertScaleAbs(digits, alpha=200 / 255)
    ink = np.maximum(digits, boxes)
    rules = find_rules(ink, 8.0, FULL, LEAST)
    kept = without_dark(cv2.threshold(without_faint(ink, rules), 80, 255, cv2.THRESH_BINARY)[1], rules, 8.0)
    assert len(rules.sides) == 5
    assert (kept[digits > 80] > 0).mean() > 0.9


@pytest.mark.parametrize("value", [60, 190])
def test_small_boxes_apart_have_sides_whether_written_in_or_not(draw_digit, value):
    digits, boxes = np.zeros((120, 400), np.uint8), np.zeros((120, 400), np.uint8)
    for i in range(8):
        cv2.rectangle(boxes, (20 + 42 * i, 30), (50 + 42 * i, 64), value, 2)
    for i, label in enumerate("7241"):
        digits |= draw_digit(int(label), 24, 4, size_px=(400, 120), at_px=(24 + 42 * i, 35))
    digits = cv2.convertScaleAbs(digits, alpha=200 / 255)
    rules = find_rules(np.maximum(digits, boxes), 5.0, FULL, LEAST)
    assert len(rules.sides) == 16
    assert find_rules(digits, 5.0, FULL, LEAST) is None


def test_a_one_nearly_as_high_as_its_box_is_no_side():
    digits = np.zeros((200, 500), np.uint8)
    for x in (80, 190, 270, 375):
        cv2.line(digits, (x + 2, 62), (x - 2, 137), 200, 6)
    boxes = np.zeros_like(digits)
    for i in range(4):
        cv2.rectangle(boxes, (40 + 90 * i, 58), (130 + 90 * i, 142), 150, 2)
    assert_clean(np.maximum(digits, boxes), digits)


def test_pale_writing_in_dark_boxes_is_no_rule(draw_digit):
    digits = cv2.convertScaleAbs(page(draw_digit, "1419"), alpha=0.35)
    boxes = np.zeros_like(digits)
    for i in range(4):
        cv2.rectangle(boxes, (50 + 95 * i, 55), (130 + 95 * i, 148), 250, 4)
    ink = np.maximum(digits, boxes)
    rules = find_rules(ink, 5.0, 250.0, LEAST)
    kept = without_dark(cv2.threshold(without_faint(ink, rules), 30, 255, cv2.THRESH_BINARY)[1], rules, 5.0)
    assert (kept[digits > 40] > 0).mean() > 0.93
    assert len(rules.sides) == 8


def test_a_zero_with_a_level_top_and_bottom_is_no_box():
    ink = np.zeros((200, 500), np.uint8)
    for x in (60, 160, 260):
        cv2.rectangle(ink, (x, 70), (x + 60, 130), 200, 5)
    cv2.line(ink, (380, 66), (380, 134), 200, 5)
    assert find_rules(ink, 5.0, FULL, LEAST) is None


def tilted(lean):
    """Ruled paper seen aslant, uint8 (240, 320), and the homography that made it so."""
    flat = np.zeros((240, 320), np.uint8)
    flat[20::30] = 255
    flat[:, 20::40] = 255
    corners = np.array([(0, 0), (320, 0), (320, 240), (0, 240)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, corners + np.array(lean, np.float32))
    return cv2.warpPerspective(flat, matrix, (320, 240)), matrix


@pytest.mark.parametrize(
    "lean",
    [
        [(0, 0)] * 4,
        [(20, 5), (-25, 18), (8, -4), (-6, 6)],
        [(15, -20), (15, 20), (-15, 20), (-15, -20)],
        [(45, 0), (-45, 0), (0, 0), (0, 0)],  # held so steeply that the lines spread over 20°
        [(0, 30), (0, -20), (0, 20), (0, -30)],
    ],
)
def test_rulings_are_made_level_and_upright(lean):
    picture, matrix = tilted(lean)
    level = rulings(picture)
    whole = level @ matrix
    grid = np.array([(x, y) for y in (40, 120, 200) for x in (40, 160, 280)], float)
    mapped = cv2.perspectiveTransform(grid[None], whole)[0].reshape(3, 3, 2)
    rise = np.diff(mapped[..., 1], axis=1) / np.diff(mapped[..., 0], axis=1)
    run = np.diff(mapped[..., 0], axis=0) / np.diff(mapped[..., 1], axis=0)
    assert np.abs(rise).max() < 0.02
    assert np.abs(run).max() < 0.03


@pytest.mark.parametrize("angle", [-12, -4, 0, 3, 9])
def test_a_row_of_boxes_says_which_way_is_level(draw_digit, angle):
    flat = np.zeros((240, 320), np.uint8)
    for i, label in enumerate("147"):
        cv2.rectangle(flat, (90 + 24 * i, 100), (114 + 24 * i, 130), 255, 1)
        flat |= draw_digit(int(label), 20, 2, size_px=(320, 240), at_px=(93 + 24 * i, 106 - 3 * i))
    matrix = cv2.getRotationMatrix2D((160, 120), -angle, 1.0)
    turned = cv2.threshold(cv2.warpAffine(flat, matrix, (320, 240)), 100, 255, cv2.THRESH_BINARY)[1]
    assert abs(skew(turned, np.zeros_like(turned)) - angle) <= 1


def test_no_rulings_in_writing(draw_digit):
    for label in range(10):
        assert rulings(cv2.threshold(draw_digit(label, 150, 3), 127, 255, cv2.THRESH_BINARY)[1]) is None
