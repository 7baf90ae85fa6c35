"""`sonsu.bulk.store`: whole or not at all, in a folder and behind a URL."""

import fsspec
import pytest

from sonsu.bulk.store import PARTIAL, Store
from sonsu.errors import UsageError


@pytest.fixture(params=["folder", "url"])
def store(request, tmp_path):
    yield Store(str(tmp_path) if request.param == "folder" else "memory://bulk-test/out")
    if fsspec.filesystem("memory").exists("/bulk-test"):
        fsspec.filesystem("memory").rm("/bulk-test", recursive=True)


def test_write_and_read(store):
    assert (store.names("a"), store.exists("a/b")) == (set(), False)
    store.write("a/b", b"1")
    store.write("a/b", b"2")
    assert (store.names("a"), store.exists("a/b"), store.read("a/b")) == ({"b"}, True, b"2")
    with store.open("a/b") as file:
        assert file.read() == b"2"
    store.write("a/c.end", b"")
    store.remove("a", (".end",))
    assert store.names("a") == {"b"}


def test_a_url_that_nothing_opens():
    with pytest.raises(UsageError, match="'foo://x' cannot be opened"):
        Store("foo://x")


def test_what_was_not_finished_is_not_there(store):
    with pytest.raises(KeyboardInterrupt), store.new_file("a/b") as path:
        path.write_bytes(b"half")
        assert not store.exists("a/b")
        raise KeyboardInterrupt
    assert store.names("a") == set()


def test_what_a_killed_process_left(tmp_path):
    store = Store(str(tmp_path))
    file = store.new_file("a/b")
    file.__enter__().write_bytes(b"half")
    assert store.names("a") == set()
    assert len(list((tmp_path / "a").iterdir())) == 1
    store.remove("a", (PARTIAL,))
    assert list((tmp_path / "a").iterdir()) == []
