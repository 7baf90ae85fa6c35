"""The ablation of the distortions, its trainings made up."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sonsu.learning import recipes
from sonsu.learning.datasets import Dataset
from sonsu.learning.distort import Distortion

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SOME = Dataset("some", np.zeros((120, 28, 28), np.uint8), np.zeros(120, np.uint8))


@pytest.fixture
def ablation(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import ablation

    return ablation


@pytest.fixture
def run(ablation, monkeypatch, tmp_path):
    """A function that runs the benchmark on made-up trainings; the seeds and variants that it trained, and its page."""

    def benchmark(*options):
        trained = []

        def train(name, recipe, seed, _runs):
            trained.append((name, seed))
            figures = {
                "accuracy": 0.98,
                "val_accuracy": 0.99 + 0.001 * seed - 0.01 * (name == "none"),
                "val_loss": 0.03,
            }
            return {"variant": name, "seed": seed, "settings": ablation.settings(recipe), **figures}

        monkeypatch.setattr(ablation, "train", train)
        monkeypatch.setattr(
            sys, "argv", ["ablation.py", "--runs", str(tmp_path), "--out", str(tmp_path / "p"), *options]
        )
        ablation.main()
        return trained, (tmp_path / "p.md").read_text("utf-8")

    return benchmark


def test_each_kind_is_left_out_once_and_nothing_else_changes(ablation):
    recipe = replace(recipes.fast(), augmentation=Distortion(elastic_px=0.0, thickness=0.5))
    variants = ablation.variants(recipe)
    kinds = ("rotation", "shear", "scale", "stretch", "shift", "thickness")  # elastic is not in the recipe
    assert list(variants) == ["all", *(f"without {kind}" for kind in kinds), "none"]
    assert variants["all"] == recipe
    assert variants["without shift"] == replace(recipe, augmentation=replace(recipe.augmentation, shift_px=0.0))
    assert variants["none"] == replace(recipe, augmentation=None)


def test_the_recipes_that_may_be_ablated_are_distorted(ablation):
    assert all(isinstance(recipes.find(name).augmentation, Distortion) for name in ablation.RECIPES)


def test_only_what_is_missing_is_trained(run):
    assert len(run("--seeds", "1")[0]) == 8
    trained, page = run("--seeds", "2")
    assert {seed for _, seed in trained} == {1} and len(trained) == 8
    assert "| all | 2 | 98.00% | 99.050 ± 0.071 % | 0.0300 |  |" in page
    assert "| none | 2 | 98.00% | 98.050 ± 0.071 % | 0.0300 | -1.000 ± 0.000 |" in page
    assert page.count("<!-- ablation -->") == 1


def test_runs_of_other_epochs_or_recipes_do_not_count(run):
    run("--seeds", "1")
    trained, page = run("--seeds", "1", "--epochs", "1")
    assert len(trained) == 8 and "Recipe `fast`, 1 epoch, " in page
    trained, page = run("--seeds", "1", "--recipe", "nano")
    assert len(trained) == 8 and "Recipe `nano`, 60 epochs" in page


def test_a_run_is_measured_on_what_is_held_back_and_resumed(ablation, monkeypatch, tmp_path):
    asked = {}

    class Trained:
        history = ({"accuracy": 0.5, "val_accuracy": 0.7, "val_loss": 1.0, "epoch": 1, "seconds": 1.0},)

    def fit(recipe, train, validation, *, seed, folder, resume):
        asked.update(sizes=(len(train), len(validation)), seed=seed, resume=resume)
        return Trained

    monkeypatch.setattr(ablation, "fit", fit)
    monkeypatch.setattr(ablation.datasets, "load", lambda _spec: SOME)
    told = ablation.train("none", ablation.variants(recipes.nano())["none"], 3, tmp_path)
    assert asked == {"sizes": (110, 10), "seed": 3, "resume": True}
    assert (told["variant"], told["seed"], told["val_accuracy"]) == ("none", 3, 0.7)
    assert told["settings"]["augmentation"] is None
