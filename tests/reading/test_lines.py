"""`sonsu.reading.lines`: from a picture to its lines, each whole, level and alone."""

import time

import cv2
import numpy as np
import pytest

from sonsu.reading.lines import find_lines

INK, PAPER = 40, 235


@pytest.fixture
def sheet(draw_digit):
    """`sheet(*lines)`: digits, each in a cell of 60×80; ink, uint8 (h, w), and each line's box."""

    def draw(*lines, height_px=50, thickness_px=5):
        ink = np.zeros((80 * len(lines) + 40, 60 * max(map(len, lines)) + 40), np.uint8)
        boxes = []
        for row, line in enumerate(lines):
            own = np.zeros_like(ink)
            for column, label in enumerate(line):
                if label != " ":
                    at = 25 + 60 * column, 35 + 80 * row + 3 * (column % 2)
                    own |= draw_digit(int(label), height_px, thickness_px, size_px=ink.shape[::-1], at_px=at)
            boxes.append(cv2.boundingRect(own))
            ink |= own
        return ink, boxes

    return draw


def on_paper(ink, paper=PAPER, dark=INK):
    """Ink on paper, uint8; `paper` is a level or a picture of it."""
    share = ink.astype(np.float32) / 255
    share = share if np.ndim(paper) < 3 else share[..., None]
    return np.rint(np.asarray(paper) * (1 - share) + dark * share).astype(np.uint8)


def warped(ink, boxes, matrix, size, **how):
    """A picture under a homography, and the corners of each box in it, (4, 2)."""
    corners = [cv2.perspectiveTransform(_corners(box)[None], matrix)[0] for box in boxes]
    return cv2.warpPerspective(ink, matrix, size, flags=cv2.INTER_LINEAR, **how), corners


def rotation(shape, angle_deg):
    height, width = shape[:2]
    matrix = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, 1.0), (0, 0, 1)])
    matrix[:2, 2] += 150
    return matrix, (width + 300, height + 300)


def _corners(box):
    x, y, width, height = box
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float64)


def outline(line):
    """The corners of a line's crop in the picture, (4, 2)."""
    height, width = line.ink.shape
    return cv2.perspectiveTransform(_corners((0, 0, width, height))[None], line.to_picture)[0]


def overlap(line, corners):
    """Intersection over union of a line's crop and a quadrilateral."""
    found, true = outline(line).astype(np.float32), np.asarray(corners, np.float32)
    both = cv2.intersectConvexConvex(found, true)[0]
    return both / (cv2.contourArea(found) + cv2.contourArea(true) - both)


def assert_lines(found, boxes, least=0.72):
    """As many lines, in this order, each where it was written; the margin of 8 % alone takes some 0.15."""
    assert len(found.lines) == len(boxes)
    for line, box in zip(found.lines, boxes, strict=True):
        corners = _corners(box) if np.ndim(box) == 1 else box
        assert overlap(line, corners) > least
        assert line.ink.dtype == np.uint8
        assert line.ink.max() == 255
        edge = np.concatenate([line.ink[0], line.ink[-1], line.ink[:, 0], line.ink[:, -1]])
        assert not edge.any(), "a margin all around"
        rows = np.flatnonzero((line.ink > 127).any(axis=1))
        assert np.ptp(rows) > 0.75 * line.ink.shape[0]


def assert_same_ink(line, ink):
    """The crop shows what was written, no more and no less."""
    back = cv2.warpPerspective(ink, np.linalg.inv(line.to_picture), line.ink.shape[::-1], flags=cv2.INTER_LINEAR)
    assert np.corrcoef(line.ink.ravel(), back.ravel())[0, 1] > 0.9


def overlap_of_masks(one, other):
    """Intersection over union of what is not 0."""
    return np.count_nonzero(one & other) / np.count_nonzero(one | other)


def test_lines_from_top_to_bottom(sheet):
    ink, boxes = sheet("4019", "14", "873")
    found = find_lines(on_paper(ink))
    assert_lines(found, boxes)
    assert found.notes == ()
    for line in found.lines:
        assert_same_ink(line, ink)


