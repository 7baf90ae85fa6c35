"""What a server may be asked for, and how much of it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from sonsu.errors import UsageError
from sonsu.reading.source import Limits
from sonsu.reading.workers import cores


@dataclass(frozen=True)
class Settings:
    """How a server behaves; the defaults suit a phone's photos and a machine of one's own.

    Attributes:
        model: a shipped name, a run folder or an .onnx file.
        min_confidence: below it a digit is "unsure"; the model's own threshold if None.
        workers: how many pictures are read at the same time; one a core if 0.
        queue: how many requests may wait for a worker; further ones are refused with 503.
        body_bytes: the most that a request may send.
        held_bytes: the most that all requests together may have sent and not been answered.
        files: the most pictures in a request.
        pages: the most pages that the documents of a request may have together.
        pixels: the most that a picture may have.
        timeout_s: within it a body has to arrive, and then an answer has to be ready.
        corrections: where corrected digits are kept; nothing is kept if None.
        most_corrections: how many are kept at most.
        api_key: what a caller has to show; nothing if None.
    """

    model: str = "default"
    min_confidence: float | None = None
    workers: int = 0
    queue: int = 16
    body_bytes: int = 32 << 20
    held_bytes: int = 256 << 20
    files: int = 16
    pages: int = 50
    pixels: int = 50_000_000
    timeout_s: float = 30.0
    corrections: Path | None = None
    most_corrections: int = 100_000
    api_key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Fill in the number of workers, and refuse what makes no sense.

        Raises:
            UsageError: a limit below 1, or a key that is short or that not every client can send.
        """
        if self.workers == 0:
            object.__setattr__(self, "workers", cores())
        least = dict.fromkeys(("workers", "body_bytes", "held_bytes", "files", "pages", "pixels"), 1)
        for name, lowest in {**least, "queue": 0, "timeout_s": 0.1}.items():
            if getattr(self, name) < lowest:
                raise UsageError(f"{name} must be at least {lowest}; received {getattr(self, name)}.")
        if self.api_key is not None and len(self.api_key) < 8:
            raise UsageError("an API key must have at least 8 characters; `openssl rand -hex 24` makes a good one.")
        if self.api_key is not None and not re.fullmatch(r"[!-~]([ -~]*[!-~])?", self.api_key):
            raise UsageError("an API key is sent in a header: letters, digits and signs of ASCII, no space around it.")

    @property
    def limits(self) -> Limits:
        """What one picture may ask for."""
        return Limits(file_bytes=self.body_bytes, pages=self.pages, pixels=self.pixels)
