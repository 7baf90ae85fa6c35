"""Any picture, from a file, bytes, an array or Pillow, brought safely to one plain form: 8 bits, grey or RGB.

What camera, scanner and drawing program do differently ends here: EXIF orientation, palettes, CMYK, 16 bits
and floats, transparency, huge sizes. What goes on from here is pixels, and notes on what was done to them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import IO, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from sonsu.reading.decode import damage_named, open_image
from sonsu.reading.page import Box
from sonsu.reading.pages import DocumentPage, first_of, page_name, tiff_page
from sonsu.reading.pdf import DPI, draw_page, is_pdf
from sonsu.reading.scale import MAX_WORKING_SIDE_PX, eight_bits, in_mode_and_size, reduced, working_size
from sonsu.reading.source import Limits, check_size, read_bytes, refusal

__all__ = ["DEFAULT_LIMITS", "Limits", "Picture", "Source", "load"]

Source: TypeAlias = (
    str | os.PathLike[Any] | bytes | bytearray | memoryview | IO[bytes] | DocumentPage | Image.Image | NDArray[Any]
)

DEFAULT_LIMITS = Limits()

_UINT8 = np.dtype(np.uint8)

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture in plain form.

    Attributes:
        pixels: uint8, (h, w) grey or (h, w, 3) RGB, 0 black to 255 white, upright, opaque; reduced if the
            original is large. May share memory with an array that was given: never write to it.
        width_px: Width of the original, upright; boxes are given in its pixels.
        height_px: Height of the original, upright.
        source: What to call it: the file name as given, "<bytes>", "<array>", "<image>", "<file>", "<stdin>".
        notes: What was done to it, in words.
        dpi: What a page of a PDF was drawn at; None for a picture, whatever it says of itself.
    """

    pixels: NDArray[np.uint8] = field(repr=False)
    width_px: int
    height_px: int
    source: str
    notes: tuple[str, ...] = ()
    dpi: float | None = field(default=None, repr=False)

    def original_box(self, box_px: Box) -> Box:
        """A box in the pixels here, in the original's; neither rounding nor a margin carries it over the edge."""
        across, down = self.width_px / self.pixels.shape[1], self.height_px / self.pixels.shape[0]
        x, y, width, height = box_px
        left = min(max(round(x * across), 0), self.width_px - 1)
        top = min(max(round(y * down), 0), self.height_px - 1)
        right, bottom = round((x + width) * across), round((y + height) * down)
        return left, top, max(min(right, self.width_px) - left, 1), max(min(bottom, self.height_px) - top, 1)


def load(source: Source, *, limits: Limits = DEFAULT_LIMITS) -> Picture:
    """Bring a picture to plain form.

    Args:
        source: A path, bytes, a binary file object (read from its start), a page of a document
            (`sonsu.reading.pages`), a PIL image or a numpy array. Of a PDF or TIFF as such, the first page is taken.
            Arrays are (h, w), (h, w, 1), (1, h, w), (h, w, 3) RGB or (h, w, 4) RGBA, of uint8 0–255, bool,
            other integers (white is the first of 255, 511, ... 4095, ... 65535 that holds the largest value)
            or floats (0–1 or 0–255; any other range is stretched from its minimum to its maximum).
        limits: The largest file and picture to accept.

    Returns:
        The picture. A contiguous uint8 (h, w) array is taken as it is, without a copy.

    Raises:
        PictureError: It cannot be read; the message says why in one line that names the source.

    Example:
        >>> load(np.zeros((28, 20), np.uint16))
        Picture(width_px=20, height_px=28, source='<array>', notes=())
    """
    if isinstance(source, np.ndarray):
        if (  # the quick way: MNIST's arrays, a million of them
            type(source) is np.ndarray
            and source.dtype is _UINT8
            and source.ndim == 2
            and 0 < source.size <= limits.working_pixels
            and max(source.shape) <= MAX_WORKING_SIDE_PX
            and source.flags.c_contiguous
        ):
            return Picture(source, source.shape[1], source.shape[0], "<array>")
        return _load_array(np.asarray(source), limits)
    if isinstance(source, Image.Image):
        with damage_named("<image>"):
            check_size(source.size, "<image>", limits)
            return _load_image(source, "<image>", [], limits)
    if isinstance(source, DocumentPage):
        name, data = read_bytes(source.document, limits)
        return _load_bytes(data, page_name(name, source.number), source.number, limits)
    name, data = read_bytes(source, limits)
    return _load_bytes(data, name, None, limits)


def _load_bytes(data: bytes, name: str, number: int | None, limits: Limits) -> Picture:
    """A file's bytes to plain form; of a document the page of that number, or the first where it is None."""
    with damage_named(name):
        if is_pdf(data):
            page = draw_page(data, number or 1, name, limits)
            notes = [*first_of(page.pages, number), *([f"drawn at {page.dpi:.0f} dpi"] if page.dpi < DPI else [])]
            return Picture(page.pixels, page.pixels.shape[1], page.pixels.shape[0], name, tuple(notes), page.dpi)
        data, notes = tiff_page(data, number, name, limits)
        image = open_image(data, name, limits)
        return _load_image(image, name, [*notes, *_frames(image)], limits)


