"""`sonsu.reading.tables`: tables without upright rules parted into cells, and nothing else."""

import numpy as np
import pytest

from sonsu.reading.rows import in_rows
from sonsu.reading.tables import gutters

PITCH, WIDE, HIGH = 80, 25, 40
GRID = [(0, 60, 120)] * 4  # where the digits of each row begin
RULES = [(-150, -20 + PITCH * i, 300, 3) for i in range(5)]
NAMES = [(-140, 12 + PITCH * i, 60, 16) for i in range(4)]


def cells_of(grid, rules=RULES, beside=NAMES):
    """How many digits each line has, of digits that begin at these places, row by row, with what stands beside."""
    boxes = [(x, PITCH * i, WIDE, HIGH) for i, places in enumerate(grid) for x in places]
    found = gutters(np.array([*boxes, *beside], float), np.array(rules, int).reshape(-1, 4), float(HIGH))
    lines = in_rows(np.array(boxes, float), float(HIGH), np.zeros((0, 4), int), found)
    return [len(line) for line in sorted(lines, key=lambda line: (boxes[line[0]][1], boxes[line[0]][0]))]


def test_a_table_ruled_across_is_parted_where_all_of_its_rows_are_free():
    assert cells_of(GRID) == [1] * 12


def test_cells_hold_one_digit_or_two_or_none():
    assert cells_of([(0, 30, 100), (30, 70, 100), (0, 30), (70, 100)]) == [2, 1, 1, 2, 2, 2]


@pytest.mark.parametrize("row", range(4))
def test_a_row_that_is_not_free_there_is_no_tables(row):
    grid = list(GRID)
    grid[row] = (0, 36, 72, 100)
    assert cells_of(grid) == [3 + (i == row) for i in range(4)]


def test_digits_of_numbers_one_below_the_other_stay_together():
    assert cells_of([(0, 40, 120)] * 4) == [2, 1] * 4


def test_numbers_written_wide_on_ruled_paper_stay_whole():
    assert cells_of(GRID, beside=[]) == [3] * 4


@pytest.mark.parametrize("size", [3, 40])
def test_neither_dirt_nor_handwriting_is_a_tables_print(size):
    assert cells_of(GRID, beside=[(-140, 5 + PITCH * i, size, size) for i in range(4)]) == [3] * 4


def test_print_beside_a_single_row_makes_no_table():
    assert cells_of(GRID, beside=NAMES[:1]) == [3] * 4
    assert cells_of(GRID, beside=NAMES[:2]) == [1] * 12


def test_print_stands_at_the_same_end_of_the_rows():
    assert cells_of([(0, 50, 100)] * 4, beside=[*NAMES[:1], (126, 92, 20, 16)]) == [3] * 4
    assert cells_of([(0, 50, 100)] * 4, beside=[(126, y, 20, 16) for _, y, _, _ in NAMES]) == [1] * 12


def test_heads_of_columns_may_stand_over_what_the_rows_leave_free():
    heads = [(20, 12 - PITCH, 50, 16), (80, 12 - PITCH, 60, 16)]
    assert cells_of(GRID, rules=[(-150, -20 - PITCH, 300, 3), *RULES], beside=[*NAMES, *heads]) == [1] * 12


def test_lines_of_a_form_are_no_table():
    shorter = [(x, y, width - 60 * i, height) for i, (x, y, width, height) in enumerate(RULES)]
    assert cells_of(GRID, rules=shorter) == [3] * 4
    assert cells_of(GRID, rules=[]) == [3] * 4


def test_two_rows_are_too_few():
    assert cells_of(GRID[:2], rules=RULES[:3], beside=NAMES[:2]) == [3] * 2
    assert cells_of([*GRID[:2], (), ()]) == [3] * 2


def test_a_single_row_with_both_cells_tells_nothing():
    assert cells_of([(0, 60), (0,), (0,), (0,)]) == [2, 1, 1, 1]


def test_what_stands_below_a_table_is_left_as_it_is():
    assert cells_of([*GRID, (), (0, 60, 120)]) == [1] * 12 + [3]


def test_a_page_without_parts():
    assert gutters(np.zeros((0, 4)), np.array(RULES), 40.0).shape == (0, 4)
