"""The command line: `sonsu VERB`. Results go to stdout, everything else to stderr.

Exit codes: 0 all done, 1 some inputs failed or a SonsuError, 2 the call itself is off.
"""

import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sonsu import __version__
from sonsu.cli_bulk import bulk
from sonsu.cli_read import read
from sonsu.cli_serve import serve
from sonsu.cli_train import DataDir, train, training_extra
from sonsu.cli_tune import tune
from sonsu.errors import SonsuError, UsageError
from sonsu.reading.confidence import Calibration
from sonsu.reading.line_network import LineNetwork
from sonsu.reading.network import Network
from sonsu.reading.reader import LINE_WEIGHTS, WEIGHTS, find_model, shipped

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


def main() -> None:
    """Run the command line and exit with its code."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A file's name may hold bytes that are no text; who reads a pipe need not wait for results that are there.
        sys.stdout.reconfigure(errors="backslashreplace", line_buffering=True)
    try:
        app()
    except SonsuError as error:
        _say(f"error: {error}")
        sys.exit(error.exit_code)
    except OSError as error:  # a full disk, a folder that is none: what is written, for reading has its own errors
        if error.filename is None and error.errno is None:
            raise
        where = "" if error.filename is None else f"{error.filename}: "
        _say(f"error: {where}{error.strerror}")
        sys.exit(1)


app.command()(read)
app.command()(train)
app.command()(tune)
app.command()(bulk)
app.command()(serve)


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(help="A shipped name, a run folder, an .onnx or a .keras file.")],
    data: Annotated[str, typer.Option(help="SPEC to measure on.")] = "mnist:test",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Measure a model on a data set."""
    with training_extra():
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
        with training_extra():
            from sonsu.learning.export import load_digits_model, predict

        return predict(load_digits_model(Path(model)), images)
    network = Network(find_model(model))
    return Calibration.from_card(network.card).apply(network.predict(images))


@app.command()
def export(
    model: Annotated[Path, typer.Argument(help="A .keras file or a run folder.")],
    out: Annotated[Path, typer.Argument(dir_okay=False, help="The .onnx file to write.")],
    data: Annotated[str, typer.Option(help="SPEC to check the file on.")] = "mnist:test",
    int8: Annotated[bool, typer.Option("--int8", help="In whole numbers of 8 bits: a quarter of the size.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Write a Keras model as ONNX, checked against the original."""
    with training_extra():
        from sonsu.learning import datasets
        from sonsu.learning.export import export_onnx, load_digits_model
        from sonsu.learning.quantise import quantise, some

    path = model / "model.keras" if model.is_dir() else model
    card = Network(model / "model.onnx").card if model.is_dir() else {}
    images = datasets.load(data, data_dir).images
    specs = card.get("data", ["mnist:train"]) if int8 else []
    learnt = [datasets.load(spec, data_dir) for spec in specs]  # what is missing is said before anything is written
    with tempfile.TemporaryDirectory(prefix="sonsu-") as folder:
        whole = Path(folder, "model.onnx") if int8 else out
        difference = export_onnx(load_digits_model(path), whole, images, card)
        _say(f"{out}: probabilities differ by at most {difference:.1e} on {len(images):,} images")
        if not int8:
            return
        before = Network(whole).predict(images).argmax(axis=1)
        out.parent.mkdir(parents=True, exist_ok=True)
        quantise(whole, out, some(datasets.join(learnt).images))  # with the ranges of what it was trained on
    changed = int((Network(out).predict(images).argmax(axis=1) != before).sum())
    _say(f"{out}: in int8, {out.stat().st_size / 1e3:,.0f} kB; {changed:,} of {len(images):,} answers are others")


@app.command()
def recipes() -> None:
    """List the recipes."""
    with training_extra():
        from sonsu.learning.line_network import line_network
        from sonsu.learning.line_training import LineRecipe
        from sonsu.learning.recipes import RECIPES

    for name, make in RECIPES.items():
        recipe = make()
        parameters = recipe.members * recipe.network().count_params()
        print(f"{name:10} {parameters:9,} parameters, {recipe.epochs} epochs: {recipe.summary}")
    line = LineRecipe()
    print(f"{line.name:10} {line_network().count_params():9,} parameters, {line.epochs} epochs: {line.summary}")


data_app = typer.Typer(invoke_without_command=True)
app.add_typer(data_app, name="data")


@data_app.callback()
def data(context: typer.Context, data_dir: DataDir = None) -> None:
    """List the data sets and whether they lie on this machine; `data scenes` draws pictures to measure reading on."""
    if context.invoked_subcommand:
        if data_dir is not None:
            raise UsageError(f"--data-dir belongs behind {context.invoked_subcommand}.")
        return
    with training_extra():
        from sonsu.learning import datasets, mnist

    where = "on this machine" if mnist.available(data_dir) else "not on this machine; downloaded when needed"
    for form, what in datasets.FORMS.items():
        print(f"{form:20} {what}" + (f" ({where})" if form.startswith("mnist") else ""))


@data_app.command()
def scenes(
    out: Annotated[Path, typer.Argument(file_okay=False, help="New folder for the pictures and truth.jsonl.")],
    kind: Annotated[str, typer.Option(help="What to draw; docs/scenes.md shows the kinds.")] = "photo",
    n: Annotated[int, typer.Option("--n", min=1, help="How many pictures.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Of everything that is left to chance.")] = 0,
    digits: Annotated[
        list[str] | None,
        typer.Option(help="Whose digits: mnist:train, pen:FILE, strokes:N; several times for several."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Draw lines, pages and forms of held-out digits, with the truth beside them."""
    with training_extra():
        from sonsu.learning.line_data import load_hands
        from sonsu.scenes import pages

    pages.check_kind(kind)
    _, hands = load_hands(digits or ["mnist:train"], data_dir)
    with typer.progressbar(pages.draw_many(kind, hands, n, seed), n, label=kind, file=sys.stderr) as shots:
        pages.save(out, kind, shots)
    print(out / "truth.jsonl")


@app.command()
def models() -> None:
    """List the shipped models with their measured figures."""
    networks: list[Network | LineNetwork] = [Network(find_model(name)) for name in shipped()]
    networks.append(LineNetwork(WEIGHTS / LINE_WEIGHTS))
    for name, network in zip([*shipped(), Path(LINE_WEIGHTS).stem], networks, strict=True):
        path = WEIGHTS / f"{name}.onnx"
        figures = network.card["evaluation"]
        print(
            f"{name:10} {path.stat().st_size / 1e3:5,.0f} kB  {figures['accuracy']:.2%} of {figures['data']} "
            f"(n = {figures['n']:,})  {network.card['summary']}\n{'':10} sha256 {network.sha256}"
        )


@app.command()
def demo(data_dir: DataDir = None) -> None:
    """Do the main job from start to end: train, evaluate, read the sample pictures."""
    with training_extra():
        from sonsu.learning.demo import run_demo

    run_demo(data_dir)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        print(__version__)
        raise typer.Exit


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
