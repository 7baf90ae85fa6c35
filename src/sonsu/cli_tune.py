"""`sonsu tune`: search a recipe's parameters."""

from pathlib import Path
from typing import Annotated

import typer

from sonsu.cli_train import DataDir, say, training_extra


def tune(
    recipe: Annotated[str, typer.Argument(help="A recipe's name; `sonsu recipes` lists them.")],
    data: Annotated[list[str] | None, typer.Option(help="SPEC to train on; may be given several times.")] = None,
    trials: Annotated[int, typer.Option(min=1, help="Of the whole study, whoever runs them.")] = 50,
    timeout: Annotated[float | None, typer.Option(min=0, help="Begin no trial after so many seconds.")] = None,
    storage: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|URL", help="A journal file, or postgresql://…; the same on all machines that work together."
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Instead of the recipe's own number.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of every trial's training.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for the results  [default: runs/tune-RECIPE]")] = None,
    data_dir: DataDir = None,
) -> None:
    """Search a recipe's parameters on validation data; the same line again goes on, and several at once share."""
    with training_extra():
        from sonsu.learning.tune import tune as search

    say("loading the data…")
    try:
        found = search(
            recipe,
            data=data or ["mnist:train"],
            trials=trials,
            timeout_s=timeout,
            storage=storage,
            epochs=epochs,
            seed=seed,
            out=out,
            data_dir=data_dir,
            say=say,
        )
    except KeyboardInterrupt:
        say("interrupted: the same line goes on")
        raise typer.Exit(130) from None
    if found.accuracy is None:
        say("no trial has finished yet: the same line goes on")
        return
    print(f"Best of {found.trials} trials, on validation data: {found.accuracy:.4f}")
    for name, value in found.parameters.items():
        print(f"{name:16} {value:.6g}")
    say(f"train with them: sonsu train {found.folder / 'best.json'}")
