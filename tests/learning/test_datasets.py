import json
import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from sonsu.errors import DataError, UsageError
from sonsu.learning import datasets, mnist
from sonsu.learning.datasets import Dataset
from sonsu.learning.outliers import NOT_A_DIGIT
from sonsu.reading.glyph import glyph
from sonsu.reading.reader import Reader


def seven(height=60, width=50):
    """Dark on light, uint8 (h, w)."""
    picture = np.full((height, width), 255, np.uint8)
    cv2.polylines(picture, [np.array([[10, 12], [38, 12], [20, 50]])], False, 0, 5, cv2.LINE_AA)
    return picture


def write_idx(path, array):
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes())


def write_pen(path, characters):
    strokes = [[[0, 0], [500, 0], [200, 1000]], [[100, 500], [400, 500]]]
    lines = [json.dumps({"label": label, "writer": writer, "strokes": strokes}) for label, writer in characters]
    path.write_text("\n".join(lines))


def numbered(n, writers=None):
    """n blank images, the i-th of which has i as its first pixel."""
    images = np.zeros((n, 28, 28), np.uint8)
    images[:, 0, 0] = np.arange(n)
    return Dataset("some", images, (np.arange(n) % 10).astype(np.uint8), writers)


# SPEC


@pytest.mark.parametrize("spec", ["", "mnist", "mnist:", "svhn:train", ":x", "folder:", "MNIST:train"])
def test_an_unknown_spec_is_a_usage_error_that_lists_what_there_is(spec):
    with pytest.raises(
        UsageError, match=r"no data set is called .*mnist:train, mnist:test, strokes:N, pen:FILE, idx:IMAGES"
    ):
        datasets.load(spec)


def test_every_form_that_is_listed_has_a_loader():
    assert {form.partition(":")[0] for form in datasets.FORMS} == set(datasets._KINDS)


def test_mnist_is_looked_for_in_the_data_folder(monkeypatch, tmp_path):
    asked = []

    def load(split, data_dir):
        asked.append((split, data_dir))
        return np.zeros((2, 28, 28), np.uint8), np.array([3, 4], np.uint8)

    monkeypatch.setattr(mnist, "load", load)
    test = datasets.load("mnist:test", tmp_path)
    datasets.load("mnist:train")
    assert asked == [("test", tmp_path), ("train", None)]
    assert test.name == "mnist:test" and len(test) == 2 and test.writers is None


def test_mnist_has_two_parts():
    with pytest.raises(UsageError, match=r"no part 'validation'\. Expected mnist:train or mnist:test"):
        datasets.load("mnist:validation")


def test_idx_gives_the_images_as_they_are(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(np.uint8)
    write_idx(tmp_path / "images", images)
    write_idx(tmp_path / "labels", np.array([7, 0, 10], np.uint8))
    loaded = datasets.load(f"idx:{tmp_path / 'images'},{tmp_path / 'labels'}")
    np.testing.assert_array_equal(loaded.images, images)
    assert loaded.labels.tolist() == [7, 0, NOT_A_DIGIT]


@pytest.mark.parametrize(
    ("shape", "labels", "message"),
    [
        ((3, 28, 27), [1, 2, 3], r"images of \(28, 27\); expected \(28, 28\)"),
        ((3, 28, 28), [1, 2], "3 images but 2 labels; expected one label an image"),
        ((0, 28, 28), [], "there is nothing in it"),
        ((2, 28, 28), [1, 11], "label 11 found; expected 0 to 9, or 10"),
    ],
)
def test_idx_of_another_shape_is_refused(tmp_path, shape, labels, message):
    write_idx(tmp_path / "images", np.zeros(shape, np.uint8))
    write_idx(tmp_path / "labels", np.array(labels, np.uint8))
    with pytest.raises(DataError, match=message):
        datasets.load(f"idx:{tmp_path / 'images'},{tmp_path / 'labels'}")


def test_idx_wants_two_files_that_exist(tmp_path):
    with pytest.raises(UsageError, match="expected two files, idx:IMAGES,LABELS"):
        datasets.load("idx:images")
    with pytest.raises(DataError, match="gone: no such file"):
        datasets.load(f"idx:{tmp_path / 'gone'},{tmp_path / 'gone'}")


def test_idx_files_in_the_wrong_order_are_noticed(tmp_path):
    write_idx(tmp_path / "images", np.zeros((2, 28, 28), np.uint8))
    write_idx(tmp_path / "labels", np.zeros(2, np.uint8))
    with pytest.raises(DataError, match=r"labels: not an IDX file .* with 3 axes.*swapped"):
        datasets.load(f"idx:{tmp_path / 'labels'},{tmp_path / 'images'}")


# npz and folder: through the reader


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, str])
def test_npz_pictures_are_read_as_the_reader_reads_them(tmp_path, dtype):
    pictures = np.stack([seven(), 255 - seven(), np.full((60, 50), 255, np.uint8)])
    np.savez(tmp_path / "a.npz", x=pictures, y=np.array([7, 7, 10]).astype(dtype))
    loaded = datasets.load(f"npz:{tmp_path / 'a.npz'}")
    reader = Reader()
    np.testing.assert_array_equal(loaded.images[:2], [reader.find_glyph(picture) for picture in pictures[:2]])
    assert loaded.images[0].any() and loaded.images[1].any() and not loaded.images[2].any()
    assert loaded.images.dtype == loaded.labels.dtype == np.uint8
    assert loaded.labels.tolist() == [7, 7, 10]


