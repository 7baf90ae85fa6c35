"""The plan: which picture is in which shard, decided once. A Parquet file whose row groups are the shards."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from itertools import chain, islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sonsu.bulk.inputs import PLAN, Item
from sonsu.bulk.store import Store
from sonsu.errors import UsageError

_SHARD = 500  # pictures: seconds of work, which a node that dies may cost
_FEWEST_SHARDS, _SMALLEST = 32, 8  # so that a small lot keeps several processes busy, too
_KEY = b"sonsu.bulk"

_SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("file", pa.binary()),  # a file's name need not be text
        ("start", pa.int64()),
        ("length", pa.int64()),
        ("group", pa.int32()),
    ]
)


def write_plan(store: Store, items: Iterable[Item], job: dict[str, Any]) -> None:
    """Cut a list into shards, as it comes.

    Args:
        store: where the plan goes; it is there in the end, or not at all.
        items: the pictures.
        job: what is to be done with them, to be recognised by.

    Raises:
        UsageError: there are none.
    """
    items = iter(items)
    first = list(islice(items, _SHARD * _FEWEST_SHARDS))
    if not first:
        raise UsageError(f"there are no pictures in {job['input']!r}. Check the path, and the files' endings.")
    size = min(_SHARD, max(-(-len(first) // _FEWEST_SHARDS), _SMALLEST))
    items = chain(first, items)
    schema = _SCHEMA.with_metadata({_KEY: json.dumps(job)})
    with store.new_file(PLAN) as path, pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while shard := list(islice(items, size)):
            writer.write_table(_table(shard))


def _table(shard: list[Item]) -> pa.Table:
    columns = [
        [os.fsencode(item.source).decode("utf-8", "backslashreplace") for item in shard],
        [os.fsencode(item.file) for item in shard],
        *([getattr(item, name) for item in shard] for name in ("start", "length", "group")),
    ]
    return pa.table(columns, schema=_SCHEMA)


class Plan:
    """A plan that was written.

    Attributes:
        job: as it was given to `write_plan`.
        shards: how many there are.
        items: how many pictures they hold.
    """

    def __init__(self, store: Store) -> None:
        """Open the plan of a store.

        Raises:
            FileNotFoundError: it has none.
        """
        self._file = pq.ParquetFile(store.open(PLAN))
        self.job: dict[str, Any] = json.loads(self._file.schema_arrow.metadata[_KEY])
        self.shards: int = self._file.num_row_groups
        self.items: int = self._file.metadata.num_rows

    def shard(self, number: int) -> list[Item]:
        """The pictures of a shard, counted from 0."""
        rows = self._file.read_row_group(number).to_pylist()
        return [Item(**row | {"file": os.fsdecode(row["file"])}) for row in rows]
