"""`sonsu.reading.rows` and `sonsu.reading.columns`: parts into lines, lines into reading order."""

import numpy as np
import pytest

from sonsu.reading.columns import in_order, parted
from sonsu.reading.rows import in_rows, of_tables, with_marks

NONE = np.zeros((0, 4), int)


def line(x, y, count=3, pitch=30, height=40, width=20):
    """Boxes of a line's digits, (count, 4)."""
    return [(x + pitch * i, y + 2 * (i % 2), width, height) for i in range(count)]


def lines_of(boxes, usual=40.0, frames=NONE, separators=NONE, sides=NONE):
    """Left, top and number of parts of each line, in reading order."""
    boxes = np.array(boxes, float)
    separators = of_tables(separators, usual)
    rows = parted(boxes, in_rows(boxes, usual, frames, separators), sides)
    rows = in_order(boxes, with_marks(boxes, rows, usual), separators)
    return [(int(boxes[row, 0].min()), int(boxes[row, 1].min()), len(row)) for row in rows]


@pytest.mark.parametrize("seed", range(3))
def test_lines_come_from_top_to_bottom_in_whatever_order_their_parts_were_found(seed):
    boxes = line(0, 0) + line(20, 70, 5) + line(0, 140, 1)
    np.random.default_rng(seed).shuffle(boxes)
    assert lines_of(boxes) == [(0, 0, 3), (20, 70, 5), (0, 140, 1)]


def test_a_column_of_very_many_lines():
    boxes = [box for row in range(1200) for box in line(0, 70 * row, 2)]
    assert [top for _, top, _ in lines_of(boxes)] == list(range(0, 70 * 1200, 70))


def test_columns_far_apart_are_read_one_after_the_other():
    boxes = line(0, 0) + line(300, 0) + line(0, 70) + line(300, 70)
    assert lines_of(boxes) == [(0, 0, 3), (0, 70, 3), (300, 0, 3), (300, 70, 3)]


def test_a_table_is_read_row_by_row():
    boxes = line(0, 0) + line(300, 0) + line(0, 70) + line(300, 70)
    rules = np.array([(200, -20, 3, 150), (420, -20, 3, 150)])
    assert lines_of(boxes, separators=rules) == [(0, 0, 3), (300, 0, 3), (0, 70, 3), (300, 70, 3)]
    elsewhere = np.array([(200, 380, 3, 150), (420, 380, 3, 150)])
    assert [found[0] for found in lines_of(boxes, separators=elsewhere)] == [0, 0, 300, 300]


def test_columns_close_together_are_parted_where_lines_share_a_gutter():
    boxes = [box for row in range(3) for box in line(0, 70 * row) + line(160, 70 * row)]
    assert [found[2] for found in lines_of(boxes)] == [3] * 6
    assert [found[0] for found in lines_of(boxes)] == [0] * 3 + [160] * 3


def test_digits_written_far_apart_are_one_line():
    boxes = line(0, 0, 5, pitch=80) + line(0, 70, 5, pitch=80)
    assert lines_of(boxes) == [(0, 0, 5), (0, 70, 5)]


def test_single_digits_one_below_the_other_are_columns_however_regular():
    boxes = line(0, 0, 3, pitch=95) + line(0, 70, 3, pitch=95) + line(0, 140, 3, pitch=95)
    assert [found[2] for found in lines_of(boxes)] == [1] * 9


def test_numbers_whose_digits_are_far_apart_share_no_gutter():
    pitches = ((0, 85, 170, 250, 340), (0, 82, 158, 240), (6, 82, 162), (0, 83), (5, 86, 175, 260))
    boxes = [(x, 70 * row, 30, 38) for row, places in enumerate(pitches) for x in places]
    assert [found[2] for found in lines_of(boxes)] == [5, 4, 3, 2, 4]