def test_npz_labels_may_be_words(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.stack([seven()] * 3), y=np.array(["7", "dash", "0"]))
    assert datasets.load(f"npz:{tmp_path / 'a.npz'}").labels.tolist() == [7, NOT_A_DIGIT, 0]


@pytest.mark.parametrize("shape", [(4, 1), (4, 10), ()])
def test_npz_wants_a_label_an_image(tmp_path, shape):
    np.savez(tmp_path / "lot.npz", x=np.zeros((4, 28, 28), np.uint8), y=np.zeros(shape, np.uint8))
    with pytest.raises(DataError, match=r"labels of shape .*; expected \(n,\)"):
        datasets.load(f"npz:{tmp_path / 'lot.npz'}")


def test_npz_takes_colour(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.stack([seven()] * 3, axis=-1)[np.newaxis], y=np.array([7]))
    assert datasets.load(f"npz:{tmp_path / 'a.npz'}").images.any()


@pytest.mark.parametrize("labels", [[7, -1], [7, 11], [7, 300], [7.0, 0.5], [7.0, np.nan], ["7", "999"]])
def test_npz_labels_out_of_range_are_refused(tmp_path, labels):
    np.savez(tmp_path / "a.npz", x=np.stack([seven()] * 2), y=np.array(labels))
    with pytest.raises(DataError, match=r"a\.npz: label"):
        datasets.load(f"npz:{tmp_path / 'a.npz'}")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"y": [1]}, "arrays x"),
        ({"x": np.zeros((1, 9, 9)), "labels": [1]}, r"arrays x \(n, h, w\) and y"),
        ({"x": np.array([None]), "y": [1]}, "Expected an .npz file"),
        ({"x": np.zeros((9, 9), np.uint8), "y": [1]}, r"x has shape \(9, 9\); expected \(n, h, w\)"),
        ({"x": np.zeros((0, 9, 9), np.uint8), "y": []}, "there is nothing in it"),
        ({"x": np.zeros((2, 9, 9), np.uint8), "y": [1]}, "2 images but 1 labels"),
    ],
)
def test_npz_with_other_arrays_is_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError, match=message):
        datasets.load(f"npz:{tmp_path / 'a.npz'}")


