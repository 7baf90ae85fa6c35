"""Progress of a training: a bar on a terminal, a line an epoch everywhere else."""

import math
import sys
import time
from collections.abc import Mapping

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class TrainingProgress(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Shows loss, accuracy and time left on stderr."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self._epochs = epochs
        self._console = Console(stderr=True)
        self._started, self._first = 0.0, 0
        self._bar: Progress | None = None

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        """Forget the training before: an ensemble has several."""
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Start the bar with the first epoch of this process."""
        if self._started == 0.0:
            self._started, self._first = time.perf_counter(), epoch
        if self._console.is_terminal:
            self._bar = Progress(
                TextColumn(f"Epoch {epoch + 1}/{self._epochs}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[numbers]}"),
                console=self._console,
            )
            self._bar.add_task("", total=self.params["steps"], numbers="")
            self._bar.start()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Move the bar."""
        if self._bar and logs and batch % 10 == 9:
            self._bar.update(self._bar.task_ids[0], completed=batch + 1, numbers=_figures(logs))

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Leave one line behind with the epoch's figures and the time left."""
        self.stop()
        logs = logs or {}
        each = (time.perf_counter() - self._started) / (epoch + 1 - self._first)
        left = each * (self._epochs - epoch - 1)
        print(
            f"epoch {epoch + 1}/{self._epochs}  {_figures(logs)}"
            f"  validation {float(logs['val_accuracy']):.2%}  {each:.0f} s an epoch, {_duration(left)} left",
            file=sys.stderr,
            flush=True,
        )

    def stop(self) -> None:
        """Take the bar away, also when the training was interrupted."""
        if self._bar:
            self._bar.stop()
            self._bar = None


def _figures(logs: Mapping[str, float]) -> str:
    """Loss and accuracy; of lines there is no accuracy while they are trained on."""
    accuracy = float(logs.get("accuracy", math.nan))
    return f"loss {float(logs['loss']):.4f}" + ("" if math.isnan(accuracy) else f"  accuracy {accuracy:.2%}")


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02.0f}" if hours else f"{minutes}:{seconds:02.0f}"
