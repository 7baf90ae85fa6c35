"""`sonsu bulk`: very many pictures, into files; killed anywhere, the same line goes on."""

import json
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sonsu.cli_progress import bulk_bar
from sonsu.errors import MissingExtraError
from sonsu.reading.batch import Job, cores

if TYPE_CHECKING:
    from sonsu.bulk.shard import Receipt, Work


class Format(StrEnum):
    """The files to write."""

    PARQUET = "parquet"
    JSONL = "jsonl"
    BOTH = "both"


def bulk(
    source: Annotated[
        str,
        typer.Argument(
            metavar="INPUT",
            help="A folder, a list (.txt: a path or URL a line), .tar or .parquet files, a glob; or a URL of these.",
        ),
    ],
    out: Annotated[str, typer.Option(help="New folder or URL for the results; an unfinished one is gone on with.")],
    one: Annotated[bool, typer.Option("--one", help="Each picture holds exactly one digit.")] = False,
    form: Annotated[Format, typer.Option("--format", help="The files to write.")] = Format.PARQUET,
    as_json: Annotated[bool, typer.Option("--json", help="The summary as one JSON object.")] = False,
    min_confidence: Annotated[float | None, typer.Option(min=0, max=1, help="Below it a digit is unsure.")] = None,
    model: Annotated[str, typer.Option(help="A shipped name, a run folder or an .onnx file.")] = "default",
    jobs: Annotated[int, typer.Option(min=0, help="Processes on this machine; 0: one a core.")] = 0,
) -> None:
    """Read very many pictures into files, one row a picture."""
    with _bulk_extra():
        from sonsu.bulk.processes import read_shards
        from sonsu.bulk.run import run

    def engine(work: "Work", numbers: "Iterable[int]") -> "Generator[Receipt]":
        return read_shards(work, numbers, jobs or cores())

    formats = ("parquet", "jsonl") if form is Format.BOTH else (form.value,)
    started = time.monotonic()
    with bulk_bar() as watch:
        manifest = run(source, out, Job(model, min_confidence, one), formats, engine, watch)
    _summary(manifest, time.monotonic() - started, as_json)
    raise typer.Exit(1 if manifest["failed"] else 0)


def _summary(manifest: dict[str, Any], seconds: float, as_json: bool) -> None:
    counts = {name: manifest[name] for name in ("pictures", "lines", "digits", "unsure", "failed")}
    if as_json:
        print(json.dumps(counts | {"seconds": round(seconds, 3)}))
        return
    for name, count in counts.items():
        print(f"{name:10}{count:14,}")


@contextmanager
def _bulk_extra() -> Iterator[None]:
    """Name the extra where an import fails for want of it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError("sonsu bulk", "bulk") from error
