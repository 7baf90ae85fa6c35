"""`sonsu.reading.page`: the results, their JSON, their drawing."""

import dataclasses
import json

import pytest
from PIL import Image

from sonsu.reading.page import Digit, Line, Page, digit_record, page_error

MODEL = {"name": "default", "sha256": "00ff"}
ROW = (0.01, 0.02, 0.03, 0.04, 0.8123456789, 0.01, 0.02, 0.03, 0.02, 0.01)


def a_digit(label=4, status="read", box_px=(10, 20, 30, 40), notes=()):
    return Digit(label, 0.8123456789, status, box_px, ROW, notes)


@pytest.fixture
def page():
    first = Line("4", 0.8123456789, (10, 20, 30, 40), (a_digit(),))
    second = Line("?", 0.5, (60, 80, 20, 30), (a_digit(None, "unsure", (60, 80, 20, 30)),))
    picture = Image.new("L", (50, 60), 255)  # in half its size, as large ones are
    return Page("sheet.jpg", 100, 120, (first, second), ("light on dark: inverted",), MODEL, picture)


def test_a_digits_json():
    assert a_digit(notes=("x",)).to_dict() == {
        "label": 4,
        "confidence": 0.812346,
        "status": "read",
        "box_px": [10, 20, 30, 40],
        "probabilities": [0.01, 0.02, 0.03, 0.04, 0.812346, 0.01, 0.02, 0.03, 0.02, 0.01],
    }


def test_a_pages_json(page):
    record = page.to_dict()
    assert record == {
        "schema": "sonsu.page/1",
        "source": "sheet.jpg",
        "width_px": 100,
        "height_px": 120,
        "text": "4\n?",
        "lines": [
            {
                "text": "4",
                "confidence": 0.812346,
                "box_px": [10, 20, 30, 40],
                "digits": [a_digit().to_dict()],
            },
            {
                "text": "?",
                "confidence": 0.5,
                "box_px": [60, 80, 20, 30],
                "digits": [a_digit(None, "unsure", (60, 80, 20, 30)).to_dict()],
            },
        ],
        "notes": ["light on dark: inverted"],
        "model": MODEL,
        "error": None,
    }
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_one_digits_record():
    record = digit_record(a_digit(notes=("ruled lines taken away",)), "4.png", MODEL)
    assert record == {
        "schema": "sonsu.digit/1",
        "source": "4.png",
        **a_digit().to_dict(),
        "notes": ["ruled lines taken away"],
        "model": MODEL,
        "error": None,
    }


def test_errors_have_the_same_keys(page):
    digit, failed = digit_record(a_digit(), "4.png", MODEL), digit_record(None, "no.png", MODEL, "why")
    assert list(failed) == list(digit)
    assert {key: value for key, value in failed.items() if value is not None} == {
        "schema": "sonsu.digit/1", "source": "no.png", "notes": [], "model": MODEL, "error": "why",
    }  # fmt: skip
    record = page_error("no.png", MODEL, "why")
    assert list(record) == list(page.to_dict())
    assert {key: value for key, value in record.items() if value is not None} == {
        "schema": "sonsu.page/1", "source": "no.png", "text": "", "lines": [], "notes": [], "model": MODEL,
        "error": "why",
    }  # fmt: skip


def test_results_are_frozen_and_speak_for_themselves(page):
    assert repr(page.lines[0].digits[0]) == "Digit(4, 81.2%, read)"
    assert "sheet.jpg" in repr(page)
    assert "Image" not in repr(page)
    for result in (page, page.lines[0], page.lines[0].digits[0]):
        with pytest.raises(dataclasses.FrozenInstanceError):
            result.confidence = 1.0
