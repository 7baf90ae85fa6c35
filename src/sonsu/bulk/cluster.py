"""Shards read on a Ray cluster, through Ray Data: actors that load the networks once, as many as there are cores.

Ray Data hands out shard numbers, starts actors as nodes come, and gives what a dead node had under way to another one.
No picture passes through Ray: each actor takes its shard's pictures from where they are and writes the files itself.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import ray
import ray.data
from ray.exceptions import RayTaskError

from sonsu.bulk.shard import Receipt, ShardReader, Work
from sonsu.errors import SonsuError, UsageError
from sonsu.reading.reader import find_model, shipped

_MOST_BLOCKS = 10_000  # what Ray Data plans with ease; then a block has several shards


def read_shards(work: Work, numbers: Sequence[int], address: str) -> Generator[Receipt]:
    """Read shards on a cluster.

    Args:
        work: its store, and a model that is a file, must be within reach of every node under the same name.
        numbers: of the shards.
        address: "auto" for the cluster that this machine belongs to, or HOST:PORT, or ray://HOST:PORT.

    Yields:
        A receipt a shard, in the order in which they are done.

    Raises:
        UsageError: there is no such cluster.
        SonsuError: a shard cannot be read whichever node tries.
    """
    if not numbers:
        return
    if work.job.model not in shipped():
        work = replace(work, job=replace(work.job, model=str(find_model(work.job.model).absolute())))
    with _connected(address):
        ray.data.DataContext.get_current().enable_progress_bars = False  # there is one bar, the job's
        shards = ray.data.from_items(list(numbers), override_num_blocks=min(len(numbers), _MOST_BLOCKS))
        receipts = shards.map_batches(
            _Actor,
            fn_constructor_args=(work,),
            batch_size=1,
            num_cpus=1,
            compute=ray.data.ActorPoolStrategy(min_size=1),
        )
        try:
            for row in receipts.iter_rows():
                yield json.loads(row["receipt"])
        except RayTaskError as error:
            raise SonsuError(f"a shard cannot be read: {error.cause}") from error


class _Actor:
    def __init__(self, work: Work) -> None:
        self._read = ShardReader(work)

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[str]]:
        return {"receipt": [json.dumps(self._read(int(number))) for number in batch["item"]]}


@contextmanager
def _connected(address: str) -> Iterator[None]:
    if ray.is_initialized():
        yield
        return
    try:
        ray.init(address, logging_level=logging.WARNING, log_to_driver=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"no Ray cluster at {address!r} ({reason}). Start one with `ray start --head`.") from error
    try:
        yield
    finally:
        ray.shutdown()
