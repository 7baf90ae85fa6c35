import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from sonsu.fields import FieldValue, FilledForm, load_form
from sonsu.fields.review import Review
from sonsu.reading.page import Digit

CORNERS = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))


def digit(label, status="read"):
    return Digit(label, 0.6, status, (0, 0, 1, 1), (0.1,) * 10)


def value(name, text, status, *, reasons=("the reason",), confidence=0.6, digits=()):
    crop = np.full((40, 120, 3), 200, np.uint8)
    return FieldValue(name, text, confidence, status, reasons, CORNERS, digits, crop)


def filled(*values):
    return FilledForm("x.png", 100, 100, values, 1.0, ("turned by 180°",), {})


@pytest.fixture
def written(form_path, tmp_path):
    """`written(*added)`: the page, of forms (name, FilledForm) and errors (text)."""

    def write(*added):
        review = Review(load_form(form_path))
        for one in added:
            review.add_failure(one) if isinstance(one, str) else review.add(*one)
        path = tmp_path / "sub" / "review.html"
        review.write(path)
        assert [file.name for file in path.parent.iterdir()] == ["review.html"]
        return path.read_text(encoding="utf-8")

    return write


def test_the_doubtful_ones_and_no_others(written):
    page = written(
        ("a.png", filled(value("number", "48203178", "read"), value("note", "", "empty", confidence=None))),
        ("b.png", filled(value("number", "48203179", "mismatch"), value("year", "1984", "unsure"))),
    )
    assert "<h1>2 fields to look at</h1>" in page
    assert "2 forms, 4 fields read, 2 in doubt, 0 forms failed" in page
    assert page.count("<article>") == 2
    assert "a.png" not in page
    assert "48203179" in page
    assert "The reason." in page
    assert "luhn checksum" in page
    assert "turned by 180°" in page


def test_digits_in_doubt_and_changed_ones_are_marked(written):
    digits = (digit(1), digit(9), digit(8, "unsure"), digit(9))
    page = written(("a.png", filled(value("year", "1984", "unsure", digits=digits))))
    assert "19<mark>8</mark><mark>4</mark>" in page
    fewer = replace(value("year", "198", "unsure"), digits=digits)
    assert "<span class='value'>198</span>" in written(("a.png", filled(fewer)))


def test_pictures_are_in_it(written):
    page = written(("a.png", filled(value("year", "1984", "unsure"))))
    (data,) = re.findall(r"src='data:image/jpeg;base64,([^']+)'", page)
    with Image.open(BytesIO(base64.b64decode(data))) as picture:
        assert picture.size == (120, 40)


def test_it_needs_nothing_else(written):
    page = written(("a.png", filled(value("year", "1984", "unsure"))), "cannot read b.png")
    assert "<script" not in page
    assert not re.search(r"https?://", page)
    assert "$" not in page


def test_names_are_shown_and_not_run(written):
    bad = "<img src=x onerror=alert(1)>'\udcff.png"
    page = written((bad, filled(value("year", "1984", "unsure", reasons=("<b>",)))), bad)
    assert "<img src=x" not in page
    assert "<b>" not in page.lower()
    assert page.count("&lt;img src=x onerror=alert(1)&gt;&#x27;\\udcff.png") == 3

    class Balance(HTMLParser):
        depth = 0

        def handle_starttag(self, tag, attrs):
            self.depth += tag not in ("meta", "link", "img")

        def handle_endtag(self, tag):
            self.depth -= 1

    balance = Balance()
    balance.feed(page)
    assert balance.depth == 0


def test_failures_and_nothing_in_doubt(written):
    page = written(("a.png", filled(value("year", "1984", "read"))), "cannot read b.png: there is no such file")
    assert "<h1>No field is in doubt</h1>" in page
    assert "1 form not read at all" in page
    assert "cannot read b.png: there is no such file" in page
