"""Train networks that recognise handwritten digits, and read new handwriting with them.

::

    import sonsu
    digit = sonsu.read_digit("seven.png")   # the picture holds exactly one digit
    digit.label, digit.confidence, digit.status
    page = sonsu.read("sheet.jpg")          # a picture with lines of digits
    page.text
"""

from functools import cache

from sonsu.errors import DataError, MissingExtraError, ModelError, PictureError, SonsuError, UsageError
from sonsu.reading.page import Digit, Line, Page
from sonsu.reading.picture import Source
from sonsu.reading.reader import Reader

__version__ = "0.8.4"

__all__ = [
    "DataError",
    "Digit",
    "Line",
    "MissingExtraError",
    "ModelError",
    "Page",
    "PictureError",
    "Reader",
    "SonsuError",
    "UsageError",
    "__version__",
    "read",
    "read_digit",
]


@cache
def _reader() -> Reader:
    return Reader()


def read(source: Source) -> Page:
    """Read all the digits of a picture with the default network; see `Reader.read`."""
    return _reader().read(source)


def read_digit(source: Source) -> Digit:
    """Read a picture that holds exactly one digit with the default network; see `Reader.read_digit`."""
    return _reader().read_digit(source)
