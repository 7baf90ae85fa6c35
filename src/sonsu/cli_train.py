"""`sonsu train`: a recipe's training, the line network's, or a trained network's lesson from its mistakes."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from sonsu.errors import MissingExtraError, UsageError

DataDir = Annotated[Path | None, typer.Option(help="Folder to look for MNIST in first.")]


def train(
    recipe: Annotated[
        str | None, typer.Argument(help="A recipe's name, as `sonsu recipes` lists them, or a recipe file.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="MODEL", help="Instead of a recipe: teach a model the --data.")
    ] = None,
    data: Annotated[list[str] | None, typer.Option(help="SPEC to train on; may be given several times.")] = None,
    test: Annotated[str, typer.Option(help="SPEC to look at once, at the end (lines have none).")] = "mnist:test",
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
    say("loading the data…")
    try:
        if recipe == "line":
            _train_lines(data or ["mnist:train"], epochs, seed, out, resume, data_dir)
        else:
            _train_digits(recipe, data or ["mnist:train"], test, epochs, seed, out, resume, data_dir)
    except KeyboardInterrupt:
        say("interrupted: the same line with --resume goes on from the last whole epoch")
        raise typer.Exit(130) from None


def _train_digits(
    recipe: str,
    data: list[str],
    test: str,
    epochs: int | None,
    seed: int,
    out: Path | None,
    resume: bool,
    data_dir: Path | None,
) -> None:
    with training_extra():
        from sonsu.learning.run import run

    done = run(
        recipe,
        data=data,
        test=test,
        epochs=epochs,
        seed=seed,
        out=out,
        resume=resume,
        data_dir=data_dir,
        show_progress=True,
    )
    _print_test(done.folder, done.evaluation)


def _train_lines(
    data: list[str], epochs: int | None, seed: int, out: Path | None, resume: bool, data_dir: Path | None
) -> None:
    with training_extra():
        from sonsu.learning.line_training import LineRecipe, run_lines

    done = run_lines(
        data=data,
        epochs=epochs or LineRecipe.epochs,
        seed=seed,
        out=out,
        resume=resume,
        data_dir=data_dir,
        show_progress=True,
    )
    print(f"Validation lines read exactly: {done.evaluation['accuracy']:.4f} of {done.evaluation['n']}")


def _correct(
    model: str, data: list[str], test: str, epochs: int | None, seed: int, out: Path | None, data_dir: Path | None
) -> None:
    """Teach a model its corrections, and say what came of it."""
    with training_extra():
        from sonsu.learning.finetune import finetune

    say("learning the corrections: a minute or so…")
    done = finetune(model, data=data, test=test, epochs=epochs, seed=seed, out=out, data_dir=data_dir)
    print(f"Corrections held back, right: {done.right_before} before, {done.right_after} after, of {done.held_back}")
    print(f"{done.known} (validation): {done.accuracy_before:.2%} before, {done.accuracy_after:.2%} after")
    if done.evaluation["data"] != test:
        say(f"{test} is not on this machine: what follows is measured on {done.evaluation['data']}")
    _print_test(done.folder, done.evaluation)


def _print_test(folder: Path, evaluation: Mapping[str, Any]) -> None:
    print(f"Test loss: {evaluation['loss']:.4f}")
    print(f"Test accuracy: {evaluation['accuracy']:.4f}")
    say(f"report: {folder / 'report.html'}")


class training_extra:  # noqa: N801 used as a word of the language
    """Turns a missing training package into the line that installs it."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("sonsu"):
            raise MissingExtraError("This verb", "train") from None


def say(message: str) -> None:
    """Tell the user something that is not a result."""
    print(message, file=sys.stderr, flush=True)
