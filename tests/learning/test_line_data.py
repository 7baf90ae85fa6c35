"""Training lines: their form, their answers, and that a batch follows from its number."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from sonsu.errors import DataError, UsageError
from sonsu.learning import datasets, line_data, pen
from sonsu.learning.line_augment import spoil
from sonsu.learning.line_data import BLANK, LONGEST, OTHER, WIDTHS, Hands, Lines, answer_of, draw_text, made_up_hand
from sonsu.learning.marks import MARKS, PRINTED
from sonsu.learning.writing import DIGITS, Written
from sonsu.reading.line_form import HEIGHT, STEP

HANDS = Hands([(1.0, made_up_hand)])


def test_a_batch_has_the_width_of_its_number_and_follows_from_it() -> None:
    for number in (0, 1, 2):
        batch, again = Lines(HANDS, 5).batch(number), Lines(HANDS, 5).batch(number)
        n = len(batch.images)
        assert batch.images.shape == (n, HEIGHT, WIDTHS[number], 1) and batch.images.dtype == np.uint8
        assert batch.labels.shape == (n, LONGEST)
        assert np.array_equal(batch.images, again.images) and np.array_equal(batch.labels, again.labels)
    assert not np.array_equal(Lines(HANDS, 6).batch(0).images, Lines(HANDS, 5).batch(0).images)


def test_every_line_has_ink_and_an_answer_that_fits() -> None:
    batch = Lines(HANDS, 0).batch(0)
    for image, label in zip(batch.images, batch.labels.tolist(), strict=True):
        answer = [value for value in label if value != BLANK]
        assert image.max() > 60
        assert answer and label[len(answer) :] == [BLANK] * (LONGEST - len(answer))
        repeated = sum(a == b for a, b in pairwise(answer))
        assert len(answer) + repeated <= image.shape[1] // STEP
        assert OTHER not in [a for a, b in pairwise(answer) if a == b]


def test_a_run_of_marks_is_one_answer() -> None:
    boxes = tuple((char, (0, 0, 1, 1)) for char in "$-50,7=#")
    assert answer_of(Written(np.zeros((1, 1), np.uint8), boxes)) == [OTHER, 6, 1, OTHER, 8, OTHER]


def test_texts_hold_only_what_can_be_written() -> None:
    rng = np.random.default_rng(0)
    texts = [draw_text(rng, "ab", 8) for _ in range(400)]
    assert set("".join(texts)) <= set(DIGITS) | set(MARKS) | set("ab ^") | {PRINTED}
    assert 0.02 < np.mean([not set(text) & set(DIGITS) for text in texts]) < 0.12
    assert all(draw_text(rng, "", 1) for _ in range(50))


def test_spoiling_follows_from_chance_and_leaves_something_to_read() -> None:
    ink = np.zeros((40, 120), np.uint8)
    ink[5:35, 20:26] = ink[5:35, 60:66] = ink[5:35, 100:106] = 255
    for seed in range(30):
        first, second = (
            spoil(ink.copy(), [40, 80], np.full((20, 50), 255, np.uint8), np.random.default_rng(seed)) for _ in range(2)
        )
        assert np.array_equal(first, second)
        assert first.dtype == np.uint8 and first.max() > 60


def test_validation_writers_are_others(tmp_path: Path) -> None:
    lines = [
        json.dumps({"label": str(digit), "writer": f"w{writer}", "strokes": [[[0, 0], [10 + writer, 30]]]})
        for writer in range(24)
        for digit in range(10)
    ]
    path = tmp_path / "pens.jsonl"
    path.write_text("\n".join(lines))
    _, held = datasets.split(datasets.load(f"pen:{path}"), datasets.VALIDATION_SHARE, seed=0)
    assert held.writers is not None
    rng = np.random.default_rng(0)
    _, validation = line_data.load_hands([f"pen:{path}"])
    hands = [validation.draw(rng) for _ in range(20)]
    drawn = {c.writer for hand in hands for some in hand.characters.values() for c in some}  # type: ignore[attr-defined]
    assert drawn == set(held.writers.tolist())


def test_one_writers_hand_is_not_learnt_from_alone(tmp_path: Path) -> None:
    line = json.dumps({"label": "1", "writer": "me", "strokes": [[[0, 0], [10, 30]]]})
    (tmp_path / "pens.jsonl").write_text("\n".join([line] * 30))
    with pytest.raises(DataError, match="one writer's hand"):
        line_data.load_hands([f"pen:{tmp_path / 'pens.jsonl'}", "strokes:10"])


def test_hands_that_lack_a_digit_write_no_lines() -> None:
    images = np.full((20, 28, 28), 255, np.uint8)
    with pytest.raises(DataError, match=r"lines need every digit, .*; there is no 0, 1, 2, 4, 5, 6, 8, 9"):
        line_data.images_hand(images, np.array([3, 7] * 10, np.uint8))
    pens = [pen.Character(digit, f"w{digit}", (np.array([[0, 0], [10, 100]], np.float32),)) for digit in DIGITS]
    with pytest.raises(DataError, match="none of these pens wrote five different digits"):
        line_data.pen_hands(pens)
    with pytest.raises(UsageError, match="expected the number of digits"):
        line_data.load_hands(["strokes:abc"])


@pytest.mark.slow
def test_training_is_resumed_and_leaves_a_network_that_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sonsu.learning import line_training
    from sonsu.reading.line_network import LineNetwork

    monkeypatch.setattr(line_training, "STEPS_AN_EPOCH", 3)
    monkeypatch.setattr(line_training, "_VALIDATION_BATCHES", 1)
    out = tmp_path / "run"

    def interrupt(self: object, epoch: int, logs: object = None) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(line_training.TrainingProgress, "on_epoch_end", interrupt)
        with pytest.raises(KeyboardInterrupt):
            line_training.run_lines(data=["strokes:1"], out=out, epochs=2, show_progress=True)
    with monkeypatch.context() as patch:
        patch.setattr(line_training, "export_line_onnx", interrupt)
        with pytest.raises(TypeError):  # a training that was over already
            line_training.run_lines(data=["strokes:1"], out=out, epochs=2, resume=True)
    done = line_training.run_lines(data=["strokes:1"], out=out, epochs=2, resume=True)
    assert line_training.run_lines(data=["strokes:1"], out=out, epochs=2, resume=True) == done
    assert done.folder == out and 0.0 <= done.evaluation["accuracy"] <= 1.0
    network = LineNetwork(out / "model.onnx")
    assert network.card["recipe"] == "line"
    assert network.predict(np.zeros((HEIGHT, 64), np.uint8)).shape == (16, 12)
