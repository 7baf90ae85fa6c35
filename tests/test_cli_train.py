"""The verbs of training, in this process: exit code, stdout and stderr apart."""

import contextlib
import hashlib
import io
import json
import os
import shutil
import struct
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from sonsu import cli
from sonsu.errors import DataError, SonsuError
from sonsu.reading.reader import WEIGHTS, shipped

pytest.importorskip("keras")

import keras

from sonsu.learning import demo, finetune, mnist
from sonsu.learning import run as running
from sonsu.learning.export import write_card
from sonsu.learning.recipes import RECIPES
from sonsu.reading.network import Network


def sonsu(*arguments):
    """Run the command line; its exit code, stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.argv
    sys.argv = ["sonsu", *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as stopped:
            cli.main()
    finally:
        sys.argv = before
    return SimpleNamespace(code=stopped.value.code or 0, out=out.getvalue(), err=err.getvalue())


def write_idx(path, array):
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes())


@pytest.fixture(scope="module")
def spec(tmp_path_factory):
    """300 images of bars whose place tells the label."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 300).astype(np.uint8)
    images = rng.integers(0, 60, (300, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4:24, 3 + 2 * label : 6 + 2 * label] += 195
    write_idx(folder / "images", images)
    write_idx(folder / "labels", labels)
    return f"idx:{folder / 'images'},{folder / 'labels'}"


@pytest.fixture(scope="module")
def trained(spec, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "mine"
    said = sonsu("train", "mlp", "--data", spec, "--test", spec, "--epochs", 2, "--seed", 3, "--out", out)
    return SimpleNamespace(folder=out, said=said)


@pytest.fixture
def seven(tmp_path):
    picture = Image.new("L", (80, 100), 255)
    ImageDraw.Draw(picture).line([(20, 20), (60, 20), (35, 85)], 0, 8, "curve")
    picture.save(tmp_path / "seven.png")
    return tmp_path / "seven.png"


# train


def test_train_ends_with_loss_and_accuracy_on_stdout_and_all_else_on_stderr(trained):
    evaluation = json.loads((trained.folder / "evaluation.json").read_text())
    assert trained.said.code == 0, trained.said.err
    assert trained.said.out == (f"Test loss: {evaluation['loss']:.4f}\nTest accuracy: {evaluation['accuracy']:.4f}\n")
    lines = [line for line in trained.said.err.splitlines() if line.startswith("epoch")]
    assert lines[0].startswith("epoch 1/2  loss ") and lines[1].startswith("epoch 2/2  loss ")
    assert lines[1].endswith(" 0:00 left")
    assert trained.said.err.endswith(f"report: {trained.folder / 'report.html'}\n")


def test_epochs_and_seed_are_taken_over(trained):
    config = json.loads((trained.folder / "config.json").read_text())
    assert (config["recipe"]["epochs"], config["seed"]) == (2, 3)


def test_train_again_is_refused_with_code_2_and_resume_gives_the_figures(trained, spec):
    arguments = "train", "mlp", "--data", spec, "--test", spec, "--epochs", 2, "--seed", 3, "--out", trained.folder
    again = sonsu(*arguments)
    assert (again.code, again.out) == (2, "")
    assert "exists already and is never overwritten" in again.err
    assert sonsu(*arguments, "--resume").out == trained.said.out


def test_an_unfinished_run_is_refused_with_code_2(spec, tmp_path):
    (tmp_path / "mine.partial").mkdir()
    said = sonsu("train", "mlp", "--data", spec, "--test", spec, "--out", tmp_path / "mine")
    assert said.code == 2
    assert said.err.splitlines()[-1].startswith("error: ") and "Add --resume" in said.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["gpt"], 2, "no recipe is called 'gpt'. There are: mlp"),
        (["mlp", "--data", "moon"], 2, "no data set is called 'moon'"),
        (["mlp", "--data", "npz:gone"], 1, "gone: no such file"),
        (["mlp", "--data-dir", "gone"], 1, "data folder 'gone' does not exist"),
        (["mlp", "--epochs", "0"], 2, "--epochs"),
        (["mlp", "--seed", "-1"], 2, "--seed"),
        ([], 2, "Missing argument"),
        (["mlp", "--from", "default", "--data", "npz:gone"], 2, "--from MODEL stands instead of a recipe"),
        (["--from", "default"], 2, "needs --data"),
        (["--from", "default", "--data", "npz:gone", "--resume"], 2, "cannot --resume"),
        (["--from", "gone", "--data", "npz:gone"], 1, "no model 'gone'"),
    ],
)
def test_train_says_what_is_off(arguments, code, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = sonsu("train", *arguments)
    assert (said.code, said.out) == (code, "")
    assert message in said.err and "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_gives_130(monkeypatch):
    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "run", interrupted)
    said = sonsu("train", "mlp")
    assert (said.code, said.out) == (130, "")
    assert "Traceback" not in said.err


