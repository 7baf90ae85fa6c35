import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from sonsu.errors import UsageError
from sonsu.fields.form import Form, load_form, parse_form

EXAMPLE = Path(__file__).parents[2] / "examples" / "form" / "form.json"


@pytest.fixture
def spec(tmp_path):
    Image.new("L", (400, 600), 255).save(tmp_path / "blank.png")
    return {
        "schema": "sonsu.form/1",
        "blank": "blank.png",
        "fields": [{"name": "year", "box": [10, 20, 100, 30], "pattern": r"\d{4}", "checksum": "luhn"}],
    }


def parse(spec, folder):
    path = folder / "form.json"
    path.write_text(json.dumps(spec), encoding="utf-8")
    return load_form(path)


def test_px(spec, tmp_path):
    form = parse(spec, tmp_path)
    (field,) = form.fields
    assert (field.name, field.box_px, field.checksum, field.required) == ("year", (10, 20, 100, 30), "luhn", False)
    assert (form.blank.width_px, form.blank.height_px) == (400, 600)
    assert field.trouble("0018") is None
    assert field.trouble("0019") == "its luhn checksum is wrong"
    assert field.trouble("018") == r"it does not match \d{4}"


def test_mm(spec, tmp_path):
    spec["fields"][0]["box"] = [25.4, 50.8, 12.7, 25.4]
    assert parse(spec | {"unit": "mm", "dpi": 100}, tmp_path).fields[0].box_px == pytest.approx((100, 200, 50, 100))
    page = spec | {"unit": "mm", "page_mm": [200, 300]}
    assert parse(page, tmp_path).fields[0].box_px == pytest.approx((50.8, 101.6, 25.4, 50.8))


def test_a_fax_has_twice_as_many_px_a_mm_across(spec, tmp_path):
    Image.new("L", (1728, 1145), 255).save(tmp_path / "blank.png")
    fax = spec | {"unit": "mm", "page_mm": [210, 297]}
    assert parse(fax, tmp_path).fields[0].box_px[2:] == pytest.approx((822.9, 115.7), abs=0.1)


def test_a_pdf_is_drawn_at_dots_of_its_own(spec, tmp_path):
    pytest.importorskip("pypdfium2")
    a3 = Image.new("L", (3508, 4961), 255)  # more px than are worked on
    a3.save(tmp_path / "blank.pdf", resolution=300)
    mm = spec | {"unit": "mm", "blank": "blank.pdf"}
    with pytest.raises(UsageError, match=r"dpi: expected \d+, at which the page of this PDF is drawn .* received 300"):
        parse(mm | {"dpi": 300}, tmp_path)
    assert parse(mm | {"page_mm": [297, 420]}, tmp_path).blank.dpi < 300


