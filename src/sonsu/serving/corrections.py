"""Corrections: a digit's picture and the right label, kept as `sonsu train --data folder:DIR` takes them."""

import hashlib
import logging
import threading
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from sonsu.errors import UsageError
from sonsu.reading.picture import load
from sonsu.reading.reader import Reader
from sonsu.serving.problems import ProblemError
from sonsu.serving.settings import Settings

_log = logging.getLogger("sonsu.serving")

NOT_A_DIGIT = "none"
_LABELS = (*"0123456789", NOT_A_DIGIT)


class Corrections:
    """A folder with a subfolder a label."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        """Make the folder where it is not there.

        Raises:
            UsageError: it cannot be made or written to.
        """
        self._folder, self._settings = folder, settings
        self._lock = threading.Lock()
        try:
            for label in _LABELS:
                (folder / label).mkdir(parents=True, exist_ok=True)
            probe = folder / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise UsageError(f"cannot keep corrections in {folder}: {error.strerror}. Name another folder.") from None
        self._kept = sum(1 for label in _LABELS for _ in (folder / label).glob("*.png"))

    def keep(self, reader: Reader, data: bytes, label: int | None) -> str:
        """Keep a digit's picture under its right label; one that was kept under another label moves.

        Args:
            reader: which has to find ink in it, as training will.
            data: the picture's bytes; what is kept is its pixels, not the file.
            label: None for what is no digit.

        Returns:
            What it is called: a hash of its pixels.

        Raises:
            PictureError: it cannot be read.
            ProblemError: 422 where there is no ink in it, 507 where the folder is full.
        """
        pixels = load(data, limits=self._settings.limits).pixels
        if not reader.find_glyph(pixels).any():
            detail = "there is nothing in the picture to learn from; send the digit's own crop"
            raise ProblemError(422, "blank-picture", detail)
        file = BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG")
        name = hashlib.sha256(file.getvalue()).hexdigest()[:24]
        with self._lock:
            self._place(name, file.getvalue(), NOT_A_DIGIT if label is None else str(label))
        return name

    def _place(self, name: str, png: bytes, label: str) -> None:
        earlier = [path for other in _LABELS if (path := self._folder / other / f"{name}.png").exists()]
        if not earlier and self._kept >= self._settings.most_corrections:
            raise ProblemError(507, "folder-full", "no more corrections are kept; tell who runs this server")
        whole = self._folder / label / f"{name}.png"
        part = whole.with_name(f".{name}.part")  # what begins with a dot is no picture to training
        try:
            part.write_bytes(png)
            part.replace(whole)
            for path in earlier:
                if path != whole:
                    path.unlink()
        except OSError:
            _log.exception("a correction could not be kept")
            part.unlink(missing_ok=True)
            raise ProblemError(507, "not-kept", "it could not be written; tell who runs this server") from None
        self._kept += not earlier
