"""`Reader.explain`: the stages are those that the reading itself went through."""

import numpy as np
import pytest

from sonsu.errors import PictureError
from sonsu.reading.glyph import SIZE
from sonsu.reading.line_form import HEIGHT


@pytest.fixture
def sheet(draw_digit):
    """4, 1 on one line and 6 on the next, 220×240, dark on light."""
    ink = np.zeros((240, 220), np.uint8)
    for label, at in ((4, (15, 15)), (1, (115, 15)), (6, (15, 130))):
        ink |= draw_digit(label, 80, 8, size_px=(220, 240), at_px=at)
    return 255 - ink


def test_every_stage_of_a_sheet(reader, sheet):
    explanation = reader.explain(sheet)
    page = reader.read(sheet)
    assert explanation.page.to_dict() == page.to_dict(), "explaining reads no differently"
    titles = [stage.title for stage in explanation.stages]
    lines = [f"Line {number}: {line.text}" for number, line in enumerate(page.lines, 1)]
    assert titles == ["The picture", "Ink", "Strokes", "Lines", *lines, "The answer"]
    assert len(lines) == 2
    for stage, line in zip(explanation.stages[4:-1], page.lines, strict=True):
        crop, form, *glyphs = stage.exhibits
        assert crop.digit is None and form.pixels.shape[0] == HEIGHT
        assert tuple(exhibit.digit for exhibit in glyphs) == line.digits
        for exhibit in glyphs:
            assert exhibit.pixels.shape == (SIZE, SIZE)
    for stage in explanation.stages:
        for exhibit in stage.exhibits:
            assert exhibit.pixels.dtype == np.uint8
            assert exhibit.caption
    np.testing.assert_array_equal(explanation.stages[0].exhibits[0].pixels, sheet)


def test_ink_strokes_and_lines_lie_where_they_are(reader, sheet):
    _, ink, strokes, lines, *_ = reader.explain(sheet).stages
    for stage in (ink, strokes):
        pixels = stage.exhibits[0].pixels
        height, width = pixels.shape[:2]
        shown = pixels.reshape(height, width, -1).min(axis=2)
        assert shown[height // 4, width * 3 // 5 :].min() < 60, "the 1"
        assert (shown[height * 3 // 4, width * 3 // 5 :] > 200).all(), "nothing right of the 6"
    drawn = lines.exhibits[0].pixels
    assert drawn.shape == (*sheet.shape, 3)
    changed = (drawn != sheet[..., None]).any(axis=2)
    rows = np.flatnonzero(changed.any(axis=1))
    assert rows.min() > 2 and rows.max() < 225, "the frames lie around the ink"


def test_ruled_lines_are_shown_as_taken_out(reader, sheet):
    ruled = sheet.copy()
    ruled[[110, 111, 226, 227], :] = 120
    strokes = next(stage for stage in reader.explain(ruled).stages if stage.title == "Strokes")
    assert "orange" in strokes.exhibits[0].caption
    assert (strokes.exhibits[0].pixels == (230, 110, 0)).all(axis=2).sum() > 200


def test_a_blank_sheet_and_what_is_no_picture(reader):
    explanation = reader.explain(np.full((80, 90), 255, np.uint8))
    assert explanation.page.text == ""
    assert [stage.title for stage in explanation.stages][:: len(explanation.stages) - 1] == [
        "The picture",
        "The answer",
    ]
    assert reader.explain(np.full((3000, 1), 255, np.uint8)).page.text == ""
    with pytest.raises(PictureError):
        reader.explain(b"no picture")
