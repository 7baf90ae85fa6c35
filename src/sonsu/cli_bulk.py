"""`sonsu bulk`: very many pictures, into files; killed anywhere, the same line goes on."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sonsu.cli_progress import bulk_bar
from sonsu.errors import MissingExtraError, SonsuError, UsageError
from sonsu.reading.batch import Job
from sonsu.reading.workers import cores

if TYPE_CHECKING:
    from sonsu.bulk.run import Engine


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
    labels: Annotated[
        str | None,
        typer.Option(
            help="Measure: a CSV of source,label; 'folder' for the folders' names; column:NAME of a .parquet."
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Processes on this machine; 0: one a core.")] = 0,
    ray: Annotated[
        str | None,
        typer.Option("--ray", metavar="ADDRESS", help="Read on a Ray cluster instead: its address, or auto."),
    ] = None,
) -> None:
    """Read very many pictures into files, one row a picture."""
    if ray is not None and jobs:
        raise UsageError("--jobs counts processes on this machine; --ray reads on a cluster: choose one.")
    with _bulk_extra():
        from sonsu.bulk.labels import check
        from sonsu.bulk.run import measure, run

        engine = _on_cluster(ray) if ray is not None else _here(jobs or cores())
    if labels is not None:
        check(labels)
    formats = ("parquet", "jsonl") if form is Format.BOTH else (form.value,)
    started = time.monotonic()
    try:
        with bulk_bar() as watch:
            manifest, read = run(source, out, Job(model, min_confidence, one), formats, engine, watch)
        seconds = time.monotonic() - started
        evaluation = measure(out, labels) if labels is not None else None
    except OSError as error:  # a full disk, a store out of reach
        raise SonsuError(f"cannot go on: {error}. Mend that, and give the same line again.") from error
    summary = {name: manifest[name] for name in ("pictures", "lines", "digits", "unsure", "failed")}
    summary |= {"read_now": read, "seconds": round(seconds, 1), "rate": round(read / seconds, 1)}
    if as_json:
        print(json.dumps(summary | ({"evaluation": evaluation} if evaluation else {})))
    else:
        _print(summary, evaluation)
    raise typer.Exit(1 if manifest["failed"] else 0)


def _here(processes: int) -> "Engine":
    from sonsu.bulk.processes import read_shards

    return lambda work, numbers: read_shards(work, numbers, processes)


def _on_cluster(address: str) -> "Engine":
    from sonsu.bulk.cluster import read_shards

    return lambda work, numbers: read_shards(work, numbers, address)


def _print(summary: dict[str, Any], evaluation: dict[str, Any] | None) -> None:
    for name, count in summary.items():
        print(f"{name:18}{count:14,}")
    if evaluation is None:
        return
    print(f"{'labelled':18}{evaluation['n']:14,}")
    for name in ("accuracy", "coverage", "accuracy_covered", "coverage_at_99_9"):
        share = evaluation[name]
        print(f"{name:18}{'–' if share is None else f'{share:.2%}':>14}")
    print("confusion (rows: truth, columns: answer; – is none)")
    names = [*"0123456789", "–"]
    print("  " + "".join(f"{name:>9}" for name in names))
    for name, row in zip(names, evaluation["confusion"], strict=True):
        print(f"{name:2}" + "".join(f"{count or '·':>9}" for count in row))


@contextmanager
def _bulk_extra() -> Iterator[None]:
    """Name the extra where an import fails for want of it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError("sonsu bulk", "bulk") from error
