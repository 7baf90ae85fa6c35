from types import SimpleNamespace

import numpy as np
import pytest

from sonsu.reading.crop import LineInk
from sonsu.reading.lines import Found
from sonsu.reading.page import Line
from sonsu.reading.turns import Reading, read_sensibly


def reading(*lines: tuple[str, float], width_px: int = 10) -> Reading:
    """What was read: each line's digits and its confidence; "" for a line without any. Lines are 10 px high."""
    read = [
        (
            Line(text, confidence, (0, 0, 1, 1), ()) if text else None,
            SimpleNamespace(
                answer=SimpleNamespace(digits=tuple(text)), inks=(np.ones((10, 10), np.uint8),) * len(text)
            ),
        )
        for text, confidence in lines
    ]
    ink = LineInk(np.zeros((10, width_px), np.uint8), np.eye(3))
    return Reading(Found((ink,) * len(read), ()), read)


def chosen(ways: dict[int, Reading]) -> tuple[int, list[int]]:
    """Which quarter turn is kept, and which were read."""
    tried = []

    def read_turned(turns: int) -> Reading:
        tried.append(turns)
        return ways[turns]

    over = iter(sorted(ways[2].read if 2 in ways else [], key=lambda each: -len(each[1].answer.digits)))
    best = read_sensibly(read_turned, lambda: reading(), lambda _: next(over, (None, None)))
    return next(turns for turns, way in ways.items() if way is best), tried


GOOD, POOR = reading(("274539", 0.95), ("8105", 0.95)), reading(("612", 0.4), ("5", 0.5), ("91", 0.3))
SIDEWAYS = reading(*[("1", 0.98)] * 6, *[("0", 0.5)] * 6)
"""Each digit a line of its own, some of them surely a 1 or a 0."""


def test_a_page_that_is_understood_is_not_read_again() -> None:
    assert chosen({0: GOOD}) == (0, [0])


@pytest.mark.parametrize("right", [1, 2, 3])
def test_the_way_that_makes_most_sense_is_kept(right: int) -> None:
    ways = dict.fromkeys(range(4), SIDEWAYS) | {(right + 2) % 4: POOR, right: GOOD}
    assert chosen(ways)[0] == right


def test_long_numbers_make_more_sense_than_single_digits_that_are_nearly_as_sure() -> None:
    numbers = reading(("274539", 0.7), ("810567", 0.7))
    singles = reading(*[("1", 0.95)] * 8, *[("4", 0.05)] * 4)
    assert chosen({0: singles, 1: numbers, 2: singles, 3: POOR})[0] == 1


def test_a_digit_to_itself_counts_for_half() -> None:
    assert reading(("7", 1.0), ("4", 1.0)).sense == 0.5
    assert reading(("74", 1.0)).sense > 1


def test_few_digits_are_left_as_they_are() -> None:
    assert chosen({0: reading(("761", 0.5)), 1: POOR, 2: reading(("192", 1.0)), 3: POOR})[0] == 0


def test_of_few_digits_another_way_must_make_far_more_sense_than_of_many() -> None:
    few = {0: reading(("641052", 0.78)), 2: reading(("250149", 1.0))}
    many = {0: reading(*[("641052", 0.78)] * 5), 2: reading(*[("250149", 1.0)] * 5)}
    assert chosen(few)[0] == 0
    assert chosen(many)[0] == 2


def test_digits_that_are_digits_upside_down_do_not_tell_which_way_is_up() -> None:
    assert chosen({0: reading(("600050", 0.5)), 1: POOR, 2: reading(("060009", 1.0)), 3: POOR})[0] == 0


def test_long_lines_that_make_little_sense_are_tried_on_their_sides_too() -> None:
    muddled = reading(("440", 0.6), ("00115", 0.5))
    assert chosen({0: muddled, 1: POOR, 2: muddled, 3: GOOD}) == (3, [0, 1, 3])
    assert chosen({0: muddled, 1: POOR, 2: GOOD, 3: POOR}) == (2, [0, 1, 3, 2])


def test_lone_digits_are_little_evidence() -> None:
    lone = reading(*[("3", 0.9)] * 7, *[("8", 0.3)] * 12)
    right = reading(("571", 1.0), ("68", 0.7), ("98", 0.8), ("5", 1.0), ("7", 1.0), ("2", 1.0), ("", 0.0), ("", 0.0))
    assert chosen({0: lone, 1: right, 2: POOR, 3: POOR})[0] == 1


def test_lines_along_the_writing_are_tried_upside_down_only() -> None:
    assert chosen({0: reading(("123", 0.7), ("456", 0.7)), 2: GOOD})[1] == [0, 2]


