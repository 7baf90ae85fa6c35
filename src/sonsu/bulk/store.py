"""Where results go: a folder, or a prefix in an object store. A file is there whole or not at all."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from sonsu.errors import UsageError

PARTIAL = ".partial"
"""How names end while their file is written."""


def files_of(url: str) -> tuple[Any, str]:
    """The file system that a path or an fsspec URL lies in, and its path there.

    Raises:
        UsageError: there is no such kind of URL here.
    """
    try:
        files, path = url_to_fs(url)
    except (ImportError, ValueError) as error:  # no such protocol, or what it needs is not installed
        raise UsageError(f"{url!r} cannot be opened: {error}") from None
    return files, path


class Store:
    """Files under one folder or URL."""

    def __init__(self, url: str) -> None:
        """Nothing is touched yet.

        Args:
            url: a folder, or any fsspec URL such as s3://bucket/results.

        Raises:
            UsageError: there is no such kind of URL here.
        """
        self._files, self._root = files_of(url)
        self._local = isinstance(self._files, LocalFileSystem)

    def names(self, folder: str) -> set[str]:
        """The names of the finished files in a folder; none where there is no folder."""
        try:
            found = self._files.ls(f"{self._root}/{folder}", detail=False, refresh=True)
        except FileNotFoundError:
            return set()
        return {name for name in (path.rsplit("/", 1)[-1] for path in found) if not name.endswith(PARTIAL)}

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        return bool(self._files.isfile(f"{self._root}/{name}"))

    def read(self, name: str) -> bytes:
        """A file's bytes."""
        return bytes(self._files.cat_file(f"{self._root}/{name}"))

    def write(self, name: str, data: bytes) -> None:
        """Write a small file."""
        with self.new_file(name) as path:
            path.write_bytes(data)

    def open(self, name: str) -> IO[bytes]:
        """A file to read from at any place."""
        opened: IO[bytes] = self._files.open(f"{self._root}/{name}", "rb")
        return opened

    @contextmanager
    def new_file(self, name: str) -> Iterator[Path]:
        """A path to write to; in the end the file appears under its name at once, after an exception never.

        Several processes may write the same name at the same time: the last one stays.
        """
        if not self._local:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "new")
                yield path
                self._files.put_file(str(path), f"{self._root}/{name}")  # an object store shows only whole objects
            return
        final = Path(self._root, name)
        final.parent.mkdir(parents=True, exist_ok=True)
        path = final.with_name(f"{final.name}.{uuid.uuid4().hex}{PARTIAL}")
        try:
            yield path
            _to_disk(path)
            path.replace(final)
        finally:
            path.unlink(missing_ok=True)

    def remove(self, folder: str, endings: tuple[str, ...]) -> None:
        """Remove the files of a folder with some endings."""
        if not self._files.isdir(f"{self._root}/{folder}"):
            return
        for path in self._files.ls(f"{self._root}/{folder}", detail=False, refresh=True):
            if path.endswith(endings):
                self._files.rm_file(path)


def _to_disk(path: Path) -> None:
    """Without this a power cut could leave a file that has its name and nothing in it."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
