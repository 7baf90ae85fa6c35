"""Many pictures, in one process or in several: results in the order of the pictures, memory flat however many.

A process that crashes takes down the pool that it belongs to (`concurrent.futures`). The pictures that were under way
are then read once more, each alone, so that only the one that crashes its process again is lost.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any, TypeAlias, TypeVar

from sonsu.errors import PictureError, SonsuError
from sonsu.reading.drawing import READABLE_PX
from sonsu.reading.one_digit import Sought
from sonsu.reading.page import digit_record, page_error
from sonsu.reading.picture import Source
from sonsu.reading.reader import Reader
from sonsu.reading.source import refusal, shortened
from sonsu.reading.workers import SPAWN, follow_parent, is_done, kill, result, submit

Task: TypeAlias = tuple[str, Source | PictureError]
"""What to call a picture, and where it is, or why it cannot be had."""

T = TypeVar("T")

_BATCH = 64  # candidates or pictures: larger batches are no faster
_AHEAD = 4  # pictures under way for each process: enough that none waits for a slow one before it


@dataclass(frozen=True)
class Job:
    """What is to be done with each picture.

    Attributes:
        model: as for `Reader`.
        min_confidence: as for `Reader`.
        one: each picture holds exactly one digit.
        draw: make a picture with boxes, too; not for `one`.
        explain: make a page that shows every stage, too; not for `one`.
    """

    model: str = "default"
    min_confidence: float | None = None
    one: bool = False
    draw: bool = False
    explain: bool = False

    def reader(self) -> Reader:
        """The reader that does it."""
        return Reader(self.model, min_confidence=self.min_confidence)


@dataclass(frozen=True)
class Outcome:
    """What came of one picture.

    Attributes:
        record: in the form "sonsu.page/1" or "sonsu.digit/1"; its "error" says why the picture could not be read.
        drawing: a PNG file's bytes.
        explanation: an HTML page.
    """

    record: dict[str, Any]
    drawing: bytes | None = None
    explanation: str | None = None


def read_all(tasks: Iterable[Task], job: Job, processes: int = 1) -> Generator[Outcome]:
    """Read pictures.

    Args:
        tasks: taken from lazily, only a few ahead of the results. With several processes sources must pickle.
        job: what is to be done with each.
        processes: 1 reads in this process; more start that many, each with a reader of its own.

    Yields:
        One outcome a task, in the tasks' order. Closing the iterator ends all processes at once.

    Raises:
        ModelError: there is no such model, or it cannot be loaded.
    """
    reader = job.reader()
    if processes == 1:
        return (read_one(reader, job, *task) for task in tasks)
    return _in_processes(tasks, job, processes, reader.model)


def _in_processes(tasks: Iterable[Task], job: Job, processes: int, model: dict[str, str]) -> Generator[Outcome]:
    crew = _Crew(job, processes, model)
    waiting: deque[tuple[Task, Future[Outcome]]] = deque()
    try:
        for task in tasks:
            waiting.append((task, crew.begin(task)))
            while waiting and (len(waiting) >= _AHEAD * processes or is_done(waiting[0][1])):
                yield crew.finish(*waiting.popleft())
        while waiting:
            yield crew.finish(*waiting.popleft())
    except BaseException:  # an interrupt, or nobody wants the rest
        crew.kill()
        raise
    crew.dismiss()


class _Crew:
    """The processes, and a spare one for what crashed them."""

    def __init__(self, job: Job, processes: int, model: dict[str, str]) -> None:
        self._job, self._processes, self._model = job, processes, model
        self._others = set(multiprocessing.active_children())
        self._pool = self._new_pool(processes)
        self._spare: ProcessPoolExecutor | None = None

    def begin(self, task: Task) -> Future[Outcome]:
        try:
            return submit(self._pool, _work, task)
        except BrokenProcessPool:
            self._pool = self._new_pool(self._processes)
            return self.begin(task)

    def finish(self, task: Task, future: Future[Outcome]) -> Outcome:
        try:
            return result(future)
        except BrokenProcessPool:
            return self._read_alone(task)

    def _read_alone(self, task: Task) -> Outcome:
        self._spare = self._spare or self._new_pool(1)
        try:
            return result(submit(self._spare, _work, task))
        except BrokenProcessPool:
            self._spare = None
            name, _ = task
            crashed = refusal(name, "the process that read it crashed, twice", "leave it out, or report it")
            return _failed(name, crashed, self._job, self._model)

    def dismiss(self) -> None:
        for pool in filter(None, (self._pool, self._spare)):
            pool.shutdown()

    def kill(self) -> None:
        kill(filter(None, (self._pool, self._spare)), self._others)

    def _new_pool(self, processes: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(processes, mp_context=SPAWN, initializer=_start_work, initargs=(self._job,))


_at_work: tuple[Reader, Job] | None = None  # of a process of the crew


def _start_work(job: Job) -> None:
    global _at_work
    follow_parent()
    _at_work = job.reader(), job


def _work(task: Task) -> Outcome:
    if _at_work is None:
        raise RuntimeError("not a process of the crew")
    return read_one(*_at_work, *task)


def read_one(reader: Reader, job: Job, name: str, source: Source | PictureError) -> Outcome:
    """Do a job with one picture; whatever goes wrong with it is in the outcome's record.

    Raises:
        SonsuError: of the model, say: no picture could be read.
    """
    done = _attempt(partial(_done, reader, job, name), name, source)
    return _failed(name, done, job, reader.model) if isinstance(done, PictureError) else done


def read_digits(reader: Reader, job: Job, tasks: Iterable[Task]) -> Iterator[Outcome]:
    """Read pictures of one digit each, as many in one batch of the network as make it worth its while."""
    found: list[tuple[str, Sought | PictureError]] = []
    glyphs = 0
    for name, source in tasks:
        sought = _attempt(reader.seek, name, source)
        found.append((name, sought))
        glyphs += 0 if isinstance(sought, PictureError) else len(sought.glyphs)
        if glyphs >= _BATCH or len(found) == _BATCH:
            yield from _decided(reader, job, found)
            found, glyphs = [], 0
    yield from _decided(reader, job, found)


def _decided(reader: Reader, job: Job, found: Sequence[tuple[str, Sought | PictureError]]) -> Iterator[Outcome]:
    good = [sought for _, sought in found if not isinstance(sought, PictureError)]
    digits = iter(reader.decide(good) if good else [])
    for name, sought in found:
        if isinstance(sought, PictureError):
            yield _failed(name, sought, job, reader.model)
        else:
            yield Outcome(digit_record(next(digits)[0], name, reader.model))


def _attempt(work: Callable[[Source], T], name: str, source: Source | PictureError) -> T | PictureError:
    if isinstance(source, PictureError):
        return source
    try:
        return work(source)
    except PictureError as error:
        return error
    except SonsuError:  # of the model, say: no picture could be read
        raise
    except Exception as error:  # whatever it is, the others are read
        what = f"reading it failed ({shortened(f'{type(error).__name__}: {error}', 160)})"
        return refusal(name, what, "leave it out, or report it")


def _done(reader: Reader, job: Job, name: str, source: Source) -> Outcome:
    if job.one:
        return Outcome(digit_record(reader.read_digit(source), name, reader.model))
    explanation = reader.explain(source) if job.explain else None
    page = explanation.page if explanation else reader.read(source)
    drawing = None
    if job.draw:
        file = BytesIO()
        page.draw(READABLE_PX).save(file, "PNG")
        drawing = file.getvalue()
    return Outcome(page.to_dict() | {"source": name}, drawing, explanation.to_html(name) if explanation else None)


def _failed(name: str, error: PictureError, job: Job, model: dict[str, str]) -> Outcome:
    record = digit_record(None, name, model, str(error)) if job.one else page_error(name, model, str(error))
    return Outcome(record)
