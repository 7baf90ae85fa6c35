"""`sonsu.bulk.inputs`, `plan` and `sources`: what an input stands for, in which shard, and its bytes."""

import os
import tarfile
import tracemalloc
from io import BytesIO
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sonsu.bulk import inputs, plan
from sonsu.bulk.inputs import Item, items
from sonsu.bulk.plan import Plan, write_plan
from sonsu.bulk.sources import tasks
from sonsu.bulk.store import Store
from sonsu.errors import PictureError, UsageError


def taken(name):
    """Each picture's name and bytes."""
    found = {}
    for source, what in tasks(list(items(str(name)))):
        found[source] = what.getvalue() if isinstance(what, BytesIO) else Path(what).read_bytes()
    return found


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Relative to the current folder: lot/b.png, lot/a/c.JPG, lot/d.tar of two pictures, lot/e.parquet of three."""
    monkeypatch.chdir(tmp_path)
    lot = tmp_path / "lot"
    (lot / "a").mkdir(parents=True)
    (lot / "b.png").write_bytes(b"b")
    (lot / "a" / "c.JPG").write_bytes(b"c")
    (lot / "notes.txt").write_text("no picture")
    with tarfile.open(lot / "d.tar", "w") as archive:
        for name in ("x.png", "x.json", "y.png"):
            (tmp_path / name).write_bytes(name.encode() * 100)
            archive.add(tmp_path / name, f"in/{name}")
    pq.write_table(pa.table({"image": [b"0", b"1", b"2"], "label": [5, 6, 7]}), lot / "e.parquet", row_group_size=2)
    return lot


EXPECTED = {
    "lot/a/c.JPG": b"c", "lot/b.png": b"b", "lot/d.tar/in/x.png": b"x.png" * 100, "lot/d.tar/in/y.png": b"y.png" * 100,
    "lot/e.parquet/0": b"0", "lot/e.parquet/1": b"1", "lot/e.parquet/2": b"2",
}  # fmt: skip


def test_a_folder_and_all_in_it_in_order(folder):
    assert list(taken("lot").items()) == list(EXPECTED.items())
    assert list(taken(folder).values()) == list(EXPECTED.values())


def test_a_list_a_glob_and_single_files(folder, tmp_path):
    (tmp_path / "names.txt").write_text("lot/e.parquet\nlot/b.png\r\n\nlot/gone.png")
    assert [item.source for item in items("names.txt")] == [*list(EXPECTED)[-3:], "lot/b.png", "lot/gone.png"]
    assert list(taken("lot/*.tar")) == list(taken("lot/d.tar")) == ["lot/d.tar/in/x.png", "lot/d.tar/in/y.png"]


def test_a_list_from_windows_and_folders_in_a_list_or_under_a_glob(folder, tmp_path):
    (tmp_path / "names.txt").write_text("lot/b.png\r\nlot/a\r\n", encoding="utf-8-sig")
    assert [item.source for item in items("names.txt")] == ["lot/b.png", "lot/a/c.JPG"]
    assert [item.source for item in items("lo*")] == list(EXPECTED)


def test_a_table_that_is_listed_twice_is_read_twice(folder, tmp_path):
    (tmp_path / "names.txt").write_text("lot/e.parquet\nlot/e.parquet\n")
    read = [source.getvalue() for _, source in tasks(list(items("names.txt")))]
    assert read == [b"0", b"1", b"2"] * 2


def test_a_table_without_pictures_among_others_costs_one_row(folder):
    pq.write_table(pa.table({"label": [1, 2]}), folder / "meta.parquet")
    assert [item.source for item in items("lot")] == [*EXPECTED, "lot/meta.parquet"]
    assert "meta.parquet" in [item.source for item in items("lot/*.parquet")][-1]


def test_results_are_no_input(folder):
    write_plan(Store(str(folder / "results")), items("lot/b.png"), {"input": "lot"})
    (folder / "results" / "parquet").mkdir()
    pq.write_table(pa.table({"image": [b"0"]}), folder / "results" / "parquet" / "one.parquet")
    (folder / "results" / "z.png").write_bytes(b"z")
    names = [*EXPECTED, "lot/results/z.png"]
    assert [item.source for item in items("lot")] == names
    memory = fsspec.filesystem("memory")
    memory.put(str(folder), "/bucket", recursive=True)
    assert len(list(items("memory://bucket"))) == len(names)
    memory.rm("/bucket", recursive=True)


@pytest.mark.parametrize("name", ["nonsense://bucket", "gs://bucket/lot"])
def test_an_address_that_cannot_be_opened(name):
    with pytest.raises(UsageError, match=f"'{name}' cannot be opened: "):
        list(items(name))


def test_any_fsspec_url(folder):
    memory = fsspec.filesystem("memory")
    memory.put(str(folder), "/bucket", recursive=True)
    assert set(taken("memory://bucket").values()) == set(EXPECTED.values())
    assert list(taken("memory://bucket/b.png").items()) == [("memory://bucket/b.png", b"b")]
    assert list(taken("memory://bucket/*.tar").values()) == [b"x.png" * 100, b"y.png" * 100]
    memory.rm("/bucket", recursive=True)


def test_pictures_in_a_struct_as_hugging_face_has_them(tmp_path):
    pictures = [{"bytes": b"0", "path": "0.png"}, {"bytes": b"1", "path": "1.png"}, None]
    pq.write_table(pa.table({"image": pictures}), tmp_path / "hf.parquet")
    first, second, none = (source for _, source in tasks(list(items(str(tmp_path / "hf.parquet")))))
    assert (first.getvalue(), second.getvalue()) == (b"0", b"1")
    assert "it is empty" in str(none)


def test_rows_from_the_middle_of_a_row_group(tmp_path):
    pq.write_table(pa.table({"image": [str(row).encode() for row in range(100)]}), tmp_path / "lot.parquet")
    some = list(items(str(tmp_path / "lot.parquet")))[30:70]
    assert [source.getvalue() for _, source in tasks(some)] == [str(row).encode() for row in range(30, 70)]


@pytest.mark.parametrize("columns", [{"label": [1]}, {"a": [b"1"], "b": [b"2"]}])
def test_a_table_without_one_column_of_bytes(tmp_path, columns):
    pq.write_table(pa.table(columns), tmp_path / "lot.parquet")
    with pytest.raises(UsageError, match="columns of bytes among"):
        list(items(str(tmp_path / "lot.parquet")))


def test_a_broken_archive_among_others(folder):
    whole = (folder / "d.tar").read_bytes()
    (folder / "cut.tar").write_bytes(whole[:2000])
    (folder / "junk.parquet").write_bytes(b"PAR1 junk PAR1")
    names = [item.source for item in items("lot")]
    assert names[2:4] == ["lot/cut.tar/in/x.png", "lot/cut.tar"]
    assert names[-1] == "lot/junk.parquet"
    assert len(names) == len(EXPECTED) + 3
    for name in names[3], names[-1]:
        assert [item.source for item in items(name)][-1] == name  # named itself, too


@pytest.mark.parametrize("name", ["nowhere", "names.txt", "no*.tar", "memory://nowhere"])
def test_nothing_there(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"there is no '|there are no pictures"):
        write_plan(Store(str(tmp_path)), items(name), {"input": name})


def test_what_is_gone_meanwhile_costs_its_rows_only(folder):
    found = [*items("lot/d.tar"), *items("lot/e.parquet"), *items("lot/b.png")]
    (folder / "d.tar").unlink()
    (folder / "e.parquet").write_bytes(b"junk")
    kinds = [isinstance(source, PictureError) for _, source in tasks(found)]
    assert kinds == [True] * 5 + [False]


def test_what_is_refused_is_not_opened(folder):
    found = list(items("lot/e.parquet"))
    places = []
    several = list(tasks(found, frozenset([1]), places.append))
    assert [isinstance(source, PictureError) for _, source in several] == [False, True, False]
    assert several[2][1].getvalue() == b"2"
    assert places == [0, 1, 2]


def test_shards_are_the_same_whenever_and_hold_each_picture_once(tmp_path):
    store = Store(str(tmp_path))
    for count, shards in ((1, 1), (60, 8), (1000, 32), (20_000, 40)):
        write_plan(store, (Item(f"{n}.png", f"/lot/{n}.png") for n in range(count)), {"input": "lot"})
        made = Plan(store)
        assert (made.items, made.shards, made.job) == (count, shards, {"input": "lot"})
        names = [item.source for number in range(made.shards) for item in made.shard(number)]
        assert names == [f"{n}.png" for n in range(count)]
    with pytest.raises(UsageError, match="no pictures in 'lot'"):
        write_plan(store, (), {"input": "lot"})


@pytest.mark.skipif(os.name != "posix", reason="names that are no text")
def test_a_name_that_is_no_text(tmp_path):
    name = os.fsdecode(b"\xff.png")
    (tmp_path / name).write_bytes(b"1")
    write_plan(Store(str(tmp_path / "out")), items(str(tmp_path)), {"input": "lot"})
    (item,) = Plan(Store(str(tmp_path / "out"))).shard(0)
    assert item == Item(f"{tmp_path}/\\xff.png", f"{tmp_path}/{name}")


def test_listing_takes_no_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(inputs, "_local_files", lambda folder: (f"{folder}/{n:07}.png" for n in range(8_000, 0, -1)))
    monkeypatch.setattr(plan, "_SHARD", 10)
    write_plan(Store(str(tmp_path / "first")), [Item("1.png", "1.png")], {"input": "lot"})  # PyArrow loads more for it
    tracemalloc.start()
    try:
        write_plan(Store(str(tmp_path / "out")), items(str(tmp_path)), {"input": "lot"})
        assert tracemalloc.get_traced_memory()[1] < 1e6  # the names alone would take more
    finally:
        tracemalloc.stop()
    assert Plan(Store(str(tmp_path / "out"))).items == 8_000
