"""The pictures that a command line names: files, folders, globs, standard input."""

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from sonsu.reading.pages import File

_FORMATS = (
    *("png", "apng", "jpg", "jpeg", "jpe", "jfif", "mpo", "jp2", "j2k", "jpx", "gif", "tif", "tiff", "webp", "avif"),
    *("bmp", "ppm", "pgm", "pbm", "pnm", "pdf"),
)
ENDINGS = frozenset(f".{name}" for name in _FORMATS)
"""What counts as a picture in a folder; a file that is named itself is read whatever its ending."""


def expand(names: Iterable[str]) -> Iterator[tuple[str, File]]:
    """Each picture that some names stand for, with what to call it.

    Args:
        names: files, folders (walked in order with all folders in them, pictures and PDFs only), globs that the
            shell left alone, ``-`` for stdin.

    Yields:
        Name and source; a name that matches nothing is passed on, so that reading it reports the error.
    """
    for name in names:
        path = Path(name)
        if name == "-":
            yield "<stdin>", sys.stdin.buffer
        elif name and is_folder(path):
            found = _walk(str(path))
            # A folder without pictures is an error of its own: picture.load names it.
            yield from ((picture, picture) for picture in chain([next(found, name)], found))
        elif glob.has_magic(name) and not os.path.lexists(name):
            matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 Path.glob takes no absolute pattern
            yield from ((match, match) for match in matches or [name])
        else:
            yield name, name


def _walk(folder: str) -> Iterator[str]:
    """The pictures in a folder and all below it, in order; only one folder's names at a time are held in memory."""
    shut: list[str] = []
    for here, folders, names in os.walk(folder, onerror=lambda error: shut.append(error.filename)):
        folders.sort()
        pictures = (Path(here, name) for name in sorted(names))
        yield from (str(path) for path in pictures if path.suffix.lower() in ENDINGS and is_file(path))
    yield from shut  # reading them reports why


def is_folder(path: Path) -> bool:
    """Whether a path is a folder; one that the system will not even look at, such as one too long, is not."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Whether a path is a regular file; one that the system will not even look at is not."""
    try:
        return path.is_file()
    except OSError:
        return False
