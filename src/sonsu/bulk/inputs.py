"""The pictures that an input stands for, listed lazily: a folder, a list, tar and Parquet files, any fsspec URL."""

from __future__ import annotations

import glob
import os
import sqlite3
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from sonsu.bulk.store import files_of
from sonsu.errors import UsageError
from sonsu.reading.inputs import ENDINGS

_LISTS = (".txt", ".lst", ".list")
_WANTED = (*ENDINGS, ".tar", ".parquet")

PLAN = "_work/plan.parquet"
"""Lies in a folder of results…"""

_RESULTS = {"_work", "parquet", "jsonl"}  # …whose folders of these names are no input


@dataclass(frozen=True, slots=True)
class Item:
    """One picture (or document) and where it is.

    Attributes:
        source: what to call it.
        file: the path or URL of the file that it is, or that holds it.
        start: in a tar file, its first byte; in a Parquet file, its row within the row group.
        length: in a tar file, its bytes.
        group: in a Parquet file, its row group.
    """

    source: str
    file: str
    start: int | None = None
    length: int | None = None
    group: int | None = None


def items(name: str) -> Iterator[Item]:
    """Each picture of an input, in an order that depends on the input alone.

    Args:
        name: a folder (with all folders in it: pictures, PDFs, tar and Parquet files), a list (.txt, .lst, .list: a
            path or URL a line), a .tar, a .parquet with pictures' bytes in a column, one picture, a glob of any of
            these; a path or any fsspec URL.

    Raises:
        UsageError: there is no such thing.
    """
    files, path = files_of(name)
    local = isinstance(files, LocalFileSystem)
    here = path if "://" in name else name  # what is found is called as it was named
    if files.isdir(path):
        yield from _of_files(_files_below(files, path, here))
    elif files.exists(path):
        listed = name.lower().endswith(_LISTS)
        yield from _of_files(_with_folders(_lines(name))) if listed else _of_files([name], named=True)
    elif fsspec.core.has_magic(path):
        found = _sorted(glob.iglob(here, recursive=True)) if local else _matches(files, path)  # noqa: PTH207
        yield from _of_files(_with_folders(found))
    else:
        raise UsageError(f"there is no {name!r}. Give a folder, a list, a .tar, a .parquet or a URL of one.")


def _of_files(names: Iterable[str], *, named: bool = False) -> Iterator[Item]:
    """What is in files; one that is ``named`` itself has to be of use."""
    here = Path.cwd()
    for name in names:
        file = name if "://" in name else os.path.join(here, name)  # noqa: PTH118 a million Paths take seconds
        try:
            if name.lower().endswith(".tar"):
                yield from _members(name, file)
            elif name.lower().endswith(".parquet"):
                yield from _rows(name, file)
            else:
                yield Item(name, file)
        except (OSError, ImportError, ValueError, tarfile.TarError, UsageError) as error:
            if named and isinstance(error, UsageError):
                raise
            yield Item(name, file)  # one bad file of many: reading it gives a row that says so


def _with_folders(names: Iterable[str]) -> Iterator[str]:
    """Names as they are; instead of a folder's what is below it."""
    for name in names:
        if name.lower().endswith(_WANTED):  # a million names are not all looked up
            yield name
            continue
        try:
            files, path = url_to_fs(name)
            yield from _files_below(files, path, path if "://" in name else name) if files.isdir(path) else [name]
        except (OSError, ImportError, ValueError):
            yield name


def _files_below(files: Any, path: str, here: str) -> Iterator[str]:
    return _sorted(_local_files(here)) if isinstance(files, LocalFileSystem) else _walk(files, path)


def _walk(files: Any, folder: str) -> Iterator[str]:
    for here, folders, names in files.walk(folder):
        if "_work" in folders and files.exists(f"{here}/{PLAN}"):
            folders[:] = [name for name in folders if name not in _RESULTS]
        for name in sorted(names):
            if name.lower().endswith(_WANTED):
                yield files.unstrip_protocol(f"{here}/{name}")


def _matches(files: Any, pattern: str) -> Iterator[str]:
    for path in sorted(files.glob(pattern)):
        yield files.unstrip_protocol(path)


def _local_files(folder: str) -> Iterator[str]:
    """The pictures below a folder as the system gives them: os.walk would hold a folder's million names."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        left_out = _RESULTS if os.path.exists(os.path.join(here, PLAN)) else set()  # noqa: PTH110, PTH118
        try:
            entries = os.scandir(here)
        except OSError:
            yield here  # reading it reports why
            continue
        with entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting += [entry.path] if entry.name not in left_out else []
                elif entry.name.lower().endswith(_WANTED) and entry.is_file():
                    yield entry.path


def _sorted(names: Iterable[str]) -> Iterator[str]:
    """Sorted on disk: a million names stay out of memory."""
    with closing(sqlite3.connect("")) as database:  # "" is a temporary file
        database.execute("CREATE TABLE names (name BLOB)")
        database.executemany("INSERT INTO names VALUES (?)", ((os.fsencode(name),) for name in names))
        for (name,) in database.execute("SELECT name FROM names ORDER BY name"):
            yield os.fsdecode(name)


def _lines(name: str) -> Iterator[str]:
    with fsspec.open(name, "r", encoding="utf-8-sig", errors="surrogateescape") as file:
        for line in file:
            if line := line.rstrip("\r\n"):
                yield line


def _members(name: str, url: str) -> Iterator[Item]:
    """The pictures in an uncompressed tar file, by where their bytes lie."""
    with fsspec.open(url, "rb") as file, tarfile.open(fileobj=file, mode="r:") as archive:
        for member in archive:
            archive.members = []  # type: ignore[attr-defined]  # tarfile would keep every one
            if member.isfile() and member.name.lower().endswith(tuple(ENDINGS)):
                yield Item(f"{name}/{member.name}", url, member.offset_data, member.size)


def _rows(name: str, url: str) -> Iterator[Item]:
    with fsspec.open(url, "rb") as file, pq.ParquetFile(file) as table:
        picture_column(table.schema_arrow, name)
        row = 0
        for group in range(table.num_row_groups):
            for start in range(table.metadata.row_group(group).num_rows):
                yield Item(f"{name}/{row}", url, start, None, group)
                row += 1


def picture_column(schema: pa.Schema, name: str) -> str:
    """The column of a Parquet file that holds pictures' bytes, as pyarrow names it when it reads columns.

    Hugging Face's data sets have a struct of bytes and path.

    Raises:
        UsageError: there is none, or more than one.
    """
    found = []
    for field in schema:
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            found.append(field.name)
        elif pa.types.is_struct(field.type) and field.type.get_field_index("bytes") >= 0:
            found.append(f"{field.name}.bytes")
    if len(found) != 1:
        raise UsageError(
            f"{name!r} has {len(found)} columns of bytes among {', '.join(schema.names)}; "
            "expected one, with a picture in each row."
        )
    return found[0]
