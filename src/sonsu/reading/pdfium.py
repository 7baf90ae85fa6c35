"""A process of its own that draws one page of a PDF: run by `sonsu.reading.pdf`, never imported for what it does.

A small PDF can ask for hours and for all memory (forms that hold forms that hold forms), and PDFium has no limits
against that. So its process has them, and whatever ends it ends nothing else. It starts in a tenth of a second, as it
imports nothing but pypdfium2.

On stdin: the PDF. On stdout: one line of JSON, then the page's RGB rows. See `main` for the arguments.
"""

import json
import math
import sys
from typing import Any

POINTS_PER_INCH = 72


def main(number: int, dpi: int, most_pixels: int, longest_px: int, memory_bytes: int, seconds: int) -> None:
    """Draw a page.

    Args:
        number: the page, from 1; 0 only counts them.
        dpi: dots per inch, unless the page would be too large then.
        most_pixels: the most that the drawn page may have.
        longest_px: its longest side.
        memory_bytes: address space that this process may take.
        seconds: time on the processor that it may take.
    """
    _limit(memory_bytes, seconds)
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
        told: dict[str, Any] = {"pages": len(document)}
        rows = memoryview(b"")
        if 1 <= number <= len(document):
            page = document[number - 1]
            width, height = page.get_size()
            scale = min(
                dpi / POINTS_PER_INCH,
                math.sqrt(most_pixels / (width * height)) * 0.999,
                longest_px / max(width, height),
            )
            bitmap = page.render(scale=scale, rev_byteorder=True)
            told |= {"width_px": bitmap.width, "height_px": bitmap.height, "stride": bitmap.stride}
            told |= {"dpi": scale * POINTS_PER_INCH}
            rows = memoryview(bitmap.buffer)
    except pypdfium2.PdfiumError as error:
        told, rows = (
            {"error": str(error), "encrypted": error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD},
            memoryview(b""),
        )
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n")
    sys.stdout.buffer.write(rows)


def _limit(memory_bytes: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the clock of the parent process is left
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
