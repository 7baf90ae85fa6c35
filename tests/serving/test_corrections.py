"""Corrections are kept in the form that training takes, and only where the server was told to keep them."""

import io

import httpx
import numpy as np
import pytest
from PIL import Image
from serving_helpers import encoded, running

from sonsu.errors import UsageError
from sonsu.serving.corrections import Corrections
from sonsu.serving.problems import ProblemError
from sonsu.serving.settings import Settings


@pytest.fixture
def corrections(tmp_path):
    return Corrections(tmp_path, Settings())


def kept(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_correction_is_kept_under_its_label(corrections, tmp_path, reader, png):
    name = corrections.keep(reader, png(1), 7)
    assert kept(tmp_path) == [f"7/{name}.png"]
    assert (np.asarray(Image.open(tmp_path / f"7/{name}.png")) == np.asarray(Image.open(io.BytesIO(png(1))))).all()


def test_the_last_correction_counts(corrections, tmp_path, reader, png):
    for label in (7, 1, 1, None):
        corrections.keep(reader, png(1), label)
    [name] = kept(tmp_path)
    assert name.startswith("none/")


def test_nothing_but_pixels_is_kept(corrections, tmp_path, reader, draw_digit):
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "somebody's name"
    Image.fromarray(255 - draw_digit(3)).save(file, "JPEG", exif=exif)
    name = corrections.keep(reader, file.getvalue(), 3)
    data = (tmp_path / f"3/{name}.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert b"somebody" not in data


def test_a_full_folder_takes_no_more(corrections, tmp_path, reader, png):
    corrections.keep(reader, png(0), 0)
    full = Corrections(tmp_path, Settings(most_corrections=2))  # what was there before counts
    full.keep(reader, png(1), 1)
    with pytest.raises(ProblemError) as refused:
        full.keep(reader, png(2), 2)
    assert refused.value.status == 507
    full.keep(reader, png(1), 9)  # one that is there may move
    assert len(kept(tmp_path)) == 2


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot keep corrections"):
        Corrections(tmp_path / "file", Settings())


def test_over_http(tmp_path, png):
    blank = encoded(np.full((40, 40), 255, np.uint8))
    two = {"a": ("a.png", png(1)), "b": ("b.png", png(2))}
    with running(workers=1, corrections=tmp_path) as url, httpx.Client(base_url=url) as client:
        assert client.get("/v1/about").json()["keeps_corrections"] is True
        for answer, status, kind in (
            (client.post("/v1/corrections?label=1", content=blank), 422, "blank-picture"),
            (client.post("/v1/corrections?label=1", content=b"no"), 422, "unreadable-picture"),
            (client.post("/v1/corrections?label=10", content=png(1)), 422, "invalid-request"),
            (client.post("/v1/corrections?label=../x", content=png(1)), 422, "invalid-request"),
            (client.post("/v1/corrections?label=1", files=two), 422, "one-picture"),
        ):
            assert (answer.status_code, answer.json()["type"]) == (status, f"urn:sonsu:problem:{kind}")
        assert kept(tmp_path) == []
        answer = client.post("/v1/corrections?label=7", files={"file": ("../../7.png", png(7))})
    assert answer.status_code == 201
    assert kept(tmp_path) == [f"7/{answer.json()['id']}.png"]


def test_training_takes_the_folder(corrections, tmp_path, reader, png):
    datasets = pytest.importorskip("sonsu.learning.datasets", reason="pip install 'sonsu[train]'")
    corrections.keep(reader, png(7), 7)
    corrections.keep(reader, png(2), None)
    data = datasets.load(f"folder:{tmp_path}")
    assert data.labels.tolist() == [7, 10]
    assert (data.images[0] == reader.find_glyph(png(7))).all()
