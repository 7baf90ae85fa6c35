"""`sonsu.reading.explanation`: a web page that is whole in itself and takes nothing for markup."""

import base64
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from sonsu.reading.explanation import Exhibit, Explanation, Stage
from sonsu.reading.page import Digit, Line, Page

HOSTILE = "<script>alert('&\"')</script>.png"
VOID = {"meta", "link", "img"}


class Checked(HTMLParser):
    """Parses a page, and notes what it holds; every tag must be closed in its order."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.images, self.text, self._open = [], [], "", []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        for name, value in attributes:
            assert not name.startswith("on")
            if name in {"src", "href"}:
                assert value.startswith("data:")
        if tag == "img":
            kind, _, data = dict(attributes)["src"].partition(";base64,")
            assert kind in {"data:image/png", "data:image/jpeg"}
            self.images.append(Image.open(BytesIO(base64.b64decode(data))))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def explanation():
    digits = (
        Digit(4, 0.97, "read", (1, 2, 3, 4), (0.01,) * 4 + (0.97,) + (0.0,) * 5),
        Digit(7, 0.5, "unsure", (1, 2, 3, 4), (0.0,) * 7 + (0.5,) + (0.0,) * 2),
        Digit(None, 0.1, "unsure", (1, 2, 3, 4), (0.1,) + (0.0,) * 9),
    )
    page = Page(HOSTILE, 80, 60, (Line("47", 0.5, (1, 2, 3, 4), digits),), (HOSTILE, "blank"),
                {"name": HOSTILE}, Image.new("L", (80, 60)))  # fmt: skip
    photo = np.random.default_rng(0).integers(0, 256, (300, 2000, 3), dtype=np.uint8)
    glyphs = tuple(Exhibit(np.full((28, 28), 40 * i, np.uint8), "a glyph", d) for i, d in enumerate(digits))
    stages = Stage("The picture", HOSTILE, (Exhibit(photo, HOSTILE),)), Stage("Line 1", "seen", glyphs)
    return Explanation(page, stages)


def test_the_page_is_well_formed_and_whole_in_itself(explanation):
    html = explanation.to_html()
    page = Checked(html)
    assert "script" not in page.tags
    assert "http" not in html.replace("http-equiv", ""), "nothing is fetched"
    assert "url(" not in html and "@import" not in html
    assert "prefers-color-scheme: dark" in html
    assert "default-src 'none'" in html


def test_nothing_is_taken_for_markup(explanation):
    page = Checked(explanation.to_html())
    assert page.text.count(HOSTILE) == 6, "title, heading, note, model, stage, caption"
    assert "other.png" in Checked(explanation.to_html("other.png")).text


def test_digits_show_what_the_network_saw_and_said(explanation):
    page = Checked(explanation.to_html())
    photo, *glyphs = page.images
    assert (photo.format, photo.size) == ("JPEG", (1400, 210)), "a large picture is reduced"
    assert [(glyph.format, glyph.size, glyph.getpixel((0, 0))) for glyph in glyphs] == [
        ("PNG", (28, 28), 0), ("PNG", (28, 28), 40), ("PNG", (28, 28), 80),
    ]  # fmt: skip
    html = explanation.to_html()
    assert html.count("<li style='--p:") == 30
    assert html.count("--p:0.970") == 1
    for kind, told in (("read", "<b>4</b> 97.0%<"), ("unsure", "<b>7</b> 50.0% unsure"), ("none", "<b>no digit</b>")):
        figure = html[html.index(f"<figure class='{kind}'>") :].partition("</figure>")[0]
        assert told in figure


def test_an_empty_page(explanation):
    page = Page("x", 80, 60, (), (), {"name": "default"}, Image.new("L", (80, 60)))
    assert "nothing" in Checked(Explanation(page, ()).to_html()).text
