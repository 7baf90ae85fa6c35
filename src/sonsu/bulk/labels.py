"""What is really written in the pictures of a job: from a CSV file, their folders' names, or a Parquet column."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from typing import TypeAlias

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from sonsu.bulk.plan import Plan
from sonsu.errors import UsageError

Truth: TypeAlias = Callable[[str], str | None]
"""From a row's source to its label, or None where it has none."""

_COLUMN = "column:"


@contextmanager
def labels(name: str, plan: Plan) -> Iterator[Truth]:
    """Look labels up; a million of them stay on disk.

    Args:
        name: "folder" for the name of the folder that a picture lies in; "column:NAME" for a column of the input's
            Parquet files; or a CSV file's path or URL, with the columns source (as in the rows) and label.
        plan: of the job.

    Raises:
        UsageError: there are no such labels.
    """
    if name == "folder":
        yield lambda source: source.rsplit("/", 2)[-2] if "/" in source else None
        return
    pairs = _of_column(name.removeprefix(_COLUMN), plan) if name.startswith(_COLUMN) else _of_csv(name)
    with closing(sqlite3.connect("")) as database:  # "" is a temporary file
        database.execute("CREATE TABLE labels (source TEXT PRIMARY KEY, label TEXT) WITHOUT ROWID")
        database.executemany("INSERT OR REPLACE INTO labels VALUES (?, ?)", pairs)

        def truth(source: str) -> str | None:
            found = database.execute("SELECT label FROM labels WHERE source = ?", (source,)).fetchone()
            return None if found is None else str(found[0])

        yield truth


def check(name: str) -> None:
    """Look at a CSV file of labels before anything is read for hours.

    Raises:
        UsageError: as `labels`.
    """
    if name != "folder" and not name.startswith(_COLUMN):
        next(_of_csv(name), None)


def _of_csv(name: str) -> Iterator[tuple[str, str]]:
    try:
        with fsspec.open(name, "r", encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if not {"source", "label"} <= set(rows.fieldnames or ()):
                found = ", ".join(rows.fieldnames or ()) or "nothing"
                raise UsageError(f"{name!r} has the columns {found}; expected source and label in its first line.")
            for row in rows:
                if row["source"] is None:
                    raise UsageError(f"{name!r}: line {rows.line_num} has no source.")
                if row["label"] is not None:  # a line that ends before it is not labelled
                    yield row["source"], row["label"]
    except (OSError, ImportError, ValueError, csv.Error) as error:  # no such protocol; no text
        raise UsageError(
            f"cannot read labels from {name!r}: {error}. Give a CSV file, folder, or column:NAME."
        ) from None


def _of_column(column: str, plan: Plan) -> Iterator[tuple[str, str]]:
    for file, name in _tables(plan):
        with fsspec.open(file, "rb") as opened, pq.ParquetFile(opened) as table:
            if column not in table.schema_arrow.names:
                there = ", ".join(table.schema_arrow.names)
                raise UsageError(f"{name!r} has no column {column!r}. It has {there}.")
            kind = table.schema_arrow.field(column).type
            held = kind.value_type if pa.types.is_dictionary(kind) else kind
            if pa.types.is_nested(held) or pa.types.is_temporal(held) or "binary" in str(held):
                raise UsageError(f"{name!r}: column {column!r} is of {kind}; labels are text or numbers.")
            values = (value for batch in table.iter_batches(columns=[column]) for value in batch.column(0))
            for row, value in enumerate(values):
                label = _text(value.as_py())
                if label is not None:
                    yield f"{name}/{row}", label


def _text(value: object) -> str | None:
    """A label as it is compared, None for none: whole numbers are kept as floats, with NaN, where some are missing."""
    if value is None or value != value:
        return None
    return str(int(value)) if isinstance(value, float | Decimal) and value == int(value) else str(value)


def _tables(plan: Plan) -> Iterable[tuple[str, str]]:
    """The Parquet files of a job's input, once each, and what their rows' names begin with."""
    items = (item for number in range(plan.shards) for item in plan.shard(number) if item.group is not None)
    return dict.fromkeys((item.file, item.source.rpartition("/")[0]) for item in items)
