"""Progress of many pictures: a bar on a terminal's stderr, nothing anywhere else."""

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from sonsu.reading.inputs import expand


class Bar:
    """Count, rate and time left, from the second picture on; to be used in a `with`, so that it is taken away."""

    def __init__(self, paths: Iterable[str]) -> None:
        """Nothing is shown yet.

        Args:
            paths: as the command line names them. They are counted meanwhile, so the total comes later.
        """
        self._paths = list(paths)
        self._console = Console(stderr=True, soft_wrap=True)  # a result above the bar keeps its line
        self._done = self._more_pages = 0
        self._total: int | None = None
        self._bar: Progress | None = None

    def add_pages(self, count: int) -> None:
        """A picture turned out to be a document of so many pages."""
        self._more_pages += count - 1

    def advance(self) -> None:
        """One more is done."""
        self._done += 1
        if not self._console.is_terminal or self._done < 2:
            return
        if self._bar is None:
            self._bar = self._started()
            threading.Thread(target=self._count, daemon=True).start()
        total = None if self._total is None else max(self._total + self._more_pages, self._done)
        self._bar.update(self._bar.task_ids[0], completed=self._done, total=total)

    def _started(self) -> Progress:
        # Results that go to the same terminal are written above the bar; any other way they must stay untouched.
        bar = Progress(
            TextColumn("reading"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn(),
            console=self._console, transient=True, redirect_stdout=sys.stdout.isatty(),
        )  # fmt: skip
        bar.add_task("", total=None)
        bar.start()
        return bar

    def _count(self) -> None:
        self._total = sum(1 for _ in expand(self._paths))

    def __enter__(self) -> "Bar":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f}/s")


@contextmanager
def bulk_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar for a bulk job: to be told how many of how many pictures are done."""
    console = Console(stderr=True)
    columns = TextColumn("reading"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn()
    # A shard is done every few seconds at best: the rate is over minutes.
    bar = Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal, speed_estimate_period=300
    )
    with bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