@pytest.mark.parametrize(("missing", "arguments"), [("keras", ["train", "mlp"]), ("pooch", ["data"])])
def test_without_the_extra_its_pip_line_is_named(missing, arguments, tmp_path):
    code = f"import sys; sys.modules[{missing!r}] = None; sys.argv = ['sonsu', *{arguments!r}]; "
    code += "from sonsu.cli import main; main()"
    bare = {name: value for name, value in os.environ.items() if name != "SONSU_DATA"}  # else MNIST needs no pooch
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=bare)
    assert (child.returncode, child.stdout) == (2, "")
    assert child.stderr.splitlines()[-1].endswith("Install them with: pip install 'sonsu[train]'")


def test_train_from_a_model_says_what_the_corrections_changed(tmp_path, monkeypatch):
    def taught(model, **options):
        assert model == "default"
        assert options == {"data": ["folder:a", "npz:b"], "test": "mnist:test", "epochs": 2, "seed": 4, "out": tmp_path,
                           "data_dir": None}  # fmt: skip
        evaluation = {"loss": 0.0111, "accuracy": 0.9966, "data": "strokes:12000 (validation)"}
        return finetune.Correction(tmp_path, evaluation, 30, 10, 3, 9, "mnist:train", 0.9962, 0.996)

    monkeypatch.setattr(finetune, "finetune", taught)
    options = "--data", "folder:a", "--data", "npz:b", "--epochs", 2, "--seed", 4, "--out", tmp_path
    said = sonsu("train", "--from", "default", *options)
    assert said.code == 0, said.err
    assert said.out.splitlines() == [
        "Corrections held back, right: 3 before, 9 after, of 10",
        "mnist:train (validation): 99.62% before, 99.60% after",
        "Test loss: 0.0111",
        "Test accuracy: 0.9966",
    ]
    assert said.err.endswith(f"report: {tmp_path / 'report.html'}\n")
    assert "mnist:test is not on this machine: what follows is measured on strokes:12000 (validation)" in said.err


def test_corrections_that_do_not_help_end_with_code_1(tmp_path, monkeypatch):
    def refused(*_args, **_options):
        raise SonsuError("the corrections would not help")

    monkeypatch.setattr(finetune, "finetune", refused)
    said = sonsu("train", "--from", "default", "--data", "folder:a")
    assert (said.code, said.out) == (1, "")
    assert said.err.endswith("error: the corrections would not help\n")


# evaluate


def test_evaluate_gives_the_runs_own_figures_as_json(trained, spec):
    said = sonsu("evaluate", trained.folder, "--data", spec, "--json")
    assert said.code == 0, said.err
    assert said.out.count("\n") == 1
    evaluation = json.loads((trained.folder / "evaluation.json").read_text())
    result = json.loads(said.out)
    assert list(result) == ["n", "accuracy", "errors", "loss", "ece", "coverage_at_99_9", "confusion"]
    assert result["confusion"] == evaluation["confusion"]
    assert result["loss"] == pytest.approx(evaluation["loss"], abs=1e-5)


