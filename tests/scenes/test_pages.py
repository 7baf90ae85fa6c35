import json
from itertools import pairwise

import cv2
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from sonsu.cli import app
from sonsu.errors import DataError, UsageError
from sonsu.learning.line_data import Hands, made_up_hand
from sonsu.learning.marks import MARKS
from sonsu.learning.writing import Written
from sonsu.scenes import capture, cheques, exposure, pages
from sonsu.scenes.exposure import Shot, flat, photograph, turned
from sonsu.scenes.sheet import Sheet, TrueDigit, TrueLine, around, with_pen, write

PLAIN = {"screenshot", "white paper", "crisp", "black"}


@pytest.fixture(scope="module")
def hands() -> Hands:
    """Made-up writers, so that no data is needed."""
    return Hands([(1.0, made_up_hand)])


def shots(kind: str, hands: Hands, n: int, seed: int = 0) -> list[Shot]:
    return list(pages.draw_many(kind, hands, n, seed))


def parts(pixels: np.ndarray) -> int:
    """Connected parts of what is dark."""
    return cv2.connectedComponents((pixels.mean(axis=2) < 160).astype(np.uint8))[0] - 1


@pytest.mark.parametrize("kind", pages.KINDS)
def test_every_kind_is_seeded_and_its_boxes_hold_ink(kind, hands):
    (shot,) = shots(kind, hands, 1)
    (again,) = shots(kind, hands, 1)
    np.testing.assert_array_equal(shot.pixels, again.pixels)
    assert shot.lines == again.lines
    assert shot.pixels.dtype == np.uint8
    height, width = shot.pixels.shape[:2]
    grey = shot.pixels.mean(axis=2)
    assert shot.lines
    for line in shot.lines:
        assert line.box_px == around([digit.box_px for digit in line.digits])
        for digit in line.digits:
            x, y, w, h = digit.box_px
            assert 0 <= x < x + w <= width
            assert 0 <= y < y + h <= height
            assert np.ptp(grey[y : y + h, x : x + w]) > 12  # ink and paper


def test_a_longer_run_starts_like_a_shorter_one(hands):
    for short, long in zip(shots("clean", hands, 2), shots("clean", hands, 3)[:2], strict=True):
        np.testing.assert_array_equal(short.pixels, long.pixels)


def test_clean_digits_stand_apart_and_touching_ones_do_not(hands):
    for shot in shots("clean", hands, 8):
        boxes = [digit.box_px for digit in shot.lines[0].digits]
        assert all(a[0] + a[2] <= b[0] for a, b in pairwise(boxes))
    # Made-up digits are of one part, but for the bars of some 4, 5 and 7.
    counts = [(parts(shot.pixels), len(shot.lines[0].digits)) for shot in shots("touching", hands, 8)]
    assert all(found < digits for found, digits in counts)


def dots(*places: tuple[int, int], size: int = 8) -> Sheet:
    """A sheet with a "1" that is a black square at each place, one line each."""
    sheet = Sheet(120, 80, 20.0)
    ink = np.full((size, size), 255, np.uint8)
    for x, y in places:
        sheet.write([(Written(ink, (("1", (0, 0, size, size)),)), x, y)])
    return sheet


@pytest.mark.parametrize("turn_deg", [0.0, 12.0, -15.0])
def test_boxes_follow_the_turn(turn_deg):
    sheet = dots((20, 15), (90, 60))
    shot = photograph(sheet, PLAIN, np.random.default_rng(0), size_px=(480, 400), fill=0.8, turn_deg=turn_deg)
    assert shot is not None
    dark = (shot.pixels.mean(axis=2) < 128).astype(np.uint8)
    found = cv2.connectedComponentsWithStats(dark)[2][1:, :4]
    assert len(found) == 2
    for line, box in zip(shot.lines, sorted(found.tolist(), key=lambda box: box[1]), strict=True):
        np.testing.assert_allclose(line.box_px, box, atol=3)


def test_large_photos_have_their_boxes_in_their_own_pixels():
    shot = photograph(dots((20, 15), (90, 60)), PLAIN, np.random.default_rng(0), size_px=(2400, 2000), fill=0.8)
    assert shot is not None
    assert shot.pixels.shape == (2000, 2400, 3)
    for line in shot.lines:
        x, y, w, h = line.box_px
        assert shot.pixels[y + 16 : y + h - 16, x + 16 : x + w - 16].max() < 100
        assert w == pytest.approx(h, abs=4) and w > 100


def test_what_a_person_could_not_read_is_no_picture():
    sheet = dots((20, 15))
    assert photograph(sheet, PLAIN, np.random.default_rng(0), size_px=(60, 40)) is None  # digits too small
    sheet.printed[:] = 0  # black on black
    assert photograph(sheet, PLAIN, np.random.default_rng(0), size_px=(480, 400)) is None


def test_faxes_are_refused_where_they_left_dots_of_the_strokes(hands):
    whole = 0
    for seed in range(1, 6):
        rng = np.random.default_rng(seed)
        sheet = Sheet(300, 102, 60)
        sheet.write([(write("2745", with_pen(hands.draw(rng), 0.07), rng, 60), 20, 20)])
        shot = photograph(sheet, {"fax", "white paper", "pencil", "graphite"}, rng)
        if shot is not None:  # not turned: a pixel of the sheet is one of the picture
            whole += 1
            assert (shot.pixels[sheet.ink > 200] < 128).mean() > 0.65
    assert 0 < whole < 5


def test_wide_faxes_are_judged_where_their_digits_are(hands):
    shots = []
    for seed in range(1, 5):
        rng = np.random.default_rng(seed)
        sheet = Sheet(1700, 120, 60)
        sheet.write([(write("2745", with_pen(hands.draw(rng), 0.17), rng, 60), 1400, 20)])
        shots.append(photograph(sheet, {"fax", "white paper", "ballpoint", "black"}, rng))
    assert any(shot is not None for shot in shots)


