"""`sonsu read --fields`: pictures of one form in, a row of its fields out for each."""

import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sonsu.cli_progress import Bar
from sonsu.cli_results import print_json, print_row
from sonsu.errors import PictureError, SonsuError, UsageError
from sonsu.fields.filled import FilledForm, columns, form_error, row
from sonsu.fields.form import load_form
from sonsu.fields.reader import FormReader
from sonsu.fields.review import Review
from sonsu.reading.inputs import ENDINGS, expand, is_file
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
    if review is not None:
        _check_target(review, [spec, form.blank.source, *paths])
    doubts = Review(form) if review is not None else None
    names = [field.name for field in form.fields]
    failed = False
    if not as_json:
        print_row(columns(names))
    try:
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
                print_json(record) if as_json else print_row(row(record, names))
                bar.advance()
    except BaseException:  # interrupted, say: what was read can be looked at
        if doubts is not None and review is not None and doubts.forms:
            doubts.write(review, finished=False)
        raise
    if doubts is not None and review is not None:
        _write(doubts, review)
    return failed


def _check_target(path: Path, others: Iterable[str | Path]) -> None:
    """See that a page may be written there before hours are spent on what goes into it.

    Raises:
        UsageError: it would take the place of what is read, or of something that is no file, or cannot be written.
    """
    what = "name a web page, such as review.html, with --review"
    is_page = path.suffix.lower() in (".html", ".htm")  # the shell's * names it, too, from the second time on
    same = not is_page and any(is_file(Path(other)) and path.resolve() == Path(other).resolve() for other in others)
    if same or path.suffix.lower() in ENDINGS:
        raise UsageError(f"{path} is what is read, or a picture; {what}.")
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is no file; {what}.")
    try:
        path.resolve().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.resolve().parent):
            pass
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}; name another file with --review.") from None


def _write(doubts: Review, path: Path) -> None:
    try:
        doubts.write(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}; name another file with --review.") from None


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
