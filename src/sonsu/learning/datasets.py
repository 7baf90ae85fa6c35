"""Data sets by their SPEC, as `sonsu train --data` and `sonsu evaluate --data` take them.

=========================  ===========================================================================================
``mnist:train``            60,000 digits (`sonsu.learning.mnist`)
``mnist:test``             10,000 digits
``strokes:N``              N digits of made-up writers (`sonsu.learning.strokes`), always the same ones
``pen:FILE``               recorded pen strokes, drawn anew (`sonsu.learning.pen`)
``idx:IMAGES,LABELS``      two IDX files of 28×28 images in MNIST's polarity
``npz:FILE``               arrays ``x`` (n, h, w), ink lighter or darker, and ``y`` (n,)
``folder:DIR``             one subfolder a class, pictures of any format
=========================  ===========================================================================================

``npz:`` and ``folder:`` pictures go through the same road as ``sonsu read --one``; without ink they count as blank.
"""

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from sonsu.errors import DataError, PictureError, UsageError
from sonsu.learning import mnist, pen, strokes
from sonsu.learning.outliers import NOT_A_DIGIT
from sonsu.reading.glyph import SIZE, glyph

VALIDATION_SHARE = 1 / 12
"""What a training holds back: 5,000 of MNIST's 60,000, a twelfth of the writers of pens."""

PEN_WIDTHS = (0.05, 0.08, 0.12, 0.17)
"""How recorded characters are drawn, as shares of their height: a fine pen, a ballpoint, a felt pen, a marker."""
_USUAL_DIGITS = 120  # a writer of fewer is drawn with several pens, so that the busy ones do not outweigh the others

MOST_STROKES = 10_000_000
"""The most digits that ``strokes:N`` makes: 8 GB of images."""
_STROKES_SEED = 0  # fixed, so that a SPEC names one data set


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with their labels.

    Attributes:
        name: the SPEC.
        images: uint8 (n, 28, 28), MNIST's form, ink = 255.
        labels: uint8 (n,), 0 to 9, or 10 for what is not a digit.
        writers: str (n,), whose hand, or, where there is but one, which character it is; None where nobody knows.
    """

    name: str
    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    writers: NDArray[np.str_] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def hands(self) -> NDArray[np.generic]:
        """What is not to be parted, (n,): a writer's images, or each image by itself where nobody knows whose it is."""
        return np.arange(len(self)) if self.writers is None else self.writers


def load(spec: str, data_dir: Path | None = None) -> Dataset:
    """Load the data set that a SPEC names.

    Args:
        spec: see the table at the top of this module.
        data_dir: where MNIST is looked for first.

    Raises:
        UsageError: no such kind of SPEC.
        DataError: the data is missing, damaged or of the wrong shape.
    """
    kind, _, rest = spec.partition(":")
    if kind not in _KINDS or not rest:
        raise UsageError(f"no data set is called {spec!r}. Expected one of: {', '.join(FORMS)}.")
    dataset = _KINDS[kind](rest, data_dir)
    if len(dataset.images) != len(dataset.labels):
        raise DataError(f"{spec}: {len(dataset.images)} images but {len(dataset)} labels; expected one label an image.")
    if len(dataset) == 0:
        raise DataError(f"{spec}: there is nothing in it.")
    if dataset.labels.max() > NOT_A_DIGIT:
        raise DataError(f"{spec}: label {dataset.labels.max()} found; expected 0 to 9, or 10 for what is not a digit.")
    return dataset


def join(datasets: Sequence[Dataset]) -> Dataset:
    """One data set of several, in their order."""
    writers = None
    if any(d.writers is not None for d in datasets):
        writers = np.array([f"{i}/{name}" for i, d in enumerate(datasets) for name in d.hands.tolist()], np.str_)
    return Dataset(
        "+".join(d.name for d in datasets),
        np.concatenate([d.images for d in datasets]),
        np.concatenate([d.labels for d in datasets]),
        writers,
    )


def split(dataset: Dataset, share: float, seed: int) -> tuple[Dataset, Dataset]:
    """Cut a random share off for validation: whole writers where several are known, images otherwise.

    Returns:
        The rest and the share, neither of them empty; the same for the same seed.

    Raises:
        DataError: there is but one image.
    """
    if len(dataset) < 2:
        raise DataError(f"{dataset.name}: one image cannot be split into training and validation data.")
    hands = dataset.hands
    if len(np.unique(hands)) == 1:
        hands = np.arange(len(dataset))
    names = np.unique(hands)
    chosen = np.random.default_rng(seed).choice(names, max(round(len(names) * share), 1), replace=False)
    held = np.isin(hands, chosen)
    return _take(dataset, ~held, dataset.name), _take(dataset, held, f"{dataset.name} (validation)")


def _take(dataset: Dataset, which: NDArray[np.bool_], name: str) -> Dataset:
    writers = None if dataset.writers is None else dataset.writers[which]
    return Dataset(name, dataset.images[which], dataset.labels[which], writers)


def _mnist(name: str, data_dir: Path | None) -> Dataset:
    if name not in ("train", "test"):
        raise UsageError(f"MNIST has no part {name!r}. Expected mnist:train or mnist:test.")
    return Dataset(f"mnist:{name}", *mnist.load("train" if name == "train" else "test", data_dir))


def _strokes(count: str, _data_dir: Path | None) -> Dataset:
    return Dataset(f"strokes:{count}", *strokes.digits(strokes_count(count), seed=_STROKES_SEED))


