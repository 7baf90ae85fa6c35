"""`sonsu.Reader`, `sonsu.read`, `sonsu.read_digit`: the whole road, whatever the network's exact figures."""

import io
import json
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image
from scipy import ndimage

import sonsu
from sonsu import ModelError, PictureError, Reader
from sonsu.reading.lines import find_lines
from sonsu.reading.reader import find_model, shipped

EXAMPLES = Path(__file__).parents[2] / "examples"
PICTURES = sorted(path for path in EXAMPLES.iterdir() if path.suffix in {".png", ".jpg", ".webp", ".gif"})


def on_paper(ink, paper=220, pen=60, grain=3.0):
    noise = np.random.default_rng(0).normal(0, grain, ink.shape)
    return (paper + (pen - paper) * (ink / 255.0) + noise).clip(0, 255).astype(np.uint8)


def assert_plain(digit, width, height):
    """What holds for any digit of any picture."""
    assert digit.label is None or 0 <= digit.label <= 9
    assert digit.status in {"read", "unsure"}
    assert 0 <= digit.confidence <= 1
    assert len(digit.probabilities) == 10
    assert sum(digit.probabilities) <= 1 + 1e-4
    assert digit.confidence == max(digit.probabilities)
    x, y, w, h = digit.box_px
    assert x >= 0
    assert y >= 0
    assert x + w <= width
    assert y + h <= height
    assert all(type(value) is int for value in digit.box_px)
    if digit.label is None:
        assert digit.status == "unsure"
    else:
        assert digit.confidence == digit.probabilities[digit.label]
        assert min(w, h) > 0


# --- one digit


@pytest.mark.parametrize("label", range(10))
def test_drawn_digits(reader, draw_digit, label):
    small = draw_digit(label, 20, 2, size_px=(28, 28))
    large = draw_digit(label, 150, 12, size_px=(320, 280), at_px=(120, 40))
    thin = draw_digit(label, 200, 2, size_px=(320, 280))
    thick = draw_digit(label, 180, 28, size_px=(320, 280))
    for picture in (small, 255 - small, on_paper(large), on_paper(large, 40, 200), on_paper(thin), on_paper(thick)):
        digit = reader.read_digit(picture)
        assert_plain(digit, *picture.shape[::-1])
        assert digit.label == label
    assert np.abs(np.subtract(reader.read_digit(on_paper(large)).box_px, cv2.boundingRect(large))).max() <= 4


@pytest.mark.parametrize("label", [2, 3, 5, 8])
def test_on_ruled_paper_in_a_shadow(reader, draw_digit, label):
    ink = draw_digit(label, 170, 14, size_px=(320, 280))
    picture = on_paper(ink).astype(float)
    for start in (20, 72, 124, 176, 228):
        picture[start : start + 2] *= 0.7
    picture[:, 200:] *= 0.65
    assert reader.read_digit(picture.astype(np.uint8)).label == label


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_examples(reader, path):
    """A file's name begins with its digit."""
    digit = reader.read_digit(path)
    with Image.open(path) as image:
        sides = image.size if "exif" not in path.name else image.size[::-1]
        assert_plain(digit, *sides)
    assert digit.label == (int(path.name[0]) if path.name[0].isdigit() else None)


def test_there_are_examples():
    assert {path.name[0] for path in PICTURES} == set("0123456789b")


def test_notes(reader, draw_digit):
    assert reader.read_digit(draw_digit(4, 20)).notes == ("light on dark: inverted",)
    assert reader.read_digit(255 - draw_digit(4, 20)).notes == ()
    ink = np.hstack([draw_digit(label, 110, 9, size_px=(130, 260)) for label in (2, 3)])
    assert "looks like 2 digits" in reader.read_digit(on_paper(ink)).notes
    scribble = np.random.default_rng(0).integers(0, 2, (28, 28)).astype(np.uint8)
    assert "not a digit" in reader.read_digit(255 - 255 * np.pad(scribble, 12)).notes
    ruled = on_paper(draw_digit(8, 170, 14, size_px=(320, 280)))
    for start in (20, 72, 124, 176, 228):
        ruled[start : start + 3] = 90
    assert "ruled lines taken away" in reader.read_digit(ruled).notes