@pytest.mark.parametrize("name", ["model.onnx", "model.keras"])
def test_evaluate_takes_onnx_and_keras_files(trained, spec, name):
    said = sonsu("evaluate", trained.folder / name, "--data", spec)
    accuracy = json.loads((trained.folder / "evaluation.json").read_text())["accuracy"]
    assert said.code == 0, said.err
    assert said.out.startswith(f"{spec}: 300 images\naccuracy          {accuracy:.2%}")
    assert len(said.out.splitlines()) == 6 + 1 + 10


def test_evaluate_takes_a_shipped_name_and_a_folder_of_pictures(seven, tmp_path):
    (tmp_path / "digits" / "7").mkdir(parents=True)
    seven.rename(tmp_path / "digits" / "7" / "a.png")
    said = sonsu("evaluate", "default", "--data", f"folder:{tmp_path / 'digits'}", "--json")
    assert json.loads(said.out)["n"] == 1


@pytest.mark.parametrize("name", ["gone.keras", "bad.keras", "gone.onnx", "bad.onnx", "gone"])
def test_evaluate_of_what_is_no_model_is_one_clear_line(spec, tmp_path, name):
    if name.startswith("bad"):
        (tmp_path / name).write_bytes(b"PK\x03\x04 not a model")
    said = sonsu("evaluate", tmp_path / name, "--data", spec)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("error: ") and name in said.err
    assert said.err.count("\n") == 1


def test_evaluate_on_labels_that_the_model_does_not_know(trained, tmp_path):
    write_idx(tmp_path / "images", np.zeros((2, 28, 28), np.uint8))
    write_idx(tmp_path / "labels", np.array([1, 10], np.uint8))
    said = sonsu("evaluate", trained.folder, "--data", f"idx:{tmp_path / 'images'},{tmp_path / 'labels'}")
    assert said.code == 1 and "label 10 found, but the model knows only 10 classes" in said.err


# export


def test_export_writes_a_checked_file(trained, spec, tmp_path):
    said = sonsu("export", trained.folder, tmp_path / "new" / "a.onnx", "--data", spec)
    assert (said.code, said.out) == (0, ""), said.err
    assert "a.onnx: probabilities differ by at most" in said.err
    assert sonsu("evaluate", tmp_path / "new" / "a.onnx", "--data", spec, "--json").code == 0


@pytest.mark.parametrize("name", ["gone.keras", "bad.keras", "gone"])
def test_export_of_what_is_no_model_is_one_clear_line(spec, tmp_path, name):
    if name.startswith("bad"):
        (tmp_path / name).write_bytes(b"PK\x03\x04 not a model")
    said = sonsu("export", tmp_path / name, tmp_path / "a.onnx", "--data", spec)
    assert said.code == 1 and said.err.startswith("error: ") and name in said.err
    assert said.err.count("\n") == 1
    assert not (tmp_path / "a.onnx").exists()


def test_export_and_evaluate_of_another_network(spec, tmp_path):
    flat = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, activation="softmax")])
    logits = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, bias_initializer="ones")]
    )
    for model, message in ((flat, "takes (None, 784) and gives"), (logits, "its answers are no probabilities")):
        model.save(tmp_path / "other.keras")
        for verb in (["export", tmp_path / "other.keras", tmp_path / "a.onnx"], ["evaluate", tmp_path / "other.keras"]):
            said = sonsu(*verb, "--data", spec)
            assert said.code == 1 and message in said.err and said.err.count("\n") == 1


