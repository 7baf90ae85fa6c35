"""Whether the chosen ink was meant."""

from dataclasses import fields

import numpy as np
import pytest

from sonsu.reading.candidates import Candidate
from sonsu.reading.outer import WITHIN, Outer
from sonsu.reading.standing import Standing, doubts, same_place

NAMES = [field.name for field in fields(Standing)][1:-1]
PLACE, ELSEWHERE = (10, 10, 20, 40), (60, 10, 20, 40)


def candidate(box=PLACE, *, prior=1.0, dark=True, rivals=0, outer=WITHIN):
    return Candidate(np.full((10, 10), 255, np.uint8), box, prior, dark, rivals, outer=outer)


def row(label, probability, none=0.0):
    values = np.full(11, (1 - probability - none) / 9, np.float32)
    values[label], values[10] = probability, none
    return values


def doubted(candidates, rows):
    return {name: value for name, value in zip(NAMES, doubts(0, candidates, np.stack(rows)), strict=True) if value > 0}


def test_several_that_agree_raise_no_doubt():
    assert doubted([candidate()] * 4, [row(7, 0.9)] * 4) == {}


@pytest.mark.parametrize(
    ("first", "label", "doubt"),
    [
        (candidate(prior=0.3), 7, {"faint": -np.log(0.31)}),
        (candidate(prior=0.01), 7, {"faint": 2.0}),
        (candidate(), 1, {"one": 1.0}),
        (candidate(dark=False), 7, {"light": 1.0}),
        (candidate(rivals=2), 7, {"rivals": 1.0}),
        (candidate(outer=Outer(0.8, 0.3)), 7, {"border": 0.8, "cut": 0.3}),
    ],
)
def test_what_it_is_itself_may_be_a_doubt(first, label, doubt):
    assert doubted([first] * 4, [row(label, 0.9)] * 4) == pytest.approx(doubt)


@pytest.mark.parametrize(
    ("thing", "none", "doubt"),
    [
        (candidate(ELSEWHERE, prior=0.9), 0.95, {"thing": 1.5, "anything": 1.5}),
        (candidate((5, 5, 40, 60), prior=0.9), 0.95, {"thing": 1.5, "anything": 1.5}),
        (candidate(ELSEWHERE, prior=0.9), 0.5, {}),  # it may be a digit
        (candidate(ELSEWHERE, prior=0.9, dark=False), 0.95, {"anything": 1.5}),  # light around dark ink
        (candidate((0, 0, 200, 100), prior=0.9), 0.95, {"anything": 1.5}),  # a table
        (candidate((60, 10, 5, 5), prior=0.9), 0.95, {"anything": 1.5}),  # a speck
    ],
)
def test_a_likelier_thing_that_is_no_digit_is_a_doubt(thing, none, doubt):
    found = doubted([candidate(prior=0.6), candidate(prior=0.6), thing], [row(7, 0.9), row(7, 0.9), row(3, 0.01, none)])
    assert found == pytest.approx({"faint": -np.log(0.61)} | doubt)


def test_others_at_its_place_that_show_something_else_are_a_doubt():
    found = doubted([candidate()] * 4, [row(7, 0.9), row(7, 0.9), row(2, 0.9), row(7, 0.4)])
    assert found == pytest.approx({"disputed": 0.5})


def test_another_form_of_the_same_ink_that_shows_nothing_is_no_likelier_thing():
    stretched = candidate((10, 10, 21, 40), prior=1.0)
    found = doubted([candidate(prior=0.8), stretched], [row(1, 0.99), row(4, 0.01, 0.95)])
    assert found == pytest.approx({"faint": -np.log(0.81), "disputed": 0.5, "one": 1.0})


def test_few_of_many_are_a_doubt():
    others = [candidate((100 * i, 200, 20, 40), prior=0.1) for i in range(23)]
    found = doubted([candidate(), *others], [row(7, 0.9)] * 24)
    assert found == pytest.approx({"alone": np.log(6)})


def test_boxes_that_mostly_overlap_are_at_one_place():
    boxes = [candidate((0, 0, 10, 10)), candidate((1, 0, 10, 10)), candidate((5, 0, 10, 10)), candidate((0, 0, 5, 5))]
    assert same_place(boxes)[0].tolist() == [True, True, False, False]


def test_doubts_go_to_what_is_no_digit():
    standing, none = Standing(offset=6.0, one=2.0, power=1.5), np.zeros(10)
    sure, some = standing.weigh(row(7, 0.9, 0.05), none), standing.weigh(row(7, 0.9, 0.05), np.eye(10)[5] * 2)
    assert sure.sum() == pytest.approx(1.0, abs=1e-5) and some.sum() == pytest.approx(1.0, abs=1e-5)
    assert sure[7] > 0.95 > some[7] > 0.5
    assert sure[10] < some[10]
    lost = standing.weigh(row(7, 0.9, 0.05), np.full(10, 2.0))
    assert lost.argmax() == 10


def test_every_doubt_weighs():
    standing = Standing()
    meant = standing.meant(np.vstack([np.zeros(10), np.eye(10)]))
    assert (meant[1:] < meant[0]).all()
    assert meant[0] == pytest.approx(1 / (1 + np.exp(-standing.offset)))