def test_a_stray_stroke_does_not_win_over_the_digit(reader, draw_digit):
    ink = draw_digit(6, 110, 9, size_px=(320, 240))
    cv2.line(ink, (300, 60), (300, 150), 255, 5)
    assert reader.read_digit(on_paper(ink)).label == 6


def test_the_glyph_that_the_network_sees(reader, draw_digit):
    form = reader.find_glyph(on_paper(draw_digit(3, 150, 12)))
    assert form.shape == (28, 28)
    assert form.dtype == np.uint8
    assert np.abs(np.subtract(ndimage.center_of_mass(form), 14)).max() <= 0.5
    assert reader.read_digit(form).label == 3
    assert reader.find_glyph(np.full((50, 60), 255, np.uint8)).max() == 0


# --- pages


def test_a_page(reader, draw_digit):
    rows = [[4, 0, 1, 9], [1, 4]]
    ink = np.zeros((260, 420), np.uint8)
    for row, labels in enumerate(rows):
        for column, label in enumerate(labels):
            ink |= draw_digit(label, 80, 8, size_px=(420, 260), at_px=(20 + 95 * column, 20 + 120 * row))
    page = reader.read(255 - ink)
    assert page.text == "4019\n14"
    assert (page.width_px, page.height_px, page.source) == (420, 260, "<array>")
    assert page.model == reader.model
    for line, labels in zip(page.lines, rows, strict=True):
        assert [digit.label for digit in line.digits] == labels
        assert 0.5 < line.confidence <= 1
        boxes = np.array([digit.box_px for digit in line.digits])
        low, high = boxes[:, :2].min(axis=0), (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
        assert line.box_px == (*low, *(high - low))
        for digit in line.digits:
            assert_plain(digit, 420, 260)
    assert page.draw().size == (420, 260)
    assert json.loads(json.dumps(page.to_dict()))["text"] == page.text


def test_what_is_no_digit_in_a_line_is_said_and_not_read(reader, draw_digit):
    won = np.zeros((130, 130), np.uint8)
    for stroke in ([(25, 25), (41, 105), (57, 37), (73, 105), (89, 25)], [(20, 59), (95, 57)]):
        cv2.polylines(won, [np.array(stroke, np.int32)], False, 255, 8, cv2.LINE_AA)
    page = reader.read(255 - np.hstack([won, draw_digit(4, 80, 8, size_px=(130, 130))]))
    assert page.text == "4"
    assert page.notes == ("1 mark judged not to be digits",)
    assert reader.read(255 - won).lines == ()


def test_touching_digits_are_read_and_have_boxes_of_their_own(reader, draw_digit):
    ink = np.zeros((140, 300), np.uint8)
    for place, label in enumerate((5, 3, 8)):
        ink |= draw_digit(label, 90, 8, size_px=(300, 140), at_px=(30 + 52 * place, 25))
    assert cv2.connectedComponents((ink > 60).astype(np.uint8))[0] == 2  # the paper and one piece of ink
    page = reader.read(255 - ink)
    assert page.text == "538"
    centres = [digit.box_px[0] + digit.box_px[2] / 2 for digit in page.lines[0].digits]
    assert centres == sorted(centres) and min(np.diff(centres)) > 30


def test_a_digit_far_smaller_than_the_handwriting_is_left_out_and_said(reader, draw_digit):
    ink = np.zeros((320, 620), np.uint8)
    for place, label in enumerate((2, 7, 4, 5, 3, 9)):
        ink |= draw_digit(label, 90, 8, size_px=(620, 320), at_px=(40 + 95 * place, 30))
    ink |= draw_digit(3, 42, 4, size_px=(620, 320), at_px=(60, 220))
    page = reader.read(255 - ink)
    assert page.text == "274539"
    assert "1 far lower than the page's numbers left out" in page.notes
    assert len(reader.read_lines(255 - ink).left_out) == 1
    assert page.lines[0].confidence != reader.read_lines(255 - ink).read[0][0].confidence, "weighed by its page"


@pytest.mark.parametrize("pencil", [0.12, 0.15])
def test_pale_pencil_among_dark_print_is_read(reader, draw_digit, pencil):
    written, printed = np.zeros((520, 700), np.uint8), np.zeros((520, 700), np.uint8)
    for row, (name, number) in enumerate((("Team B", "2745"), ("Anna", "381"), ("Kim", "4590"), ("Round", "6273"))):
        cv2.putText(printed, name, (40, 140 + 100 * row), cv2.FONT_HERSHEY_DUPLEX, 1.2, 255, 3)
        for place, label in enumerate(number):
            at = (300 + 60 * place, 90 + 100 * row)
            written |= draw_digit(int(label), 50, 4, size_px=(700, 520), at_px=at)
    ink = np.maximum(pencil * written, 0.85 * printed) / 255
    noise = np.random.default_rng(0).normal(0, 1.5, ink.shape)
    page = reader.read((235 * (1 - ink) + noise).clip(0, 255).astype(np.uint8))
    assert page.text.split() == ["2745", "381", "4590", "6273"]
    assert "dark ink left out" in page.notes


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_page_is_read_upright_and_its_boxes_lie_in_the_picture_as_given(
    reader, draw_digit, turns, monkeypatch
):
    sought = []

    def find(pixels, turns=0, *, pale=False):
        sought.append("paler" if pale else turns)
        return find_lines(pixels, turns, pale=pale)

    monkeypatch.setattr("sonsu.reading.reader.find_lines", find)
    ink = np.zeros((200, 620), np.uint8)
    for place, label in enumerate((2, 7, 4, 5, 3, 9)):
        ink |= draw_digit(label, 80, 8, size_px=(620, 200), at_px=(40 + 95 * place, 60))
    page = reader.read(np.ascontiguousarray(np.rot90(255 - ink, turns)))
    assert page.text == "274539"
    assert f"turned by {360 - 90 * turns}°" in page.notes
    assert sought == [0, "paler", 1], "what is upside down is not sought again"
    x, y, width, height = page.lines[0].digits[0].box_px
    turned = np.rot90(draw_digit(2, 80, 8, size_px=(620, 200), at_px=(40, 60)), turns)
    assert np.abs(np.subtract((x, y, width, height), cv2.boundingRect(np.ascontiguousarray(turned)))).max() <= 6


# --- the ways to give a picture


def test_the_ways_to_give_a_picture_agree(reader, draw_digit, tmp_path):
    pixels = on_paper(draw_digit(5, 100, 9))
    path = tmp_path / "5.png"
    Image.fromarray(pixels).save(path)
    data = path.read_bytes()
    sources = [str(path), path, data, bytearray(data), io.BytesIO(data), Image.open(path), pixels,
               np.dstack([pixels] * 3), pixels.astype(np.float64), pixels / 255, (pixels / 255).astype(np.float32),
               pixels.astype(np.int64)]  # fmt: skip
    with path.open("rb") as file:
        digits = [reader.read_digit(source) for source in (*sources, file)]
    for digit in digits:
        assert (digit.label, digit.status) == (5, digits[0].status)
        assert np.abs(np.subtract(digit.box_px, digits[0].box_px)).max() <= 1
        assert digit.probabilities == pytest.approx(digits[0].probabilities, abs=0.02)
    pages = [reader.read(source) for source in sources]
    assert {page.text for page in pages} == {"5"}
    assert [page.source for page in pages[:7]] == [str(path), str(path), *["<bytes>"] * 3, "<image>", "<array>"]


def test_16_bits_agree(reader, draw_digit):
    pixels = on_paper(draw_digit(5, 100, 9), paper=255, grain=0)
    deep = pixels.astype(np.uint16) * 257
    assert reader.read_digit(deep).probabilities == reader.read_digit(pixels).probabilities
    assert reader.read_digit(deep).notes == ("values from 0 to 65535: scaled to 8 bits",)


def test_the_same_picture_gives_the_same_answer(reader):
    picture = on_paper(np.zeros((200, 200), np.uint8), grain=20)
    picture[50:150, 90:110] = 40
    before = picture.copy()
    assert reader.read_digit(picture) == reader.read_digit(picture) == Reader().read_digit(picture)
    np.testing.assert_array_equal(picture, before)


small = npst.arrays(np.uint8, npst.array_shapes(min_dims=2, max_dims=2, max_side=70), elements=st.integers(0, 255))


@settings(max_examples=60, deadline=None)
@given(small, st.booleans())
def test_any_picture_at_all(picture, colour):
    height, width = picture.shape
    reader = sonsu._reader()
    picture = np.dstack([picture] * 3) if colour else picture
    assert_plain(reader.read_digit(picture), width, height)
    for line in reader.read(picture).lines:
        for digit in line.digits:
            assert_plain(digit, width, height)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (2, 32_000), (1001, 3), (501, 499)])
