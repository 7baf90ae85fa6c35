"""The command line: `sonsu VERB`. Results go to stdout, everything else to stderr.

Exit codes: 0 all done, 1 some inputs failed or a SonsuError, 2 the call itself is off.
"""

import io
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sonsu import __version__
from sonsu.cli_read import read
from sonsu.errors import MissingExtraError, SonsuError, UsageError
from sonsu.reading.confidence import Calibration
from sonsu.reading.network import Network
from sonsu.reading.reader import find_model, shipped

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


app.command()(read)


@app.command()
def train(
    recipe: Annotated[str | None, typer.Argument(help="A recipe's name; `sonsu recipes` lists them.")] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="MODEL", help="Instead of a recipe: teach a model the --data.")
    ] = None,
    data: Annotated[list[str] | None, typer.Option(help="SPEC to train on; may be given several times.")] = None,
    test: Annotated[str, typer.Option(help="SPEC to look at once, at the end.")] = "mnist:test",
    epochs: Annotated[int | None, typer.Option(min=1, help="Instead of the recipe's own number.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of everything that is left to chance.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Run folder  [default: runs/RECIPE-seedN, runs/MODEL-corrected]")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished run.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Train a recipe, or teach a trained model its corrections, and leave a run folder behind."""
    if start is not None:
        if recipe is not None or resume or not data:
            raise UsageError("--from MODEL stands instead of a recipe, needs --data, and cannot --resume.")
        _correct(start, data, test, epochs, seed, out, data_dir)
        return
    if recipe is None:
        raise UsageError("Missing argument: a recipe (`sonsu recipes` lists them), or --from MODEL.")
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


def _correct(
    model: str, data: list[str], test: str, epochs: int | None, seed: int, out: Path | None, data_dir: Path | None
) -> None:
    """Teach a model its corrections, and say what came of it."""
    with _training_extra():
        from sonsu.learning.finetune import finetune

    _say("learning the corrections: a minute or so…")
    done = finetune(model, data=data, test=test, epochs=epochs, seed=seed, out=out, data_dir=data_dir)
    print(f"Corrections held back, right: {done.right_before} before, {done.right_after} after, of {done.held_back}")
    print(f"{done.known} (validation): {done.accuracy_before:.2%} before, {done.accuracy_after:.2%} after")
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


data_app = typer.Typer(invoke_without_command=True)
app.add_typer(data_app, name="data")


@data_app.callback()
def data(context: typer.Context, data_dir: DataDir = None) -> None:
    """List the data sets and whether they lie on this machine; `data scenes` draws pictures to measure reading on."""
    if context.invoked_subcommand:
        return
    with _training_extra():
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
    with _training_extra():
        from sonsu.learning import pages
        from sonsu.learning.line_data import load_hands

    pages.check_kind(kind)
    _, hands = load_hands(digits or ["mnist:train"], data_dir)
    with typer.progressbar(pages.draw_many(kind, hands, n, seed), n, label=kind, file=sys.stderr) as shots:
        pages.save(out, kind, shots)
    print(out / "truth.jsonl")


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
