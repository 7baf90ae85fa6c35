"""`/v1`: the design's JSON for one picture and for several, in a body or in a form."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

import sonsu


@pytest.fixture(scope="module")
def line(draw_digit):
    """ "407" side by side, uint8 (h, w), dark on white."""
    return 255 - np.hstack([draw_digit(label, 80, size_px=(90, 130)) for label in (4, 0, 7)])


def picture_file(pixels, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def picture_of(text):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))))


@pytest.mark.parametrize("label", range(10))
def test_a_digit_in_the_body(ask, png, label):
    answer = ask.post("/v1/read-digit", content=png(label))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    digit = sonsu.read_digit(png(label))
    told = answer.json()
    assert told.pop("model") == {"name": "default", "sha256": sonsu.Reader().model["sha256"]}
    assert told == {
        "schema": "sonsu.digit/1", "source": "<bytes>", **digit.to_dict(), "notes": list(digit.notes), "error": None,
    }  # fmt: skip
    assert told["label"] == label


def test_a_page_in_a_form_is_what_python_gives(ask, line):
    data = picture_file(line)
    answer = ask.post("/v1/read", files={"file": ("../../etc/amount.png", data, "image/png")})
    assert answer.json() == sonsu.read(data).to_dict() | {"source": "amount.png"}
    assert answer.json()["text"] == "407"


def test_several_pictures_give_a_list_in_their_order(ask, png):
    files = [("file", (f"{label}.png", png(label))) for label in (3, 1, 8)]
    records = ask.post("/v1/read-digit", files=files).json()
    assert [(record["source"], record["label"]) for record in records] == [("3.png", 3), ("1.png", 1), ("8.png", 8)]


def test_one_bad_picture_does_not_stop_the_others(ask, png):
    files = {"a": ("good.png", png(5)), "b": ("bad.png", b"no picture"), "c": ("also.png", png(2))}
    first, bad, last = ask.post("/v1/read-digit", files=files).json()
    assert (first["label"], last["label"]) == (5, 2)
    assert bad["label"] is None
    assert bad["error"].startswith("cannot read 'bad.png': it is text")


def test_a_list_of_one_where_a_list_is_asked_for(ask, png):
    [record] = ask.post("/v1/read-digit?list=true", content=png(6)).json()
    assert record["label"] == 6
    [record] = ask.post("/v1/read?list=true", content=b"no picture").json()
    assert record["error"] and record["lines"] == []


def test_the_pages_of_a_document(ask, line):
    pages = [Image.fromarray(line), Image.fromarray(line[:, 90:])]
    file = io.BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    records = ask.post("/v1/read?explain=true", files={"file": ("scan.tiff", file.getvalue())}).json()
    assert [(record["source"], record["text"]) for record in records] == [("scan.tiff#1", "407"), ("scan.tiff#2", "07")]
    assert picture_of(records[0]["picture_jpeg"]).shape[:2] == line.shape


def test_a_blank_picture_is_a_valid_answer(ask):
    page = ask.post("/v1/read", content=picture_file(np.full((60, 80), 255, np.uint8))).json()
    assert (page["text"], page["lines"], page["width_px"], page["error"]) == ("", [], 80, None)


def test_what_the_network_saw(ask, png, reader):
    record = ask.post("/v1/read-digit?explain=true", content=png(7)).json()
    assert (picture_of(record["glyph_png"]) == reader.find_glyph(png(7))).all()


def test_what_the_networks_saw_of_a_line(ask, line, reader):
    digits = ask.post("/v1/read?explain=true", content=picture_file(line)).json()["lines"][0]["digits"]
    for digit, label in zip(digits, (4, 0, 7), strict=True):
        assert picture_of(digit["glyph_png"]).shape == (28, 28)
        assert reader.read_digit(picture_of(digit["ink_png"])).label == label


def test_nothing_of_that_unless_it_is_asked_for(ask, png, line):
    assert "glyph_png" not in ask.post("/v1/read-digit", content=png(7)).json()
    assert "glyph_png" not in ask.post("/v1/read", content=picture_file(line)).text


def test_the_networks(ask):
    digits, lines = ask.get("/v1/models").json()["models"]
    assert digits["sha256"] == sonsu.Reader().model["sha256"]
    assert digits["evaluation"]["accuracy"] > 0.99
    assert (digits["reads"], lines["reads"]) == ("digits", "lines")


def test_what_the_server_takes(ask):
    told = ask.get("/v1/about").json()
    assert told["version"] == sonsu.__version__
    assert told["limits"]["files"] == 16
    assert told["keeps_corrections"] is False
    assert ask.post("/v1/corrections?label=1", content=b"x").status_code == 404


def test_health(ask):
    assert ask.get("/health/live").json() == ask.get("/health/ready").json() == {"status": "ok"}