@pytest.mark.parametrize("quarters", range(5))
def test_turned_pages_keep_box_and_ink_together(quarters):
    shot = turned(flat(dots((20, 15), (90, 60)), (0, 0, 0)), quarters)
    for line in shot.lines:
        x, y, w, h = line.box_px
        assert shot.pixels[y : y + h, x : x + w].max() == 0
    assert shot.pixels.shape[:2] == ((80, 120) if quarters % 2 == 0 else (120, 80))
    if quarters == 1:  # counterclockwise: what was on the right is on top
        assert shot.lines[1].box_px[1] < shot.lines[0].box_px[1]


def test_what_is_printed_is_not_in_the_truth():
    sheet = dots((20, 15))
    before = sheet.printed.copy()
    box = sheet.text("3. 2024", 10, 40, 20, "DejaVuSans", (0, 0, 0))
    left, top, right, bottom = map(round, box)
    assert (sheet.printed[top:bottom, left:right] < 128).any()
    sheet.printed[top - 1 : bottom + 1, left - 1 : right + 1] = 255
    np.testing.assert_array_equal(sheet.printed, before)
    assert [line.text for line in sheet.lines] == ["1"]


def test_lines_are_solid_or_dotted():
    def gaps(dash_px):
        sheet = Sheet(200, 20, 10.0)
        sheet.line((10, 10), (190, 10), (0, 0, 0), 2, dash_px=dash_px)
        row = (sheet.printed[10, 12:175].mean(axis=1) < 128).astype(int)
        return int((np.diff(row) < 0).sum())

    assert gaps(0) == 0
    assert 14 <= gaps(5) <= 18


def test_ink_stays_on_the_sheet():
    sheet = dots((-30, 15), (118, 79))
    assert [line.box_px for line in sheet.lines] == [(0, 15, 8, 8), (112, 72, 8, 8)]


def test_marks_and_raised_cents_are_written_and_only_digits_are_true(hands):
    rng = np.random.default_rng(0)
    written = write("#1,2^5^0-", with_pen(hands.draw(rng), 0.06), rng, 60)
    sheet = Sheet(written.ink.shape[1], written.ink.shape[0], 60)
    sheet.write([(written, 0, 0)])
    assert sheet.lines[0].text == "1250"
    whole, cents = ([digit.box_px[3] for digit in sheet.lines[0].digits[part]] for part in (np.s_[:2], np.s_[2:]))
    assert max(cents) < min(whole)


def test_amounts_can_all_be_written():
    rng = np.random.default_rng(0)
    amounts = [cheques.amount(rng) for _ in range(300)]
    assert set("".join(amounts)) <= {*"0123456789^ ", *MARKS}
    assert all(1 <= sum(char.isdigit() for char in amount) <= 8 for amount in amounts)
    assert any("^" in amount for amount in amounts) and any(amount.endswith("-") for amount in amounts)


def test_pens_are_as_wide_as_asked(hands):
    thin, thick = (
        write("8", with_pen(hands.draw(np.random.default_rng(3)), width), np.random.default_rng(3), 100).ink
        for width in (0.03, 0.12)
    )
    assert (thick > 127).mean() > 2 * (thin > 127).mean()


def test_saved_scenes_come_back(tmp_path, hands):
    drawn = shots("cheque", hands, 3)
    pages.save(tmp_path / "new", "cheque", drawn)
    for shot, back in zip(drawn, pages.load(tmp_path / "new"), strict=True):
        np.testing.assert_array_equal(shot.pixels, back.pixels)
        assert shot.lines == back.lines


def test_nothing_is_overwritten_and_nothing_missing_is_loaded(tmp_path, hands):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        pages.save(tmp_path, "clean", shots("clean", hands, 1))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    with pytest.raises(DataError, match="no such file"):
        list(pages.load(tmp_path))


def test_an_unknown_kind_is_refused_with_the_known_ones(hands):
    with pytest.raises(UsageError, match=r"'letters'. Choose from: clean, touching, photo"):
        pages.draw("letters", hands, np.random.default_rng(0))


def test_command_writes_pictures_and_truth(tmp_path):
    out = tmp_path / "scenes"
    command = ["data", "scenes", str(out), "--kind", "tablet", "--n", "2", "--digits", "strokes:100"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{out / 'truth.jsonl'}\n"
    records = [json.loads(line) for line in (out / "truth.jsonl").read_text().splitlines()]
    assert [record["picture"] for record in records] == ["tablet-0000.png", "tablet-0001.png"]
    for record in records:
        with Image.open(out / record["picture"]) as picture:
            assert picture.size == (record["width_px"], record["height_px"])
        line = record["lines"][0]
        assert line["text"] == "".join(str(digit["label"]) for digit in line["digits"])


def test_data_alone_lists_the_data_sets():
    done = CliRunner().invoke(app, ["data"])
    assert done.exit_code == 0
    assert "mnist:train" in done.stdout


def test_truth_knows_its_text_and_box():
    line = TrueLine((TrueDigit(0, (5, 6, 10, 20)), TrueDigit(7, (20, 2, 4, 30))))
    assert line.text == "07"
    assert line.box_px == (5, 2, 19, 30)
    assert exposure.turned(Shot(np.zeros((50, 100), np.uint8), (line,)), 2).lines[0].box_px == (76, 18, 19, 30)


def test_a_photographed_page_is_written_on_with_a_pen():
    rng = np.random.default_rng(0)
    assert all(len(capture.photo_kinds(rng) & set(capture.PEN_WIDTHS)) == 1 for _ in range(500))