def test_colour_and_light_on_dark(sheet):
    ink, boxes = sheet("52", "606")
    found = find_lines(np.dstack([20 + ink // 2, 40 + ink // 2, 30 + ink // 2]))
    assert_lines(found, boxes)
    assert found.notes == ("light on dark: inverted",)


@pytest.mark.parametrize("colour", [(40, 40, 60), (30, 50, 140), (170, 40, 50), (120, 120, 125)])
def test_inks_of_any_colour(sheet, colour):
    ink, boxes = sheet("4019", "14")
    paper = np.broadcast_to(np.array((240, 232, 215.0)), (*ink.shape, 3))
    found = find_lines(on_paper(ink, paper, np.array(colour)))
    assert_lines(found, boxes)
    assert_same_ink(found.lines[0], ink)


@pytest.mark.parametrize("label", range(10))
def test_one_digit_is_one_line(draw_digit, label):
    for height in (20, 60, 250):
        ink = draw_digit(label, height, max(2, height // 10))
        found = find_lines(on_paper(ink))
        assert len(found.lines) == 1
        assert_same_ink(found.lines[0], ink)


def test_one_large_thin_digit_is_a_line(draw_digit):
    ink = draw_digit(3, 250, 3, size_px=(320, 340), at_px=(90, 40))
    assert len(find_lines(255 - ink).lines) == 1


@pytest.mark.parametrize("height_px", [16, 24, 60])
def test_a_close_crop_that_touches_its_frame_is_one_whole_line(sheet, height_px):
    ink, _ = sheet("40395", height_px=50)
    x, y, width, height = cv2.boundingRect((ink > 127).astype(np.uint8))
    ink = ink[y : y + height, x : x + width]
    ink = cv2.resize(ink, None, fx=height_px / height, fy=height_px / height, interpolation=cv2.INTER_AREA)
    found = find_lines(on_paper(ink))
    assert len(found.lines) == 1
    assert_same_ink(found.lines[0], ink)


@pytest.mark.parametrize("angle_deg", [-15, -9, -4, 4, 9, 15])
def test_a_turned_page_is_straightened(sheet, angle_deg):
    ink, boxes = sheet("401974", "1473", "873")
    ink, corners = warped(ink, boxes, *rotation(ink.shape, angle_deg))
    found = find_lines(on_paper(ink))
    assert_lines(found, corners, least=0.6)
    assert any(note.startswith("straightened by") for note in found.notes)
    for line in found.lines:
        assert_same_ink(line, ink)


def test_a_line_that_slants_alone_is_levelled(sheet):
    ink, boxes = sheet("401974")
    ink, corners = warped(ink, boxes, *rotation(ink.shape, 8))
    level, level_boxes = sheet("873014", "552210")
    page = np.zeros((ink.shape[0] + level.shape[0], max(ink.shape[1], level.shape[1])), np.uint8)
    page[: level.shape[0], : level.shape[1]] = level
    page[level.shape[0] :, : ink.shape[1]] = ink
    found = find_lines(on_paper(page))
    assert_lines(found, [*level_boxes, corners[0] + (0, level.shape[0])], least=0.6)


def test_perspective(sheet):
    ink, boxes = sheet("401974", "147325", "873660")
    height, width = ink.shape
    near = np.array([(60, 40), (width + 20, 70), (width + 80, height + 60), (10, height + 20)], np.float32)
    matrix = cv2.getPerspectiveTransform(_corners((0, 0, width, height)).astype(np.float32), near)
    ink, corners = warped(ink, boxes, matrix, (width + 100, height + 100))
    assert_lines(find_lines(on_paper(ink)), corners, least=0.6)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_quarter_turns(sheet, turns):
    ink, _ = sheet("4019", "14")
    upright = find_lines(on_paper(ink)).lines
    turned = np.rot90(ink, -turns)
    found = find_lines(on_paper(turned), turns=turns)
    assert len(found.lines) == 2
    for line, before in zip(found.lines, upright, strict=True):
        np.testing.assert_array_equal(line.ink, before.ink)
        assert_same_ink(line, turned)


def test_lines_found_upside_down_are_turned_and_come_in_their_order(sheet):
    ink, _ = sheet("4019", "14")
    turned = np.ascontiguousarray(np.rot90(ink, 2))
    found = find_lines(on_paper(turned)).upside_down()
    assert [line.ink.shape[1] > 2.5 * line.ink.shape[0] for line in found.lines] == [True, False]
    for line in found.lines:
        assert_same_ink(line, turned)
        assert line.to_picture[0, 0] < 0
    assert overlap_of_masks(found.mask, ink) > 0.8


@pytest.mark.parametrize("blur_px", [0.5, 12])
def test_a_shadows_edge_is_no_stroke(sheet, blur_px):
    ink, boxes = sheet("401974", "147325", "873660")
    shade = np.ones(ink.shape, np.float32)
    cv2.fillPoly(shade, [np.array([(0, 0), (190, 0), (260, 400), (0, 400)])], 0.5)
    paper = 235 * cv2.GaussianBlur(shade, (0, 0), blur_px)
    found = find_lines(np.rint(paper * (1 - 0.8 * (ink / 255))).astype(np.uint8))
    assert_lines(found, boxes)


@pytest.mark.parametrize("shade", [0.45, 0.6])
def test_a_shadow_darker_and_larger_than_the_writing_hides_none_of_it(sheet, shade):
    ink, boxes = sheet("29528", "77814", height_px=32, thickness_px=3)
    ink = cv2.copyMakeBorder(ink, 0, 0, 500, 300, cv2.BORDER_CONSTANT)
    light = np.full(ink.shape, 1.0, np.float32)
    cv2.ellipse(light, (300, 20), (170, 130), 20, 0, 360, shade, -1)
    light = cv2.GaussianBlur(light, (0, 0), 12)
    found = find_lines((on_paper(ink, 235, 190) * light).astype(np.uint8))
    assert len(found.lines) == len(boxes)


@pytest.mark.parametrize("table", [30, 120, (40, 90, 160)])
def test_a_sheet_on_a_table(sheet, table):
    ink, boxes = sheet("401974", "147325", "873660")
    page = np.dstack([on_paper(ink)] * 3)
    matrix, size = rotation(ink.shape, 6)
    ink, corners = warped(ink, boxes, matrix, size)
    border = table if np.ndim(table) else (table,) * 3
    picture = cv2.warpPerspective(page, matrix, size, borderMode=cv2.BORDER_CONSTANT, borderValue=border)
    assert_lines(find_lines(picture), corners, least=0.6)


@pytest.mark.parametrize(("height_px", "thickness_px", "table", "tooth_px"), [(32, 3, 60, 14), (50, 5, 150, 25)])
def test_a_torn_sheets_edge_is_no_stroke(sheet, height_px, thickness_px, table, tooth_px):
    ink, boxes = sheet("401974", "147325", "873660", height_px=height_px, thickness_px=thickness_px)
    picture = on_paper(cv2.copyMakeBorder(ink, 0, 160, 0, 100, cv2.BORDER_CONSTANT))
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    below = y - (len(picture) - 110 + 0.2 * (x - 200) + 10 * np.sin(x / tooth_px))
    shaded = table * (1 - 0.6 * np.exp(-np.maximum(below, 0) / 25))
    picture = cv2.GaussianBlur(np.where(below > 0, shaded, picture), (0, 0), 1).astype(np.uint8)
    assert_lines(find_lines(picture), boxes)


def test_ruled_paper(sheet):
    ink, boxes = sheet("520", "386")
    ruled = ink.copy()
    ruled[10::40] |= 120
    ruled[11::40] |= 120
    found = find_lines(255 - ruled)
    assert_lines(found, boxes, least=0.6)
    assert found.notes == ("ruled lines taken away",)
    assert_same_ink(found.lines[0], ink)


def test_squared_paper(sheet):
    ink, boxes = sheet("5207", "3861")
    squared = ink.copy()
    squared[5::30] |= 110
    squared[:, 8::30] |= 110
    found = find_lines(255 - squared)
    assert_lines(found, boxes, least=0.6)
    assert_same_ink(found.lines[0], ink)


def test_a_row_of_boxes_is_one_line(sheet):
    ink, boxes = sheet("5207386")
    frame = np.zeros_like(ink)
    for column in range(7):
        cv2.rectangle(frame, (22 + 60 * column, 25), (78 + 60 * column, 95), 255, 2)
    found = find_lines(255 - (ink | frame))
    assert_lines(found, boxes)
    assert_same_ink(found.lines[0], ink)


def test_a_digit_that_overlaps_its_box_stays_whole(draw_digit):
    ink = draw_digit(3, 80, 7, size_px=(160, 160), at_px=(40, 30))
    frame = np.zeros_like(ink)
    cv2.rectangle(frame, (35, 45), (125, 125), 255, 2)
    found = find_lines(255 - (ink | frame))
    assert len(found.lines) == 1
    assert_same_ink(found.lines[0], ink)


def test_security_print_is_suppressed(sheet):
    ink, boxes = sheet("5207386")
    y, x = np.mgrid[: ink.shape[0], : ink.shape[1]]
    waves = 205 + 30 * np.sign(np.sin(y / 1.6 + 3 * np.sin(x / 9)))
    found = find_lines(on_paper(ink, waves))
    assert_lines(found, boxes)
    assert_same_ink(found.lines[0], ink)


def test_marks_beside_a_line_stay_in_it_and_specks_far_away_go(sheet):
    ink, _ = sheet("123", "456")
    ink = np.pad(ink, ((0, 0), (0, 120)))
    cv2.circle(ink, (81, 82), 4, 255, -1)
    cv2.line(ink, (215, 60), (235, 58), 255, 5)
    cv2.circle(ink, (310, 180), 3, 255, -1)
    found = find_lines(on_paper(ink))
    assert len(found.lines) == 2
    right = [outline(line)[:, 0].max() for line in found.lines]
    assert right[0] > 233, "the dash"
    assert right[1] < 290


def test_a_tall_digit_broken_in_two_stays_in_one_line(sheet):
    ink, _ = sheet("001")
    ink[58:63, 140:170] = 0
    found = find_lines(on_paper(ink))
    assert len(found.lines) == 1
    assert_same_ink(found.lines[0], ink)


def test_columns_are_read_one_after_the_other(sheet):
    left, left_boxes = sheet("12", "34", "56")
    right, right_boxes = sheet("78", "90", "21")
    ink = np.hstack([left, np.zeros((left.shape[0], 60), np.uint8), right])
    shift = left.shape[1] + 60
    assert_lines(find_lines(on_paper(ink)), [*left_boxes, *((x + shift, y, w, h) for x, y, w, h in right_boxes)])


def test_a_table_ruled_across_is_read_cell_by_cell_and_the_same_without_names_is_not(sheet):
    rows = ("   527", "   386", "   4 9")
    cells = [(row, at) for row, line in enumerate(rows) for at, label in enumerate(line) if label != " "]
    ink, _ = sheet(*rows, height_px=40)
    for y in range(16, 300, 80):
        ink[y : y + 3, 10:390] = 255
    assert len(find_lines(255 - ink).lines) < len(cells)
    for row in range(3):
        cv2.putText(ink, "Kim", (20, 65 + 80 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 2, cv2.LINE_AA)
    middles = [outline(line).mean(axis=0) for line in find_lines(255 - ink).lines if len(line.ink) > 30]
    assert [(int((y - 20) // 80), int((x - 10) // 60)) for x, y in middles] == cells


def test_digits_far_apart_are_lines_of_their_own(draw_digit):
    left = draw_digit(3, 50, 5, size_px=(800, 120), at_px=(20, 30))
    right = draw_digit(7, 50, 5, size_px=(800, 120), at_px=(700, 30))
    assert len(find_lines(255 - (left | right)).lines) == 2


def test_boxes_of_a_large_picture_are_in_its_own_px(sheet):
    ink, boxes = sheet("4019", "14")
    larger = cv2.resize(ink, None, fx=9, fy=9, interpolation=cv2.INTER_LINEAR)
    found = find_lines(on_paper(larger))
    assert_lines(found, [np.multiply(box, 9) for box in boxes])
    assert max(line.ink.shape[0] for line in found.lines) <= 120


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((120, 160), 240, np.uint8),
        np.zeros((40, 50, 3), np.uint8),
        np.random.default_rng(0).normal(170, 8, (150, 200)).astype(np.uint8),
        np.pad(np.zeros((3, 3), np.uint8), 60, constant_values=240),
    ],
    ids=["white", "black", "grain", "a speck"],
)
def test_blank(pixels):
    found = find_lines(pixels)
    assert found.lines == ()
    assert found.notes[-1] == "blank"


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (2, 32_000), (32_000, 1), (4, 4, 3)])
def test_odd_shapes(shape):
    assert find_lines(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)).notes[-1] == "blank"


def test_a_page_full_of_small_print_takes_no_minutes():
    rng = np.random.default_rng(0)
    page = np.where(cv2.GaussianBlur(rng.random((1000, 1000)), (0, 0), 2.5) > 0.53, 60, 235).astype(np.uint8)
    started = time.process_time()
    find_lines(page)
    assert time.process_time() - started < 10, "92 s before the comparison of parts was vectorised"


def test_a_small_number_alone_on_a_large_sheet(sheet):
    ink, ((x, y, *_),) = sheet("40192")
    page = np.zeros((3508, 2480), np.uint8)
    page[1500 : 1500 + len(ink), 700 : 700 + ink.shape[1]] = ink
    (found,) = find_lines(on_paper(page)).lines
    assert found.to_picture[:2, 2] == pytest.approx((700 + x, 1500 + y), abs=8)
    assert find_lines(on_paper(np.zeros_like(page))).notes == ("blank",)


def test_a_long_strip_has_all_its_lines(sheet):
    ink, boxes = sheet(*["40192"] * 8, height_px=30, thickness_px=3)
    strip = np.vstack([ink] * 9)
    assert len(find_lines(on_paper(strip)).lines) == 9 * len(boxes)
