import gzip
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonsu.errors import DataError
from sonsu.learning import pen
from sonsu.reading.glyph import glyph

SEVEN = '{"label":"7","site":"aga","writer":"aga-12","strokes":[[[0,0],[500,0],[200,1000]],[[150,500]]]}'


def line_of_length(length: float) -> np.ndarray:
    return np.stack((np.linspace(0, 0.8 * length, 60), np.linspace(0, 0.6 * length, 60)), axis=1).astype(np.float32)


@pytest.mark.parametrize("packed", [False, True])
def test_load_reads_characters_plain_and_gzipped(tmp_path, packed):
    path = tmp_path / ("pen.jsonl.gz" if packed else "pen.jsonl")
    text = f"{SEVEN}\n\n{SEVEN}\n".encode()
    path.write_bytes(gzip.compress(text) if packed else text)
    characters = pen.load(path)
    assert [(c.label, c.writer, len(c.strokes)) for c in characters] == [("7", "aga-12", 2)] * 2
    first = characters[0].strokes[0]
    assert first.dtype == np.float32
    np.testing.assert_allclose(first[[0, -1]], [[0, 0], [200, 1000]], atol=1e-3)


def test_load_brings_the_larger_side_to_1000(tmp_path):
    path = tmp_path / "pen.jsonl"
    path.write_text('{"label":"1","strokes":[[[-5,10],[-5,30]],[[-15,12]]]}')
    strokes = pen.load(path)[0].strokes
    np.testing.assert_allclose(strokes[0][[0, -1]], [[500, 0], [500, 1000]], atol=1e-3)
    np.testing.assert_allclose(strokes[1][0], [0, 100], atol=1e-3)


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[]",
        '"7"',
        '{"strokes":[[[0,0]]]}',
        '{"label":7,"strokes":[[[0,0]]]}',
        '{"label":"","strokes":[[[0,0]]]}',
        '{"label":"7","strokes":[]}',
        '{"label":"7","strokes":[[]]}',
        '{"label":"7","strokes":5}',
        '{"label":"7","strokes":[[[0,0,0]]]}',
        '{"label":"7","strokes":[[[0,0],[1]]]}',
        '{"label":"7","strokes":[[[0,"a"]]]}',
        '{"label":"7","strokes":[[[0,NaN],[1,2]]]}',
        '{"label":"7","strokes":[[[0,1e999],[1,2]]]}',
        '{"label":"7","strokes":[[[0,' + "9" * 400 + "],[1,2]]]}",
        "[" * 100_000,
        "\udcff",
    ],
)
def test_load_names_file_and_line_of_what_is_not_a_character(tmp_path, bad):
    path = tmp_path / "pen.jsonl"
    path.write_bytes(f"{SEVEN}\n{bad}\n".encode(errors="surrogateescape"))
    with pytest.raises(DataError, match=r"pen\.jsonl, line 2 is not a written character"):
        pen.load(path)


def test_load_reports_a_missing_and_a_damaged_file(tmp_path):
    damaged = tmp_path / "pen.jsonl.gz"
    packed = gzip.compress(SEVEN.encode() * 50)
    for data in (None, b"not gzip", packed[:-20], packed[:20] + b"\xff" * 40):
        if data is not None:
            damaged.write_bytes(data)
        with pytest.raises(DataError, match="Cannot read strokes from"):
            pen.load(damaged)


def test_smooth_keeps_ends_and_takes_away_the_staircase_of_a_coarse_tablet():
    x = np.arange(0, 1000, 10)
    stairs = np.stack((x, np.floor(x / 30) * 30), axis=1)
    smoothed = pen.smooth(stairs)
    np.testing.assert_allclose(smoothed[[0, -1]], stairs[[0, -1]])
    away = np.abs(smoothed[5:-5, 1] - smoothed[5:-5, 0] + 10)  # from the straight line that was meant
    assert away.max() < 0.5 * np.abs(stairs[5:-5, 1] - stairs[5:-5, 0] + 10).max()


def test_smooth_of_a_dot_is_two_equal_points():
    np.testing.assert_array_equal(pen.smooth([[3, 4]]), [[3, 4], [3, 4]])


@pytest.mark.parametrize("size_px", [28, 64, 200])
@pytest.mark.parametrize("width", [0.03, 0.06, 0.14])
def test_render_draws_the_width_asked_for(size_px, width):
    width_px = width * size_px
    picture = pen.render([line_of_length(1000)], size_px=size_px, width_px=width_px, margin_px=2)
    length = (size_px - 4 - width_px) / 0.8
    drawn = picture.sum() / 255 / (length + np.pi / 4 * width_px)
    assert picture.dtype == np.uint8
    assert picture.shape == (size_px, size_px)
    assert drawn == pytest.approx(width_px, rel=0.12)


