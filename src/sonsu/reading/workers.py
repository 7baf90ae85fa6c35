"""Processes that work: they end with their parent, and an interrupt of it leaves nothing behind.

An interrupt that finds `concurrent.futures` waiting may leave one of its locks behind, and the pool would never end; so
it is kept off while a lock is held, and results are waited for in a queue of our own.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TypeVar

SPAWN = multiprocessing.get_context("spawn")
"""How processes are started: forking one that runs threads, as ONNX Runtime does, can hang."""

T = TypeVar("T")
X = TypeVar("X")


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def follow_parent() -> None:
    """To be called in a process that was started for work: interrupts are for its parent, and it ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def submit(pool: Executor, work: Callable[[X], T], what: X) -> Future[T]:
    """Give a pool something to do.

    Raises:
        BrokenProcessPool: one of its processes crashed.
    """
    try:
        with _without_interrupts():
            return pool.submit(work, what)
    except OSError as error:
        if error.errno is not None:  # the system's own
            raise
        raise BrokenProcessPool(str(error)) from error  # its pipes were closed while another process was starting


def first_done(futures: Iterable[Future[T]]) -> Future[T]:
    """Wait until one of several has come to its end, well or not."""
    ended: SimpleQueue[Future[T]] = SimpleQueue()
    with _without_interrupts():
        for future in futures:
            future.add_done_callback(ended.put)
    return ended.get()


def result(future: Future[T]) -> T:
    """Wait for what came of it.

    Raises:
        BrokenProcessPool: the process that worked on it crashed, or another one of its pool.
    """
    first_done([future])
    with _without_interrupts():
        return future.result()


def ahead(pool: Executor, work: Callable[[X], T], whats: Iterable[X], most: int) -> Iterator[T]:
    """What comes of each, in their order, with at most so many begun and not yet taken.

    Raises:
        BrokenProcessPool: one of the pool's processes crashed.
    """
    begun: deque[Future[T]] = deque()
    for what in whats:
        begun.append(submit(pool, work, what))
        if len(begun) == most:
            yield result(begun.popleft())
    while begun:
        yield result(begun.popleft())


def is_done(future: Future[T]) -> bool:
    """Whether it has come to its end."""
    with _without_interrupts():
        return future.done()


def kill(pools: Iterable[ProcessPoolExecutor], others: set[multiprocessing.process.BaseProcess]) -> None:
    """End pools at once: all of this process's children but those that were there before."""
    for child in set(multiprocessing.active_children()) - others:
        child.kill()
    for pool in pools:  # waits: a pool's thread must not end while Python does
        pool.shutdown(cancel_futures=True)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """An interrupt waits until the end of it; processes started in here never see one, however early."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
