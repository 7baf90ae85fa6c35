"""`sonsu.reading.batch`: many pictures in several processes: order, crashes, flat memory, a prompt end."""

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from PIL import Image

from sonsu.errors import ModelError, PictureError
from sonsu.reading.batch import Job, read_all
from sonsu.reading.reader import Reader


@pytest.fixture
def pictures(tmp_path, draw_digit):
    """Ten tasks: pictures of a 3 and a 7 by turns."""
    paths = []
    for number in range(10):
        path = tmp_path / f"{number}.png"
        Image.fromarray(255 - draw_digit((3, 7)[number % 2], 90, 8)).save(path)
        paths.append((path.name, path))
    return paths


class Ends:
    """A source that ends the process which unpickles it, as a crash in a decoder would."""

    def __reduce__(self):
        return os._exit, (3,)


class Sleeps:
    def __reduce__(self):
        return time.sleep, (600,)


def texts(outcomes):
    return [outcome.record["error"] or outcome.record["label"] for outcome in outcomes]


def test_the_same_in_one_process_and_in_several(pictures):
    with Image.open(pictures[0][1]) as image:
        array = np.asarray(image)
    tasks = [*pictures, ("gone", PictureError("cannot read 'gone': it is gone; look")), ("array", array),
             ("bytes", pictures[1][1].read_bytes()), ("name", str(pictures[0][1]))]  # fmt: skip
    one_by_one = list(read_all(tasks, Job(one=True)))
    at_once = list(read_all(tasks, Job(one=True), processes=2))
    assert at_once == one_by_one
    assert texts(at_once) == [3, 7] * 5 + ["cannot read 'gone': it is gone; look", 3, 7, 3]
    assert multiprocessing.active_children() == []


def test_a_crash_costs_its_own_picture_only(pictures):
    tasks = [*pictures[:4], ("bad.png", Ends()), *pictures[4:]]
    read = texts(read_all(tasks, Job(one=True), processes=2))
    assert read[4].startswith("cannot read 'bad.png': the process that read it crashed")
    assert read[:4] + read[5:] == [3, 7] * 5
    assert multiprocessing.active_children() == []


def test_tasks_are_taken_lazily(pictures):
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield pictures[taken % 10]

    for processes, ahead in ((1, 0), (2, 8)):
        taken = 0
        outcomes = read_all(endless(), Job(one=True), processes)
        for _ in range(5):
            next(outcomes)
        outcomes.close()
        assert taken <= 5 + ahead


def test_closing_ends_what_is_under_way(pictures):
    others = set(multiprocessing.active_children())
    outcomes = read_all([pictures[0], ("slow", Sleeps()), ("slow", Sleeps())], Job(one=True), processes=2)
    assert next(outcomes).record["label"] == 3
    begun = set(multiprocessing.active_children()) - others
    started = time.perf_counter()
    outcomes.close()
    assert begun
    # The system is asked, not multiprocessing: where two threads wait for one child, it may take a dead one for alive.
    for child in begun:
        with pytest.raises(ProcessLookupError):
            os.kill(child.pid, 0)
    assert time.perf_counter() - started < 5


def test_whatever_goes_wrong_costs_one_picture(pictures, monkeypatch):
    real = Reader.read_digit

    def fails_once(self, source):
        if source is pictures[1][1]:
            raise ZeroDivisionError("by\nzero")
        return real(self, source)

    monkeypatch.setattr(Reader, "read_digit", fails_once)
    first, second, third = texts(read_all(pictures[:3], Job(one=True)))
    assert (first, third) == (3, 3)
    assert second == (
        "cannot read '1.png': reading it failed (ZeroDivisionError: by\\nzero); leave it out, or report it"
    )


def test_a_missing_model_is_said_at_once():
    with pytest.raises(ModelError, match="nonesuch"):
        read_all([], Job(model="nonesuch"), processes=2)


def test_drawings(pictures):
    for outcome in read_all([*pictures[:1], ("gone", PictureError("why"))], Job(draw=True)):
        assert (outcome.drawing is None) == (outcome.record["error"] is not None)
        if outcome.drawing:
            assert outcome.drawing.startswith(b"\x89PNG")
            assert outcome.record["source"] == "0.png"


def test_closing_waits_for_the_pools_threads(pictures, monkeypatch):
    """One that ends while Python does is told so through a pipe it has closed: a traceback, once in some 60 ends."""
    told = []
    shutdown = ProcessPoolExecutor.shutdown

    def waiting(self, wait=True, *, cancel_futures=False):
        told.append(wait)
        shutdown(self, wait, cancel_futures=cancel_futures)

    monkeypatch.setattr(ProcessPoolExecutor, "shutdown", waiting)
    outcomes = read_all(pictures, Job(one=True), processes=2)
    next(outcomes)
    outcomes.close()
    assert told
    assert all(told)
