"""How the tutorial's network, a plain convnet and the default network stand what pictures do to digits.

MNIST-C, sweeps of turn, size, stroke width and tone, real digits from elsewhere, and what is no digit at all. MNIST's
10,000 test images are the digits; nothing was trained on these changes, and what was chosen by them is told in
docs/robustness.md. The two networks to compare with are trained once and kept in runs/. Needs SONSU_DATA with mnist; of
real and unipen, what is not there is left out, and said. Writes the sections of OUT, which docs/robustness.md explains,
and the plots beside it.

    python benchmarks/robustness.py --n 500
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import baselines
import distortions
import mnist_c
import numpy as np
import robustness_plots as plots
import strangers
from measures import Answers, Subject, auroc
from numpy.typing import NDArray
from page import machine, write_section

from sonsu.learning import mnist
from sonsu.learning.outliers import NOT_A_DIGIT

NETWORKS = ("mlp", "convnet", "default")
BY_READER = ", reader"


@dataclass(frozen=True, eq=False)
class Result:
    """The answers of every network to one set of digits.

    Attributes:
        name: of the set.
        labels: uint8 (n,).
        answers: by the network's name, with `BY_READER` where the pictures went through `Reader.read_digit`.
    """

    name: str
    labels: NDArray[np.uint8]
    answers: Mapping[str, Answers]

    def accuracies(self) -> dict[str, float]:
        """Each network's share answered right."""
        return {name: answers.accuracy(self.labels) for name, answers in self.answers.items()}


def main() -> None:
    """Measure, write the sections, draw the plots."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=10_000, help="the most pictures of each set")
    parser.add_argument("--out", type=Path, default=Path("docs/robustness.md"))
    parser.add_argument("--networks", type=Path, default=baselines.FOLDER, help="where the compared networks are kept")
    arguments = parser.parse_args()
    data = Path(os.environ.get("SONSU_DATA", ""))
    subjects = {name: Subject(model) for name, model in baselines.models(arguments.networks).items()}
    images, labels = mnist.load("test")
    images, labels = images[: arguments.n], labels[: arguments.n]
    pictures = arguments.out.parent / "images"
    pictures.mkdir(parents=True, exist_ok=True)

    def put(name: str, title: str, *parts: str) -> None:
        write_section(arguments.out, name, title, "\n\n".join(parts))

    corrupted = corruptions(subjects, images, labels)
    put("mnist-c", "MNIST-C", mean_errors(corrupted), accuracy_table(corrupted), confidence_table(corrupted))
    plots.corruptions([(result.name, result.accuracies()) for result in corrupted], images, pictures)

    swept = [(title, unit, values, list(results)) for title, unit, values, results in sweeps(subjects, images, labels)]
    toned = tones(subjects, images, labels)
    tables = [table for _, _, _, results in swept for table in (accuracy_table(results), confidence_table(results))]
    put("sweeps", "One thing at a time", *tables, accuracy_table(toned), confidence_table(toned))
    curves = [(t, u, values, [result.accuracies() for result in results]) for t, u, values, results in swept]
    plots.sweeps(curves, pictures)

    measured, missing = real(subjects, data, arguments.n)
    put("real", "Real digits from elsewhere", accuracy_table(measured), confidence_table(measured), *missing)

    separated, passed, missing = refusals(subjects, corrupted[0], data, arguments.n)
    put("strangers", "What is no digit", separated_table(separated), passed_table(passed), *missing)
    plots.strangers([(kind, shares) for kind, _, shares in passed], pictures)

    network = f"The default network has sha256 {subjects['default'].sha256[:12]}; {machine()}."
    command = f"    python benchmarks/robustness.py {' '.join(sys.argv[1:])}".rstrip()
    put("command", "Measured with", network, command)


def corruptions(subjects: Mapping[str, Subject], images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> list[Result]:
    """MNIST as it is, and with each of MNIST-C's corruptions at the published severity."""
    sets = [("none", images), *((name.replace("_", " "), mnist_c.corrupt(name, images)) for name in mnist_c.NAMES)]
    return [ask(subjects, name, changed, labels) for name, changed in sets]


Sweep = tuple[str, str, Sequence[float], Iterator[Result]]


