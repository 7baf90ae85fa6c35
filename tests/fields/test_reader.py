import json

import cv2
import numpy as np
import pytest

from sonsu import PictureError
from sonsu.fields import FormReader, load_form

VALUES = {"number": "48203178", "year": "2024", "amount": "350", "note": ""}


@pytest.fixture(scope="module")
def form_reader(form_path, parts_reader):
    return FormReader(load_form(form_path), parts_reader)


@pytest.fixture(scope="module")
def page(fill):
    return fill(**VALUES)


def texts(filled):
    return {value.name: value.text for value in filled.values}


def statuses(filled):
    return [value.status for value in filled.values]


def photographed(page):
    """Tilted, in shadow, grainy."""
    own = np.array([[0, 0], [700, 0], [700, 980], [0, 980]], np.float32)
    there = np.array([[110, 60], [840, 30], [900, 1130], [40, 1080]], np.float32)
    picture = cv2.warpPerspective(page, cv2.getPerspectiveTransform(own, there), (940, 1180), borderValue=90)
    lit = picture * (1 - 0.5 / (1 + np.exp(-(np.arange(940) - 450) / 10)))
    return np.clip(lit + np.random.default_rng(0).normal(0, 4, lit.shape), 0, 255).astype(np.uint8)


def curled(page, by_px):
    """No homography undoes a wave."""
    y, x = np.mgrid[0:980, 0:700].astype(np.float32)
    wave = np.float32(by_px) * np.sin(x / 700 * 2 * np.pi)
    return cv2.remap(page, x, y + wave, cv2.INTER_LINEAR, borderValue=255)


def test_scan(form_reader, page):
    filled = form_reader.read(page)
    assert texts(filled) == VALUES
    assert statuses(filled) == ["read", "read", "read", "empty"]
    assert filled.notes == ()
    assert filled.agreement > 0.95


@pytest.mark.parametrize("change", [
    photographed,
    lambda page: page[::-1, ::-1].copy(),
    lambda page: np.rot90(page).copy(),
    lambda page: curled(page, 7),
    lambda page: cv2.resize(page, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA),
], ids=["photo", "upside down", "on its side", "curled", "small"])  # fmt: skip
def test_other_views(form_reader, page, change):
    filled = form_reader.read(change(page))
    assert texts(filled) == VALUES
    assert statuses(filled)[3] == "empty"


def test_boxes_are_those_of_the_picture(form_reader, page):
    twice = cv2.resize(page[::-1, ::-1], None, fx=2, fy=2)
    filled = form_reader.read(twice)
    number = filled.values[0]
    assert number.corners_px[0] == pytest.approx((2 * (700 - 60), 2 * (980 - 200)), abs=2)
    assert number.box_px == pytest.approx((2 * (700 - 380), 2 * (980 - 256), 640, 112), abs=3)
    first = number.digits[0].box_px  # the 4 in the first cell, which is the last one now
    assert 2 * (700 - 100) <= first[0] <= first[0] + first[2] <= 2 * (700 - 60)
    assert filled.notes == ("turned by 180°",)


def test_a_wrong_checksum_is_told(form_reader, fill):
    filled = form_reader.read(fill(number="48203718"))
    assert filled.values[0].status == "mismatch"
    assert filled.values[0].text == "48203718"
    assert filled.values[0].doubtful


def test_a_scribble_is_neither_a_number_nor_nothing(form_reader, blank):
    page = blank.copy()
    rng = np.random.default_rng(0)
    cv2.polylines(page, [np.cumsum(rng.integers(-9, 11, (60, 2)), axis=0) % 40 + (100, 370)], False, 40, 3)
    amount = form_reader.read(page).values[2]
    assert amount.status in ("unsure", "mismatch")


def test_another_edition_is_not_read_as_this_one(form_reader, page):
    """The words are where they were; a row of fields has moved down by half a field."""
    other = page.copy()
    other[190:300] = 255
    other[220:290] = page[190:260]
    try:
        filled = form_reader.read(other)
    except PictureError:
        return
    assert "read" not in statuses(filled)[:2]


def test_what_is_not_the_form(form_reader):
    with pytest.raises(PictureError, match=r"the form of form\.json is not to be found in it; check that"):
        form_reader.read(np.full((400, 300), 255, np.uint8))


def test_json(form_reader, page):
    record = form_reader.read(page).to_dict()
    assert json.loads(json.dumps(record)) == record
    assert record["schema"] == "sonsu.fields/1"
    assert list(record["fields"]) == list(VALUES)
    assert record["fields"]["note"] | {"box_px": 0, "corners_px": 0} == {
        "text": "", "confidence": None, "status": "empty", "reasons": [], "box_px": 0, "corners_px": 0, "digits": [],
    }  # fmt: skip


def test_the_example_form(parts_reader, example_form):
    reader = FormReader(load_form(example_form / "form.json"), parts_reader)
    good = reader.read(example_form / "scanned.jpg")
    assert texts(good)["electricity_day"] == "048312"
    assert not any(value.doubtful for value in good.values)
    wrong = reader.read(example_form / "mistakes-upside-down.jpg")
    doubtful = {value.name for value in wrong.values if value.doubtful}
    assert doubtful == {"customer", "month", "electricity_day", "water"}
