"""Every error that sonsu raises on purpose.

::

    SonsuError                 base; catch this to catch them all (exit code 1)
    ├── UsageError             the call itself is off: unknown name, bad option (exit code 2)
    │   └── MissingExtraError  a feature whose extra is not installed; names its `pip install` line
    ├── PictureError           a picture cannot be read: not a picture, truncated, too large
    ├── DataError              a data set is missing, damaged or of the wrong shape
    └── ModelError             a model file is missing, damaged or not one of sonsu's

A message says what was wrong, what was received and what to do about it.
"""


class SonsuError(Exception):
    """Base of all errors that sonsu raises on purpose."""

    exit_code = 1


class UsageError(SonsuError):
    """The call itself is off: an unknown name, an option out of range."""

    exit_code = 2


class MissingExtraError(UsageError):
    """A feature whose optional dependencies are not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs packages that are not installed. Install them with: pip install 'sonsu[{extra}]'"
        )


class PictureError(SonsuError):
    """A picture cannot be read: not a picture, truncated, or larger than the limits."""


class DataError(SonsuError):
    """A data set is missing, damaged, or not of the shape that was expected."""


class ModelError(SonsuError):
    """A model is missing, damaged, or not one that sonsu can run."""
