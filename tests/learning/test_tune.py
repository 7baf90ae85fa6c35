"""Studies: on one machine, interrupted, of several processes, in a journal file and in a real PostgreSQL."""

import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from sonsu.errors import UsageError
from sonsu.learning import recipes
from sonsu.learning import tune as module
from sonsu.learning.recipes import Span
from sonsu.learning.tune import open_study, tune

DATA = ["strokes:200"]

# A process that works on a study whose trials cost nothing but a moment; {me} is this file.
WORKER = """
import importlib.util, sys, time
spec = importlib.util.spec_from_file_location("test_tune", {me!r})
tests = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tests)
tests.module._Objective = tests.Hill
from pathlib import Path
print(tests.tune("mlp", data=tests.DATA, trials={trials}, storage={storage!r}, out=Path({out!r})).trials)
"""


class Hill:
    """In the place of a training: best where the rate is 0.002."""

    def __init__(self, *_settings):
        pass

    def __call__(self, trial):
        rate, units = (module._suggest(trial, name, recipes.SPACES["mlp"][name]) for name in ("rate", "units"))
        module._suggest(trial, "batch_size", recipes.SPACES["mlp"]["batch_size"])
        time.sleep(0.05)
        return 0.9 - abs(np.log(rate / 2e-3)) / 100 - abs(units - 500) / 1e5


@pytest.fixture
def hill(monkeypatch):
    monkeypatch.setattr(module, "_Objective", Hill)


def worker(storage, out, trials):
    code = WORKER.format(me=__file__, storage=str(storage), out=str(out), trials=trials)
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, text=True, **pipes)


def finish(process):
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return int(out)


def test_a_real_search_leaves_a_recipe_file_that_trains(tmp_path, monkeypatch):
    monkeypatch.setitem(recipes.SPACES, "mlp", {"rate": Span(1e-4, 1e-2, log=True), "units": Span(8, 32)})
    monkeypatch.setitem(recipes.RECIPES, "mlp", lambda *, rate=4e-3, units=16: recipes.mlp(rate=rate, units=units))
    said = []
    done = tune("mlp", data=DATA, trials=3, epochs=2, out=tmp_path / "study", say=said.append)
    assert done.trials == len(said) == 3
    assert 0.0 <= done.accuracy <= 1.0 and set(done.parameters) == {"rate", "units"}
    content = json.loads((tmp_path / "study" / "best.json").read_text())
    assert content["recipe"] == "mlp" and content["parameters"] == done.parameters
    assert content["study"]["data"] == DATA and content["study"]["epochs"] == 2
    recipe = recipes.find(str(tmp_path / "study" / "best.json"))
    assert recipe.network().layers[1].units == done.parameters["units"]
    rows = list(csv.DictReader((tmp_path / "study" / "trials.csv").read_text().splitlines()))
    assert len(rows) == 3 and float(rows[0]["rate"]) == 4e-3 and int(rows[0]["units"]) == 16


def test_the_plots_are_pictures(tmp_path, hill):
    tune("mlp", data=DATA, trials=8, out=tmp_path)
    for name in ("history.png", "importance.png"):
        picture = cv2.imread(str(tmp_path / name))
        assert picture.shape[0] > 200 and picture.std() > 5, name


def test_the_same_line_goes_on_and_ends_where_it_was_to(tmp_path, hill):
    assert tune("mlp", data=DATA, trials=3, out=tmp_path).trials == 3
    assert tune("mlp", data=DATA, trials=5, out=tmp_path).trials == 5
    again = tune("mlp", data=DATA, trials=5, out=tmp_path)
    assert again.trials == 5 and again.accuracy > 0.89


def test_a_timeout_begins_no_more_trials(tmp_path, hill):
    done = tune("mlp", data=DATA, trials=1000, timeout_s=0.2, out=tmp_path)
    assert 1 <= done.trials < 50


def test_ctrl_c_leaves_what_has_been_found(tmp_path, hill):
    def stop(line):
        if line.startswith("trial 1"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune("mlp", data=DATA, trials=9, out=tmp_path, say=stop)
    assert (tmp_path / "best.json").is_file()
    assert tune("mlp", data=DATA, trials=3, out=tmp_path).trials == 3


def test_the_recipe_as_it_is_is_tried_first_even_where_that_was_interrupted(tmp_path, monkeypatch, hill):
    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Hill, "__call__", stop)
        tune("mlp", data=DATA, trials=3, out=tmp_path)
    assert tune("mlp", data=DATA, trials=3, out=tmp_path).trials == 3
    rows = list(csv.DictReader((tmp_path / "trials.csv").read_text().splitlines()))
    own = recipes.defaults("mlp")
    tried = [(float(row["rate"]), int(row["units"]), int(row["batch_size"])) for row in rows]
    assert tried.count((own["rate"], own["units"], own["batch_size"])) == 1


