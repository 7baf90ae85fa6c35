"""How results are printed: JSON lines and CSV rows on stdout, whatever it is by then and however it is encoded."""

import csv
import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any


def print_json(record: Mapping[str, Any]) -> None:
    """Print one JSON object as a line; its text as it is where stdout can take any."""
    print(json.dumps(record, ensure_ascii=(sys.stdout.encoding or "").lower() not in ("utf-8", "utf8")))


def print_row(values: Iterable[Any]) -> None:
    """Print one row of CSV."""
    csv.writer(sys.stdout, lineterminator="\n").writerow(values)  # not kept: a bar on a terminal replaces stdout
