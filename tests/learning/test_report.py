import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from sonsu.learning import charts, pictures
from sonsu.learning.datasets import Dataset
from sonsu.learning.evaluate import evaluate
from sonsu.learning.report import MOST_MISREAD, Check, write_report

VOID = {"meta", "link", "img", "br"}
HISTORY = "epoch,loss,accuracy,val_loss,val_accuracy,seconds\n1,0.5,0.8,0.3,0.9,2.0\n2,0.2,0.95,0.25,0.93,3.0\n"
CONFIG = {
    "recipe": {"name": "mlp", "summary": "a network", "augmentation": {"rotation_deg": 9.5}, "epochs": 2},
    "data": ["mnist:train", "pen:more"],
    "seed": 0,
    "git_revision": None,
    "versions": {"keras": "3.12"},
}


class StubModel:
    """What the report asks of a Keras model, without importing Keras."""

    def __init__(self, *weights):
        self._weights = weights or (np.linspace(-1, 1, 784 * 80, dtype=np.float32).reshape(784, 80), np.zeros(80))

    def get_weights(self):
        return list(self._weights)


class Page(HTMLParser):
    """Follows the tags, and fails on one that is not closed in its turn."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, tag, **wanted):
        return [a for t, a in self.tags if t == tag and all(a.get(k) == v for k, v in wanted.items())]


@pytest.fixture
def report(tmp_path):
    def write(wrong=3, n=200, classes=10, history=HISTORY, config=CONFIG, model=None, data="mnist:test", checks=()):
        rng = np.random.default_rng(0)
        tested = Dataset(data, rng.integers(0, 256, (n, 28, 28), np.uint8), (np.arange(n) % classes).astype(np.uint8))
        answers = (tested.labels + (np.arange(n) < wrong)) % classes
        sure = np.linspace(0.6, 0.99996, n)[:, None]
        probabilities = np.where(np.eye(classes)[answers] == 1, sure, (1 - sure) / (classes - 1)).astype(np.float32)
        evaluation = evaluate(probabilities, tested.labels).to_dict() | {"data": tested.name}
        (tmp_path / "config.json").write_text(json.dumps(config))
        (tmp_path / "evaluation.json").write_text(json.dumps(evaluation))
        (tmp_path / "history.csv").write_text(history)
        path = write_report(tmp_path, model or StubModel(), tested, probabilities, checks)
        assert path == tmp_path / "report.html"
        return path.read_text(encoding="utf-8")

    return write


def test_is_one_complete_file(report, tmp_path):
    html = report()
    page = Page(html)
    loaded = [a.get("src") or a.get("href") for _, a in page.tags if "src" in a or "href" in a]
    assert all(address.startswith(("data:", "#")) for address in loaded)
    assert not re.search(r"url\(|@import|https?://", html)
    assert page.all("html", lang="en")
    assert not page.all("script")
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "config.json",
        "evaluation.json",
        "history.csv",
        "report.html",
    ]


def test_says_the_result(report):
    page = Page(report(wrong=3, n=200))
    assert "mlp: 98.50% right, 3 errors in 200" in page.text  # the title
    assert "A network. Tested on mnist:test." in page.text
    assert "2.5 s (mean of 2)" in page.text
    assert "mnist:train, pen:more" in page.text
    assert "augmentation: rotation deg" in page.text


def test_every_colour_is_there_for_light_and_dark(report):
    html = report()
    light, dark = re.findall(r":root \{(.*?)\}", html, re.S)[:2]
    names = set(re.findall(r"(--\w+):", light))
    assert "prefers-color-scheme: dark" in html
    assert names == set(re.findall(r"(--\w+):", dark))
    assert set(re.findall(r"var\((--\w+)\)", html)) <= names | {"--share"}


def test_links_lead_somewhere(report):
    page = Page(report())
    targets = {a["id"] for _, a in page.tags if "id" in a}
    assert {a["href"][1:] for a in page.all("a")} <= targets


def test_hostile_names_stay_text(report):
    hostile = "<script>alert(1)</script>\"'&$loss ${n}"
    recipe = {"name": hostile, "summary": hostile, hostile: hostile, "augmentation": {hostile: hostile}}
    config = {"recipe": recipe, hostile: hostile, "data": [hostile], "versions": {hostile: hostile}}
    page = Page(report(config=config, data=hostile))
    assert not page.all("script")
    assert page.text.count(hostile) >= 10


@pytest.mark.parametrize(("wrong", "shown"), [(0, 0), (1, 1), (7, 7), (MOST_MISREAD + 5, MOST_MISREAD)])
def test_gallery_shows_the_misread(report, wrong, shown):
    page = Page(report(wrong=wrong))
    gallery = [a for a in page.all("img") if "read as" in a["alt"]]
    assert len(gallery) == shown
    assert ("5 more were misread" in page.text) == (wrong > MOST_MISREAD)
    assert ("Not one was misread" in page.text) == (wrong == 0)


def test_gallery_begins_with_the_surest(report):
    page = Page(report(wrong=200))
    sure = [float(x) for x in re.findall(r"→ \d([\d.]+)%", page.text)]
    assert len(sure) == MOST_MISREAD
    assert sure == sorted(sure, reverse=True)
    assert sure[0] == 99.9  # 99.996, never rounded up to certainty


@pytest.mark.parametrize("classes", [10, 11])
def test_confusion_matrix(report, classes):
    html = report(classes=classes, wrong=2, n=220)
    table = html[html.index('<table class="confusion"') :]
    rows = re.findall(r"<tr>(.*?)</tr>", table[: table.index("</table>")], re.S)
    assert len(rows) == classes + 1
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows[1:]]
    counts = np.array([[int(cell or 0) for cell in row] for row in cells])
    assert counts.shape == (classes, classes)
    assert counts.sum() == 220
    assert counts[0, 1] == counts[1, 2] == 1
    assert ("not a digit" in rows[0]) == (classes == 11)


@pytest.mark.parametrize(
    ("history", "circles"),
    [
        ("epoch,loss,accuracy,val_loss,val_accuracy,seconds\n1,0.5,0.8,0.3,0.9,2.0\n", 4),
        ("epoch,loss,accuracy,seconds\n1,0.5,0.8,2.0\n2,0.4,0.9,2.0\n", 4),
        ("epoch,loss,accuracy,val_loss,val_accuracy,seconds\n1,0.5,0.8,,,2.0\n", 2),
        ("epoch,loss,accuracy,val_loss,val_accuracy,seconds\n1,nan,0.1,inf,0.1,2.0\n", 2),
        ("epoch,loss,accuracy,val_loss,val_accuracy,seconds\n", 0),
    ],
    ids=["one epoch", "no validation columns", "validation empty", "diverged", "no epoch"],
)
def test_short_histories(report, history, circles):
    html = report(history=history)
    Page(html)
    assert html.count("<title>epoch") == circles
    assert "nan" not in html.partition("</style>")[2]


def test_weights_of_dense_and_convolution(report):
    rng = np.random.default_rng(0)
    dense = Page(report())
    assert len([a for a in dense.all("img") if a["alt"] == ""]) == 64
    assert "64 of 80 units" in dense.text
    convolution = Page(report(model=StubModel(rng.normal(size=(5, 5, 1, 24)).astype(np.float32))))
    assert len([a for a in convolution.all("img") if a["alt"] == ""]) == 24
    assert "All 24 filters, 5×5 pixels" in convolution.text
    assert "make no pictures" in Page(report(model=StubModel(np.zeros((16, 3), np.float32)))).text


def test_first_layer_keeps_its_orientation():
    kernel = np.zeros((784, 2), np.float32)
    kernel[3 * 28 + 5, 1] = 1
    assert np.argwhere(pictures.first_layer([np.zeros(4), kernel])).tolist() == [[1, 3, 5]]
    kernel = np.zeros((5, 3, 1, 2), np.float32)
    kernel[4, 2, 0, 1] = 1
    assert np.argwhere(pictures.first_layer([kernel])).tolist() == [[1, 4, 2]]


def test_weights_are_neutral_at_zero_and_survive_all_zero():
    import base64
    from io import BytesIO

    from PIL import Image

    def decoded(uri):
        return np.asarray(Image.open(BytesIO(base64.b64decode(uri.partition(",")[2]))))

    orange, blue = decoded(pictures.weights(np.array([[[1.0, 0.0, -1.0]]], np.float32))[0])[0, [0, 2]]
    assert orange[0] > orange[2] and blue[2] > blue[0]
    assert orange[3] == blue[3] == 255
    assert not decoded(pictures.weights(np.zeros((1, 3, 3), np.float32))[0])[..., 3].any()
    ink = np.arange(9, dtype=np.uint8).reshape(3, 3)
    assert (decoded(pictures.digit(ink))[..., 1] == ink).all()


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (0, 20), (9, 10), (175, 200), (10, 10)])
def test_wilson_agrees_with_scipy(hits, n):
    from scipy.stats import binomtest

    ours = charts.wilson(hits, n)
    theirs = binomtest(hits, n).proportion_ci(0.95, "wilson")
    assert ours == pytest.approx((theirs.low, theirs.high), abs=1e-4)


@pytest.mark.parametrize(("low", "high"), [(0, 0), (0, 2.31), (0.9837, 1), (1, 1), (0, 1e-7), (0.1, 1), (0, 4e5)])
def test_ticks_enclose_the_range(low, high):
    found = charts.ticks(low, high)
    assert 2 <= len(found) <= 8
    assert found[0] <= low + 1e-9 and found[-1] >= high - 1e-9
    assert found == sorted(set(found))


def test_reliability_draws_each_filled_bin():
    svg = charts.reliability(np.array([0.5, 0.5, 1.0, 1.0]), np.array([True, False, True, True]))
    assert svg.count("class='bin'") == 2
    assert "2 answers of 50.0% mean confidence: 50.0% right" in svg


def test_reliability_counts_each_bin_on_a_scale_of_tens():
    confidence = np.r_[np.full(1, 0.21), np.full(10, 0.5), np.full(1000, 0.99)]
    svg = charts.reliability(confidence, np.ones(len(confidence), bool))
    told = re.findall(r"<title>([\d,]+) answers of (\S+) to (\S+) confidence", svg)
    assert told == [("1", "20%", "27%"), ("10", "47%", "53%"), ("1,000", "93%", "100%")]
    bars = re.findall(r"<path d='M([\d.]+) ([\d.]+)V([\d.]+)H([\d.]+)V[\d.]+Z'/>", svg)
    heights = [float(bottom) - float(top) for _, bottom, top, _ in bars]
    assert min(heights) > 3  # a single answer is seen
    assert (heights[2] - heights[0]) / (heights[1] - heights[0]) == pytest.approx(3, abs=0.05)
    assert [name in svg for name in (">1<", ">10<", ">100<", ">1k<", ">10k<")] == [True] * 5
    assert all(float(left) < float(right) for left, _, _, right in bars)


def test_confidence_is_held_against_each_check(report):
    sure = np.full((40, 10), 0.1 / 9, np.float32)
    sure[:, 3] = 0.9
    checks = [
        Check("Half right", sure, np.where(np.arange(40) % 2, 3, 4).astype(np.uint8)),
        Check("<Nine in ten>", sure, np.where(np.arange(40) % 10, 3, 4).astype(np.uint8)),
    ]
    html = report(checks=checks)
    text = Page(html).text
    assert "Half right" in text and "<Nine in ten>" in text
    assert re.findall(r"ECE ([\d.]+)%, n = ([\d,]+)", text)[1:] == [("40.00", "40"), ("0.00", "40")]
    assert html.count("Share of right answers against confidence") == 3
    assert "40 answers of 90.0% mean confidence: 50.0% right" in text
