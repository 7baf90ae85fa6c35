"""Records as files: Parquet with a column for each key of "sonsu.page/1" or "sonsu.digit/1", or JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

Record = dict[str, Any]

_BOX = pa.list_(pa.int32())
_DIGIT = [
    ("label", pa.int8()),
    ("confidence", pa.float64()),  # rounded to six places, as in JSON
    ("status", pa.string()),
    ("box_px", _BOX),
    ("probabilities", pa.list_(pa.float64())),
]
_LINE = [
    ("text", pa.string()),
    ("confidence", pa.float64()),
    ("box_px", _BOX),
    ("digits", pa.list_(pa.struct(_DIGIT))),
]
_START = [("schema", pa.string()), ("source", pa.string())]
_END = [
    ("notes", pa.list_(pa.string())),
    ("model", pa.struct([("name", pa.string()), ("sha256", pa.string())])),
    ("error", pa.string()),
]
DIGIT_SCHEMA = pa.schema([*_START, *_DIGIT, *_END])
PAGE_SCHEMA = pa.schema(
    [
        *_START,
        ("width_px", pa.int32()),
        ("height_px", pa.int32()),
        ("text", pa.string()),
        ("lines", pa.list_(pa.struct(_LINE))),
        *_END,
    ]
)


@dataclass(frozen=True)
class Format:
    """A kind of file.

    Attributes:
        write: writes records to a new file; its last argument says whether they are single digits.
        read: reads them from an open one.
    """

    write: Callable[[Path, Sequence[Record], bool], None]
    read: Callable[[IO[bytes]], list[Record]]


def _write_parquet(path: Path, records: Sequence[Record], one: bool) -> None:
    table = pa.Table.from_pylist(list(records), DIGIT_SCHEMA if one else PAGE_SCHEMA)
    pq.write_table(table, path, compression="zstd")


def _read_parquet(file: IO[bytes]) -> list[Record]:
    records: list[Record] = pq.read_table(file).to_pylist()
    return records


def _write_jsonl(path: Path, records: Sequence[Record], one: bool) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _read_jsonl(file: IO[bytes]) -> list[Record]:
    return [json.loads(line) for line in file]


FORMATS: Mapping[str, Format] = {
    "parquet": Format(_write_parquet, _read_parquet),
    "jsonl": Format(_write_jsonl, _read_jsonl),
}


def counts(records: Sequence[Record], one: bool) -> dict[str, int]:
    """What is in some records: pictures, lines, digits, unsure digits, pictures that failed."""
    lines = [] if one else [line for record in records for line in record["lines"]]
    digits = (
        [record for record in records if record["status"]]
        if one
        else [digit for line in lines for digit in line["digits"]]
    )
    return {
        "pictures": len(records),
        "lines": len(lines),
        "digits": len(digits),
        "unsure": sum(digit["status"] == "unsure" for digit in digits),
        "failed": sum(record["error"] is not None for record in records),
    }