@given(
    size_px=st.integers(16, 120),
    width=st.floats(0.06, 0.2),
    margin=st.floats(0, 0.15),
    points=st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=1, max_size=6),
)
def test_render_stays_inside_its_margin_and_is_never_empty(size_px, width, margin, points):
    stroke = np.array(points, np.float32)
    picture = pen.render([stroke], size_px=size_px, width_px=width * size_px, margin_px=margin * size_px)
    assert picture.any()
    rows, columns = np.nonzero(picture > 0.25 * picture.max())
    clear = min(rows.min(), columns.min(), size_px - 1 - rows.max(), size_px - 1 - columns.max())
    assert clear >= margin * size_px - 2


def test_render_centres_the_box_and_keeps_the_aspect():
    picture = pen.render([line_of_length(1000)], size_px=100, width_px=5, margin_px=10)
    rows, columns = np.nonzero(picture > 127)
    assert (columns.min() + columns.max()) / 2 == pytest.approx(49.5, abs=0.6)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(49.5, abs=0.6)
    assert (np.ptp(rows) + 1 - 5) / (np.ptp(columns) + 1 - 5) == pytest.approx(0.75, abs=0.03)


def test_render_of_a_dot_is_a_round_blot():
    picture = pen.render([np.array([[500, 500]], np.float32)], size_px=28, width_px=6)
    assert picture.sum() / 255 == pytest.approx(np.pi * 9, rel=0.15)


def test_distort_is_seeded_small_and_smooth():
    strokes = [line_of_length(1000), line_of_length(300)]
    once, again = (pen.distort(strokes, np.random.default_rng(5)) for _ in range(2))
    for a, b, stroke in zip(once, again, strokes, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.shape == stroke.shape
        assert a.dtype == np.float32
        assert 0 < np.abs(a - stroke).max() < 450
        assert np.abs(np.diff(a, 2, axis=0)).max() < 25
    other = pen.distort(strokes, np.random.default_rng(6))
    assert np.abs(other[0] - once[0]).max() > 1


def test_distort_with_all_sizes_at_zero_changes_nothing():
    strokes = [line_of_length(1000)]
    none = pen.distort(strokes, np.random.default_rng(0), rotation_deg=0, shear=0, stretch=0, warp=0, tremor=0)
    np.testing.assert_allclose(none[0], strokes[0], atol=1e-3)


def test_distort_turns_clockwise_and_back_evenly():
    upright = [np.array([[500, 0], [500, 500], [500, 1000]], np.float32)]
    rng = np.random.default_rng(1)
    turns = []
    for _ in range(400):
        (bent,) = pen.distort(upright, rng, rotation_deg=8, shear=0, stretch=0, warp=0, tremor=0)
        turns.append(np.degrees(np.arctan2(*(bent[2] - bent[0]))))
    assert np.mean(turns) == pytest.approx(0, abs=1.5)
    assert np.std(turns) == pytest.approx(8 * 0.96, rel=0.1)  # limited to two standard deviations


def test_strokes_survive_json_round_trip(tmp_path):
    path = tmp_path / "pen.jsonl"
    stroke = [[0, 0], [1000, 750]]
    path.write_text(json.dumps({"label": "1", "writer": "w", "strokes": [stroke]}))
    np.testing.assert_allclose(pen.load(path)[0].strokes[0][[0, -1]], stroke, atol=1e-3)


@pytest.mark.parametrize("width", [0.01, 0.05, 0.1, 0.2])
def test_sketch_draws_the_width_that_was_asked_for(width):
    line = np.array([[0, 0], [0, 1000]], np.float32)
    ink = pen.sketch([line], width) / 255.0
    length = (ink[:, ink.shape[1] // 2] > 0.5).sum()
    middle = ink[ink.shape[0] // 2].sum()
    assert length >= 80
    assert middle / (length - middle) == pytest.approx(width, rel=0.12)
    assert not ink[[0, -1]].any() and not ink[:, [0, -1]].any()


def test_sketch_looks_like_render_once_in_mnists_form():
    strokes = [np.array([[0, 60], [620, 0], [250, 1000]], np.float32), np.array([[200, 500]], np.float32)]
    drawn, sketched = (
        glyph(ink).astype(int)
        for ink in (pen.render(strokes, size_px=200, width_px=20, margin_px=5), pen.sketch(strokes, 20 / 170))
    )
    assert np.abs(drawn - sketched).mean() < 4


def test_sketch_of_a_dot_is_a_dot():
    ink = pen.sketch([np.array([[5, 5]], np.float32)], 0.1)
    assert 20 < (ink > 127).sum() < 150
