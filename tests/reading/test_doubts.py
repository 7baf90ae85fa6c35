"""`sonsu.reading.doubts`: what a page shows of whether its lines were found whole."""

from types import SimpleNamespace

import numpy as np
import pytest

from sonsu.reading.crop import LineInk
from sonsu.reading.doubts import Finding, doubts
from sonsu.reading.lines import Found
from sonsu.reading.page import Line
from sonsu.reading.turns import Reading

LOWER, UNOWNED, MARKED, BESIDE, LONE_ONE, TINY, AT_EDGE, MISREAD, CUT = range(9)
SIDE = 1000


def ink(x: int, y: int, gaps: tuple[int, ...] = (8, 8), height: int = 40) -> LineInk:
    """Strokes as wide as half their height, with such gaps between them, whose corner lies at x, y."""
    stroke = np.full((height, height // 2), 255, np.uint8)
    pieces = [stroke]
    for gap in gaps:
        pieces += [np.zeros((height, gap), np.uint8), stroke]
    return LineInk(np.hstack(pieces), np.array([(1.0, 0, x), (0, 1, y), (0, 0, 1)]))


def reading(*lines: LineInk, texts: tuple[str, ...] = (), confidence: float = 1.0, **more: object) -> Reading:
    """Each line read as 3s, if no other text is given, that own all of its ink."""
    texts = texts or ("333",) * len(lines)
    read = [
        (
            Line(text, confidence, (0, 0, 1, 1), ()) if text else None,
            SimpleNamespace(
                answer=SimpleNamespace(digits=tuple(text)), inks=(line.ink,), marked=np.zeros_like(line.ink)
            ),
        )
        for line, text in zip(lines, texts, strict=True)
    ]
    return Reading(Found(lines, ()), read, **more)


def doubted(*lines: LineInk, **more: object) -> np.ndarray:
    return doubts(reading(*lines, **more), SIDE, SIDE)


def test_lines_below_one_another_raise_no_doubt() -> None:
    assert not doubted(ink(100, 100), ink(110, 200), ink(90, 300)).any()
    assert not doubted(ink(100, 100)).any()
    assert doubts(reading(), SIDE, SIDE).shape == (0, 9)


@pytest.mark.parametrize(
    ("doubt", "table"),
    [
        (LOWER, doubted(ink(100, 200, height=26), ink(100, 300), ink(100, 400))),
        (BESIDE, doubted(ink(100, 100), ink(196, 105))),
        (LONE_ONE, doubted(ink(100, 100, gaps=()), texts=("1",))),
        (TINY, doubted(ink(100, 100, gaps=(2, 2), height=12))),
        (AT_EDGE, doubted(ink(0, 100))),
        (AT_EDGE, doubted(ink(100, SIDE - 40))),
        (CUT, doubted(ink(100, 100), left_out=(ink(200, 110, (), 20),))),
    ],
)
def test_each_doubt_is_raised_by_what_it_is_about(doubt: int, table: np.ndarray) -> None:
    assert table[0, doubt] > 0.1
    assert not np.delete(table[0], doubt).any()


def test_ink_of_no_digit_is_a_doubt() -> None:
    one = reading(ink(100, 100))
    half = one.read[0][1].inks[0].copy()
    half[:, 40:] = 0
    look = one.read[0][1]
    look.inks = (half,)
    assert doubts(one, SIDE, SIDE)[0, UNOWNED] > 0.3
    look.marked = one.found.lines[0].ink - half  # a comma, a sign: seen, and a doubt of another kind
    assert doubts(one, SIDE, SIDE)[0, [UNOWNED, MARKED]] == pytest.approx([0, 28 / 60])


def test_a_line_is_doubted_for_the_others_of_its_page_and_not_for_itself() -> None:
    page = reading(ink(100, 100), ink(100, 200))
    page.read[1] = (Line("333", 0.2, (0, 0, 1, 1), ()), page.read[1][1])
    table = doubts(page, SIDE, SIDE)
    assert table[0, MISREAD] == pytest.approx(0.75)
    assert table[1, MISREAD] == 0


def test_print_on_a_page_is_no_reason_to_doubt_its_lines() -> None:
    words = ink(100, 300, gaps=(8,) * 10)
    assert not doubted(ink(100, 100), ink(100, 200), words, texts=("333", "333", "")).any()


def test_numbers_farther_apart_than_their_digits_are_cells_and_raise_no_doubt() -> None:
    assert not doubted(ink(100, 100), ink(216, 100)).any()
    assert doubted(ink(100, 100, gaps=(30, 30)), ink(260, 100))[0, BESIDE] > 0.1


def test_what_was_left_out_on_another_level_or_far_away_is_no_part_of_a_line() -> None:
    assert not doubted(ink(100, 100), left_out=(ink(200, 160, (), 20), ink(400, 110, (), 20))).any()


def test_what_holds_no_digit_has_no_doubts_and_stays_as_it_is() -> None:
    page = reading(ink(100, 100), ink(0, 200), texts=("333", ""))
    assert not doubts(page, SIDE, SIDE)[1].any()
    assert Finding().weighed(page, SIDE, SIDE)[1][0] is None


def test_a_doubt_lowers_a_lines_confidence_and_nothing_else() -> None:
    sure, doubtful = (
        Finding().weighed(reading(line, confidence=0.995), SIDE, SIDE)[0][0] for line in (ink(100, 100), ink(0, 100))
    )
    assert sure and doubtful
    assert 0.99 < sure.confidence < 1
    assert doubtful.confidence < sure.confidence - 0.01
    assert (sure.text, sure.box_px) == ("333", (0, 0, 1, 1))


def test_a_lone_digit_that_is_hardly_sure_is_none() -> None:
    for text, confidence, kept in (("7", 0.02, False), ("7", 0.4, True), ("77", 0.02, True)):
        ((line, _),) = Finding().weighed(reading(ink(100, 100), texts=(text,), confidence=confidence), SIDE, SIDE)
        assert (line is not None) == kept


def test_a_card_says_what_doubts_weigh() -> None:
    assert Finding.from_card({}) == Finding()
    assert Finding.from_card({"finding": {"tiny": 9.0}}).tiny == 9.0