def test_the_example():
    form = load_form(EXAMPLE)
    assert [field.name for field in form.fields][:2] == ["customer", "day"]
    assert form.fields[0].box_px == pytest.approx([mm * 200 / 25.4 for mm in (14, 47, 72, 10)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "sonsu.form/2"}, r'schema: expected "sonsu\.form/1", received "sonsu\.form/2"'),
        ({"blank": 3}, "blank: expected the blank's file as text, received 3"),
        ({"blank": "nonesuch.png"}, r"blank: cannot read '.*nonesuch\.png': there is no such file"),
        ({"blnk": "blank.png"}, r"no key is called \"blnk\"\. Did you mean 'blank'\?"),
        ({"unit": "inch"}, 'unit: expected "px" or "mm", received "inch"'),
        ({"dpi": 100}, 'unit: expected "mm" where there is dpi'),
        ({"unit": "mm"}, r"either dpi or page_mm, received \[\]"),
        ({"unit": "mm", "dpi": 100, "page_mm": [1, 1]}, r"either dpi or page_mm, received \[\"dpi\", \"page_mm\"\]"),
        ({"unit": "mm", "dpi": "100"}, 'dpi: expected .* received "100"'),
        ({"unit": "mm", "page_mm": [210]}, r"page_mm: expected .* received \[210\]"),
        ({"unit": "mm", "page_mm": [300, 200]}, r"page_mm: .*, which is 400×600 px: they look exchanged, received"),
        ({"fields": []}, r"fields: expected a list of at least one field, received \[\]"),
        ({"fields": "all"}, "fields: expected a list"),
    ],
)
def test_what_is_wrong_with_a_form_is_said(spec, tmp_path, change, message):
    with pytest.raises(UsageError, match=message):
        parse(spec | change, tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, 'field 1: name: expected 1 to 60 printable characters, received ""'),
        ({"name": "a\nb"}, "field 1: name: expected"),
        ({"name": "x" * 61}, "field 1: name: expected"),
        ({"name": 4}, "field 1: name: expected .* received 4"),
        ({"name": "source"}, 'fields: expected names that give each column .* received "source"'),
        ({"box": [1, 2, 3]}, r'field 1 \("year"\): box: expected four numbers \[x, y, width, height\], received'),
        ({"box": [1, 2, True, 9]}, "box: expected four numbers"),
        ({"box": [1, 2, float("nan"), 9]}, "box: expected four numbers"),
        ({"box": [1, 2, 10**400, 9]}, "box: expected four numbers"),
        ({"box": [10, 20, 5, 30]}, "a width and height of at least 6 px"),
        ({"box": [10, 20, 100, -30]}, "a width and height of at least 6 px"),
        ({"box": [350, 20, 100, 30]}, "a box within the blank, which is 400×600, received"),
        ({"pattern": "[a-z]"}, r'pattern: a pattern is made of digits, .* received "\[a-z\]"'),
        ({"pattern": "("}, "pattern: not a regular expression"),
        ({"pattern": r"\d{1,5"}, r"pattern: \{ \} and , count, as in \{4\} or \{1,5\}, received"),
        ({"pattern": ""}, "pattern: it is empty; leave it out"),
        ({"pattern": "[[0-9]||1]"}, r"pattern: not a regular expression \(Possible nested set"),
        ({"pattern": 4}, "pattern: expected a regular expression of digits as text, received 4"),
        ({"checksum": "crc"}, 'checksum: expected one of luhn, .* received "crc"'),
        ({"checksum": []}, r"checksum: expected one of luhn, .* received \[\]"),
        ({"required": 1}, "required: expected true or false, received 1"),
        ({"patern": ""}, r"no key is called \"patern\"\. Did you mean 'pattern'\?"),
    ],
)
def test_what_is_wrong_with_a_field_is_said(spec, tmp_path, change, message):
    spec["fields"][0] |= change
    with pytest.raises(UsageError, match=message) as error:
        parse(spec, tmp_path)
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 2


def test_what_is_missing_is_said(spec, tmp_path):
    del spec["fields"][0]["box"]
    with pytest.raises(UsageError, match="field 1: 'box' is missing"):
        parse(spec, tmp_path)
    with pytest.raises(UsageError, match="'schema' is missing"):
        parse({}, tmp_path)


def test_columns_do_not_collide(spec, tmp_path):
    spec["fields"].append(spec["fields"][0] | {"name": "year_status"})
    with pytest.raises(UsageError, match='received "year_status"'):
        parse(spec, tmp_path)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"1" * 5000, b"nan"])
def test_what_is_no_json(tmp_path, data):
    path = tmp_path / "form.json"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=r"form\.json"):
        load_form(path)
    with pytest.raises(UsageError, match=r"cannot read .*nonesuch"):
        load_form(tmp_path / "nonesuch.json")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
_FIELD = st.fixed_dictionaries(
    {"name": st.text(max_size=4) | _JSON, "box": st.lists(st.integers(-5, 300), min_size=4, max_size=4) | _JSON},
    optional={"pattern": st.text(r"\d{}[]()|*+?,19", max_size=8) | _JSON, "checksum": _JSON, "required": _JSON},
)
_SPEC = st.fixed_dictionaries(
    {"schema": st.just("sonsu.form/1") | _JSON, "blank": st.just("blank.png"), "fields": st.lists(_FIELD) | _JSON},
    optional={"unit": st.sampled_from(["px", "mm"]) | _JSON, "dpi": st.integers(1, 600) | _JSON, "page_mm": _JSON},
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=_SPEC | _JSON)
def test_anything_is_a_form_or_an_error(spec, tmp_path, content):
    try:
        form = parse_form(content, tmp_path / "form.json")
    except UsageError as error:
        assert str(error).startswith(str(tmp_path))
    else:
        assert isinstance(form, Form)
        for field in form.fields:
            x, y, width, height = field.box_px
            assert min(x, y) >= -1
            assert x + width <= 401
            assert y + height <= 601