def test_lines_without_digits_do_not_make_the_others_shorter() -> None:
    assert chosen({0: reading(("92", 0.9), ("41724622", 0.8), *[("", 0.0)] * 3), 2: POOR}) == (0, [0])


def test_what_is_understood_from_a_side_is_not_tried_upside_down() -> None:
    assert chosen({0: SIDEWAYS, 1: GOOD, 3: POOR}) == (1, [0, 1, 3])
    assert chosen({0: SIDEWAYS, 1: reading(("050490", 0.5)), 2: GOOD, 3: POOR}) == (2, [0, 1, 3, 2])


def test_a_page_whose_longest_lines_say_less_upside_down_is_not_read_so() -> None:
    fair = [("158", 0.85), ("626", 0.8), ("261", 0.8), ("274", 0.8), ("5", 0.1)]
    assert chosen({0: reading(*fair), 2: reading(*[("851", 0.3)] * 4, ("25", 1.0))}) == (0, [0])
    assert chosen({0: reading(*fair), 2: reading(*[("851", 0.9)] * 4, ("2", 0.1))})[1] == [0, 2]


def test_a_way_that_makes_little_sense_is_not_kept_even_where_the_given_one_makes_less() -> None:
    given = reading(("178", 0.3), ("98040", 0.3))
    assert chosen({0: given, 1: reading(*[("61", 0.45)] * 10), 2: POOR, 3: POOR})[0] == 0
    assert chosen({0: given, 1: reading(*[("61", 0.55)] * 10), 2: POOR, 3: POOR})[0] == 1


def test_a_line_without_digits_is_not_understood() -> None:
    assert chosen({0: reading(("1", 1.0), ("", 0.0)), 1: POOR, 2: POOR, 3: GOOD})[0] == 3


def test_what_is_understood_less_is_not_kept_however_long() -> None:
    assert chosen({0: reading(*[("5", 0.7)] * 6), 1: POOR, 2: reading(("104027", 0.6), ("3157", 0.6)), 3: POOR})[0] == 0


def test_print_is_not_to_be_understood() -> None:
    assert chosen({0: reading(("1", 1.0), *[("", 0.0)] * 5, width_px=40)}) == (0, [0])


def test_a_page_that_makes_much_sense_is_tried_upside_down_only() -> None:
    fair = reading(("158", 0.9), ("626", 0.85), ("261", 0.8))
    assert chosen({0: fair, 2: reading(("851", 1.0), ("929", 1.0), ("372", 1.0))}) == (0, [0, 2])
    more = [("851", 1.0), ("929", 1.0), ("372", 1.0)] * 3
    assert chosen({0: reading(*[("158", 0.85)] * 9), 2: reading(*more)}) == (2, [0, 2])


def test_more_digits_that_make_sense_are_evidence_where_few_make_as_much() -> None:
    few = reading(("00", 1.0), ("05", 0.96), ("1", 0.99), ("5", 0.85), ("", 0.0), ("", 0.0))
    right = reading(("45", 1.0), ("33", 1.0), ("0", 0.9), ("4", 1.0), ("09", 1.0), ("07", 0.9))
    assert chosen({0: few, 1: POOR, 2: POOR, 3: right})[0] == 3


def test_print_across_is_no_evidence_however_much_of_it_there_is() -> None:
    across = reading(*[("0", 0.99), ("7", 0.6)] * 15)
    given = reading(("10", 0.6), ("516", 0.6))
    assert across.evidence > 3 * given.evidence
    assert chosen({0: given, 1: POOR, 2: POOR, 3: across})[0] == 0


def test_nothing_is_not_turned() -> None:
    assert chosen({0: reading()}) == (0, [0])


PRINT = reading(("1", 0.1), ("3", 0.8), ("2024", 0.2))


@pytest.mark.parametrize(
    ("given", "paler", "taken"),
    [
        (PRINT, GOOD, True),
        (reading(), GOOD, True),
        (PRINT, POOR, False),
        (PRINT, reading(("27453", 1.0)), False),
        (PRINT, reading(*[("1", 1.0)] * 40), False),
        (reading(*[("641052", 0.55)] * 5), GOOD, False),
    ],
)
def test_pale_ink_is_read_instead_of_print_where_it_makes_far_more_sense(
    given: Reading, paler: Reading, taken: bool
) -> None:
    best = read_sensibly(lambda turns: POOR if turns else given, lambda: paler, lambda _: POOR.read[0])
    assert (best is paler) is taken


def test_pale_ink_is_not_looked_at_where_the_rest_is_understood() -> None:
    def read_paler() -> Reading:
        raise AssertionError

    assert read_sensibly(lambda _: GOOD, read_paler, lambda _: GOOD.read[0]) is GOOD