def sweeps(subjects: Mapping[str, Subject], images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Iterator[Sweep]:
    """Each sweep's title, unit, values and results."""
    for title, unit, change, values in distortions.SWEEPS:
        results = (ask(subjects, f"{title.lower()} {v:g}{unit}", change(images, v), labels) for v in values)
        yield title, unit, values, results


def tones(subjects: Mapping[str, Subject], images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> list[Result]:
    """The same digits in other tones of ink and paper."""
    sets = distortions.TONES.items()
    return [ask(subjects, name, distortions.in_tones(images, pair), labels) for name, pair in sets]


def real(subjects: Mapping[str, Subject], data: Path, n: int) -> tuple[list[Result], list[str]]:
    """The sets of real/ that are there, every network by both roads; sentences on those that are not."""
    results, missing = [], []
    for name, what in (("hwd1000", "drawn with many pens"), ("optdigits_tra", "Turkish forms, 32×32 one-bit")):
        path = data / "real" / f"{name}.npz"
        if not path.is_file():
            missing.append(f"Left out: {name}, which is not under SONSU_DATA.")
            continue
        arrays = np.load(path)
        chosen = strangers.pick(len(arrays["y"]), n)
        pictures, labels = arrays["x"][chosen], arrays["y"][chosen]
        forms = strangers.as_mnist(pictures)
        results.append(ask(subjects, f"{name}: {what}", forms, labels, pictures, readers=NETWORKS))
    return results, missing


def ask(
    subjects: Mapping[str, Subject],
    name: str,
    forms: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    pictures: NDArray[np.uint8] | None = None,
    readers: Iterable[str] = ("default",),
) -> Result:
    """Put one set to every network.

    Args:
        subjects: the networks by name.
        name: of the set.
        forms: uint8 (n, 28, 28), ink = 255, for the network straight.
        labels: uint8 (n,).
        pictures: uint8 (n, h, w) for the reader; the forms by default.
        readers: the networks that are asked through the reader, too.
    """
    print(f"{name}: {len(labels):,}", file=sys.stderr, flush=True)
    answers = {key: subject.straight(forms) for key, subject in subjects.items()}
    shown = forms if pictures is None else pictures
    answers |= {key + BY_READER: subjects[key].by_reader(shown) for key in readers}
    return Result(name, labels, answers)


def accuracy_table(results: Sequence[Result]) -> str:
    """The share answered right: a row a set, a column a network."""
    names = list(results[0].answers) if results else []
    rows = [
        [result.name, f"{len(result.labels):,}", *map(_percent, result.accuracies().values())] for result in results
    ]
    return markdown(["accuracy", "n", *names], rows)


def confidence_table(results: Sequence[Result]) -> str:
    """ECE of every network; the share read, and of it the share right, of the default one."""
    names = list(results[0].answers) if results else []
    ours = [name for name in names if name.startswith("default")]
    rows = []
    for result in results:
        cells = [_percent(result.answers[name].ece(result.labels)) for name in names]
        for name in ours:
            answers = result.answers[name]
            cells += [_percent(answers.read_share()), _percent(answers.right_of_read(result.labels), 2)]
        rows.append([result.name, *cells])
    heads = [part for name in ours for part in (f"{name}: read", "of that, right")]
    return markdown(["ECE", *names, *heads], rows)


def mean_errors(results: Sequence[Result]) -> str:
    """The mean error over the corruptions, the first result being the clean images, and its ratio to the convnet's."""
    names = list(results[0].answers)
    means = {name: float(np.mean([1 - result.accuracies()[name] for result in results[1:]])) for name in names}
    rows = [[name, _percent(error, 2), f"{error / means['convnet']:.2f}"] for name, error in means.items()]
    return markdown(["mean error over the fifteen", "", "ratio to convnet's"], rows)


Kind = tuple[str, int, dict[str, float]]  # its name, how many there are, a figure for each network


def refusals(
    subjects: Mapping[str, Subject], clean: Result, data: Path, n: int
) -> tuple[list[Kind], list[Kind], list[str]]:
    """AUROC and the share passed off as read of each kind; sentences on the kinds that are left out.

    What recorded pens wrote stands against the digits of the same pens, everything else against MNIST's.
    """
    pens = strangers.held_out(data, "digits")
    written = clean
    if pens is not None:
        chosen = strangers.pick(len(pens), n)
        written = ask(subjects, "pens' digits", pens.images[chosen], pens.labels[chosen])
    separated, passed, missing = [], [], []
    for kind in strangers.kinds(data, n):
        if isinstance(kind, str):
            missing.append(f"Left out: {kind}.")
            continue
        none = np.full(len(kind.forms), NOT_A_DIGIT, np.uint8)
        found = ask(subjects, kind.name, kind.forms, none, kind.pictures).answers
        digits = (written if kind.pens else clean).answers
        scores = {name: auroc(digits[name].confidence, one.confidence) for name, one in found.items()}
        separated.append((kind.name, len(none), scores))
        passed.append((kind.name, len(none), {name: one.read_share() for name, one in found.items()}))
    return separated, passed, missing


def separated_table(kinds: Sequence[Kind]) -> str:
    """AUROC of digits against each kind, by confidence."""
    rows = [[name, f"{n:,}", *(f"{score:.3f}" for score in scores.values())] for name, n, scores in kinds]
    return markdown(["AUROC, digits against", "n", *kinds[0][2]], rows)


def passed_table(kinds: Sequence[Kind]) -> str:
    """The share of each kind that is given as a digit, and as sure."""
    rows = [[name, f"{n:,}", *map(_percent, shares.values())] for name, n, shares in kinds]
    return markdown(["passed off as read", "n", *kinds[0][2]], rows)


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _percent(share: float, digits: int = 1) -> str:
    return "–" if np.isnan(share) else f"{share:.{digits}%}"


if __name__ == "__main__":
    main()
