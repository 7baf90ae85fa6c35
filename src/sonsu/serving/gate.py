"""Reading happens in threads: so many at a time, so many more wait, whoever comes then is told to come again."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from sonsu.serving.problems import ProblemError, busy
from sonsu.serving.settings import Settings

T = TypeVar("T")


class Gate:
    """Runs functions in threads; most of reading is in ONNX Runtime and OpenCV, which leave Python free meanwhile."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._threads = ThreadPoolExecutor(settings.workers, "reading")
        self._lock = threading.Lock()
        self._under_way = 0

    @property
    def under_way(self) -> int:
        """How many requests are being read or wait for it."""
        return self._under_way

    async def run(self, function: Callable[[], T]) -> T:
        """Run a function in a thread.

        Raises:
            ProblemError: 503 where too many wait, or it was not its turn in time; 422 where it took too long.
        """
        with self._lock:
            if self._under_way >= self._settings.workers + self._settings.queue:
                raise busy("too many requests wait already")
            self._under_way += 1
        began: list[float] = []

        def work() -> T:
            began.append(time.monotonic())
            return function()

        job = self._threads.submit(work)
        job.add_done_callback(self._done)  # before anybody is told: who got an answer may ask again at once
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                return await asyncio.wrap_future(job)
        except TimeoutError:
            spent = time.monotonic() - began[0] if began else 0.0
            if job.cancelled() or spent < self._settings.timeout_s / 2:  # it waited for most of its time
                raise busy("it was not this request's turn in time") from None
            raise too_slow(self._settings.timeout_s) from None

    def _done(self, _job: "Future[T]") -> None:
        with self._lock:
            self._under_way -= 1

    def close(self) -> None:
        """Let what runs come to its end; what waits is given up."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def too_slow(timeout_s: float) -> ProblemError:
    """The problem of a picture, or of several, that take too long to read."""
    detail = f"reading took longer than {timeout_s:g} s; send a smaller picture, or fewer at a time"
    return ProblemError(422, "too-slow", detail)