def test_odd_shapes(reader, shape):
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    picture[:, shape[1] // 2 :] = 255
    for source in (picture, np.dstack([picture] * 3)):
        assert_plain(reader.read_digit(source), shape[1], shape[0])
        reader.read(source)


def test_boxes_are_in_the_px_of_a_large_original(reader, draw_digit):
    ink = draw_digit(3, 3000, 240, size_px=(5000, 4000), at_px=(1500, 500))
    digit = reader.read_digit(255 - ink)
    assert digit.label == 3
    assert "reduced from 5000×4000" in digit.notes
    for box in (digit.box_px, reader.read(255 - ink).lines[0].box_px):
        assert np.abs(np.subtract(box, cv2.boundingRect(ink))).max() < 40


def test_one_digit_is_quick(reader, draw_digit):
    """Some hundred µs; ten times that is a defect even on a busy machine."""
    picture = draw_digit(7, 20, size_px=(28, 28))
    times = []
    for _ in range(50):
        started = time.perf_counter()
        reader.read_digit(picture)
        times.append(time.perf_counter() - started)
    assert min(times) < 3e-3


# --- the models and the package


def test_min_confidence(draw_digit):
    picture = on_paper(draw_digit(3, 100, 9))
    sure, doubtful = (Reader(min_confidence=value).read_digit(picture) for value in (0.0, 1.0))
    assert (sure.label, sure.status) == (3, "read")
    assert (doubtful.label, doubtful.status) == (3, "unsure"), "reported, not dropped"
    assert sure.probabilities == doubtful.probabilities


def test_models(tmp_path, draw_digit):
    path = find_model("default")
    assert "default" in shipped()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "model.onnx").write_bytes(path.read_bytes())
    from_run = Reader(tmp_path / "run")
    assert Reader().model["name"] == "default"
    assert from_run.model == {"name": "model.onnx", "sha256": Reader().model["sha256"]}
    picture = draw_digit(3, 20)
    assert (
        from_run.read_digit(picture) == Reader(str(path)).read_digit(picture) == Reader("default").read_digit(picture)
    )


