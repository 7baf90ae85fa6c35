"""`sonsu read`: pictures in, numbers out, as text, JSON or CSV."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from sonsu.cli_fields import read_fields
from sonsu.cli_progress import Bar
from sonsu.cli_results import print_json, print_row
from sonsu.errors import UsageError
from sonsu.reading.batch import Job, Outcome, Task, read_all
from sonsu.reading.inputs import expand
from sonsu.reading.pages import pages
from sonsu.reading.picture import DEFAULT_LIMITS
from sonsu.reading.reader import Reader
from sonsu.reading.workers import cores

Record = dict[str, Any]


def read(
    paths: Annotated[list[str], typer.Argument(help="Pictures, PDFs, folders, globs, or - for standard input.")],
    one: Annotated[bool, typer.Option("--one", help="Each picture holds exactly one digit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a picture, a line each.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="One row a digit (--one) or a line of digits.")] = False,
    min_confidence: Annotated[float | None, typer.Option(min=0, max=1, help="Below it a digit is unsure.")] = None,
    model: Annotated[str, typer.Option(help="A shipped name, a run folder or an .onnx file.")] = "default",
    jobs: Annotated[int, typer.Option(min=0, help="Processes that read at the same time; 0: one a core.")] = 1,
    draw: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder for the pictures with boxes drawn on them.")
    ] = None,
    explain: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder for a web page a picture that shows every stage.")
    ] = None,
    fields: Annotated[
        Path | None, typer.Option(help="A form.json: each picture shows that form, filled in; one row a form.")
    ] = None,
    review: Annotated[
        Path | None, typer.Option(dir_okay=False, help="With --fields: web page of the fields in doubt.")
    ] = None,
) -> None:
    """Read numbers from pictures."""
    if one and (draw or explain):
        raise UsageError("--draw and --explain show lines of digits; they do not go together with --one.")
    if as_json and as_csv:
        raise UsageError("--json and --csv are two forms of the same results: choose one.")
    if fields is not None:
        if one or draw or explain or jobs != 1:
            raise UsageError("--fields does not go together with --one, --draw, --explain and --jobs.")
        forms = Reader(model, min_confidence=min_confidence)
        failed = read_fields(forms, fields, paths, as_json=as_json, review=review, min_confidence=min_confidence)
        raise typer.Exit(1 if failed else 0)
    if review is not None:
        raise UsageError("--review shows the fields of a form: name the form with --fields.")
    job = Job(model, min_confidence, one, draw is not None, explain is not None)
    write = print_json if as_json else _CsvRows(one) if as_csv else _Text(paths)
    failed = False
    with Bar(paths) as bar, closing(read_all(_tasks(paths, bar), job, jobs or cores())) as outcomes:
        for outcome in outcomes:
            failed |= _report(outcome, write) | _cannot_save(outcome, draw, explain)
            bar.advance()
    raise typer.Exit(1 if failed else 0)


def _tasks(paths: list[str], bar: Bar) -> Iterator[Task]:
    for name, source in expand(paths):
        found = pages(name, source, DEFAULT_LIMITS)
        bar.add_pages(len(found))
        yield from found


def _report(outcome: Outcome, write: Callable[[Record], None]) -> bool:
    """Write a result, and its error to stderr; True where there is one."""
    error = outcome.record["error"]
    if error is not None:
        _say(f"error: {error}")
    write(outcome.record)
    return error is not None


def _cannot_save(outcome: Outcome, draw: Path | None, explain: Path | None) -> bool:
    """Write what was drawn; True where that failed, with an error to stderr: the other pictures are still read."""
    try:
        _save(outcome, draw, explain)
    except OSError as error:
        _say(f"error: {outcome.record['source']}: cannot write {error.filename}: {error.strerror}")
        return True
    return False


def _save(outcome: Outcome, draw: Path | None, explain: Path | None) -> None:
    source = outcome.record["source"]
    if draw is not None and outcome.drawing is not None:
        _place(draw, source, ".png").write_bytes(outcome.drawing)
    if explain is not None and outcome.explanation is not None:
        _place(explain, source, ".html").write_text(outcome.explanation, "utf-8", "backslashreplace")


def _place(folder: Path, source: str, ending: str) -> Path:
    """A file in a folder, made if need be, that is called like a source and is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    source = source.replace("<stdin>", "stdin")
    document, _, page = source.rpartition("#")
    stem = f"{Path(document).stem}-page{page}" if document and page.isdecimal() else Path(source).stem
    path, number = folder / f"{stem}{ending}", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}{ending}"
    return path


class _Text:
    """The digits alone; with their picture's name where there are several, and doubts on stderr."""

    def __init__(self, paths: list[str]) -> None:
        self._only = {paths[0], "<stdin>"} if len(paths) == 1 else set()

    def __call__(self, record: Record) -> None:
        if record["error"] is not None:
            return
        several = record["source"] not in self._only
        start = f"{record['source']}: " if several else ""
        if record["schema"].startswith("sonsu.digit"):
            digits, text = [record], "?" if record["label"] is None else str(record["label"])
        else:
            digits = [digit for line in record["lines"] for digit in line["digits"]]
            text = record["text"].replace("\n", " ") if several else record["text"]
        print(start + text)
        unsure = [f"{d['label'] if d['label'] is not None else '?'} ({d['confidence']:.0%})" for d in digits
                  if d["status"] == "unsure"]  # fmt: skip
        said = ([f"unsure of {', '.join(unsure)}"] if unsure else []) + record["notes"]
        if said:
            _say(f"{record['source']}: {'; '.join(said)}")


class _CsvRows:
    """One row a digit for `--one`, otherwise one a line of digits."""

    def __init__(self, one: bool) -> None:
        self._one = one
        what = ["label", "confidence", "status"] if one else ["line", "text", "confidence", "unsure"]
        print_row(["source", *what, "x", "y", "width", "height", "error"])

    def __call__(self, record: Record) -> None:
        source = record["source"]
        if record["error"] is not None:
            print_row([source, *[""] * (7 if self._one else 8), record["error"]])
        elif self._one:
            print_row([source, record["label"], record["confidence"], record["status"], *record["box_px"], ""])
        else:
            for number, line in enumerate(record["lines"], 1):
                unsure = sum(digit["status"] == "unsure" for digit in line["digits"])
                print_row([source, number, line["text"], line["confidence"], unsure, *line["box_px"], ""])


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
