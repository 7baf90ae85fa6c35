"""MNIST: 60,000 + 10,000 images of handwritten digits (LeCun, Cortes, Burges 1998).

======== =====================================================================================
images   uint8 (n, 28, 28), 0 is background, 255 is ink; n is 60,000 (train) or 10,000 (test)
labels   uint8 (n,), 0 to 9
form     ink fitted into 20×20 keeping its aspect ratio, its centre of mass in the centre of 28×28
source   http://yann.lecun.com/exdb/mnist/, by way of public mirrors (see `MIRRORS`)
licence  CC BY-SA 3.0
======== =====================================================================================

The four files are looked for in `data_dir`, then in ``$SONSU_DATA``, then in the user's cache, and are downloaded into
the cache as a last resort. Each payload (the unpacked file) is verified by its SHA-256: its gzips may differ.
"""

import gzip
import hashlib
import os
import zlib
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sonsu.errors import DataError, MissingExtraError

Split = Literal["train", "test"]

MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)

SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}

_PREFIX = {"train": "train", "test": "t10k"}


def load(split: Split, data_dir: Path | None = None) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Load one part of MNIST.

    Args:
        split: ``"train"`` (60,000) or ``"test"`` (10,000).
        data_dir: a folder that holds the four IDX files, packed or not, itself or in a subfolder ``mnist``;
            None looks in ``$SONSU_DATA``, then the cache, then on the mirrors.

    Returns:
        images, uint8 (n, 28, 28), ink = 255; labels, uint8 (n,).

    Raises:
        DataError: a file is missing and cannot be downloaded, or is truncated, swapped or altered.
    """
    images = parse_idx(_payload(f"{_PREFIX[split]}-images-idx3-ubyte", data_dir), "the images", ndim=3)
    labels = parse_idx(_payload(f"{_PREFIX[split]}-labels-idx1-ubyte", data_dir), "the labels", ndim=1)
    return images, labels


def available(data_dir: Path | None = None) -> bool:
    """Whether all four files lie on this machine, so that `load` needs no network."""
    return all(_find(name, data_dir) is not None for name in SHA256)


def parse_idx(payload: bytes, name: str, ndim: int) -> NDArray[np.uint8]:
    """Parse an IDX file of unsigned bytes: magic ``00 00 08 ndim``, big-endian sizes, then the values.

    Raises:
        DataError: the magic, the number of axes or the length is not what the header promises.
    """
    header_size = 4 + 4 * ndim
    if len(payload) < header_size or payload[:3] != b"\0\0\x08" or payload[3] != ndim:
        raise DataError(
            f"{name}: not an IDX file of unsigned bytes with {ndim} axes; it begins with {payload[:4].hex(' ')!r}, "
            f"expected '00 00 08 0{ndim}'. Were two files swapped?"
        )
    shape = tuple(int(n) for n in np.frombuffer(payload, ">u4", ndim, offset=4))
    expected = header_size + int(np.prod(shape, dtype=np.int64))
    if len(payload) != expected:
        raise DataError(
            f"{name}: {len(payload):,} bytes, but its header {shape} calls for {expected:,}. Copy or download it again."
        )
    return np.frombuffer(payload, np.uint8, offset=header_size).reshape(shape)


def read_bytes(path: Path) -> bytes:
    """The unpacked content of a file, whether it is gzipped or not.

    Raises:
        DataError: the gzip stream is damaged or ends early.
    """
    raw = path.read_bytes()
    if raw[:2] != b"\x1f\x8b":
        return raw
    try:
        return gzip.decompress(raw)
    except (EOFError, OSError, zlib.error) as error:
        raise DataError(f"{path}: damaged gzip file ({error}). Delete it and copy or download it again.") from None


def cache_dir() -> Path:
    """Where downloads are kept: ``$XDG_CACHE_HOME/sonsu`` or the platform's own cache folder."""
    try:
        import pooch
    except ImportError:
        raise MissingExtraError("Downloading MNIST", "train") from None
    return Path(pooch.os_cache("sonsu"))


def _payload(name: str, data_dir: Path | None) -> bytes:
    path = _find(name, data_dir) or _download(name)
    payload = read_bytes(path)
    _verify(payload, name, path)
    return payload


def _verify(payload: bytes, name: str, path: Path) -> None:
    actual = hashlib.sha256(payload).hexdigest()
    if actual != SHA256[name]:
        swapped = next((other for other, digest in SHA256.items() if digest == actual), None)
        what = f"it holds {swapped}" if swapped else "its content was altered or cut short"
        raise DataError(
            f"{path}: not MNIST's {name}: {what} (SHA-256 {actual[:12]}…, expected {SHA256[name][:12]}…). "
            f"Delete it and copy or download it again."
        )


def _find(name: str, data_dir: Path | None) -> Path | None:
    """The first place that holds the file: the folder that was named, that of SONSU_DATA, the cache."""
    if data_dir is not None and not Path(data_dir).is_dir():
        raise DataError(
            f"data folder {str(data_dir)!r} does not exist. Name one that holds MNIST's four files, or leave "
            f"--data-dir out."
        )
    shared = os.environ.get("SONSU_DATA")
    named = [Path(folder) for folder in (data_dir, shared) if folder]
    found = (_in_folder(folder, name) for folder in (*named, cache_dir()))
    return next(filter(None, found), None)


def _in_folder(folder: Path, name: str) -> Path | None:
    candidates = (folder / sub / f"{name}{ending}" for sub in ("", "mnist") for ending in (".gz", ""))
    return next((path for path in candidates if path.is_file()), None)


def _download(name: str) -> Path:
    """Fetch one packed file from the first mirror that serves the right payload; nothing else enters the cache.

    pooch downloads under a temporary name and renames at the end, so an interrupted download leaves nothing behind.
    """
    import pooch

    def verify(path: str, _action: str, _pooch: object) -> str:
        try:
            _verify(read_bytes(Path(path)), name, Path(path))
        except DataError:
            Path(path).unlink()
            raise
        return path

    failures = []
    for mirror in MIRRORS:
        try:
            file = f"{name}.gz"
            return Path(pooch.retrieve(mirror + file, None, file, cache_dir() / "mnist", processor=verify))
        except (OSError, DataError, ValueError) as error:
            failures.append(f"{mirror} ({type(error).__name__})")
    raise DataError(
        f"MNIST's {name} is not on this machine and no mirror served it: {'; '.join(failures)}. Put the four files "
        f"into a folder and name it with --data-dir or SONSU_DATA, or try again with a network."
    )