def strokes_count(count: str) -> int:
    """The number in ``strokes:N``.

    Raises:
        UsageError: it is none, or too large.
    """
    if not (count.isascii() and count.isdigit() and 0 < int(count) <= MOST_STROKES):
        raise UsageError(f"strokes:{count}: expected the number of digits, 1 to {MOST_STROKES:,}, as in strokes:60000.")
    return int(count)


def _pen(name: str, _data_dir: Path | None) -> Dataset:
    """Characters drawn with one of `PEN_WIDTHS` in turn; digits of writers of few of them with up to all four."""
    images, labels, writers, drawn = [], [], [], []
    characters = pen.load(_file(name))
    written = Counter(character.writer for character in characters)
    for i, character in enumerate(characters):
        label = int(character.label) if character.label in set("0123456789") else NOT_A_DIGIT
        few = _USUAL_DIGITS // written[character.writer] if label < NOT_A_DIGIT else 1
        for k in range(min(max(few, 1), len(PEN_WIDTHS))):
            width = PEN_WIDTHS[(i + k) % len(PEN_WIDTHS)]
            images.append(glyph(pen.render(character.strokes, size_px=64, margin_px=2, width_px=60 * width)))
            drawn.append(i)
            labels.append(label)
            writers.append(character.writer)
    if len(set(writers)) < 2:  # split by character: a character's drawings are not parted
        writers = [str(i) for i in drawn]
    return Dataset(
        f"pen:{name}",
        np.array(images, np.uint8).reshape(-1, SIZE, SIZE),
        np.array(labels, np.uint8),
        np.array(writers, np.str_),
    )


def _idx(names: str, _data_dir: Path | None) -> Dataset:
    images_name, comma, labels_name = names.partition(",")
    if not comma:
        raise UsageError(f"idx:{names}: expected two files, idx:IMAGES,LABELS.")
    images = mnist.parse_idx(mnist.read_bytes(_file(images_name)), images_name, ndim=3)
    if images.shape[1:] != (SIZE, SIZE):
        raise DataError(f"{images_name}: images of {images.shape[1:]}; expected (28, 28).")
    labels = mnist.parse_idx(mnist.read_bytes(_file(labels_name)), labels_name, ndim=1)
    return Dataset(f"idx:{names}", images, labels)


def _npz(name: str, _data_dir: Path | None) -> Dataset:
    try:
        with _file(name).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            pictures, labels = arrays["x"], arrays["y"]
    except (KeyError, ValueError, TypeError, OSError, EOFError, BadZipFile, zlib.error) as error:
        raise DataError(f"{name}: {error}. Expected an .npz file with arrays x (n, h, w) and y (n,).") from None
    if pictures.ndim not in (3, 4):
        raise DataError(f"{name}: x has shape {pictures.shape}; expected (n, h, w) or (n, h, w, 3).")
    return Dataset(f"npz:{name}", _glyphs(pictures), _labels(labels, name))


def _folder(name: str, _data_dir: Path | None) -> Dataset:
    root = Path(name)
    if not root.is_dir():
        raise DataError(f"folder:{name}: no such folder.")
    files = [
        (path, folder.name)
        for folder in sorted(root.iterdir())
        if folder.is_dir() and not folder.name.startswith(".")
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.name.startswith(".")
    ]
    if not files:
        raise DataError(f"folder:{name}: no pictures found; expected one subfolder a class: {name}/7/a.png.")
    images = _glyphs(path for path, _ in files)
    return Dataset(f"folder:{name}", images, _labels(np.array([label for _, label in files]), name))


def _glyphs(pictures: Iterable[Path | NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Each picture's digit in MNIST's form, found as `Reader.read_digit` with the default network finds it."""
    from sonsu.reading.reader import Reader

    reader = Reader()
    try:
        return np.array([reader.find_glyph(picture) for picture in pictures], np.uint8).reshape(-1, SIZE, SIZE)
    except PictureError as error:
        raise DataError(f"{error} (in a data set every picture must be readable)") from None


def _labels(labels: NDArray[np.generic], name: str) -> NDArray[np.uint8]:
    """Class names as numbers: "0" to "9" are digits, any other word is not."""
    if labels.ndim != 1:
        raise DataError(f"{name}: labels of shape {labels.shape}; expected (n,), a label an image.")
    if labels.dtype.kind == "U":
        labels = np.array([int(x) if x.isdecimal() else NOT_A_DIGIT for x in labels.tolist()])
    wrong = labels[~np.isin(labels, range(NOT_A_DIGIT + 1))]
    if wrong.size:
        raise DataError(f"{name}: labels must be 0 to 9, or 10 or a word for what is not; received {wrong[0]}.")
    return labels.astype(np.uint8)


def _file(name: str) -> Path:
    path = Path(name).expanduser()
    if not path.is_file():
        raise DataError(f"{name}: no such file.")
    return path


_KINDS: dict[str, Callable[[str, Path | None], Dataset]] = {
    "mnist": _mnist,
    "strokes": _strokes,
    "pen": _pen,
    "idx": _idx,
    "npz": _npz,
    "folder": _folder,
}
FORMS = {
    "mnist:train": "60,000 digits, 28×28",
    "mnist:test": "10,000 digits, 28×28",
    "strokes:N": "N digits of made-up writers",
    "pen:FILE": "recorded pen strokes, JSON lines",
    "idx:IMAGES,LABELS": "two IDX files, as MNIST's",
    "npz:FILE": "arrays x (n, h, w) and y (n,)",
    "folder:DIR": "one subfolder a class, pictures of any format",
}
