"""A shard's pictures, opened one after another: from files as they are, out of tar and Parquet files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from sonsu.bulk.inputs import Item, picture_column
from sonsu.reading.batch import Task
from sonsu.reading.pages import pages
from sonsu.reading.picture import DEFAULT_LIMITS
from sonsu.reading.source import NamedBytes, refusal, shortened

_LEAVE = "leave it out, or report it"
_ROWS = 32  # of a Parquet file that are in memory at a time


def tasks(
    items: Sequence[Item], refused: frozenset[int] = frozenset(), at: Callable[[int], None] = lambda place: None
) -> Iterator[Task]:
    """What is to be read for each item, one task a picture and one a page of a document.

    Args:
        items: of one shard, in order; neighbours of the same tar or Parquet file are read from it in one go.
        refused: places of items, from 0, that crash whoever reads them: they are not opened.
        at: is told the place of each item before it is opened.

    Yields:
        Name and source; for what cannot be had, the error that says why.
    """
    for run in _runs(items, refused):
        file, group, left_out = items[run[0]].file, items[run[0]].group, run[0] in refused
        first, *_ = several = [items[place] for place in run]
        contents: Iterator[bytes | None] | None = None
        if group is not None:
            contents = _rows(file, group, first.start or 0)
        elif first.length is not None:
            contents = _members(file, several)
        elif "://" in file:
            contents = (_whole(item.file) for item in several)
        for place, item in zip(run, several, strict=True):
            at(place)
            if left_out:
                yield item.source, refusal(item.source, "the process that read it crashed, twice", _LEAVE)
            elif contents is None:
                yield from pages(item.source, item.file, DEFAULT_LIMITS)
            else:
                yield from _taken(item.source, contents)


def _runs(items: Sequence[Item], refused: frozenset[int]) -> list[list[int]]:
    """The places of items that are read in one go, or refused: of a Parquet file's row group, one row after another."""
    runs: list[list[int]] = []
    for place, item in enumerate(items):
        if runs:
            last = items[runs[-1][-1]]
            again = item.group is not None and item.start != (last.start or 0) + 1  # the file is listed twice
            alike = (item.file, item.group, place in refused) == (last.file, last.group, place - 1 in refused)
            if alike and not again:
                runs[-1].append(place)
                continue
        runs.append([place])
    return runs


def _taken(name: str, contents: Iterator[bytes | None]) -> list[Task]:
    try:
        data = next(contents)
    except StopIteration:
        return [(name, refusal(name, "the file that holds it could not be read on", "check that file"))]
    except Exception as error:  # an fsspec file may be anyone's code; after it `contents` is at its end
        reason = shortened(f"{type(error).__name__}: {error}", 160)
        return [(name, refusal(name, f"its bytes cannot be had ({reason})", "check the file that holds it"))]
    return list(pages(name, NamedBytes(data or b"", name), DEFAULT_LIMITS))


def _whole(url: str) -> bytes:
    with fsspec.open(url, "rb") as file:
        return bytes(file.read(DEFAULT_LIMITS.file_bytes + 1))


def _members(url: str, items: Iterable[Item]) -> Iterator[bytes]:
    with fsspec.open(url, "rb") as file:
        for item in items:
            file.seek(item.start)
            yield file.read(min(item.length or 0, DEFAULT_LIMITS.file_bytes + 1))


def _rows(url: str, group: int, start: int) -> Iterator[bytes | None]:
    """The pictures of a row group from a row on; no more than a few of them are in memory."""
    with fsspec.open(url, "rb") as file, pq.ParquetFile(file, buffer_size=1 << 20, pre_buffer=False) as table:
        column = picture_column(table.schema_arrow, url)
        before = 0
        for batch in table.iter_batches(_ROWS, row_groups=[group], columns=[column], use_threads=False):
            values = batch.column(0)
            if pa.types.is_struct(values.type):
                values = values.field("bytes")
            yield from (value.as_py() for value in values[max(start - before, 0) :])
            before += len(values)
