"""A bulk job from start to end: plan, shards, manifest. The same call goes on where one was killed."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

from sonsu import __version__
from sonsu.bulk.evaluate import evaluate
from sonsu.bulk.inputs import PLAN, items
from sonsu.bulk.labels import labels
from sonsu.bulk.plan import Plan, write_plan
from sonsu.bulk.rows import FORMATS, Record
from sonsu.bulk.shard import WORK, Receipt, Work, file_name, receipt_name
from sonsu.bulk.store import PARTIAL, Store
from sonsu.errors import UsageError
from sonsu.reading.batch import Job

MANIFEST, EVALUATION = "manifest.json", "evaluation.json"
SCHEMA = "sonsu.bulk/1"
COUNTS = ("pictures", "lines", "digits", "unsure", "failed")

Engine: TypeAlias = Callable[[Work, Sequence[int]], Generator[Receipt]]
"""Reads the shards of some numbers, and gives their receipts in any order."""


def run(
    input_name: str,
    out: str,
    job: Job,
    formats: tuple[str, ...],
    engine: Engine,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[dict[str, Any], int]:
    """Read an input into a store, or go on with it.

    Args:
        input_name: as for `inputs.items`.
        out: a folder or URL; new, empty, or of the same job.
        job: what is done with every picture.
        formats: names from `rows.FORMATS`.
        engine: who reads the shards.
        watch: is told how many pictures are done, those of earlier runs included, and how many there are.

    Returns:
        The manifest, which is the same however often the job was broken off; and how many pictures this call has read.

    Raises:
        UsageError: no such input, or `out` holds something else.
        ModelError: the model cannot be loaded.
    """
    out = out if "://" in out else str(Path(out).absolute())  # for those who read elsewhere
    store = Store(out)
    plan = _plan(store, input_name, _description(input_name, job, formats))
    if store.exists(MANIFEST):
        _tidy(store)
        return json.loads(store.read(MANIFEST)), 0
    done = {int(name.removesuffix(".json")) for name in store.names(WORK) if name.endswith(".json")}
    missing = [number for number in range(plan.shards) if number not in done]
    watch(plan.items * len(done) // plan.shards, plan.items)
    read = 0
    with closing(engine(Work(job, out, formats), missing)) as receipts:
        for count, receipt in enumerate(receipts, len(done) + 1):
            read += receipt["pictures"]
            watch(plan.items * count // plan.shards, plan.items)
    return _finish(store, plan), read


def _description(input_name: str, job: Job, formats: tuple[str, ...]) -> dict[str, Any]:
    """What a job is recognised by: whatever its rows depend on."""
    return {
        "input": input_name,
        "one": job.one,
        "min_confidence": job.min_confidence,
        "model": job.reader().model,
        "formats": list(formats),
        "sonsu": __version__,
    }


def _plan(store: Store, input_name: str, description: dict[str, Any]) -> Plan:
    if not store.exists(PLAN):
        taken = store.names("") - {WORK}
        if taken:
            raise UsageError(f"the folder for the results holds something else ({min(taken)}…). Give a new one.")
        write_plan(store, items(input_name), description)
    plan = Plan(store)
    if plan.job != description:
        other = next(key for key in description if plan.job.get(key) != description[key])
        raise UsageError(
            f"the results there are of another job: {other} was {plan.job.get(other)!r} and is now "
            f"{description[other]!r}. Give the same line to go on, or a new --out."
        )
    return plan


def _finish(store: Store, plan: Plan) -> dict[str, Any]:
    receipts = [json.loads(store.read(receipt_name(number))) for number in range(plan.shards)]
    manifest = {
        "schema": SCHEMA,
        **plan.job,
        **{count: sum(receipt[count] for receipt in receipts) for count in COUNTS},
        "shards": receipts,
    }
    store.write(MANIFEST, json.dumps(manifest, indent=1).encode())
    _tidy(store)
    return manifest


def _tidy(store: Store) -> None:
    """Take away what only a job under way needs, and what killed processes left."""
    store.remove(WORK, (".begun", ".json"))
    for folder in ("", WORK, *FORMATS):
        store.remove(folder, (PARTIAL,))


def measure(out: str, label_name: str) -> dict[str, Any]:
    """Compare a finished job's rows with what is written, and leave `EVALUATION` beside them.

    Args:
        out: as for `run`.
        label_name: as for `labels.labels`.

    Returns:
        As `evaluate.evaluate`.

    Raises:
        UsageError: there are no such labels.
    """
    store = Store(out)
    plan = Plan(store)
    with labels(label_name, plan) as truth:
        evaluation = evaluate(_rows(store, plan), truth)
    store.write(EVALUATION, json.dumps(evaluation).encode())
    return evaluation


def _rows(store: Store, plan: Plan) -> Iterator[Record]:
    form = plan.job["formats"][0]
    for number in range(plan.shards):
        with store.open(file_name(number, form)) as file:
            yield from FORMATS[form].read(file)
