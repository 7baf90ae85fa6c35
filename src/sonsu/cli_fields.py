"""`sonsu read --fields`: pictures of one form in, a row of its fields out for each."""

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sonsu.cli_progress import Bar
from sonsu.errors import PictureError, SonsuError, UsageError
from sonsu.fields.filled import FilledForm, columns, form_error, row
from sonsu.fields.form import load_form
from sonsu.fields.reader import FormReader
from sonsu.fields.review import Review
from sonsu.reading.inputs import expand
from sonsu.reading.pages import pages
from sonsu.reading.picture import DEFAULT_LIMITS, Source
from sonsu.reading.reader import Reader
from sonsu.reading.source import refusal, shortened

_MIN_CONFIDENCE = 0.5


def read_fields(
    reader: Reader,
    spec: Path,
    paths: Sequence[str],
    *,
    as_json: bool = False,
    review: Path | None = None,
    min_confidence: float | None = None,
) -> bool:
    """Read the same form in many pictures; results go to stdout, errors to stderr.

    Args:
        reader: what reads each field.
        spec: the form.json.
        paths: pictures, documents, folders, globs, or ``-``.
        as_json: one JSON object a form instead of one row.
        review: where to write the page of what is in doubt.
        min_confidence: below it a field is unsure.

    Returns:
        Whether any form could not be read.

    Raises:
        UsageError: the form.json is not as it has to be.
    """
    form = load_form(spec)
    least = _MIN_CONFIDENCE if min_confidence is None else min_confidence
    forms = FormReader(form, reader, min_confidence=least)
    doubts = Review(form) if review is not None else None
    names = [field.name for field in form.fields]
    write = csv.writer(sys.stdout, lineterminator="\n").writerow
    failed = False
    if not as_json:
        write(columns(names))
    with Bar(paths) as bar:
        for source, filled in _read_all(forms, paths, bar):
            if isinstance(filled, FilledForm):
                record = filled.to_dict() | {"source": source}
                if doubts is not None:
                    doubts.add(source, filled)
            else:
                failed = True
                record = form_error(source, reader.model, str(filled))
                if doubts is not None:
                    doubts.add_failure(str(filled))
                print(f"error: {filled}", file=sys.stderr, flush=True)
            _print_json(record) if as_json else write(row(record, names))
            bar.advance()
    if doubts is not None and review is not None:
        _write(doubts, review)
    return failed


def _write(doubts: Review, path: Path) -> None:
    try:
        doubts.write(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}; name another file with --review.") from None


def _print_json(record: dict[str, Any]) -> None:
    print(json.dumps(record, ensure_ascii=False))


def _read_all(forms: FormReader, paths: Sequence[str], bar: Bar) -> Iterator[tuple[str, FilledForm | PictureError]]:
    for name, source in expand(paths):
        found = pages(name, source, DEFAULT_LIMITS)
        bar.add_pages(len(found))
        for page_name, page in found:
            yield page_name, _read(forms, page_name, page)


def _read(forms: FormReader, name: str, source: Source | PictureError) -> FilledForm | PictureError:
    try:
        return source if isinstance(source, PictureError) else forms.read(source)
    except PictureError as error:
        return error
    except SonsuError:  # of the model, say: no form could be read
        raise
    except Exception as error:  # whatever it is, the others are read
        what = f"reading it failed ({shortened(f'{type(error).__name__}: {error}', 160)})"
        return refusal(name, what, "leave it out, or report it")