@pytest.mark.parametrize("name", ["nonesuch", "run", "", "x" * 5000, "examples"])
def test_no_such_model(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").mkdir()
    with pytest.raises(
        ModelError, match=r"no model .*Expected a shipped name \(.*default.*\), a run folder or an \.onnx file"
    ):
        Reader(name)


def test_the_packages_functions_load_the_network_once(monkeypatch, draw_digit, reader):
    sonsu._reader.cache_clear()
    loaded = []
    monkeypatch.setattr(sonsu, "Reader", lambda: loaded.append(1) or reader)
    picture = draw_digit(6, 20)
    assert sonsu.read_digit(picture) == reader.read_digit(picture)
    assert sonsu.read(picture).to_dict() == reader.read(picture).to_dict()
    assert loaded == [1]
    sonsu._reader.cache_clear()


def test_what_cannot_be_read_is_an_error(reader):
    for method in (reader.read, reader.read_digit, reader.find_glyph):
        with pytest.raises(PictureError, match="there is no such file"):
            method("none.png")


def test_a_page_keeps_its_picture_where_the_array_is_used_again(reader):
    pixels = np.full((80, 90), 255, np.uint8)
    page = reader.read(pixels)
    pixels[:] = 0
    assert np.asarray(page.picture).min() == 255


def test_a_line_too_long_for_all_of_its_digits_has_a_note(draw_digit):
    digit = draw_digit(3, 24, 3)
    note = "a line is too long for all of its digits to be found"
    assert note in Reader().read(255 - np.tile(digit[:, 8:32], 150)).notes
    assert note not in Reader().read(255 - np.tile(digit[:, 8:32], 20)).notes
