"""`sonsu.scenes.choosing`: what doubts about chosen ink weigh."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from sonsu.learning.datasets import Dataset
from sonsu.learning.outliers import NOT_A_DIGIT
from sonsu.reading.confidence import Calibration
from sonsu.reading.outer import WITHIN, Outer
from sonsu.scenes import choosing
from sonsu.scenes.choosing import Sample, bordered, crop, fit, look_at, painted_over, part, pictures

THING, ONE = 1, 5


def hands(label: int) -> Dataset:
    """Rings, all of one label: uint8 (3, 28, 28)."""
    images = np.zeros((3, 28, 28), np.uint8)
    for image in images:
        cv2.ellipse(image, (14, 14), (6, 9), 0, 0, 360, 255, 2)
    return Dataset("rings", images, np.full(3, label, np.uint8))


def test_what_tells_of_ink_that_was_not_meant_weighs_and_nothing_else() -> None:
    rng, n = np.random.default_rng(0), 4000
    doubted = np.zeros((n, 10))
    doubted[:, THING], doubted[:, ONE] = rng.random((2, n)) < 0.2
    meant = rng.random(n) > np.where(doubted[:, THING] > 0, 0.5, 0.01)
    read = rng.uniform(0.7, 1, n)
    found = fit(Sample(read, doubted, (rng.random(n) < read) & meant, np.ones(n)))
    assert found.thing > 2
    assert found.one < 0.7
    assert found.light == found.faint == 0
    assert found.meant(np.eye(10)[[THING]])[0] == pytest.approx(0.5, abs=0.06)


def test_what_counts_less_weighs_less() -> None:
    doubted = np.zeros((400, 10))
    doubted[:200, THING] = 1
    right = np.arange(400) >= 100  # half of those with the doubt are wrong
    alike, less = (fit(Sample(np.full(400, 0.99), doubted, right, np.where(right, 1.0, count))) for count in (1.0, 0.1))
    assert less.thing < alike.thing - 1


def test_pictures_are_seeded_and_show_both() -> None:
    made = list(pictures([hands(0)], [hands(NOT_A_DIGIT)], 6, 5))
    assert [label for _, label in made] == [0] * 6 + [NOT_A_DIGIT] * 3 + [NOT_A_DIGIT] * 3
    for (pixels, _), (again, _) in zip(made, pictures([hands(0)], [hands(NOT_A_DIGIT)], 6, 5), strict=True):
        np.testing.assert_array_equal(pixels, again)


def test_crops_hold_the_whole_character() -> None:
    ink = np.zeros((400, 300), np.uint8)
    cv2.ellipse(ink, (150, 200), (60, 150), 0, 0, 360, 255, 40)
    for seed in range(20):
        pixels = crop(ink, np.random.default_rng(seed)).astype(int)
        assert pixels.shape[0] == pixels.shape[1]
        assert 14 <= len(pixels) <= 300
        paper = np.median(pixels[len(pixels) // 2, [len(pixels) // 2]])  # in the ring's middle
        assert abs(pixels - paper).max() > 60


def test_a_picture_without_its_digit_keeps_what_is_around_it() -> None:
    paper = np.full((100, 80, 3), 200, np.uint8)
    cv2.line(paper, (5, 0), (5, 99), (20, 20, 20), 3)
    written = paper.copy()
    cv2.ellipse(written, (45, 50), (15, 25), 0, 0, 360, (30, 30, 90), 5)
    bare = painted_over(written, (28, 23, 35, 55))
    assert np.abs(bare.astype(int) - paper).max() < 10


def test_half_of_the_pictures_are_shown_in_part() -> None:
    pixels = np.arange(100 * 80 * 3, dtype=np.uint32).reshape(100, 80, 3).astype(np.uint8)
    shapes = [part(pixels, np.random.default_rng(seed)).shape for seed in range(60)]
    assert 15 < shapes.count((100, 80, 3)) < 45
    assert all(height >= 40 and width >= 32 for height, width, _ in shapes)


@pytest.mark.parametrize("shape", [(60, 80), (60, 80, 3)])
def test_borders_are_drawn_along_the_sides_alone(shape: tuple[int, ...]) -> None:
    paper = np.full(shape, 200, np.uint8)
    made = [bordered(paper, np.random.default_rng(seed)) for seed in range(60)]
    with_borders = [picture for picture in made if (picture < 160).any()]
    assert 8 < len(with_borders) < 30
    assert all((picture[15:45, 20:60] == 200).all() for picture in made)


def test_only_pictures_that_leave_a_doubt_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def candidate(x: int, *, formed: bool = False, outer: Outer = WITHIN) -> SimpleNamespace:
        ink, box_px = np.full((8, 8), 255, np.uint8), (x, 0, 10, 20)
        return SimpleNamespace(ink=ink, box_px=box_px, prior=0.9, dark=True, rivals=0, formed=formed, outer=outer)

    offered = {
        0: [candidate(0)],
        1: [candidate(0), candidate(50)],
        2: [candidate(0, formed=True), candidate(50, formed=True)],
        3: [candidate(0), candidate(50)],
        4: [candidate(0, outer=Outer(0.9, 0.5))],
        5: [candidate(0, formed=True, outer=Outer(0.9, 0.5))],
        6: [],
    }
    rows = np.full((2, 11), 0.01, np.float32)
    rows[0, 7], rows[1, 3] = 0.9, 0.5
    seeker = SimpleNamespace(
        seek=lambda pixels: SimpleNamespace(candidates=offered[int(pixels[0, 0])], glyphs=np.zeros((2, 28, 28)))
    )
    monkeypatch.setattr(choosing, "Reader", lambda: seeker)
    shown = [(np.full((1, 1), number, np.uint8), 7 if number < 3 else NOT_A_DIGIT) for number in offered]
    network = SimpleNamespace(predict=lambda glyphs: rows)
    seen = look_at(network, Calibration(), iter(shown))  # type: ignore[arg-type]
    assert seen.right.tolist() == [True, False, False]
    assert seen.weights.tolist() == [1.0, 0.2, 0.2]
    assert seen.doubts[:, -2:].tolist() == [[0.0, 0.0], [0.0, 0.0], [0.9, 0.5]]
    assert seen.read == pytest.approx(0.9, abs=0.01)
