"""The command line: `sonsu VERB`. Results go to stdout, everything else to stderr.

Exit codes: 0 all done, 1 some inputs failed or a SonsuError, 2 the call itself is off.
"""

import csv
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sonsu import __version__
from sonsu.errors import MissingExtraError, PictureError, SonsuError, UsageError
from sonsu.reading.confidence import Calibration
from sonsu.reading.inputs import expand, is_file
from sonsu.reading.network import Network
from sonsu.reading.page import Page, digit_record, page_error
from sonsu.reading.reader import Reader, find_model, shipped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

app = typer.Typer(
    help="Train networks that recognise handwritten digits, and read new handwriting with them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

DataDir = Annotated[Path | None, typer.Option(help="Folder to look for MNIST in first.")]
Model = Annotated[str, typer.Option("--model", help="A shipped name, a run folder or an .onnx file.")]


def main() -> None:
    """Run the command line and exit with its code."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may hold bytes that are no text
    try:
        app()
    except SonsuError as error:
        _say(f"error: {error}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _say("interrupted")
        sys.exit(130)


@app.command()
def read(
    paths: Annotated[list[str], typer.Argument(help="Pictures, folders, globs, or - for standard input.")],
    one: Annotated[bool, typer.Option("--one", help="Each picture holds exactly one digit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a picture, a line each.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="One row a digit (--one) or a line of digits.")] = False,
    min_confidence: Annotated[float | None, typer.Option(min=0, max=1, help="Below it a digit is unsure.")] = None,
    model: Model = "default",
    draw: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder for the pictures with boxes drawn on them.")
    ] = None,
) -> None:
    """Read numbers from pictures."""
    if one and draw is not None:
        raise UsageError("--draw draws the boxes of lines of digits; it does not go together with --one.")
    reader = Reader(model, min_confidence=min_confidence)
    write = _json_lines if as_json else _CsvRows(one) if as_csv else _Text(several=_several(paths))
    failed = False
    for record, page in _records(reader, paths, one):
        if record["error"] is not None:
            failed = True
            _say(f"error: {record['error']}")
        write(record)
        if draw is not None and page is not None:
            _save_drawing(page, draw)
    raise typer.Exit(1 if failed else 0)


def _records(reader: Reader, paths: list[str], one: bool) -> Iterator[tuple[dict[str, Any], Page | None]]:
    """Each picture's JSON record, and its page; a picture that cannot be read gives a record with the error."""
    for name, source in expand(paths):
        try:
            if one:
                yield digit_record(reader.read_digit(source), name, reader.model), None
            else:
                page = reader.read(source)
                yield page.to_dict() | {"source": name}, page
        except PictureError as error:
            if one:
                yield digit_record(None, name, reader.model, str(error)), None
            else:
                yield page_error(name, reader.model, str(error)), None


def _several(paths: list[str]) -> bool:
    return len(paths) > 1 or (paths[0] != "-" and not is_file(Path(paths[0])))


def _json_lines(record: dict[str, Any]) -> None:
    print(json.dumps(record, ensure_ascii=False))


class _Text:
    """The digits alone; with their picture's name where there are several, and doubts on stderr."""

    def __init__(self, several: bool) -> None:
        self._several = several

    def __call__(self, record: dict[str, Any]) -> None:
        if record["error"] is not None:
            return
        start = f"{record['source']}: " if self._several else ""
        if record["schema"].startswith("sonsu.digit"):
            digits, text = [record], "?" if record["label"] is None else str(record["label"])
        else:
            digits = [digit for line in record["lines"] for digit in line["digits"]]
            text = record["text"].replace("\n", " ") if self._several else record["text"]
        print(start + text)
        unsure = [f"{d['label'] if d['label'] is not None else '?'} ({d['confidence']:.0%})" for d in digits
                  if d["status"] == "unsure"]  # fmt: skip
        said = ([f"unsure of {', '.join(unsure)}"] if unsure else []) + record["notes"]
        if said:
            _say(f"{record['source']}: {'; '.join(said)}")


class _CsvRows:
    """One row a digit for `--one`, otherwise one a line of digits."""

    def __init__(self, one: bool) -> None:
        self._one = one
        self._writer = csv.writer(sys.stdout, lineterminator="\n")
        what = ["label", "confidence", "status"] if one else ["line", "text", "confidence", "unsure"]
        self._writer.writerow(["source", *what, "x", "y", "width", "height", "error"])

    def __call__(self, record: dict[str, Any]) -> None:
        source = record["source"]
        if record["error"] is not None:
            self._writer.writerow([source, *[""] * (7 if self._one else 8), record["error"]])
        elif self._one:
            row = [record["label"], record["confidence"], record["status"], *record["box_px"], ""]
            self._writer.writerow([source, *row])
        else:
            for number, line in enumerate(record["lines"], 1):
                unsure = sum(digit["status"] == "unsure" for digit in line["digits"])
                self._writer.writerow([source, number, line["text"], line["confidence"], unsure, *line["box_px"], ""])


def _save_drawing(page: Page, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path, number = folder / f"{Path(page.source).stem}.png", 1
    while path.exists():
        number += 1
        path = folder / f"{Path(page.source).stem}-{number}.png"
    page.draw().save(path)


@app.command()
def train(
    recipe: Annotated[str, typer.Argument(help="A recipe's name; `sonsu recipes` lists them.")],
    data: Annotated[list[str] | None, typer.Option(help="SPEC to train on; may be given several times.")] = None,
    test: Annotated[str, typer.Option(help="SPEC to look at once, at the end.")] = "mnist:test",
    epochs: Annotated[int | None, typer.Option(min=1, help="Instead of the recipe's own number.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of everything that is left to chance.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Run folder  [default: runs/RECIPE-seedN]")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished run.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Train a recipe and leave a run folder behind."""
    with _training_extra():
        from sonsu.learning.run import run

    _say("loading the data…")
    try:
        done = run(
            recipe,
            data=data or ["mnist:train"],
            test=test,
            epochs=epochs,
            seed=seed,
            out=out,
            resume=resume,
            data_dir=data_dir,
            show_progress=True,
        )
    except KeyboardInterrupt:
        _say("interrupted: the same line with --resume goes on from the last whole epoch")
        raise typer.Exit(130) from None
    print(f"Test loss: {done.evaluation['loss']:.4f}")
    print(f"Test accuracy: {done.evaluation['accuracy']:.4f}")
    _say(f"report: {done.folder / 'report.html'}")


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(help="A shipped name, a run folder, an .onnx or a .keras file.")],
    data: Annotated[str, typer.Option(help="SPEC to measure on.")] = "mnist:test",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Measure a model on a data set."""
    with _training_extra():
        from sonsu.learning import datasets
        from sonsu.learning.evaluate import evaluate as measure

    dataset = datasets.load(data, data_dir)
    result = measure(_probabilities(model, dataset.images), dataset.labels)
    if as_json:
        print(json.dumps(result.to_dict()))
        return
    print(f"{data}: {result.n:,} images")
    print(f"accuracy          {result.accuracy:.2%}  ({result.errors:,} errors)")
    print(f"loss              {result.loss:.4f}")
    print(f"ECE               {result.ece:.2%}")
    print(f"coverage at 99.9% {result.coverage_at_99_9:.2%}")
    print("confusion (rows: truth, columns: answer; 10 is not a digit)")
    print("      " + "".join(f"{column:6}" for column in range(len(result.confusion))))
    for label, row in enumerate(result.confusion):
        print(f"{label:6}" + "".join(f"{count:6}" if count else "     ·" for count in row))


def _probabilities(model: str, images: "NDArray[np.uint8]") -> "NDArray[np.float32]":
    if model.endswith(".keras"):
        with _training_extra():
            from sonsu.learning.export import load_keras, predict

        return predict(load_keras(Path(model)), images)
    network = Network(find_model(model))
    return Calibration.from_card(network.card).apply(network.predict(images))


@app.command()
def export(
    model: Annotated[Path, typer.Argument(help="A .keras file or a run folder.")],
    out: Annotated[Path, typer.Argument(help="The .onnx file to write.")],
    data: Annotated[str, typer.Option(help="SPEC to check the file on.")] = "mnist:test",
    data_dir: DataDir = None,
) -> None:
    """Write a Keras model as ONNX, checked against the original."""
    with _training_extra():
        from sonsu.learning import datasets
        from sonsu.learning.export import export_onnx, load_keras

    path = model / "model.keras" if model.is_dir() else model
    card = Network(model / "model.onnx").card if model.is_dir() else {}
    images = datasets.load(data, data_dir).images
    difference = export_onnx(load_keras(path), out, images, card)
    _say(f"{out}: probabilities differ by at most {difference:.1e} on {len(images):,} images")


@app.command()
def recipes() -> None:
    """List the recipes."""
    with _training_extra():
        from sonsu.learning.recipes import RECIPES

    for name, make in RECIPES.items():
        recipe = make()
        print(f"{name:10} {recipe.network().count_params():9,} parameters, {recipe.epochs} epochs: {recipe.summary}")


@app.command()
def data(data_dir: DataDir = None) -> None:
    """List the data sets and whether they lie on this machine."""
    with _training_extra():
        from sonsu.learning import datasets, mnist

    where = "on this machine" if mnist.available(data_dir) else "not on this machine; downloaded when needed"
    for form, what in datasets.FORMS.items():
        print(f"{form:20} {what}" + (f" ({where})" if form.startswith("mnist") else ""))


@app.command()
def models() -> None:
    """List the shipped models with their measured figures."""
    for name in shipped():
        path = find_model(name)
        network = Network(path)
        figures = network.card["evaluation"]
        print(
            f"{name:10} {path.stat().st_size / 1e3:5,.0f} kB  {figures['accuracy']:.2%} of {figures['data']} "
            f"(n = {figures['n']:,})  {network.card['summary']}\n{'':10} sha256 {network.sha256}"
        )


@app.command()
def demo(data_dir: DataDir = None) -> None:
    """Do the main job from start to end: train, evaluate, read the sample pictures."""
    with _training_extra():
        from sonsu.learning.demo import run_demo

    run_demo(data_dir)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        print(__version__)
        raise typer.Exit


class _training_extra:  # noqa: N801 used as a word of the language
    """Turns a missing training package into the line that installs it."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("sonsu"):
            raise MissingExtraError("This verb", "train") from None


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
