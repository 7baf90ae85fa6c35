"""`sonsu tune` and what it leaves for `sonsu train`, in this process."""

import csv

import pytest

pytest.importorskip("optuna")

from typer.testing import CliRunner

from sonsu import cli
from sonsu.errors import UsageError


def sonsu(*arguments):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def test_tunes_and_trains_with_what_it_found(tmp_path):
    study = tmp_path / "study"
    search = ("tune", "mlp", "--data", "strokes:150", "--trials", 1, "--epochs", 1, "--out", study)
    for _ in range(2):  # the second time there is nothing left to do
        done = sonsu(*search)
        assert done.exit_code == 0, done.output
        assert done.stdout.startswith("Best of 1 trials, on validation data: 0.")
        assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == ["rate", "units", "batch_size"]
        assert f"sonsu train {study / 'best.json'}" in done.stderr
    assert len(list(csv.reader((study / "trials.csv").read_text().splitlines()))) == 2
    run = ("train", study / "best.json", "--data", "strokes:150", "--test", "strokes:50", "--epochs", 1)
    trained = sonsu(*run, "--out", tmp_path / "run")
    assert trained.exit_code == 0, trained.output
    assert (tmp_path / "run" / "model.onnx").is_file()


def test_nothing_finished_is_said_and_no_error(tmp_path):
    done = sonsu("tune", "mlp", "--data", "strokes:150", "--timeout", 0, "--out", tmp_path)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "no trial has finished yet" in done.stderr


def test_a_recipe_with_nothing_to_tune_is_a_usage_error():
    assert isinstance(sonsu("tune", "default").exception, UsageError)
