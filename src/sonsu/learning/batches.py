"""The batches of a training: every image distorted anew in each epoch, made while the one before is trained on.

An epoch follows from the seed and its number alone, so a training can be resumed, and epochs can be made by other
processes.
"""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sonsu.errors import DataError
from sonsu.learning.augment import Augmentation
from sonsu.learning.datasets import Dataset
from sonsu.learning.distort import Distortion
from sonsu.learning.outliers import NOT_A_DIGIT, outliers
from sonsu.reading.workers import SPAWN, ahead, follow_parent, kill

if TYPE_CHECKING:  # Keras comes with it, and the processes that make epochs have no need of that
    from sonsu.learning.recipes import Recipe

Batch = tuple[NDArray[np.float32], NDArray[np.float32]]
Epoch = tuple[NDArray[np.uint8], NDArray[np.uint8]]


@dataclass(frozen=True, eq=False)
class Epochs:
    """What each epoch of a training shows.

    Attributes:
        data: the images that are shown in every one.
        outliers: how many pictures that are not digits are made up for each.
        augmentation: None, or what happens to each image.
        calm_from: the first epoch in which that is calmer (`Augmentation.calmer`).
        calmer_from: the first epoch in which it is calmer yet.
        seed: of the order, of the pictures made up and of what happens to them.
    """

    data: Dataset
    outliers: int
    augmentation: Augmentation | Distortion | None
    calm_from: int
    calmer_from: int
    seed: int

    def make(self, number: int) -> Epoch:
        """All images, uint8 (n, 28, 28), and labels, uint8 (n,), of one epoch in their order."""
        rng = np.random.default_rng((self.seed, number))
        order = rng.permutation(len(self.data))
        images, labels = self.data.images[order], self.data.labels[order]
        if self.outliers:
            digits = labels < NOT_A_DIGIT
            made = outliers(images[digits], self.outliers, rng, labels[digits])
            places = rng.permutation(len(order) + self.outliers)
            images = np.concatenate([images, made])[places]
            labels = np.concatenate([labels, np.full(self.outliers, NOT_A_DIGIT, np.uint8)])[places]
        if self.augmentation is not None:  # non-digits too: a scan's defects must not tell them apart
            augmentation = self.augmentation.calmer() if number >= self.calm_from else self.augmentation
            augmentation = augmentation.calmer() if number >= self.calmer_from else augmentation
            images = augmentation.apply(images, rng)
        return images, labels

    def ahead(self, first: int, last: int, workers: int) -> Iterator[Epoch]:
        """Epochs first to last - 1 in their order, as many made ahead as there are workers.

        Args:
            first: the first epoch's number, from 0.
            last: the number after the last one's.
            workers: 1 is a thread; more are processes.
        """
        others = set(multiprocessing.active_children())
        pool = ThreadPoolExecutor(1) if workers == 1 else ProcessPoolExecutor(workers, SPAWN, _begin, (self,))
        try:
            yield from ahead(pool, self.make if workers == 1 else _make, range(first, last), workers + 1)
        finally:  # interrupted, perhaps, and each epoch takes half a minute
            if isinstance(pool, ProcessPoolExecutor):
                kill([pool], others)
            pool.shutdown(cancel_futures=True)


class Batches:
    """An epoch's images and targets, a step at a time.

    Attributes:
        epochs: what each epoch shows.
        steps: how many batches an epoch has; what is left over is not shown.
        classes: of the targets: 10, or 11.
        are_slow: an epoch takes longer to make than an accelerator to train on.
    """

    def __init__(self, recipe: "Recipe", data: Dataset, seed: int) -> None:
        extra = round(recipe.outliers * len(data))
        if extra and not (data.labels < NOT_A_DIGIT).any():
            raise DataError(f"{data.name}: there is no digit among {len(data)} images.")
        calm_from, calmer_from = (
            round(recipe.epochs * (1 - share)) for share in (recipe.settling, recipe.settling / 3)
        )
        self.epochs = Epochs(data, extra, recipe.augmentation, calm_from, calmer_from, seed)
        self.are_slow = extra > 0 or isinstance(recipe.augmentation, Augmentation)
        self.steps = (len(data) + extra) // recipe.batch_size
        self.classes = 10
        self._size, self._smoothing = recipe.batch_size, recipe.label_smoothing
        if self.steps == 0:
            raise DataError(f"{data.name}: {len(data)} images are fewer than one batch of {recipe.batch_size}.")

    def stream(self, first: int, last: int, workers: int = 1) -> Iterator[Batch]:
        """Batches of epochs first to last - 1: float32 (b, 28, 28, 1) in 0–1, one-hot float32 (b, classes)."""
        for images, labels in self.epochs.ahead(first, last, workers):
            for start in range(0, self.steps * self._size, self._size):
                targets = one_hot(labels[start : start + self._size], self.classes)
                yield (
                    scaled(images[start : start + self._size]),
                    targets * (1 - self._smoothing) + np.float32(self._smoothing / self.classes),
                )


def scaled(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Images as a network takes them: uint8 (n, 28, 28) as float32 (n, 28, 28, 1) in 0–1."""
    return np.multiply(images, np.float32(1 / 255), dtype=np.float32)[..., np.newaxis]


def one_hot(labels: NDArray[np.uint8], classes: int) -> NDArray[np.float32]:
    """Labels as a network's targets: uint8 (n,) as float32 (n, classes)."""
    return np.eye(classes, dtype=np.float32)[labels]


_epochs: Any = None


def _begin(epochs: Epochs) -> None:
    """Prepare a worker process."""
    global _epochs
    follow_parent()
    cv2.setNumThreads(1)
    _epochs = epochs


def _make(number: int) -> Epoch:
    epoch: Epoch = _epochs.make(number)
    return epoch
