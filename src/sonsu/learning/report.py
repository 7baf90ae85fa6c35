"""The report of a run: one HTML file, complete in itself, that a newcomer can read."""

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sonsu.learning import charts, pictures
from sonsu.learning.datasets import Dataset
from sonsu.learning.evaluate import ECE_BINS, expected_calibration_error
from sonsu.learning.outliers import NOT_A_DIGIT

if TYPE_CHECKING:
    import keras

MOST_MISREAD = 120  # pictures in the gallery
MOST_WEIGHTS = 64  # units or filters shown

_SCALE = "<div class='scale'><span>ink counts against it</span><i></i><span>ink counts for it</span></div>"
_TEMPLATE = Path(__file__).with_name("report.html")


@dataclass(frozen=True, eq=False)
class Check:
    """Answers that the confidence is held against.

    Attributes:
        name: of the data, in a few words.
        probabilities: float32 (n, classes), calibrated.
        labels: uint8 (n,).
    """

    name: str
    probabilities: NDArray[np.float32]
    labels: NDArray[np.uint8]


def write_report(
    folder: Path,
    model: "keras.Model",
    tested: Dataset,
    probabilities: NDArray[np.float32],
    checks: Sequence[Check] = (),
) -> Path:
    """Write ``report.html`` into a run folder that has its config.json, history.csv and evaluation.json.

    Args:
        folder: the run folder.
        model: the trained network.
        tested: what it was evaluated on.
        probabilities: float32 (n, classes), its calibrated answers to that.
        checks: more answers to hold its confidence against.

    Returns:
        The report's path.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    evaluation = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    history = _read_history(folder / "history.csv")
    weights = [np.asarray(array) for array in model.get_weights()]
    answers, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1).astype(np.float64)
    page = Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        _headline(evaluation),
        recipe=escape(str(config["recipe"]["name"])),
        summary=escape(_sentence(str(config["recipe"]["summary"]))),
        guessing=f"{math.log(probabilities.shape[1]):.2f}",
        data=escape(str(evaluation["data"])),
        loss_curve=charts.curves(_series(history, "loss"), "loss", "{:.3g}".format),
        accuracy_curve=charts.curves(_series(history, "accuracy"), "accuracy", _percent_short, top=1.0),
        confusion=_confusion(evaluation["confusion"]),
        classes=_classes(evaluation["confusion"]),
        reliability="".join(map(_reliability, _with_tested(checks, tested, probabilities))),
        bins=ECE_BINS,
        gallery=_gallery(tested, answers, confidence),
        weights=_weights(weights),
        config=_config(config, history, sum(array.size for array in weights)),
    )
    path = folder / "report.html"
    draft = path.with_suffix(".tmp")
    draft.write_text(page, encoding="utf-8")
    draft.replace(path)
    return path


def _with_tested(checks: Sequence[Check], tested: Dataset, probabilities: NDArray[np.float32]) -> list[Check]:
    """The checks after that of what was tested on; corrections without MNIST are tested on the validation data."""
    name = "Validation data" if tested.name.endswith("(validation)") else "Test data"
    return [Check(name, probabilities, tested.labels), *(check for check in checks if check.name != name)]


def _read_history(path: Path) -> list[dict[str, float]]:
    """One dict an epoch, without what was not measured."""
    with path.open(newline="", encoding="utf-8") as file:
        return [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)]


def _series(history: list[dict[str, float]], name: str) -> charts.Numbers:
    columns = {"training": name, "validation": f"val_{name}"}
    return {
        series: [(row["epoch"], row[column]) for row in history if column in row] for series, column in columns.items()
    }


def _headline(evaluation: Mapping[str, Any]) -> dict[str, str]:
    n, errors = evaluation["n"], evaluation["errors"]
    low, high = charts.wilson(n - errors, n)
    coverage = evaluation["coverage_at_99_9"]
    return {
        "accuracy": f"{evaluation['accuracy']:.2%}",
        "errors": f"{errors:,}",
        "n": f"{n:,}",
        "loss": f"{evaluation['loss']:.4f}",
        "ece": f"{evaluation['ece']:.2%}",
        "coverage": f"{coverage:.1%}",
        "rest": f"{1 - coverage:.1%}",
        "range": f"{low:.2%} to {high:.2%}",
    }


def _confusion(counts: list[list[int]]) -> str:
    """Rows are the truth, columns the answers; mistakes are shaded by their number, the right answers are not."""
    names = [_name(i) for i in range(len(counts))]
    most = max((n for i, row in enumerate(counts) for j, n in enumerate(row) if i != j), default=0) or 1
    head = "".join(f"<th scope='col'>{name}</th>" for name in names)
    rows = []
    for i, row in enumerate(counts):
        cells = (
            f"<td class='right'>{n:,}</td>" if i == j else f"<td style='--share:{100 * n // most}%'>{n or ''}</td>"
            for j, n in enumerate(row)
        )
        rows.append(f"<tr><th scope='row'>{names[i]}</th>{''.join(cells)}</tr>")
    return f"<thead><tr><th scope='col'>truth</th>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"


def _classes(counts: list[list[int]]) -> str:
    """A table row a class: how many there were, how many were right, and what the others were taken for."""
    matrix = np.array(counts)
    rows = []
    for i, row in enumerate(matrix):
        n, right, answered = int(row.sum()), int(row[i]), int(matrix[:, i].sum())
        wrong = np.where(np.arange(len(row)) == i, 0, row)
        other = int(wrong.argmax())
        taken_for = f"{_name(other)} <small>({wrong[other]}×)</small>" if wrong[other] else "–"
        figures = (f"{n:,}", f"{right:,}", _share(right, answered), _share(right, n), taken_for)
        cells = "".join(f"<td>{figure}</td>" for figure in figures)
        rows.append(f"<tr><th scope='row'>{_name(i)}</th>{cells}</tr>")
    return "".join(rows)


def _reliability(check: Check) -> str:
    """One reliability diagram with its name, its ECE and the number of answers."""
    confidence = check.probabilities.max(axis=1).astype(np.float64)
    right = check.probabilities.argmax(axis=1) == check.labels
    ece = expected_calibration_error(confidence, right)
    return (
        f"<figure class='square'><h3>{escape(check.name)}</h3>{charts.reliability(confidence, right)}"
        f"<figcaption>ECE {ece:.2%}, n = {len(right):,}</figcaption></figure>"
    )


def _gallery(tested: Dataset, answers: NDArray[np.intp], confidence: NDArray[np.float64]) -> str:
    """The misread pictures, the surest mistake first."""
    misread = np.flatnonzero(answers != tested.labels)
    if not len(misread):
        return "<p>Not one was misread.</p>"
    shown = misread[np.argsort(-confidence[misread], kind="stable")][:MOST_MISREAD]
    items = []
    for i in shown:
        truth, answer = _name(int(tested.labels[i])), _name(int(answers[i]))
        sure = f"{math.floor(confidence[i] * 1000) / 1000:.1%}"  # a mistake is never 100.0 % sure by rounding
        items.append(
            f"<li><img src='{pictures.digit(tested.images[i])}' alt='{truth}, read as {answer}' width='28' height='28'>"
            f"<span>{truth}<span class='arrow'> → </span><b>{answer}</b></span><small>{sure}</small></li>"
        )
    left = len(misread) - len(shown)
    more = f"<p>{left:,} more were misread, less surely than these.</p>" if left else ""
    return f"<ul class='gallery'>{''.join(items)}</ul>{more}"


def _weights(arrays: list[NDArray[np.float32]]) -> str:
    kernels = pictures.first_layer(arrays)
    if kernels is None:
        return "<p>This network's first layer does not look at pixels directly, so its weights make no pictures.</p>"
    shown = kernels[:MOST_WEIGHTS]
    dense = kernels.shape[1:] == (28, 28)
    what = f"{len(shown)} of {len(kernels)}" if len(shown) < len(kernels) else f"All {len(kernels)}"
    images = "".join(f"<img src='{uri}' alt=''>" for uri in pictures.weights(shown))
    told = (
        f"{what} units, each with one weight for every pixel of the image. The grainy margins are pixels where the "
        "training images hardly ever have ink: nothing was learnt there, and the weights are still the random ones "
        "they began with."
        if dense
        else f"{what} filters, {kernels.shape[1]}×{kernels.shape[2]} pixels each, that slide over the image: "
        "detectors of edges, spots and stroke ends."
    )
    kind = "units" if dense else "filters"
    label = f"The weights of {len(shown)} {kind} of the first layer as pictures"
    return f"<p>{told}</p><div class='weights {kind}' role='img' aria-label='{label}'>{images}</div>{_SCALE}"


def _config(config: Mapping[str, Any], history: list[dict[str, float]], parameters: int) -> str:
    """All of the config, and how long it took, as groups of table rows."""
    general = {name: value for name, value in config.items() if not isinstance(value, Mapping)}
    seconds = [row["seconds"] for row in history if "seconds" in row]
    if seconds:
        general["time per epoch"] = f"{np.mean(seconds):.1f} s (mean of {len(seconds)})"
    general["parameters"] = f"{parameters:,}"
    groups = {"run": general, **{name: value for name, value in config.items() if isinstance(value, Mapping)}}
    return "".join(
        f"<tbody><tr><th scope='rowgroup' colspan='2'>{escape(group.replace('_', ' '))}</th></tr>"
        + "".join(
            f"<tr><th scope='row'>{escape(name.replace('_', ' '))}</th><td>{escape(text)}</td></tr>"
            for name, text in _flat(values)
        )
        + "</tbody>"
        for group, values in groups.items()
    )


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}: ")
        elif isinstance(value, list):
            yield prefix + name, ", ".join(map(str, value))
        else:
            yield prefix + name, "–" if value is None else str(value)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _name(label: int) -> str:
    return "not a digit" if label == NOT_A_DIGIT else str(label)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def _percent_short(share: float) -> str:
    return f"{100 * share:.4g}%"
