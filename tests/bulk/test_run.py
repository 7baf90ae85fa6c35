"""`sonsu bulk` from start to end: rows, going on, crashes."""

import json

import pytest

from sonsu.bulk import run, shard
from sonsu.bulk.processes import read_shards
from sonsu.errors import SonsuError, UsageError
from sonsu.reading.batch import Job, read_all

ONE = Job(one=True)


def here(work, numbers):
    """An engine without processes."""
    reader = shard.ShardReader(work)
    return (reader(number) for number in numbers)


def in_two(work, numbers):
    return read_shards(work, numbers, 2)


@pytest.fixture(scope="module")
def finished(lot, tmp_path_factory):
    """An unbroken run over the lot, in both forms."""
    out = tmp_path_factory.mktemp("finished")
    manifest, _ = run.run(str(lot), str(out), ONE, ("parquet", "jsonl"), in_two)
    return out, manifest


def test_one_row_a_picture_as_sonsu_read_gives_it(lot, finished, rows):
    out, manifest = finished
    paths = sorted(str(path) for path in lot.rglob("*.png"))
    expected = [outcome.record for outcome in read_all(((path, path) for path in paths), ONE)]
    assert rows(out) == rows(out, "jsonl") == expected
    assert [row["error"] is not None for row in expected].count(True) == 1
    unsure = sum(row["status"] == "unsure" for row in expected)
    assert [manifest[name] for name in run.COUNTS] == [60, 0, 59, unsure, 1]  # pictures, lines, digits, unsure, failed
    assert json.loads((out / "manifest.json").read_text()) == manifest
    assert manifest["model"] == expected[0]["model"]
    assert sorted(path.name for path in (out / "_work").iterdir()) == ["plan.parquet"]


def test_pages(tmp_path, rows):
    (tmp_path / "one.txt").write_text("docs/images/lines.png\nnowhere.png\n")
    manifest, _ = run.run(str(tmp_path / "one.txt"), str(tmp_path / "out"), Job(), ("parquet",), here)
    found = rows(tmp_path / "out")
    (page,) = read_all([("docs/images/lines.png",) * 2], Job())
    assert found[0] == page.record
    assert found[0]["text"] == "4019\n273"
    assert found[1]["error"].endswith("nowhere.png': there is no such file; check the path")
    assert (manifest["lines"], manifest["digits"], manifest["failed"]) == (2, 7, 1)


def test_the_same_call_again_reads_nothing(lot, finished, contents):
    out, manifest = finished
    for name in ("_work/000001.begun", "_work/000001.json", "manifest.json.1.partial", "jsonl/000001.jsonl.2.partial"):
        (out / name).touch()  # as if killed right after the manifest
    before = contents(out)
    assert run.run(str(lot), str(out), ONE, ("parquet", "jsonl"), None) == (manifest, 0)
    assert len(contents(out)) == len(before) - 4


@pytest.mark.parametrize("done", [0, 3, 7])
def test_going_on_gives_the_same_files(lot, finished, tmp_path, contents, done):
    def stops(work, numbers):
        receipts = here(work, numbers)
        for _ in range(done):
            yield next(receipts)
        raise KeyboardInterrupt

    call = str(lot), str(tmp_path), ONE, ("parquet", "jsonl")
    with pytest.raises(KeyboardInterrupt):
        run.run(*call, stops)
    assert not (tmp_path / "manifest.json").exists()
    read = []
    run.run(*call, lambda work, numbers: here(work, read.extend(numbers) or read))
    assert len(read) == 8 - done
    assert contents(tmp_path) == contents(finished[0])


def test_another_job_is_refused(lot, finished, tmp_path):
    out, _ = finished
    with pytest.raises(UsageError, match="of another job: one was True and is now False"):
        run.run(str(lot), str(out), Job(), ("parquet", "jsonl"), here)
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds something else \(letter.txt"):
        run.run(str(lot), str(tmp_path), ONE, ("parquet",), here)


def test_a_picture_that_crashes_its_process_costs_its_own_row_only(crashing, tmp_path, rows):
    manifest, _ = run.run(str(crashing), str(tmp_path / "out"), ONE, ("parquet",), in_two)
    assert (manifest["pictures"], manifest["failed"]) == (15, 1)
    assert "crashed, twice" in rows(tmp_path / "out")[10]["error"]


def test_what_is_wrong_with_a_shard_begun_before_is_no_crash(lot, tmp_path, monkeypatch):
    def begins(work, numbers):
        (tmp_path / "_work" / "000000.begun").touch()
        (tmp_path / "parquet").touch()  # where a folder ought to be
        return here(work, numbers)

    with pytest.raises(FileExistsError):
        run.run(str(lot), str(tmp_path), ONE, ("parquet",), begins)


# A process that ends while `submit` starts the next one: Python's pool may then stumble over its own list of processes,
# in its own thread, after it has told us (CPython 3.11, `_ExecutorManagerThread.get_n_children_alive`).
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_processes_that_cannot_live_end_the_job(lot, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text("import sys; 'spawn_main' in str(sys.orig_argv) and sys.exit(1)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(SonsuError, match="ended 5 times without finishing a shard"):
        run.run(str(lot), str(tmp_path / "out"), ONE, ("parquet",), in_two)


def test_results_behind_a_url(lot, finished, rows):
    import fsspec

    out, _ = finished
    memory = fsspec.filesystem("memory")
    try:
        manifest, read = run.run(str(lot), "memory://run-test/out", ONE, ("jsonl",), here)
        assert (manifest["pictures"], read) == (60, 60)
        shards = b"".join(memory.cat_file(path) for path in sorted(memory.ls("/run-test/out/jsonl", detail=False)))
        assert shards == b"".join(path.read_bytes() for path in sorted((out / "jsonl").iterdir()))
        assert run.run(str(lot), "memory://run-test/out", ONE, ("jsonl",), None) == (manifest, 0)
        assert memory.ls("/run-test/out/_work", detail=False) == ["/run-test/out/_work/plan.parquet"]
    finally:
        memory.rm("/run-test", recursive=True)


def test_measure(lot, finished):
    out, _ = finished
    told = run.measure(str(out), "folder")  # even and odd are no digits: all wrong, but the labels are found
    assert (told["n"], told["unlabelled"], told["accuracy"]) == (60, 0, 0.0)
    assert json.loads((out / "evaluation.json").read_text()) == told
    (out / "evaluation.json").unlink()
