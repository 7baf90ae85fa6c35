"""One shard, read and written: the one function that does the work, on this machine and on any other.

A shard is done when its receipt lies in the store, and the receipt is written last. Until then whoever reads the shard
(again) writes the same files.

A shard that was begun before and is not done may hold a picture that crashes whoever decodes it. It is read in a
process of its own, which leaves word of where it is; a picture that ends that process twice is left out.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sonsu.bulk.plan import Plan
from sonsu.bulk.rows import FORMATS, Record, counts
from sonsu.bulk.sources import tasks
from sonsu.bulk.store import Store
from sonsu.errors import SonsuError
from sonsu.reading.batch import Job, read_digits, read_one
from sonsu.reading.workers import SPAWN, follow_parent

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

WORK = "_work"
Receipt = dict[str, Any]


@dataclass(frozen=True)
class Work:
    """What is done with every shard.

    Attributes:
        job: what is done with every picture.
        out: the store's folder or URL.
        formats: of the files to write, names from `rows.FORMATS`.
    """

    job: Job
    out: str
    formats: tuple[str, ...] = ("parquet",)


def receipt_name(number: int) -> str:
    """The file that says that a shard is done."""
    return f"{WORK}/{number:06}.json"


def file_name(number: int, form: str) -> str:
    """The file of a shard's rows, in a format by its name."""
    return f"{form}/{number:06}.{form}"


class ShardReader:
    """Reads shards; made once in a process, because it loads the networks."""

    def __init__(self, work: Work) -> None:
        """Load the networks and open the plan.

        Raises:
            ModelError: the model cannot be loaded.
        """
        self._work, self._store = work, Store(work.out)
        self._plan = Plan(self._store)
        self._reader = work.job.reader()

    def __call__(self, number: int) -> Receipt:
        """Read a shard, write its files, and its receipt last.

        Args:
            number: of the shard, from 0.

        Returns:
            The receipt: the shard's number, its counts, and the SHA-256 of each file by its name.
        """
        if self._store.exists(receipt_name(number)):  # done by one that did not live to say so
            return dict(json.loads(self._store.read(receipt_name(number))))
        begun = f"{WORK}/{number:06}.begun"
        if self._store.exists(begun):
            return _apart(self._work, number)
        self._store.write(begun, b"")
        return self.read(number)

    def read(self, number: int, refused: Iterable[int] = (), at: Callable[[int], None] = lambda place: None) -> Receipt:
        """The same whether it was begun before or not.

        Args:
            number: of the shard.
            refused: as for `sources.tasks`.
            at: as for `sources.tasks`.
        """
        job = self._work.job
        found = tasks(self._plan.shard(number), frozenset(refused), at)
        if job.one:
            records = [outcome.record for outcome in read_digits(self._reader, job, found)]
        else:
            records = [read_one(self._reader, job, *task).record for task in found]
        hashes = {file_name(number, form): self._write(number, form, records) for form in self._work.formats}
        receipt = {"shard": number, **counts(records, job.one), "files": hashes}
        self._store.write(receipt_name(number), json.dumps(receipt).encode())
        return receipt

    def _write(self, number: int, form: str, records: list[Record]) -> str:
        with self._store.new_file(file_name(number, form)) as path:
            FORMATS[form].write(path, records, self._work.job.one)
            return hashlib.sha256(path.read_bytes()).hexdigest()


def _apart(work: Work, number: int) -> Receipt:
    """Read a shard in a process that may crash."""
    place = SPAWN.Value("q", -1, lock=False)
    crashes: Counter[int] = Counter()
    while True:
        refused = [at for at, times in crashes.items() if times > 1]
        place.value = -1
        receive, send = SPAWN.Pipe(duplex=False)
        child = SPAWN.Process(target=_read_here, args=(work, number, refused, place, send))
        child.start()
        send.close()
        try:
            result: Receipt | Exception = receive.recv()
        except EOFError:
            crashes[place.value] += 1
            if crashes[-1] > 2:
                raise SonsuError(
                    f"the process that reads shard {number} ends before it begins. Look for what ends it, such as too "
                    "little memory; the same line goes on from here."
                ) from None
            continue
        finally:
            receive.close()
            child.join()
        if isinstance(result, Exception):
            raise result
        return result


def _read_here(work: Work, number: int, refused: list[int], place: Any, send: Connection) -> None:
    follow_parent()

    def at(now: int) -> None:
        place.value = now

    try:
        send.send(ShardReader(work).read(number, refused, at))
    except Exception as error:  # no crash: whatever it is, it is no picture's fault
        send.send(error)
