"""All that a server holds from its start to its end."""

import numpy as np

from sonsu.reading.reader import Reader
from sonsu.serving.corrections import Corrections
from sonsu.serving.gate import Gate
from sonsu.serving.intake import Intake
from sonsu.serving.metrics import Metrics
from sonsu.serving.settings import Settings


class Server:
    """What the routes share.

    Attributes:
        settings: the limits.
        reader: reads; may be used from any thread.
        intake: takes bodies in.
        gate: runs what takes time.
        metrics: counts.
        corrections: where corrected digits are kept; None where they are not.
    """

    def __init__(self, settings: Settings) -> None:
        """Load the networks.

        Raises:
            ModelError: there is no such model, or it cannot be loaded.
            UsageError: corrections cannot be kept where they should be.
        """
        self.settings = settings
        self.reader = Reader(settings.model, min_confidence=settings.min_confidence, limits=settings.limits)
        self.intake = Intake(settings)
        self.gate = Gate(settings)
        self.metrics = Metrics()
        self.metrics.under_way.set_function(lambda: self.gate.under_way)
        self.corrections = Corrections(settings.corrections, settings) if settings.corrections is not None else None
        self.reader.read(_warm_up())  # loads what is only loaded when it is needed


def _warm_up() -> "np.typing.NDArray[np.uint8]":
    """A picture with a stroke on it, uint8 (40, 40)."""
    picture = np.full((40, 40), 255, np.uint8)
    picture[8:32, 18:22] = 0
    return picture
