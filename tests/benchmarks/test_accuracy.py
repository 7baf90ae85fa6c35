"""The pages of the accuracy and the training benchmark, made of runs that never were."""

import json
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def accuracy(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import accuracy

    return accuracy


@pytest.fixture
def training(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import training

    return training


def run(recipe, seed, errors, settings):
    return {
        "recipe": recipe,
        "seed": seed,
        "settings": settings,
        "versions": {"keras": "3"},
        "seconds_an_epoch": 2.0 + seed,
        "errors": errors,
        "accuracy": 1 - errors / 10_000,
        "parameters": 9858,
        "multiply_adds": 1_016_304,
        "bytes": 43_000,
        "int8_bytes": 33_000,
        "int8_accuracy": 0.995,
    }


def now(accuracy, recipe):
    from sonsu.learning import recipes
    from sonsu.learning.config import make_config

    return make_config(recipes.find(recipe), [], None, 0)["recipe"]


def test_a_row_gives_mean_spread_and_the_extreme_seeds(accuracy):
    settings = now(accuracy, "nano")
    runs = [run("nano", seed, errors, settings) for seed, errors in enumerate((50, 40))]
    row = next(line for line in accuracy.section(runs, [], "me").splitlines() if line.startswith("| `nano`"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:4] == ["2", "99.550 ± 0.071 %", "40 to 50"]
    assert cells[4:] == ["9,858", "1.0 M", "60", "2.5", "43 kB", "33 kB", "99.500 ± 0.000 %"]


def test_what_an_accelerator_trained_is_named(accuracy):
    runs = [run("best", seed, 35, now(accuracy, "best")) | {"accelerator": "NVIDIA H200"} for seed in range(2)]
    runs.append(run("nano", 0, 50, now(accuracy, "nano")))
    runs.append(run("nano", 7, 50, now(accuracy, "nano")) | {"accelerator": "NVIDIA H200"})
    text = accuracy.section(runs, [], "me")
    assert "| 60 | 2.5 (NVIDIA H200) |" in text
    assert "| 60 | 2.0 |" in text  # of the processor alone
    assert "Trained by an accelerator: 2 `best` (NVIDIA H200), 1 `nano` (NVIDIA H200)." in text


def test_runs_of_a_recipe_that_has_changed_are_left_out(accuracy, tmp_path):
    settings = now(accuracy, "nano")
    results = tmp_path / "results.jsonl"
    accuracy.journal.append(results, run("nano", 1, 50, settings))
    accuracy.journal.append(results, run("nano", 0, 50, settings | {"epochs": 3}))
    accuracy.journal.append(results, run("mlp", 0, 160, now(accuracy, "mlp")))
    assert [(kept["recipe"], kept["seed"]) for kept in accuracy.current(results)] == [("mlp", 0), ("nano", 1)]
    assert accuracy.current(tmp_path / "none.jsonl") == []


def test_an_ensemble_is_of_the_networks_that_there_are(accuracy, tmp_path):
    def train(name, **changed):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "model.onnx").touch()
        (tmp_path / name / "config.json").write_text(json.dumps({"recipe": now(accuracy, "best") | changed}))

    assert accuracy.members(tmp_path) == []
    train("best-seed0")
    train("nano-seed1")
    train("best-seed2")
    assert accuracy.members(tmp_path) == []
    train("best-seed1", epochs=3)  # of the recipe as it was
    assert accuracy.members(tmp_path) == []
    train("best-seed1")
    assert accuracy.members(tmp_path) == [3]


def test_time_to_accuracy_tells_who_reached_what_and_the_ratio(training):
    runs = [
        {"name": "post", "epochs": None, "seed": 0, "seconds": 20.0, "accuracy": 0.981},
        {"name": "fast", "epochs": 2, "seed": 0, "seconds": 10.0, "accuracy": 0.992},
        {"name": "fast", "epochs": 2, "seed": 1, "seconds": 12.0, "accuracy": 0.989},
    ]
    text = training.section(runs, "me")
    assert "| recipe `fast`, 2 epochs | 2 | 11.0 ± 1.4 | 0.55 | – | 99.05 ± 0.21 % | 100% / 50% / 0% |" in text
    assert "convnet, 15 epochs" not in text