def _load_array(array: NDArray[Any], limits: Limits) -> Picture:
    if array.dtype.kind not in "biuf":
        raise refusal("<array>", f"received an array of {array.dtype}", "give uint8, uint16, bool or float")
    shape = array.shape
    if array.ndim == 3 and shape[2] == 1:
        array = array[:, :, 0]
    elif array.ndim == 3 and shape[0] == 1 and shape[2] not in (3, 4):
        array = array[0]
    if array.ndim != 2 and (array.ndim != 3 or array.shape[2] not in (3, 4)):
        hint = "one picture as (h, w), (h, w, 3) or (h, w, 4), colours last"
        raise refusal("<array>", f"received an array of shape {shape}", f"give {hint}")
    height, width = array.shape[:2]
    check_size((width, height), "<array>", limits)
    if array.dtype == np.bool_:
        array = np.multiply(array, 255, dtype=np.uint8)
    notes: list[str] = []
    pixels = eight_bits(reduced(array, notes, limits), array.dtype, "<array>", notes)
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        pixels = _opaque(Image.fromarray(pixels), notes)
    return Picture(pixels, width, height, "<array>", tuple(notes))


def _load_image(image: Image.Image, name: str, notes: list[str], limits: Limits) -> Picture:
    """An image of any mode to plain form; one that the user gave stays as it was."""
    width, height = image.size
    turn = _orientation(image)
    if name != "<image>":
        # For JPEG alone: decodes it in 1/2, 1/4 or 1/8 of its size.
        image.draft(None, working_size(width, height, limits))
    image.load()
    if turn in _TURNS:
        notes.append("turned upright by its EXIF orientation")
    turn = _orientation(image)  # Pillow has turned a TIFF already
    pixels = _plain(image, name, notes, (width, height), limits)
    if turn in _TURNS:
        pixels = np.asarray(Image.fromarray(pixels).transpose(_TURNS[turn]))
        width, height = (height, width) if turn >= 5 else (width, height)
    return Picture(pixels, width, height, name, tuple(notes))


def _plain(
    image: Image.Image, name: str, notes: list[str], original_px: tuple[int, int], limits: Limits
) -> NDArray[np.uint8]:
    """A loaded image to uint8 (h, w) or (h, w, 3), in working size."""
    if image.mode[0] in "IF":  # I, I;16, I;16B, F: as numbers
        values = np.asarray(image)
        return eight_bits(reduced(values, notes, limits), values.dtype, name, notes)
    mode = "L" if image.mode in {"1", "L", "LA", "La"} else "RGB"
    if image.has_transparency_data:
        mode += "A"
    size = working_size(*original_px, limits)
    if size != original_px:
        notes.append(f"reduced from {original_px[0]}×{original_px[1]}")
    return _opaque(in_mode_and_size(image, mode, size), notes)


def _opaque(image: Image.Image, notes: list[str]) -> NDArray[np.uint8]:
    """Lay an L, RGB, LA or RGBA image on white, or on black where white would hide what is drawn.

    Bare ink (a drawing on nothing) is laid on the opposite of its own shade. A whole picture that only has a
    transparent margin, so that it covers half the frame and holds both light and dark, is laid on more of its
    own paper.
    """
    if image.mode in {"L", "RGB"}:
        return np.asarray(image)
    alpha = image.getchannel("A")
    colour = image.convert(image.mode[:-1])
    weight = np.asarray(alpha)
    if weight.min() == 255:
        return np.asarray(colour)
    visible = weight > 127
    shades = np.asarray(colour.convert("L"))[visible]
    light = float((shades > 127).mean()) if shades.size else 0.0
    whole = visible.mean() > 0.5 and 0.005 < light < 0.995
    shade = "black" if (light > 0.5) != whole else "white"
    notes.append(f"transparent: laid on {shade}")
    ground = Image.new(colour.mode, colour.size, shade)
    ground.paste(colour, mask=alpha)
    return np.asarray(ground)


def _orientation(image: Image.Image) -> int:
    try:
        turn = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # damaged metadata must not cost the picture
        return 1
    return turn if isinstance(turn, int) else 1


def _frames(image: Image.Image) -> list[str]:
    if image.format == "TIFF":  # its frames are pages
        return []
    try:
        several = getattr(image, "is_animated", False)
    except Exception:  # GIF looks at its second frame, which may be damaged
        several = False
    # GIF would have to walk through the whole file to count: hours, if someone wants that.
    count = vars(image).get("n_frames", "several")
    return [f"first of {count} frames"] if several else []