def test_export_to_int8_leaves_nothing_half_done(trained, spec, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(trained.folder, folder)
    card = dict(Network(folder / "model.onnx").card) | {"data": ["npz:gone.npz"]}
    write_card(folder / "model.onnx", card)
    said = sonsu("export", folder, tmp_path / "small" / "a.onnx", "--int8", "--data", spec)
    assert said.code == 1 and "gone.npz: no such file" in said.err
    assert not (tmp_path / "small").exists()


# recipes, data, models


def test_recipes_are_listed_with_their_size():
    said = sonsu("recipes")
    assert [line.split()[0] for line in said.out.splitlines()] == [*RECIPES, "line"]
    assert "407,050 parameters, 10 epochs: the post's network" in said.out


def test_data_says_what_lies_on_this_machine(tmp_path, monkeypatch):
    monkeypatch.delenv("SONSU_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    said = sonsu("data", "--data-dir", tmp_path)
    assert said.code == 0 and said.out.count("not on this machine; downloaded when needed") == 2
    for name in mnist.SHA256:
        (tmp_path / name).touch()
    assert sonsu("data", "--data-dir", tmp_path).out.count("(on this machine)") == 2
    assert "folder:DIR" in said.out


def test_scenes_that_cannot_be_written_are_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    said = sonsu("data", "scenes", tmp_path / "file" / "x", "--digits", "strokes:1", "--kind", "clean", "--n", 1)
    assert said.code == 1 and said.err.splitlines()[-1] == f"error: {tmp_path}/file/x: Not a directory"


def test_an_option_before_the_verb_that_it_is_for():
    said = sonsu("data", "--data-dir", ".", "scenes", "new")
    assert said.code == 2 and "--data-dir belongs behind scenes" in said.err


def test_models_are_listed_with_size_figures_and_hash():
    out = sonsu("models").out
    for name in [*shipped(), "line"]:
        path = WEIGHTS / f"{name}.onnx"
        row = out[out.index(f"{name} ") :]
        assert f"{path.stat().st_size / 1e3:,.0f} kB" in row
        assert ("% of validation lines (n = 1,776)" if name == "line" else "% of mnist:test (n = 10,000)") in row
        assert hashlib.sha256(path.read_bytes()).hexdigest() in row


# demo


def test_demo_without_mnist_says_so_and_reads_the_examples_all_the_same(seven, tmp_path, monkeypatch):
    def missing(*_args):
        raise DataError("no MNIST here")

    monkeypatch.setattr(demo.mnist, "load", missing)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").mkdir()
    seven.rename(tmp_path / "examples" / "seven.png")
    said = sonsu("demo")
    assert said.code == 0, said.err
    assert "MNIST cannot be had here, so nothing is trained:\n  no MNIST here" in said.out
    assert "  seven.png " in said.out
    assert [path.name for path in tmp_path.iterdir()] == ["examples"]


def test_demo_trains_anew_prints_the_accuracy_and_says_where_the_report_is(tmp_path, monkeypatch):
    def run(recipe, *, out, **_options):
        assert recipe == "mlp" and not out.exists()
        return SimpleNamespace(evaluation={"loss": 0.0632, "accuracy": 0.9815})

    monkeypatch.setattr(demo.mnist, "load", lambda *_args: None)
    monkeypatch.setattr(demo, "run", run)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "demo").mkdir(parents=True)
    said = sonsu("demo")
    assert "Test loss: 0.0632\nTest accuracy: 0.9815" in said.out
    assert f"Look at the training: {tmp_path / 'runs' / 'demo' / 'report.html'}" in said.out
    assert "No folder examples here" in said.err


# lines


def test_the_line_network_is_trained_by_its_name(tmp_path, monkeypatch):
    from sonsu.learning import line_training
    from sonsu.learning.run import Run

    asked = {}

    def pretend(**arguments):
        asked.update(arguments)
        return Run(tmp_path, {"accuracy": 0.5, "n": 8})

    monkeypatch.setattr(line_training, "run_lines", pretend)
    said = sonsu("train", "line", "--data", "strokes:1", "--epochs", 2, "--seed", 3, "--out", tmp_path)
    assert said.code == 0 and "0.5000 of 8" in said.out
    assert asked["data"] == ["strokes:1"] and asked["epochs"] == 2 and asked["seed"] == 3
