"""Train the line network on lines without end, made in other processes, and leave a run folder behind.

================ ===========================================================
model.keras      the Keras model
model.onnx       the same for reading, with its card inside
config.json      what the run was
history.csv      loss, and share of validation lines read exactly, every 250 steps
evaluation.json  the same in the end
================ ===========================================================

There is no test set of lines: what is measured are lines of hands that were not trained on. Nothing is chosen by it.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from sonsu.learning.config import make_config, write_json
from sonsu.learning.export import export_line_onnx
from sonsu.learning.hardware import keep_memory
from sonsu.learning.line_data import BLANK, Batch, Lines, load_hands
from sonsu.learning.line_network import line_network
from sonsu.learning.progress import TrainingProgress
from sonsu.learning.run import Run, check_folders, complete_run, partial_folder
from sonsu.learning.train import Checkpoints, built, in_float32
from sonsu.reading.ctc import greedy
from sonsu.reading.workers import SPAWN, ahead, follow_parent

STEPS_AN_EPOCH = 250
_PEAK = 2e-3  # of the learning rate
_AHEAD = 12  # batches that are made before they are asked for
_WORKERS = 2
_VALIDATION_BATCHES = 24
_VALIDATION_SEED = 1_000_003


@dataclass(frozen=True)
class LineRecipe:
    """What makes this training what it is, but for data and seed; see the constants here and in `line_data`."""

    name: str = "line"
    summary: str = "a whole line of digits, touching or not: convolutions and CTC"
    epochs: int = 24
    steps_an_epoch: int = STEPS_AN_EPOCH
    peak: float = _PEAK


def run_lines(
    *,
    data: Sequence[str],
    out: Path | None = None,
    epochs: int = LineRecipe.epochs,
    seed: int = 0,
    resume: bool = False,
    data_dir: Path | None = None,
    show_progress: bool = False,
) -> Run:
    """Train the line network from start to end.

    Args:
        data: SPECs of the hands that write the lines: ``mnist:train``, ``pen:FILE``, ``strokes:N`` (whatever its N,
            there is no end to made-up writers).
        out: the run folder; ``runs/line-seedN`` by default.
        epochs: of 250 steps each.
        seed: of everything that is left to chance.
        resume: go on with an unfinished run of the same folder.
        data_dir: where MNIST is looked for first.
        show_progress: loss and time left on stderr.

    Raises:
        UsageError: the folder exists already, or was begun with other settings.
        DataError: the data is missing or damaged.
    """
    out = out or Path("runs") / f"line-seed{seed}"
    partial = partial_folder(out)
    config = make_config(LineRecipe(epochs=epochs), data, None, seed)
    if resume and (complete := complete_run(out, config)):
        return complete
    check_folders(out, partial, config, resume)
    validation = _validation_lines(data, data_dir)
    partial.mkdir(parents=True, exist_ok=True)
    write_json(config, partial / "config.json")
    keep_memory()
    keras.utils.set_random_seed(seed)
    checkpoints = Checkpoints(partial)
    done = checkpoints.latest() if resume else 0
    model = checkpoints.load(done) if done else _compiled(epochs * STEPS_AN_EPOCH)
    checkpoints.history = checkpoints.history[:done]
    progress = TrainingProgress(epochs)
    callbacks = [ExactLines(validation), checkpoints, *([progress] if show_progress else [])]
    if done < epochs:
        try:
            model.fit(
                _stream(data, data_dir, seed, done * STEPS_AN_EPOCH, epochs * STEPS_AN_EPOCH),
                steps_per_epoch=STEPS_AN_EPOCH,
                initial_epoch=done,
                epochs=epochs,
                shuffle=False,
                callbacks=callbacks,
                verbose=0,
            )
        finally:
            progress.stop()
    evaluation = {"data": "validation lines", "n": sum(len(b.labels) for b in validation)}
    evaluation |= {"accuracy": exact_share(model, validation)}
    write_json(evaluation, partial / "evaluation.json")
    model = in_float32(model, line_network)
    card = {"recipe": "line", "summary": LineRecipe.summary, "data": list(data), "evaluation": evaluation}
    images = next(batch.images for batch in validation)[:16, ..., 0]
    export_line_onnx(model, partial / "model.onnx", images, card)
    model.save(partial / "model.keras")
    checkpoints.clear()
    partial.rename(out)
    return Run(out, evaluation)


class ExactLines(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no types
    """Adds the share of validation lines read exactly to an epoch's figures."""

    def __init__(self, lines: Sequence[Batch]) -> None:
        super().__init__()
        self._lines = lines

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Measure."""
        if logs is not None:
            logs |= {"accuracy": float("nan"), "val_loss": float("nan")}
            logs["val_accuracy"] = exact_share(self.model, self._lines)


def exact_share(model: keras.Model, lines: Sequence[Batch]) -> float:
    """The share of lines whose likeliest path gives all digits and other marks right, 0 to 1."""
    right = [
        greedy(answer) == [value for value in truth.tolist() if value != BLANK]
        for batch in lines
        for answer, truth in zip(np.asarray(model.predict_on_batch(_scaled(batch.images))), batch.labels, strict=True)
    ]
    return float(np.mean(right))


def _compiled(steps: int) -> keras.Model:
    # The matrix products in bfloat16, twice as fast on a CPU that has it; the weights and the loss stay float32.
    model = built(line_network, "mixed_bfloat16")
    jit = keras.config.backend() == "jax"
    warm = max(steps // 20, 1)
    schedule = keras.optimizers.schedules.CosineDecay(
        1e-5, max(steps - warm, 1), warmup_target=_PEAK, warmup_steps=warm
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=1e-2, clipnorm=5.0)
    model.compile(optimizer=optimizer, loss=keras.losses.CTC(), jit_compile=jit)
    return model


def _validation_lines(data: Sequence[str], data_dir: Path | None) -> list[Batch]:
    lines = Lines(load_hands(data, data_dir)[1], _VALIDATION_SEED)
    return [lines.batch(number) for number in range(_VALIDATION_BATCHES)]


def _stream(
    data: Sequence[str], data_dir: Path | None, seed: int, first: int, last: int
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int32]]]:
    """Batches first to last - 1 in their order, made by other processes."""
    with ProcessPoolExecutor(_WORKERS, SPAWN, _begin, (data, data_dir, seed)) as pool:
        for batch in ahead(pool, _make, range(first, last), _AHEAD):
            yield _scaled(batch.images), batch.labels


_worker: Any = None


def _begin(data: Sequence[str], data_dir: Path | None, seed: int) -> None:
    """Prepare a worker process."""
    global _worker
    follow_parent()
    cv2.setNumThreads(1)
    _worker = Lines(load_hands(data, data_dir)[0], seed)


def _make(number: int) -> Batch:
    batch: Batch = _worker.batch(number)
    return batch


def _scaled(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.multiply(images, np.float32(1 / 255), dtype=np.float32)
