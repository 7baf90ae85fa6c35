"""The page for a person: each field in doubt with its picture, in one HTML file that needs nothing else."""

import base64
import tempfile
from collections.abc import Mapping
from html import escape
from io import BytesIO
from pathlib import Path
from string import Template

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sonsu.fields.filled import FieldValue, FilledForm
from sonsu.fields.form import Field, Form

_TEMPLATE = Path(__file__).with_name("review.html")
_WIDEST_PX = 900


class Review:
    """Collects what is in doubt, form by form, and writes the page."""

    def __init__(self, form: Form) -> None:
        """Nothing is in doubt yet."""
        self._form = form
        self._fields: Mapping[str, Field] = {field.name: field for field in form.fields}
        self._sections: list[str] = []
        self._contents: list[str] = []
        self._failures: list[str] = []
        self._forms = self._values = self._doubtful = 0

    def add(self, source: str, filled: FilledForm) -> None:
        """Take in a form that was read, under the name that it was given by."""
        self._forms += 1
        self._values += len(filled.values)
        doubtful = [value for value in filled.values if value.doubtful]
        if not doubtful:
            return
        self._doubtful += len(doubtful)
        number = len(self._sections) + 1
        name, notes = escape(_printable(source)), escape("; ".join(filled.notes))
        self._contents.append(f"<li><a href='#form-{number}'>{name}</a> ({len(doubtful)})</li>")
        self._sections.append(
            f"<section id='form-{number}'><div class='head'><h2>{name}</h2><p class='muted'>{notes}</p></div>"
            f"{''.join(map(self._article, doubtful))}</section>"
        )

    @property
    def forms(self) -> int:
        """How many were taken in."""
        return self._forms

    def add_failure(self, error: str) -> None:
        """Take in the error of a form that could not be read at all."""
        self._forms += 1
        self._failures.append(f"<li>{escape(_printable(error))}</li>")

    def write(self, path: Path, *, finished: bool = True) -> None:
        """Write the page, whole or not at all; it says so where not all forms were read."""
        failures = ""
        if self._failures:
            failures = (
                f"<section class='failures'><h2 class='failed'>{_count(len(self._failures), 'form')} not read at all"
                f"</h2><ul>{''.join(self._failures)}</ul></section>"
            )
        headline = f"{_count(self._doubtful, 'field')} to look at" if self._doubtful else "No field is in doubt"
        page = Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
            headline=headline if finished else f"{headline} so far: reading was broken off",
            summary=escape(
                f"{_printable(self._form.path.name)}: {_count(self._forms, 'form')}, "
                f"{_count(self._values, 'field')} read, "
                f"{self._doubtful:,} in doubt, {_count(len(self._failures), 'form')} failed."
            ),
            contents=f"<nav aria-label='Forms'><ul>{''.join(self._contents)}</ul></nav>" if self._contents else "",
            failures=failures,
            forms="\n".join(self._sections),
        )
        final = path.resolve()  # a link stays one
        final.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=final.parent) as folder:
            draft = Path(folder, final.name)
            draft.write_text(page, encoding="utf-8")
            draft.replace(final)

    def _article(self, value: FieldValue) -> str:
        name = escape(value.name)
        said = f"<span class='value'>{_marked(value)}</span>" if value.text else "<span class='value none'>empty</span>"
        sure = f"<span class='muted'>{min(value.confidence, 0.999):.1%} sure</span>" if value.confidence else ""
        reasons = "".join(f"<li>{escape(_sentence(reason))}</li>" for reason in value.reasons)
        return (
            f"<article><figure class='crop'><img src='{_data_uri(value.crop)}' alt='{name} as it is written'></figure>"
            f"<div><h3>{name}</h3><p class='said'>{said}"
            f"<span class='status {value.status}'>{value.status}</span>{sure}</p>"
            f"<ul class='reasons'>{reasons}</ul>{self._asked(value.name)}</div></article>"
        )

    def _asked(self, name: str) -> str:
        field = self._fields[name]
        asked = [f"<code>{escape(field.pattern.pattern)}</code>"] if field.pattern is not None else []
        asked += [f"{escape(field.checksum)} checksum"] if field.checksum is not None else []
        asked += ["required"] if field.required else []
        return f"<p class='asked'>Asked for: {', '.join(asked)}</p>" if asked else ""


def _marked(value: FieldValue) -> str:
    """The text, digits in doubt or changed by the pattern marked."""
    read = [(str(digit.label), digit.status == "unsure") for digit in value.digits if digit.label is not None]
    if len(read) != len(value.text):
        return escape(value.text)
    return "".join(
        f"<mark>{escape(shown)}</mark>" if unsure or shown != label else escape(shown)
        for shown, (label, unsure) in zip(value.text, read, strict=True)
    )


def _data_uri(pixels: NDArray[np.uint8]) -> str:
    picture = Image.fromarray(pixels)
    picture.thumbnail((_WIDEST_PX, _WIDEST_PX))
    file = BytesIO()
    picture.save(file, "JPEG", quality=82)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _printable(text: str) -> str:
    """A file's name may hold bytes that are no text."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