def test_a_gutter_is_shared_by_lines_that_begin_elsewhere_beside_it():
    rows = ((0, 40, 125, 165), (10, 50, 150, 190), (5, 45, 140, 180))
    boxes = [(x, 70 * row, 33, 40) for row, places in enumerate(rows) for x in places]
    assert [found[2] for found in lines_of(boxes)] == [2] * 6


def test_gaps_that_hardly_lie_one_above_the_other_are_no_gutter():
    boxes = [(x + 45 * row, 70 * row, 33, 40) for row in range(3) for x in (0, 40, 125, 165)]
    assert [found[2] for found in lines_of(boxes)] == [4] * 3


def test_the_pieces_of_a_broken_digit_do_not_make_its_line_a_close_one():
    assert [found[2] for found in lines_of([(0, 0, 25, 40), (92, 0, 25, 40), (184, 0, 12, 40), (195, 2, 9, 38)])] == [4]
    open_4 = [(68, 0, 16, 24), (74, 0, 36, 40)]
    assert [found[2] for found in lines_of([(0, 0, 25, 40), *open_4, (180, 0, 25, 40), (258, 0, 25, 40)])] == [5]
    assert [found[2] for found in lines_of([(0, 0, 25, 40), (92, 0, 25, 40), (115, 0, 25, 40)])] == [1, 2]


def test_dirt_far_lower_than_a_line_is_no_witness_of_its_gutter():
    number = [(0, 0, 25, 40), (62, 0, 25, 40), (150, 0, 25, 40)]
    dirt = [(x, 60 + 30 * i, 5, 19) for i in range(3) for x in (70, 162)]
    assert (0, 0, 3) in lines_of(number + dirt)


def test_of_two_lines_beside_each_other_the_higher_one_is_first_and_on_a_level_the_left_one():
    assert [found[0] for found in lines_of(line(0, 25) + line(300, 0))] == [300, 0]
    assert [found[0] for found in lines_of(line(0, 6) + line(300, 0))] == [0, 300]


def test_a_wide_gap_parts_a_line_whose_digits_are_close_elsewhere():
    boxes = line(0, 0, 2) + line(120, 0, 1) + line(215, 0, 1)
    assert lines_of(boxes) == [(0, 0, 2), (120, 0, 1), (215, 0, 1)]


def test_a_tables_rule_parts_its_cells_and_squared_papers_do_not():
    boxes = line(0, 0, 2) + line(75, 0, 2)
    table = np.array([(63, -50, 2, 300)])
    squares = np.array([(3 + 20 * i, -50, 2, 300) for i in range(8)])
    assert [found[2] for found in lines_of(boxes)] == [4]
    assert [found[2] for found in lines_of(boxes, separators=table)] == [2, 2]
    assert [found[2] for found in lines_of(boxes, separators=squares)] == [4]


def test_a_row_of_boxes_is_one_line_however_wide_they_are():
    boxes = line(0, 0, 1) + line(200, 0, 1) + line(300, 0, 1)
    frame, sides = np.array([(-20, -10, 400, 65)]), np.array([(100, -10, 2, 65), (260, -10, 2, 65)])
    assert [found[2] for found in lines_of(boxes)] != [3]
    assert lines_of(boxes, frames=frame, sides=sides) == [(0, 0, 3)]


def test_a_digit_broken_across_stays_in_its_line():
    boxes = [*line(0, 0, 2), (65, 0, 20, 20), (66, 22, 18, 19), *line(95, 0, 2)]
    assert lines_of(boxes) == [(0, 0, 6)]


def test_marks_join_the_line_they_stand_by_and_others_are_left_out():
    boxes = [*line(0, 0), (85, 36, 4, 10), (110, 18, 20, 5), (400, 18, 4, 4), *line(0, 100)]
    assert lines_of(boxes) == [(0, 0, 5), (0, 100, 3)]


def test_a_page_without_parts():
    assert lines_of(np.zeros((0, 4))) == []
