"""Records as files: Parquet with a column for each key of "sonsu.page/1" or "sonsu.digit/1", or JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

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


def _write_parquet(path: Path, records: Sequence[Record], one: bool) -> None:
    table = pa.Table.from_pylist(list(records), DIGIT_SCHEMA if one else PAGE_SCHEMA)
    pq.write_table(table, path, compression="zstd")


def _write_jsonl(path: Path, records: Sequence[Record], one: bool) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


FORMATS: Mapping[str, Callable[[Path, Sequence[Record], bool], None]] = {
    "parquet": _write_parquet,
    "jsonl": _write_jsonl,
}
"""Each writes records to a new file; the last argument says whether they are single digits."""


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