def test_a_trial_that_is_behind_is_given_up_but_not_after_its_last_epoch(tmp_path):
    study = open_study("mlp", str(tmp_path / "study"))
    for accuracy in (0.9, 0.9, 0.9, 0.9, 0.9):
        trial = study.ask()
        for epoch in range(4):
            trial.report(accuracy, epoch)
        study.tell(trial, accuracy)
    pruning = module._Pruning(study.ask())
    pruning.set_params({"epochs": 3})
    for epoch in (0, 2):
        pruning.on_epoch_end(epoch, {"val_accuracy": 0.1})
    with pytest.raises(module.optuna.TrialPruned):
        pruning.on_epoch_end(1, {"val_accuracy": 0.1})


@pytest.mark.parametrize("name", ["default", "ensemble", "cnn"])
def test_a_recipe_without_a_space_is_a_usage_error_that_lists_those_with_one(name):
    with pytest.raises(UsageError, match=f"recipe '{name}' has nothing to tune. There are: mlp, deep-mlp"):
        tune(name)


def test_a_study_is_not_mixed_with_trials_on_other_data(tmp_path, hill):
    tune("mlp", data=DATA, trials=1, out=tmp_path)
    with pytest.raises(UsageError, match=r"begun with other data: \['strokes:200'\], now \['strokes:300'\]"):
        tune("mlp", data=["strokes:300"], trials=2, out=tmp_path)
    with pytest.raises(UsageError, match="begun with other epochs: 10, now 3"):
        tune("mlp", data=DATA, trials=2, epochs=3, out=tmp_path)


@pytest.mark.parametrize("storage", ["postgresql://nobody@127.0.0.1:1/none", "nonsense://x", "{folder}"])
def test_a_storage_that_cannot_be_opened_is_a_usage_error(tmp_path, storage):
    with pytest.raises(UsageError, match=r"cannot open the study in .*: .*journal file's path, or a URL such as"):
        open_study("mlp", storage.format(folder=tmp_path))


@pytest.mark.slow
def test_several_processes_share_a_journal_and_one_that_is_killed_stops_nobody(tmp_path):
    storage = tmp_path / "shared" / "study.journal"
    workers = [worker(storage, tmp_path / str(number), trials=30) for number in range(2)]
    victim = worker(storage, tmp_path / "victim", trials=30)
    deadline = time.monotonic() + 60
    while not storage.is_file() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.5)
    victim.send_signal(signal.SIGKILL)
    victim.communicate()
    counts = [finish(process) for process in workers]
    assert all(30 <= count <= 31 for count in counts)  # the last ones are begun at the same time
    assert tune("mlp", data=DATA, trials=30, storage=str(storage), out=tmp_path / "here").trials == max(counts)


@pytest.fixture(scope="module")
def postgresql():
    """The URL of a PostgreSQL of our own, as Debian installs it; it is gone after the tests."""
    found = shutil.which("initdb") or max(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), default=None)
    if found is None:
        pytest.skip("PostgreSQL is not on this machine: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="sonsu-postgresql-"))
    # It refuses to run as root
    other = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
    if other:
        shutil.chown(folder, "postgres", "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(program, *arguments):
        command = [str(Path(found).parent / program), "-D", str(folder / "data"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder, **other)
        assert done.returncode == 0, done.stderr + done.stdout

    try:
        run("initdb", "--username=sonsu", "--auth=trust", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        run("pg_ctl", "--wait", "--log", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://sonsu@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "--wait", "--mode=immediate", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.mark.slow
def test_several_processes_share_a_study_in_postgresql(postgresql, tmp_path):
    workers = [worker(postgresql, tmp_path / str(number), trials=12) for number in range(2)]
    counts = [finish(process) for process in workers]
    assert all(12 <= count <= 13 for count in counts)
    assert finish(worker(postgresql, tmp_path / "later", trials=12)) == max(counts)  # nothing is left to do
    rows = list(csv.DictReader((tmp_path / "later" / "trials.csv").read_text().splitlines()))
    assert sorted(int(row["trial"]) for row in rows) == list(range(max(counts)))
    best = json.loads((tmp_path / "later" / "best.json").read_text())
    assert best["study"]["validation_accuracy"] == max(float(row["validation_accuracy"]) for row in rows) > 0.88
