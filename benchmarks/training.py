"""Time to accuracy: whole processes, from their launch to a saved model, one after another and in turns.

The tutorial's script and Keras' example, as they are published, beside the recipe `fast` with fewer or more epochs.
Every run is a JSON line in ``RUNS/results.jsonl``; a run that is there is not repeated::

    python benchmarks/training.py --seeds 10

The contenders are in `contenders.py`. The test set is looked at after each model was saved; the epochs of `fast` were
chosen on validation data. The table goes to stdout and into ``docs/benchmarks.md``.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import journal
from journal import Run
from page import machine, write_section

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent / "docs"


@dataclass(frozen=True)
class Contender:
    """A program to time.

    Attributes:
        name: what `contenders.py` calls it.
        epochs: for `fast`.
        told: its name in the table.
    """

    name: str
    epochs: int | None
    told: str

    def command(self, seed: int, out: Path) -> list[str]:
        """The command line of one run."""
        line = [sys.executable, str(HERE / "contenders.py"), self.name, "--seed", str(seed), "--out", str(out)]
        return line if self.epochs is None else [*line, "--epochs", str(self.epochs)]


CONTENDERS = (
    Contender("post", None, "the tutorial's script, scaled, 10 epochs"),
    Contender("convnet", None, "Keras' example convnet, 15 epochs"),
    Contender("fast", 1, "recipe `fast`, 1 epoch"),
    Contender("fast", 2, "recipe `fast`, 2 epochs"),
    Contender("fast", 8, "recipe `fast`, 8 epochs"),
)
LEVELS = (0.98, 0.99, 0.995)


def main() -> None:
    """Run what is missing, print the table, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10, help="how many runs of each, seeded 0, 1, 2, …")
    parser.add_argument("--runs", type=Path, default=Path("runs/training"), help="where the results are kept")
    parser.add_argument("--out", type=Path, default=DOCS / "benchmarks", help="the page: OUT.md")
    args = parser.parse_args()
    args.runs.mkdir(parents=True, exist_ok=True)
    results = args.runs / "results.jsonl"
    for seed in range(args.seeds):
        for contender in CONTENDERS:
            done = {(run["name"], run["epochs"], run["seed"]) for run in journal.read(results)}
            if (contender.name, contender.epochs, seed) not in done:
                run = measure(contender, seed, args.runs / "model.keras")
                print(f"{contender.told}, seed {seed}: {run['seconds']:.1f} s, {run['accuracy']:.2%}", file=sys.stderr)
                journal.append(results, run)
    text = section(journal.read(results), f"python benchmarks/training.py {' '.join(sys.argv[1:])}".strip())
    print(text)
    write_section(args.out.with_suffix(".md"), "training", "Time to accuracy", text)


def measure(contender: Contender, seed: int, out: Path) -> Run:
    """One run in a process of its own: seconds from its launch to the saved model, and its test accuracy."""
    started = time.time()
    command = contender.command(seed, out)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return {
        "name": contender.name,
        "epochs": contender.epochs,
        "seed": seed,
        "seconds": told["saved"] - started,
        "accuracy": told["accuracy"],
    }


def section(runs: list[Run], command: str) -> str:
    """The figures of all runs as Markdown."""
    lines = [
        "Whole processes, from launch to a saved model, in turns. The last column is the share of the seeds whose test",
        "accuracy reached 98 %, 99 % and 99.5 %.",
        "",
        "| | n | seconds, mean ± sd | of the tutorial's | of the convnet's | test accuracy, mean ± sd | reached |",
        "|---|---|---|---|---|---|---|",
    ]
    groups = {c: [run for run in runs if (run["name"], run["epochs"]) == (c.name, c.epochs)] for c in CONTENDERS}
    seconds = {c: statistics.mean(run["seconds"] for run in own) for c, own in groups.items() if own}
    for contender in seconds:
        own = groups[contender]
        reached = " / ".join(f"{sum(run['accuracy'] >= level for run in own) / len(own):.0%}" for level in LEVELS)
        ratios = " | ".join(
            f"{seconds[contender] / seconds[other]:.2f}" if other in seconds else "–" for other in CONTENDERS[:2]
        )
        lines.append(
            f"| {contender.told} | {len(own)} | {_mean([run['seconds'] for run in own], 1)} | {ratios} "
            f"| {_mean([100 * run['accuracy'] for run in own], 2)} % | {reached} |"
        )
    return "\n".join([*lines, "", f"{machine()}.", "", f"    {command}"])


def _mean(values: list[float], digits: int) -> str:
    spread = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{digits}f}{spread}"


if __name__ == "__main__":
    main()
