import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from sonsu.fields.form import Field
from sonsu.fields.patterns import compile_pattern
from sonsu.fields.verdict import judge_field
from sonsu.fields.written import Written
from sonsu.reading.page import Digit, Line, Page

PLACE = Written(
    np.zeros((1, 1), np.uint8), np.zeros((1, 1), np.uint8), np.eye(3), (0, 0, 1, 1), np.zeros((4, 2)), True, 1.0, False
)
ANY = Field("number", (0, 0, 1, 1))
FOUR = replace(ANY, pattern=compile_pattern(r"\d{4}"))


def digit(label, p=0.999, other=None, status="read"):
    """A digit with probability p, and what it may be besides."""
    values = [0.0] * 10
    if label is not None:
        values[label] = p
    if other is not None:
        values[other] = 0.999 - p
    return Digit(label, p, status, (0, 0, 1, 1), tuple(values))


def page(*digits, confidence=0.95, notes=()):
    text = "".join(str(d.label) for d in digits if d.label is not None)
    lines = (Line(text, confidence, (0, 0, 1, 1), digits),) if text else ()
    return Page("<array>", 1, 1, lines, notes, {}, Image.new("L", (1, 1)))


def judge(field, read, place=PLACE):
    return judge_field(field, place, read, 0.5)


def test_read():
    verdict = judge(FOUR, page(*map(digit, (1, 9, 8, 4))))
    assert (verdict.text, verdict.confidence, verdict.status, verdict.reasons) == ("1984", 0.95, "read", ())


def test_several_lines_are_joined():
    two = page(digit(1), digit(9))
    both = replace(two, lines=(two.lines[0], replace(two.lines[0], confidence=0.8)))
    verdict = judge(FOUR, both)
    assert (verdict.text, verdict.status) == ("1919", "read")
    assert verdict.confidence == pytest.approx(0.95 * 0.8)


def test_empty():
    assert judge(FOUR, None).status == "empty"
    assert (judge(FOUR, None).text, judge(FOUR, None).confidence) == ("", None)
    verdict = judge(replace(FOUR, required=True), None)
    assert (verdict.status, verdict.reasons) == ("mismatch", ("it is empty, and required",))


def test_writing_that_is_no_number_is_not_empty():
    verdict = judge(ANY, page())
    assert (verdict.text, verdict.confidence, verdict.status) == ("", 0.0, "mismatch")


@pytest.mark.parametrize(
    ("read", "place", "reason"),
    [
        (page(digit(1), digit(7, 0.6, 1, "unsure")), PLACE, r"unsure of the 7 \(60%\)"),
        (page(digit(1), digit(None, 0.2, None, "unsure")), PLACE, "1 mark that may be no digit"),
        (page(digit(1), confidence=0.4), PLACE, "the digits together are not sure enough"),
        (page(digit(6), notes=("turned by 180°",)), PLACE, "turned by 180° to be read"),
        (page(digit(6)), replace(PLACE, visible=False), "partly outside of the picture"),
        (page(digit(6)), replace(PLACE, agreement=0.2), "the print around it is not as on the blank"),
        (None, replace(PLACE, agreement=0.2), "the print around it is not as on the blank"),
    ],
)
def test_unsure(read, place, reason):
    verdict = judge(ANY, read, place)
    assert verdict.status == "unsure"
    assert len(verdict.reasons) == 1
    assert re.search(reason, verdict.reasons[0])


def test_a_digit_that_the_reader_left_out_is_missed():
    ink = np.full((60, 120), 255, np.uint8)
    for x in (20, 60, 100):
        ink[10:50, x : x + 5] = 0
    ink[48:52, 80:84] = 0  # a dot is none
    read = replace(page(digit(1), digit(1)).lines[0].digits[0], box_px=(55, 10, 50, 40))
    place = replace(PLACE, ink=ink)
    verdict = judge(ANY, page(read), place)
    assert (verdict.text, verdict.status) == ("1", "unsure")
    assert verdict.reasons == ("1 mark as tall as a digit not read",)
    assert verdict.confidence <= 0.5
    assert judge(ANY, page(replace(read, box_px=(15, 10, 90, 40))), place).status == "read"


def test_the_checksum_chooses_among_near_alternatives_and_is_never_sure():
    field = replace(ANY, checksum="luhn")
    read = page(*map(digit, (7, 9, 9, 2, 7, 3, 9, 8)), digit(1, 0.7, 7), digit(1), digit(3))
    verdict = judge(field, read)
    assert verdict.status == "unsure"
    assert verdict.text == "79927398713"
    assert verdict.confidence < 0.31, "no more than the network gave the 7"
    assert verdict.reasons == ("read as 79927398113: its luhn checksum is wrong. 79927398713 is the nearest that fits",)


def test_the_pattern_leaves_out_a_stray_mark():
    read = page(digit(1, 0.55), *map(digit, (1, 9, 8, 4)))
    verdict = judge(FOUR, read)
    assert (verdict.text, verdict.status) == ("1984", "unsure")


def test_mismatch():
    verdict = judge(FOUR, page(*map(digit, (1, 9, 8))))
    assert (verdict.text, verdict.status) == ("198", "mismatch")
    assert verdict.reasons == (r"it does not match \d{4}",)
    nothing = judge(replace(ANY, pattern=compile_pattern("9*")), page(digit(1, 0.5)))
    assert nothing.status == "mismatch", "what is written is never argued away"