@pytest.mark.parametrize("damage", ["empty", "text", "short", "flipped", "npy"])
def test_a_damaged_npz_is_refused(tmp_path, damage):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=np.stack([seven()] * 3), y=np.arange(3))
    data = path.read_bytes()
    flipped = bytearray(data)
    flipped[len(data) // 3] ^= 0xFF
    if damage == "npy":
        with path.open("wb") as file:
            np.save(file, np.zeros((3, 9, 9)))
    else:
        path.write_bytes({"empty": b"", "text": b"7" * 99, "short": data[:-40], "flipped": bytes(flipped)}[damage])
    with pytest.raises(DataError, match=r"a\.npz: .*Expected an \.npz file with arrays x \(n, h, w\) and y \(n,\)"):
        datasets.load(f"npz:{path}")


def test_folder_has_one_subfolder_a_class(tmp_path):
    for name in ("7/b.png", "7/a.jpg", "0/a.webp", "other/a.bmp", ".ipynb_checkpoints/a.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(seven()).save(path)
    (tmp_path / "7" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "README").write_text("beside the classes")
    loaded = datasets.load(f"folder:{tmp_path}")
    assert loaded.labels.tolist() == [0, 7, 7, NOT_A_DIGIT]
    assert loaded.images.shape == (4, 28, 28)
    np.testing.assert_array_equal(loaded.images[2], Reader().find_glyph(tmp_path / "7" / "b.png"))


def test_folder_that_is_missing_or_empty_is_named(tmp_path):
    with pytest.raises(DataError, match="gone: no such folder"):
        datasets.load(f"folder:{tmp_path / 'gone'}")
    with pytest.raises(DataError, match=r"no pictures found; expected one subfolder a class: .*/7/a\.png"):
        datasets.load(f"folder:{tmp_path}")


def test_a_file_that_is_no_picture_is_named(tmp_path):
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "notes.txt").write_text("not a picture")
    with pytest.raises(DataError, match=r"notes\.txt.*every picture must be readable"):
        datasets.load(f"folder:{tmp_path}")


# strokes


def test_strokes_are_the_same_digits_each_time():
    loaded, again = datasets.load("strokes:50"), datasets.load("strokes:50")
    assert loaded.name == "strokes:50" and loaded.images.shape == (50, 28, 28)
    np.testing.assert_array_equal(loaded.images, again.images)
    np.testing.assert_array_equal(loaded.labels, again.labels)
    np.testing.assert_array_equal(loaded.writers, again.writers)


@pytest.mark.parametrize("count", ["0", "-5", "1e4", "many", "²", "99999999999999999999", "1.5", " 5"])
def test_strokes_want_a_sensible_number(count):
    with pytest.raises(UsageError, match=r"expected the number of digits, 1 to 10,000,000, as in strokes:60000"):
        datasets.load(f"strokes:{count}")


def test_strokes_are_split_by_writer():
    rest, held = datasets.split(datasets.load("strokes:100"), 0.25, seed=0)
    assert len(rest) + len(held) == 100
    assert held.writers.size and not set(rest.writers) & set(held.writers)


# pen


def test_pen_draws_a_rare_hands_digits_with_every_pen_and_other_characters_with_one(tmp_path):
    write_pen(tmp_path / "pen.jsonl", [("7", "anna"), ("x", "anna"), ("7", "ben")])
    loaded = datasets.load(f"pen:{tmp_path / 'pen.jsonl'}")
    assert loaded.labels.tolist() == [7] * 4 + [NOT_A_DIGIT] + [7] * 4
    assert loaded.writers.tolist() == ["anna"] * 5 + ["ben"] * 4
    assert loaded.images.dtype == np.uint8 and loaded.images.shape == (9, 28, 28)
    assert len(np.unique(loaded.images[:4], axis=0)) == 4
    assert {image.tobytes() for image in loaded.images[:4]} == {image.tobytes() for image in loaded.images[5:]}
    for image in loaded.images:
        np.testing.assert_array_equal(glyph(image), image)


def test_one_characters_drawings_are_never_parted(tmp_path):
    write_pen(tmp_path / "pen.jsonl", [(str(i % 10), "me") for i in range(30)])
    loaded = datasets.load(f"pen:{tmp_path / 'pen.jsonl'}")
    assert len(loaded) == 120
    for parts in (datasets.split(loaded, 0.3, seed=0), datasets.split(datasets.join([loaded, loaded]), 0.3, seed=0)):
        assert not set(parts[0].writers) & set(parts[1].writers)
        assert min(np.unique(np.concatenate([part.writers for part in parts]), return_counts=True)[1]) == 4


@pytest.mark.parametrize(("written", "drawn"), [(30, 4), (60, 2), (61, 1), (150, 1)])
def test_a_busy_hand_does_not_outweigh_the_others(tmp_path, written, drawn):
    write_pen(tmp_path / "pen.jsonl", [("7", "anna")] * written)
    loaded = datasets.load(f"pen:{tmp_path / 'pen.jsonl'}")
    assert len(loaded) == written * drawn
    assert len(np.unique(loaded.images, axis=0)) == len(datasets.PEN_WIDTHS)


def test_pen_file_without_characters_is_refused(tmp_path):
    (tmp_path / "pen.jsonl").write_text("\n")
    with pytest.raises(DataError, match="there is nothing in it"):
        datasets.load(f"pen:{tmp_path / 'pen.jsonl'}")


# split and join


def test_split_parts_the_images_and_leaves_none_out():
    rest, held = datasets.split(numbered(120), 1 / 12, seed=0)
    assert (len(rest), len(held)) == (110, 10)
    both = np.concatenate([rest.images[:, 0, 0], held.images[:, 0, 0]])
    assert sorted(both.tolist()) == list(range(120))
    assert (held.labels == held.images[:, 0, 0] % 10).all()
    assert held.name == "some (validation)" and rest.name == "some"


def test_split_follows_from_the_seed():
    held = [datasets.split(numbered(120), 0.25, seed)[1].images[:, 0, 0].tolist() for seed in (0, 0, 1)]
    assert held[0] == held[1] != held[2]


def test_split_keeps_writers_whole():
    writers = np.array([f"hand {i % 12}" for i in range(120)])
    rest, held = datasets.split(numbered(120, writers), 0.25, seed=3)
    assert len(set(held.writers)) == 3 and len(held) == 30
    assert not set(rest.writers) & set(held.writers)
    assert (held.writers == writers[held.images[:, 0, 0]]).all()


@pytest.mark.parametrize("hands", [1, 2, 5])
def test_split_holds_something_back_however_few_the_writers_are(hands):
    rest, held = datasets.split(numbered(60, np.array([f"hand {i % hands}" for i in range(60)])), 1 / 12, seed=0)
    assert len(rest) >= 30 and len(held) >= 5


def test_one_image_cannot_be_split():
    with pytest.raises(DataError, match="some: one image cannot be split"):
        datasets.split(numbered(1), 1 / 12, seed=0)


def test_join_puts_data_sets_one_behind_the_other():
    joined = datasets.join([numbered(3), numbered(2, np.array(["a", "b"]))])
    assert joined.name == "some+some"
    assert joined.images[:, 0, 0].tolist() == joined.labels.tolist() == [0, 1, 2, 0, 1]
