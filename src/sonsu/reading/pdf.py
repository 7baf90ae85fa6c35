"""PDFs: how many pages there are, and each of them drawn, by PDFium in a process of its own."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonsu.errors import PictureError
from sonsu.reading.scale import MAX_WORKING_SIDE_PX
from sonsu.reading.source import Limits, refusal, shortened

DPI = 300
"""What a page is drawn at, as scanners do by default. Boxes are in these pixels."""

_MEMORY_BYTES = 3 << 30  # the largest document and its page together take less than 1 GiB
_CPU_SECONDS = 30  # a page of dense print takes less than one
_SECONDS = 120  # by the clock, when the machine is busy
_START_WITHIN = 64  # bytes: some programs put empty lines before it


@dataclass(frozen=True, eq=False)
class PdfPage:
    """One page, drawn.

    Attributes:
        pixels: uint8 (h, w) where the page is grey, otherwise (h, w, 3) RGB.
        pages: how many there are in the document.
        dpi: what it was drawn at: `DPI`, or less for a page of more than the limit's pixels.
    """

    pixels: NDArray[np.uint8]
    pages: int
    dpi: float


def is_pdf(data: bytes) -> bool:
    """Whether a file's first bytes say that it is a PDF."""
    return data[:_START_WITHIN].lstrip().startswith(b"%PDF-")


def count_pages(data: bytes, name: str, limits: Limits) -> int:
    """How many pages a PDF has.

    Raises:
        PictureError: as for `draw_page`.
    """
    return int(_pdfium(data, 0, name, limits)[0]["pages"])


def draw_page(data: bytes, number: int, name: str, limits: Limits) -> PdfPage:
    """Draw a page.

    Args:
        data: the whole PDF.
        number: of the page, from 1.
        name: what to call it in messages.
        limits: only ``working_pixels`` is used here.

    Raises:
        PictureError: encrypted, damaged, too demanding, no such page, or the extra is not installed.
    """
    told, rows = _pdfium(data, number, name, limits)
    if "stride" not in told:
        raise refusal(name, f"there is no page {number} of {told['pages']}", "check the number")
    width, height = told["width_px"], told["height_px"]
    pixels = np.frombuffer(rows, np.uint8).reshape(height, told["stride"])[:, : 3 * width].reshape(height, width, 3)
    red, green, blue = np.moveaxis(pixels, -1, 0)
    grey = np.array_equal(red, green) and np.array_equal(red, blue)
    return PdfPage(np.ascontiguousarray(red if grey else pixels), int(told["pages"]), told["dpi"])


def _pdfium(data: bytes, number: int, name: str, limits: Limits) -> tuple[dict[str, Any], bytes]:
    """What the other process says, and the page's rows."""
    if importlib.util.find_spec("pypdfium2") is None:
        needs = "it is a PDF, and that needs packages that are not installed"
        raise refusal(name, needs, "install them with: pip install 'sonsu[pdf]'")
    numbers = (number, DPI, limits.working_pixels, MAX_WORKING_SIDE_PX, _MEMORY_BYTES, _CPU_SECONDS)
    # -P: the folder of the script is no place to import from
    command = [sys.executable, "-P", str(Path(__file__).with_name("pdfium.py")), *map(str, numbers)]
    try:
        # What is run is our own; the PDF comes in as data.
        run = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=True)  # noqa: S603
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        raise _too_much(name, error) from None
    told, _, rows = run.stdout.partition(b"\n")
    answer = json.loads(told)
    if answer.get("encrypted"):
        raise refusal(name, "it is a PDF that is encrypted", "save it without its password")
    if "error" in answer:
        raise refusal(name, f"it is a PDF that is damaged ({shortened(answer['error'], 160)})", "save or send it again")
    return answer, rows


def _too_much(name: str, error: subprocess.SubprocessError) -> PictureError:
    limit = f"more than {_CPU_SECONDS} s or {_MEMORY_BYTES >> 30} GiB, or crashed"
    return refusal(name, f"it is a PDF that took {limit}", "print it to a new PDF, or save its pages as PNG")
