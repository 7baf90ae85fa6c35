import json
import re
import struct
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

import sonsu
from sonsu.errors import DataError, UsageError
from sonsu.learning import mnist, recipes
from sonsu.learning import run as module
from sonsu.learning.export import predict
from sonsu.learning.run import run
from sonsu.learning.train import COLUMNS, read_history
from sonsu.reading.network import Network

COMPLETE = ["config.json", "evaluation.json", "history.csv", "model.keras", "model.onnx", "report.html"]


def write_idx(path, array):
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes())


def write_data(folder, name, n, classes=10):
    """Bright bars whose place tells the label, in noise; returns their SPEC."""
    rng = np.random.default_rng(n)
    labels = rng.integers(0, classes, n).astype(np.uint8)
    images = rng.integers(0, 60, (n, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4:24, 3 + 2 * label : 6 + 2 * label] += 195
    write_idx(folder / f"{name}-images", images)
    write_idx(folder / f"{name}-labels", labels)
    return f"idx:{folder / f'{name}-images'},{folder / f'{name}-labels'}"


@pytest.fixture(scope="module")
def specs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    return {"data": [write_data(folder, "train", 300)], "test": write_data(folder, "test", 80)}


@pytest.fixture(scope="module")
def done(specs, tmp_path_factory):
    return run("mlp", **specs, epochs=2, seed=5, out=tmp_path_factory.mktemp("runs") / "done")


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C at the end of the first epoch, in the place of the progress bar."""

    def __init__(self, _epochs):
        super().__init__()

    def on_epoch_end(self, epoch, logs=None):
        raise KeyboardInterrupt

    def stop(self):
        pass


@pytest.fixture
def begun(specs, tmp_path, monkeypatch):
    """The folder of a run that Ctrl-C ended after its first epoch of two."""
    out = tmp_path / "mine"
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(module, "TrainingProgress", Interrupt)
        run("mlp", **specs, epochs=2, seed=5, out=out, show_progress=True)
    return out


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_run_folder_is_complete_and_nothing_lies_beside_it(done):
    assert names(done.folder) == COMPLETE
    assert names(done.folder.parent) == ["done"]


def test_evaluation_is_of_the_calibrated_model_on_the_test_set(done, specs):
    evaluation = json.loads((done.folder / "evaluation.json").read_text())
    assert evaluation == done.evaluation
    assert evaluation["n"] == 80 and evaluation["data"] == specs["test"]
    assert np.sum(evaluation["confusion"]) == 80


def test_config_tells_how_to_do_it_again(done, specs):
    config = json.loads((done.folder / "config.json").read_text())
    recipe = config["recipe"]
    assert (recipe["name"], recipe["network"], recipe["optimizer"]) == (
        "mlp",
        "dense(units=512)",
        "falling_adam(rate=0.004)",
    )
    assert (recipe["epochs"], recipe["batch_size"], config["seed"]) == (2, 128, 5)
    assert (config["data"], config["test"]) == (specs["data"], specs["test"])
    assert config["backend"] == keras.config.backend()
    assert config["accelerator"] is None  # nothing here trains in place of the processor
    assert config["versions"]["keras"] == keras.__version__
    assert config["versions"]["sonsu"] == sonsu.__version__
    assert re.fullmatch(r"[0-9a-f]{7,40}\+?|None", str(config["git_revision"]))


def test_history_has_a_row_an_epoch(done):
    history = read_history(done.folder / "history.csv")
    assert [row["epoch"] for row in history] == [1, 2]
    assert list(history[0]) == list(COLUMNS)


def test_the_onnx_file_answers_as_the_keras_model_and_carries_its_card(done, specs):
    network = Network(done.folder / "model.onnx")
    assert network.card["recipe"] == "mlp" and network.card["data"] == specs["data"]
    assert network.card["evaluation"] == {key: done.evaluation[key] for key in ("data", "n", "accuracy")}
    assert 0.3 <= network.card["temperature"] <= 3.0 and 0.5 <= network.card["read_above"] <= 0.99
    images = np.random.default_rng(0).integers(0, 256, (20, 28, 28)).astype(np.uint8)
    model = keras.saving.load_model(done.folder / "model.keras")
    np.testing.assert_allclose(network.predict(images), predict(model, images), atol=1e-5)


def test_the_report_is_there_and_the_reader_takes_the_folder(done):
    report = (done.folder / "report.html").read_text(encoding="utf-8")
    assert f"{done.evaluation['accuracy']:.2%}" in report
    figures = re.findall(r"<h3>(\w+ data[^<]*)</h3>.*?ECE [\d.]+%, n = (\d+)", report, re.S)
    assert figures == [("Test data", "80"), ("Validation data", "25"), ("Validation data, distorted", "25")]
    assert sonsu.Reader(done.folder).read_digit(np.full((40, 40), 255, np.uint8)).label is None


def test_a_run_that_is_done_is_never_overwritten(done, specs):
    before = (done.folder / "model.onnx").read_bytes()
    with pytest.raises(UsageError, match=r"done exists already and is never overwritten\. Choose another --out"):
        run("mlp", **specs, epochs=2, seed=5, out=done.folder)
    assert (done.folder / "model.onnx").read_bytes() == before


def test_resuming_a_run_that_is_done_gives_its_figures(done, specs, monkeypatch):
    monkeypatch.setattr(module, "fit", None)  # nothing is trained
    assert run("mlp", **specs, epochs=2, seed=5, out=done.folder, resume=True).evaluation == done.evaluation


@pytest.mark.parametrize(("other", "message"), [({"seed": 6}, "another seed"), ({"epochs": 3}, "another recipe")])
def test_a_run_that_is_done_is_not_given_for_another(done, specs, other, message):
    with pytest.raises(UsageError, match=rf"done was begun with {message}"):
        run("mlp", **({**specs, "epochs": 2, "seed": 5} | other), out=done.folder, resume=True)


def test_a_foreign_folder_is_not_overwritten_even_with_resume(specs, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        run("mlp", **specs, out=tmp_path, resume=True)
    assert names(tmp_path) == ["notes.txt"]


def test_a_run_that_was_interrupted_is_not_visible_under_its_name(begun):
    assert names(begun.parent) == ["mine.partial"]
    assert names(begun.parent / "mine.partial") == ["checkpoint-00001.keras", "config.json", "history.csv"]


def test_an_unfinished_run_wants_resume(begun, specs):
    with pytest.raises(UsageError, match=r"mine\.partial holds an unfinished run. Add --resume to go on with it"):
        run("mlp", **specs, epochs=2, seed=5, out=begun)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"seed": 6}, "begun with another seed: seed 5, now 6"),
        ({"epochs": 3}, "begun with another recipe"),
        ({"data": ["idx:a,b"]}, "begun with another data"),
        ({"seed": 6, "data": ["idx:a,b"]}, "begun with another data and seed"),
    ],
)
def test_an_unfinished_run_is_not_resumed_with_other_settings(begun, specs, other, message):
    settings = {**specs, "epochs": 2, "seed": 5, **other}
    with pytest.raises(UsageError, match=rf"mine\.partial was {message}.*Resume with the same, or remove it"):
        run("mlp", **settings, out=begun, resume=True)
    assert "checkpoint-00001.keras" in names(begun.parent / "mine.partial")


def test_a_resumed_run_ends_as_an_unbroken_one_does(begun, specs, done):
    resumed = run("mlp", **specs, epochs=2, seed=5, out=begun, resume=True)
    assert names(begun.parent) == ["mine"] and names(begun) == COMPLETE
    assert resumed.evaluation == done.evaluation
    models = [keras.saving.load_model(folder / "model.keras").get_weights() for folder in (begun, done.folder)]
    for one, other in zip(*models, strict=True):
        np.testing.assert_array_equal(one, other)
    histories = [read_history(folder / "history.csv") for folder in (begun, done.folder)]
    for one, other in zip(*histories, strict=True):
        assert {**one, "seconds": 0} == {**other, "seconds": 0}


def test_what_is_no_digit_is_refused_before_training(specs, tmp_path):
    letters = write_data(tmp_path, "letters", 300, classes=11)
    with pytest.raises(DataError, match="pictures that are not digits; this network knows only digits"):
        run("mlp", data=[*specs["data"], letters], test=specs["test"], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_test_set_with_other_than_digits_is_found_out_before_training(specs, tmp_path):
    letters = write_data(tmp_path, "letters", 300, classes=11)
    with pytest.raises(DataError, match="holds pictures that are not digits"):
        run("mlp", data=specs["data"], test=letters, out=tmp_path / "out")
    assert names(tmp_path) == ["letters-images", "letters-labels"]


def test_data_that_cannot_be_trained_on_leave_nothing_behind(specs, tmp_path):
    few = write_data(tmp_path, "few", 40)
    with pytest.raises(DataError, match="fewer than one batch"):
        run("mlp", data=[few], test=specs["test"], out=tmp_path / "out")
    assert names(tmp_path) == ["few-images", "few-labels"]
    with pytest.raises(UsageError, match="exists already and is never overwritten"):
        run("mlp", **specs, out=Path())


def test_a_missing_test_set_is_found_out_before_training(specs, tmp_path):
    with pytest.raises(DataError, match="gone: no such file"):
        run("mlp", data=specs["data"], test="npz:gone", out=tmp_path / "out")
    assert names(tmp_path) == []


def test_settings_that_are_off_leave_nothing_behind(specs, tmp_path):
    with pytest.raises(UsageError, match="no recipe is called 'gpt'"):
        run("gpt", **specs, out=tmp_path / "out")
    with pytest.raises(UsageError, match="no data set is called 'moon'"):
        run("mlp", data=["moon"], out=tmp_path / "out")
    assert names(tmp_path) == []


def test_several_data_sets_a_recipe_of_eleven_and_no_test_set(specs, tmp_path, monkeypatch):
    letters = write_data(tmp_path, "letters", 300, classes=11)
    small = replace(recipes.default(), epochs=1, augmentation=None)
    monkeypatch.setitem(recipes.RECIPES, "default", lambda: small)
    finished = run("default", data=[*specs["data"], letters], test=None, out=tmp_path / "out")
    assert finished.evaluation["n"] == 50  # a twelfth of each
    assert finished.evaluation["data"].count("(validation)") == 2
    assert Network(tmp_path / "out" / "model.onnx").classes == 11


@pytest.mark.mnist
@pytest.mark.slow
def test_the_posts_network_learns_mnist_in_two_epochs(tmp_path):
    if not mnist.available():
        pytest.skip("MNIST is not on this machine: set SONSU_DATA")
    assert run("mlp", epochs=2, out=tmp_path / "out").evaluation["accuracy"] >= 0.96
