"""The pictures that a command line names: files, folders, globs, standard input."""

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from sonsu.reading.picture import Source

_FORMATS = ("png", "jpg", "jpeg", "gif", "tif", "tiff", "webp", "bmp", "ppm", "pgm", "pbm", "pnm", "avif")
ENDINGS = frozenset(f".{name}" for name in _FORMATS)
"""What counts as a picture in a folder; a file that is named itself is read whatever its ending."""


def expand(names: Iterable[str]) -> Iterator[tuple[str, Source]]:
    """Each picture that some names stand for, with what to call it.

    Args:
        names: files, folders (walked in order, pictures only), globs that the shell left alone, ``-`` for stdin.

    Yields:
        Name and source; a name that matches nothing is passed on, so that reading it reports the error.
    """
    for name in names:
        path = Path(name)
        if name == "-":
            yield "<stdin>", sys.stdin.buffer
        elif is_folder(path):
            found = sorted(p for p in path.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file())
            # An empty folder is an error of its own: picture.load names it.
            yield from ((str(p), p) for p in found) if found else [(name, path)]
        elif glob.has_magic(name) and not os.path.lexists(name):
            matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 Path.glob takes no absolute pattern
            yield from ((match, match) for match in matches) if matches else [(name, name)]
        else:
            yield name, name


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
