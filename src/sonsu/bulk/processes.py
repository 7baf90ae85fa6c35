"""Shards read by processes on this machine."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from sonsu.bulk.shard import Receipt, ShardReader, Work
from sonsu.errors import SonsuError
from sonsu.reading.workers import SPAWN, first_done, follow_parent, kill, result, submit

_MOST_BREAKS = 5  # of the pool, one after another without a shard done


def read_shards(work: Work, numbers: Iterable[int], processes: int) -> Generator[Receipt]:
    """Read shards, as many at a time as there are processes.

    A process that crashes takes the pool with it; the shards that were under way are begun again, with care.

    Yields:
        A receipt a shard, in the order in which they are done. Closing the iterator ends all processes.

    Raises:
        SonsuError: of the model or the plan; or processes end time and again.
    """
    waiting, breaks = deque(numbers), 0
    while waiting:
        under_way: dict[Future[Receipt], int] = {}
        try:
            with _pool(work, processes) as pool:
                while waiting or under_way:
                    while waiting and len(under_way) < 2 * processes:  # no process waits for its next
                        under_way[submit(pool, _read, waiting[0])] = waiting[0]
                        waiting.popleft()
                    future = first_done(under_way)
                    receipt = result(future)
                    del under_way[future]
                    breaks = 0
                    yield receipt
        except BrokenProcessPool:
            waiting.extendleft(under_way.values())
            breaks += 1
            if breaks == _MOST_BREAKS:
                raise SonsuError(
                    f"the processes that read ended {breaks} times without finishing a shard. "
                    "Look for what ends them, such as too little memory; the same line goes on from here."
                ) from None


@contextmanager
def _pool(work: Work, processes: int) -> Iterator[ProcessPoolExecutor]:
    for library in ("OMP", "OPENBLAS", "MKL"):  # one thread a process, for those that read it from here
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(processes, mp_context=SPAWN, initializer=_start, initargs=(work,))
    try:
        yield pool
    except BaseException:  # a crash, an interrupt, or nobody wants the rest
        kill([pool], others)
        raise
    pool.shutdown()


_reader: ShardReader | None = None  # of a process of the pool


def _start(work: Work) -> None:
    global _reader
    follow_parent()
    _reader = ShardReader(work)


def _read(number: int) -> Receipt:
    if _reader is None:
        raise RuntimeError("not a process of the pool")
    return _reader(number)
