"""Learning from mistakes, on a small network that knows bars: it learns lying ones, and forgets nothing."""

import json
import struct
import subprocess
import sys
from dataclasses import replace

import cv2
import keras
import numpy as np
import pytest
from PIL import Image

from sonsu.errors import DataError, SonsuError, UsageError
from sonsu.learning import datasets, finetune, rehearsal
from sonsu.learning.run import run
from sonsu.reading.network import Network
from sonsu.reading.reader import Reader


def bars(n, seed, lying=False):
    """Upright bars whose place tells the label, uint8 (n, 28, 28), in noise; lying ones in another style."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(n) % 10).astype(np.uint8)
    images = np.zeros((n, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        top, side = rng.integers(3, 6, 2)
        image[top : top + 20, 3 + 2 * label : 6 + 2 * label] = rng.integers(180, 256)
        image[2:26, 2:26] |= rng.integers(0, 40, (24, 24)).astype(np.uint8)
        image[side, 2:25] = 200
    return (images.transpose(0, 2, 1).copy() if lying else images), labels


def write(folder, name, images, labels):
    for part, array in (("images", images), ("labels", labels)):
        head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
        (folder / f"{name}-{part}").write_bytes(head + array.tobytes())
    return f"idx:{folder / f'{name}-images'},{folder / f'{name}-labels'}"


@pytest.fixture(autouse=True, scope="module")
def quick():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rehearsal, "STEPS", 20)
        patched.setattr(rehearsal, "_NEW", 200)
        patched.setattr(rehearsal, "LEARNING_RATE", 1e-3)
        patched.setattr(rehearsal, "Augmentation", Still)
        patched.setattr(finetune, "EPOCHS", 3)
        yield


class Still:
    """Bars are no digits: to distort them would take them for one another."""

    def apply(self, images, _rng):
        return images.copy()


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """A network that reads upright bars, and their SPEC."""
    folder = tmp_path_factory.mktemp("known")
    spec = write(folder, "known", *bars(1200, seed=0))
    return run("mlp", data=[spec], test=spec, epochs=3, out=folder / "bars").folder, spec


@pytest.fixture(scope="module")
def lying(tmp_path_factory):
    return write(tmp_path_factory.mktemp("lying"), "lying", *bars(60, seed=1, lying=True))


@pytest.fixture(scope="module")
def corrected(known, lying, tmp_path_factory):
    model, spec = known
    out = tmp_path_factory.mktemp("runs") / "corrected"
    return finetune.finetune(model, data=[lying], known=spec, test=spec, out=out)


def test_it_reads_the_new_style_and_still_the_old(corrected, known, lying):
    assert (corrected.n, corrected.held_back) == (60, 20)
    assert corrected.right_before <= 8 and corrected.right_after >= 16
    assert corrected.accuracy_after >= corrected.accuracy_before - finetune.MARGIN
    images, labels = bars(200, seed=7, lying=True)
    before, after = (
        Network(folder / "model.onnx").predict(images).argmax(axis=1) for folder in (known[0], corrected.folder)
    )
    assert (before == labels).mean() < 0.4
    assert (after == labels).mean() > 0.8


def test_it_leaves_a_run_folder_that_says_what_it_learnt(corrected, known, lying):
    assert sorted(path.name for path in corrected.folder.iterdir()) == [
        "config.json", "evaluation.json", "history.csv", "model.keras", "model.onnx", "report.html",
    ]  # fmt: skip
    config = json.loads((corrected.folder / "config.json").read_text())
    assert (config["from"], config["data"]) == (str(known[0]), [lying])
    assert config["corrections"]["right_after"] == corrected.right_after
    assert json.loads((corrected.folder / "evaluation.json").read_text()) == corrected.evaluation
    card = Network(corrected.folder / "model.onnx").card
    assert card["recipe"] == "mlp" and card["read_above"] >= Network(known[0] / "model.onnx").card["read_above"]
    assert "right after" in (corrected.folder / "report.html").read_text(encoding="utf-8")
    assert Reader(corrected.folder).read_digit(np.full((40, 40), 255, np.uint8)).label is None
    assert [path.name for path in corrected.folder.parent.iterdir()] == ["corrected"]


def test_corrections_that_contradict_what_it_knows_are_refused(known, tmp_path):
    images, labels = bars(30, seed=4)
    wrong = write(tmp_path, "wrong", images, ((labels + 1) % 10).astype(np.uint8))
    with pytest.raises(SonsuError, match=r"the corrections would (harm|not help): .* Nothing was written\."):
        finetune.finetune(known[0], data=[wrong], known=known[1], test=None, out=tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["wrong-images", "wrong-labels"]


@pytest.mark.parametrize(
    ("right_after", "accuracy_after", "message"),
    [
        (8, 0.989, None),
        (8, 0.9881, None),
        (
            8,
            0.9879,
            r"harm: on mnist:train \(validation\) 99\.00% were right before and 98\.79% after, and .* 0\.2% may",
        ),
        (3, 0.99, "not help: of 10 held back while the others were learnt, 3 were right before and 3 after"),
        (2, 0.999, "not help"),
    ],
)
def test_what_is_refused(tmp_path, right_after, accuracy_after, message):
    done = finetune.Correction(tmp_path, {}, 30, 10, 3, right_after, "mnist:train", 0.99, accuracy_after)
    if message is None:
        finetune._refuse_if_worse(done)
    else:
        with pytest.raises(SonsuError, match=message):
            finetune._refuse_if_worse(done)


def test_corrections_that_do_not_help_are_refused(known, tmp_path):
    fine = write(tmp_path, "fine", *bars(30, seed=5))
    with pytest.raises(SonsuError, match=r"would not help: of 10 held back .*, 10 were right before and 10 after"):
        finetune.finetune(known[0], data=[fine], known=known[1], test=None, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_off_is_said_before_anything_is_learnt(known, lying, tmp_path):
    few = write(tmp_path, "few", *bars(5, seed=6))
    with pytest.raises(DataError, match="5 pictures are too few to learn from; at least 6"):
        finetune.finetune(known[0], data=[few], known=known[1], out=tmp_path / "out")
    images, _ = bars(10, seed=6)
    letters = write(tmp_path, "letters", images, np.full(10, 10, np.uint8))
    with pytest.raises(DataError, match="this network knows only digits"):
        finetune.finetune(known[0], data=[letters], known=known[1], out=tmp_path / "out")
    with pytest.raises(UsageError, match="exists already"):
        finetune.finetune(known[0], data=[lying], known=known[1], out=tmp_path)


def test_corrections_are_held_back_with_all_drawings_of_a_character():
    images, labels = bars(60, seed=2)
    writers = np.repeat([f"{i}" for i in range(20)], 3)
    learnt, held = finetune._third(datasets.Dataset("pens", images, np.repeat(labels[:20], 3), writers), seed=0)
    assert len(learnt) + len(held) == 60 and 15 <= len(held) <= 24
    assert not {image.tobytes() for image in learnt.images} & {image.tobytes() for image in held.images}
    assert len(held) % 3 == 0


def test_every_correction_is_shown_as_it_is_and_distorted(known, monkeypatch):
    from sonsu.learning import restore

    class Gone:
        def apply(self, images, _rng):
            return np.zeros_like(images)

    monkeypatch.setattr(rehearsal, "Augmentation", Gone)
    model, recipe, _ = restore.load(known[0])
    images = np.repeat(np.arange(1, 41, dtype=np.uint8), 784).reshape(40, 28, 28)
    teacher = rehearsal.Teacher(model, recipe, datasets.load(known[1]), seed=0)
    batches = teacher._batches(datasets.Dataset("new", images, np.arange(40, dtype=np.uint8) % 10))
    shown = np.concatenate([next(batches)[0][: rehearsal.NEW_A_STEP, 0, 0, 0] for _ in range(200)])
    assert 20 < len(set(shown[shown > 0].tolist())) <= 40


def test_what_cannot_be_finished_leaves_nothing_behind(known, lying, tmp_path, monkeypatch):
    def full(*_):
        raise OSError

    monkeypatch.setattr(finetune, "finish", full)
    with pytest.raises(OSError):
        finetune.finetune(known[0], data=[lying], known=known[1], test=None, out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_same_seed_teaches_the_same(known, lying):
    from sonsu.learning import restore

    model, recipe, _ = restore.load(known[0])
    data, corrections = datasets.load(known[1]), datasets.load(lying)
    first, again = (rehearsal.Teacher(model, recipe, data, seed=2).teach(corrections)[0] for _ in range(2))
    for one, other in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert any((a != b).any() for a, b in zip(first.get_weights(), model.get_weights(), strict=True))


def test_an_ensembles_normalisations_stay_as_they_are(known):
    from sonsu.learning import networks, recipes

    both = networks.average([networks.nano(), networks.nano()])
    data = datasets.load(known[1])
    taught, _ = rehearsal.Teacher(both, replace(recipes.ensemble(), epochs=1), data, seed=0).teach(data)
    of_both = [member for member in both.layers if isinstance(member, keras.Model)]
    of_taught = [member for member in taught.layers if isinstance(member, keras.Model)]
    assert len(of_both) == len(of_taught) == 2
    for before, after in zip(of_both, of_taught, strict=True):
        for layer, same in zip(before.layers, after.layers, strict=True):
            if isinstance(layer, keras.layers.BatchNormalization):
                for weights, kept in zip(layer.get_weights(), same.get_weights(), strict=True):
                    np.testing.assert_array_equal(weights, kept)


@pytest.mark.slow
def test_the_shipped_network_learns_circled_digits_without_mnist(draw_digit, tmp_path):
    rng = np.random.default_rng(0)
    for i in range(30):
        digit = draw_digit(i % 10, 60, int(rng.integers(4, 8)), (120, 120))
        cv2.circle(digit, (60, 60), int(rng.integers(46, 52)), 255, 4, cv2.LINE_AA)
        folder = tmp_path / "corrections" / str(i % 10)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - digit).save(folder / f"{i}.png")
    code = f"""if True:
        from sonsu.learning import finetune
        finetune.mnist.available = lambda _folder: False
        done = finetune.finetune("default", data=["folder:{tmp_path / "corrections"}"])
        print(done.known, done.right_before, done.right_after, done.accuracy_before - done.accuracy_after)"""
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert child.returncode == 0, child.stderr[-500:]
    known, before, after, lost = child.stdout.split()
    assert known.startswith("strokes:")
    assert int(after) > int(before)
    assert int(after) >= 9  # of 10
    assert float(lost) <= finetune.MARGIN
    assert (tmp_path / "runs" / "default-corrected" / "model.onnx").is_file()
