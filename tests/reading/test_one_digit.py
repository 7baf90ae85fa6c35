"""`sonsu.reading.one_digit`: several pictures in one batch get the answers that each gets alone."""

import numpy as np

from sonsu.errors import PictureError
from sonsu.reading.batch import Job, read_digits, read_one
from sonsu.reading.glyph import centre, fit
from sonsu.reading.one_digit import seek
from sonsu.reading.picture import load


def test_several_at_once_as_each_alone(reader, draw_digit):
    pictures = [255 - draw_digit(label, 40 + 30 * label) for label in range(5)]
    pictures += [draw_digit(7, 20), np.full((90, 90), 255, np.uint8)]
    together = reader.decide([reader.seek(picture) for picture in pictures])
    alone = [reader.see_digit(picture) for picture in pictures]
    assert [digit.label for digit, _ in together] == [0, 1, 2, 3, 4, 7, None]
    for (digit, glyph), (same, same_glyph) in zip(together, alone, strict=True):
        assert digit == same
        assert np.array_equal(glyph, same_glyph)
    assert together[-1][0].notes == ("blank",)
    assert reader.decide([reader.seek(pictures[-1])])[0][0].label is None


def test_records_in_order_whatever_the_batches(reader, draw_digit):
    pictures = [255 - draw_digit(label, 30) for label in (3, 7)]
    tasks = [(f"{number}", pictures[number % 2]) for number in range(150)]
    tasks[70] = "70", PictureError("cannot read '70': it is gone; look")
    tasks[71] = "71", b"no picture"
    job = Job(one=True)
    assert list(read_digits(reader, job, tasks)) == [read_one(reader, job, *task) for task in tasks]
    assert list(read_digits(reader, job, [])) == []


def test_a_clean_picture_costs_the_network_one_glyph(draw_digit):
    clean = centre(fit(draw_digit(3, 60)[20:80, 20:80]))
    faint = np.maximum(clean, np.random.default_rng(0).integers(0, 20, clean.shape, dtype=np.uint8))
    noisy = np.maximum(clean, (np.random.default_rng(0).random(clean.shape) < 0.1).astype(np.uint8) * np.uint8(200))
    assert [len(seek(load(picture)).glyphs) for picture in (clean, faint)] == [1, 1]
    assert len(seek(load(noisy)).glyphs) > 1
