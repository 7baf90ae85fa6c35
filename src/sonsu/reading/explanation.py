"""How a picture was read, stage by stage, and the web page that shows it: one file, no script, nothing to load."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path
from string import Template

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sonsu.reading.page import Digit, Page

_TEMPLATE = Path(__file__).with_name("explanation.html")
_LONGEST_PX = 1400  # of a picture on the page
_PIXELATED_PX = 64  # smaller pictures are shown with their pixels


@dataclass(frozen=True, eq=False)
class Exhibit:
    """A picture of one stage.

    Attributes:
        pixels: uint8 (h, w) or (h, w, 3) RGB.
        caption: what it shows.
        digit: what was made of it, where it is one digit.
    """

    pixels: NDArray[np.uint8]
    caption: str
    digit: Digit | None = None


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage on a picture's way: what is done there in a sentence or two, and what came out."""

    title: str
    text: str
    exhibits: tuple[Exhibit, ...]


@dataclass(frozen=True, eq=False)
class Explanation:
    """All stages of one picture, and what was read in the end."""

    page: Page
    stages: tuple[Stage, ...]

    def to_html(self, source: str | None = None) -> str:
        """The web page; it suits a light and a dark screen.

        Args:
            source: what to call the picture, instead of the page's own `source`.
        """
        page = self.page
        notes = "".join(f"<li>{escape(note)}</li>" for note in page.notes)
        return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
            source=escape(page.source if source is None else source),
            size=f"{page.width_px}×{page.height_px} px",
            model=escape(page.model.get("name", "")),
            text=escape(page.text) or "<em>nothing</em>",
            lines=len(page.lines),
            notes=f"<ul>{notes}</ul>" if notes else "",
            stages="".join(_section(number, stage) for number, stage in enumerate(self.stages, 1)),
        )


def _section(number: int, stage: Stage) -> str:
    """One stage as a section: its large pictures, then its digits side by side."""
    pictures = "".join(_figure(exhibit) for exhibit in stage.exhibits if exhibit.digit is None)
    digits = "".join(_digit(exhibit, exhibit.digit) for exhibit in stage.exhibits if exhibit.digit is not None)
    wide = " class='wide'" if digits else ""
    return (
        f"<section{wide}><h2><span>{number}</span> {escape(stage.title)}</h2><p>{escape(stage.text)}</p>"
        + (f"<div class='pictures'>{pictures}</div>" if pictures else "")
        + (f"<div class='digits'>{digits}</div>" if digits else "")
        + "</section>\n"
    )


def _figure(exhibit: Exhibit) -> str:
    caption = escape(exhibit.caption)
    return f"<figure>{_image(exhibit.pixels, caption)}<figcaption>{caption}</figcaption></figure>"


def _digit(exhibit: Exhibit, digit: Digit) -> str:
    """A glyph, its verdict, and the ten probabilities as bars."""
    status = "none" if digit.label is None else digit.status
    label = "no digit" if digit.label is None else str(digit.label)
    told = ", ".join(f"{i}: {p:.1%}" for i, p in enumerate(digit.probabilities) if p >= 0.0005)
    bars = "".join(f"<li style='--p:{p:.3f}'><i></i>{i}</li>" for i, p in enumerate(digit.probabilities))
    return (
        f"<figure class='{status}'>{_image(exhibit.pixels, escape(exhibit.caption))}"
        f"<ol class='bars' role='img' aria-label='{told}' title='{told}'>{bars}</ol>"
        f"<figcaption><b>{label}</b> {digit.confidence:.1%}{' unsure' if status == 'unsure' else ''}</figcaption>"
        "</figure>"
    )


def _image(pixels: NDArray[np.uint8], description: str) -> str:
    height, width = pixels.shape[:2]
    kind = " class='pixels'" if height <= _PIXELATED_PX else ""
    return f"<img{kind} src='{_uri(pixels)}' alt='{description}' width='{width}' height='{height}'>"


def _uri(pixels: NDArray[np.uint8]) -> str:
    """A picture as a data URI: small ones and line drawings as PNG, photos as JPEG."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((_LONGEST_PX, _LONGEST_PX))
    kinds: Sequence[tuple[str, dict[str, object]]] = [("PNG", {"optimize": True})]
    if min(picture.size) > _PIXELATED_PX:
        kinds = [*kinds, ("JPEG", {"quality": 85})]
    files = {kind: BytesIO() for kind, _ in kinds}
    for kind, options in kinds:
        picture.save(files[kind], kind, **options)
    best = min(files, key=lambda kind: files[kind].getbuffer().nbytes)
    return f"data:image/{best.lower()};base64,{base64.b64encode(files[best].getvalue()).decode()}"
