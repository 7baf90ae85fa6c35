"""`sonsu.reading.picture`: every format, mode, orientation, depth and transparency to one plain form."""

import io
import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from sonsu.reading.picture import Limits, load

INK, PAPER = (20, 30, 60), (250, 245, 240)


def drawing(mode: str = "RGB", size: tuple[int, int] = (60, 40)) -> Image.Image:
    """A dark bar, left and above the middle, on light paper."""
    image = Image.new("RGB", size, PAPER)
    ImageDraw.Draw(image).rectangle((10, 5, 20, 24), fill=INK)
    return image.convert(mode, dither=Image.Dither.NONE)


def encoded(image: Image.Image, file_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def grey(pixels: np.ndarray) -> np.ndarray:
    return pixels if pixels.ndim == 2 else pixels.mean(axis=2)


def assert_bar(pixels: np.ndarray) -> None:
    """Dark inside the bar, light outside it."""
    assert pixels.dtype == np.uint8
    shade = grey(pixels)
    assert shade.shape == (40, 60)
    assert shade[8:22, 12:19].max() < 70
    assert shade[:, 30:].min() > 200


# --- formats and modes


@pytest.mark.parametrize(
    ("file_format", "options"),
    [
        ("PNG", {}),
        ("PNG", {"interlace": 1}),
        ("JPEG", {"quality": 95}),
        ("JPEG", {"progressive": True, "quality": 95}),
        ("GIF", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("BMP", {}),
        ("PPM", {}),
        ("JPEG2000", {}),
        ("AVIF", {}),
    ],
)
def test_formats(file_format, options):
    picture = load(encoded(drawing(), file_format, **options))
    assert_bar(picture.pixels)
    assert (picture.width_px, picture.height_px, picture.source, picture.notes) == (60, 40, "<bytes>", ())


@pytest.mark.parametrize(
    ("file_format", "mode"),
    [
        *itertools.product(["PNG"], ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]),
        *itertools.product(["TIFF"], ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB"]),
        *itertools.product(["JPEG"], ["L", "RGB", "CMYK"]),
        *itertools.product(["GIF", "BMP"], ["1", "L", "P"]),
        *itertools.product(["PPM"], ["1", "L"]),
    ],
)
def test_modes_in_files(file_format, mode):
    image = drawing("L").point(lambda v: v * 257, "I").convert("I;16") if mode == "I;16" else drawing(mode)
    assert_bar(load(encoded(image, file_format)).pixels)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV", "I", "F"]
)
def test_modes_of_pil_images(mode):
    if mode in {"La", "RGBa"}:
        image = drawing(mode[:-1] + "A").convert(mode)
    elif mode == "PA":
        image = drawing("P").convert("PA")
    else:
        image = drawing("L").convert(mode) if mode in {"I", "F"} else drawing(mode)
    before = image.tobytes()
    picture = load(image)
    assert_bar(picture.pixels)
    assert picture.source == "<image>"
    assert (image.mode, image.tobytes()) == (mode, before), "the user's image must stay as it was"


def test_grey_stays_grey_and_colour_stays_colour():
    assert load(encoded(drawing("L"), "PNG")).pixels.ndim == 2
    pixels = load(encoded(drawing(), "PNG")).pixels
    assert pixels.shape == (40, 60, 3)
    assert pixels[10, 15].tolist() == list(INK)


def test_plain_ppm_with_comments():
    data = b"P2 # a comment\n3 2\n255\n0 128 255 # and another\n1 2 3\n"
    assert load(data).pixels.tolist() == [[0, 128, 255], [1, 2, 3]]


# --- where it comes from


def test_sources(tmp_path, monkeypatch):
    data = encoded(drawing(), "PNG")
    path = tmp_path / "bar.png"
    path.write_bytes(data)
    monkeypatch.chdir(tmp_path)
    want = load(data).pixels
    assert load("bar.png").source == "bar.png"
    assert load(path).source == str(path)
    with path.open("rb") as file:
        file.seek(7)  # as Pillow, from the start
        assert load(file).source == str(path)
    for source in ("bar.png", path, bytearray(data), memoryview(data), io.BytesIO(data)):
        np.testing.assert_array_equal(load(source).pixels, want)
    assert load(io.BytesIO(data)).source == "<bytes>"


def test_a_stream_that_cannot_seek_and_trickles():
    class Trickle:
        def __init__(self, data):
            self.rest = data

        def read(self, size):
            block, self.rest = self.rest[: min(size, 11)], self.rest[min(size, 11) :]
            return block

    picture = load(Trickle(encoded(drawing(), "PNG")))
    assert_bar(picture.pixels)
    assert picture.source == "<file>"


def test_repr_is_short():
    assert repr(load(np.zeros((4, 6), np.uint8))) == ("Picture(width_px=6, height_px=4, source='<array>', notes=())")


# --- orientation, frames


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize(
    ("file_format", "options"),
    [
        ("JPEG", {}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
)
def test_exif_orientation(file_format, options, turn):
    exif = Image.Exif()
    exif[0x0112] = turn
    data = encoded(drawing(), file_format, exif=exif, **options)
    want = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    for picture in (load(data), load(Image.open(io.BytesIO(data)))):
        np.testing.assert_array_equal(picture.pixels, want)
        assert (picture.width_px, picture.height_px) == ((60, 40) if turn < 5 else (40, 60))
        assert picture.notes == (("turned upright by its EXIF orientation",) if turn > 1 else ())


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0rubbish", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"]
)
def test_damaged_exif_does_not_cost_the_picture(exif):
    assert_bar(load(encoded(drawing(), "JPEG", exif=exif, quality=95)).pixels)


def test_exif_that_cannot_be_read_at_all(monkeypatch):
    def broken(self):
        raise SyntaxError("not EXIF")

    monkeypatch.setattr(Image.Image, "getexif", broken)
    assert load(drawing()).notes == ()


@pytest.mark.parametrize(
    ("file_format", "note"),
    [
        ("GIF", "first of several frames"),
        ("TIFF", "first of 3 pages"),
        ("PNG", "first of 3 frames"),
        ("WEBP", "first of 3 frames"),
    ],
)
def test_first_frame(file_format, note):
    others = [Image.new("RGB", (60, 40), colour) for colour in ("red", "blue")]
    picture = load(encoded(drawing(), file_format, save_all=True, append_images=others))
    assert_bar(picture.pixels)
    assert picture.notes == (note,)


def test_a_damaged_second_frame_does_not_cost_the_first(monkeypatch):
    from PIL import GifImagePlugin

    def broken(self):
        raise IndexError

    data = encoded(drawing(), "GIF")
    monkeypatch.setattr(GifImagePlugin.GifImageFile, "is_animated", property(broken))
    assert_bar(load(data).pixels)


# --- transparency


def transparent(mode: str, ink: object, paper: object = None) -> Image.Image:
    """A bar of ink on nothing, or on opaque paper within a transparent margin of 4 px."""
    image = Image.new(mode, (60, 40))
    if paper is not None:
        image.paste(paper, (4, 4, 56, 36))
    image.paste(ink, (10, 5, 21, 25))
    return image


@pytest.mark.parametrize(
    ("mode", "ink", "paper", "shade", "corner"),
    [
        ("RGBA", (0, 0, 0, 255), None, "white", 255),
        ("RGBA", (255, 255, 255, 255), None, "black", 0),
        ("RGBA", (230, 230, 90, 255), None, "black", 0),
        ("LA", (10, 255), None, "white", 255),
        ("LA", (240, 255), None, "black", 0),
        ("RGBA", (0, 0, 0, 255), (255, 255, 255, 255), "white", 255),  # paper with a transparent margin
        ("RGBA", (255, 255, 255, 255), (20, 40, 20, 255), "black", 0),  # a blackboard with one
    ],
)
@pytest.mark.parametrize("road", ["image", "png", "array", "palette"])
def test_transparency(mode, ink, paper, shade, corner, road):
    image = transparent(mode, ink, paper)
    if road == "palette":
        image = image.convert("RGBA").quantize(4)
    if road == "array":
        image = np.asarray(image.convert("RGBA"))
    picture = load(encoded(image, "PNG") if road == "png" else image)
    assert picture.notes == (f"transparent: laid on {shade}",)
    assert grey(picture.pixels)[0, 0] == corner
    contrast = abs(float(grey(picture.pixels)[10, 15]) - float(grey(picture.pixels)[10, 40]))
    assert contrast > 150, "the ink must stand out from what is around it"


def test_all_in_the_alpha():
    """Drawing programs save black on transparent black: the colour says nothing, the alpha everything."""
    image = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (10, 5, 21, 25))
    assert_bar(load(image).pixels)


def test_half_transparent_edges_blend():
    image = Image.new("LA", (3, 1), (0, 0))
    image.putpixel((1, 0), (0, 128))
    image.putpixel((2, 0), (0, 255))
    assert load(image).pixels.tolist() == [[255, 127, 0]]


def test_transparent_colour_of_grey_and_gif():
    image = Image.new("L", (60, 40), 7)
    image.paste(200, (10, 5, 21, 25))
    picture = load(encoded(image, "PNG", transparency=7))
    assert picture.notes == ("transparent: laid on black",)
    assert picture.pixels[0, 0] == 0
    assert picture.pixels[10, 15] == 200
    assert load(encoded(image.convert("P"), "GIF", transparency=7)).pixels[0, 0].tolist() == [0, 0, 0]


def test_opaque_alpha_says_nothing():
    assert load(drawing("RGBA")).notes == ()


def test_nothing_visible_is_blank():
    assert load(Image.new("RGBA", (5, 4), (9, 9, 9, 0))).pixels.min() == 255


# --- more than 8 bits


@pytest.mark.parametrize("bits", [9, 10, 12, 14, 16])
def test_deep_files_are_scaled_by_the_bits_they_use(bits):
    top = 2**bits - 1
    values = np.full((40, 60), top, np.uint16)
    values[5:25, 10:21] = top // 4
    for source in (encoded(Image.fromarray(values), "PNG"), encoded(Image.fromarray(values), "TIFF"), values):
        picture = load(source)
        assert picture.pixels[0, 0] == 255
        assert abs(int(picture.pixels[10, 15]) - 64) <= 1
        assert picture.notes == (f"values from 0 to {top}: scaled to 8 bits",)


def test_float_tiff_and_signed_integers():
    values = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    assert load(encoded(Image.fromarray(values), "TIFF")).pixels[-1, -1] == 255
    assert load(np.array([[-100, 0, 100]], np.int8)).pixels.tolist() == [[0, 128, 255]]
    assert load(np.array([[0, 255]], np.int64)).pixels.tolist() == [[0, 255]]


# --- large pictures


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "I", "F"])
def test_large_pictures_are_reduced(mode):
    image = drawing("RGB", (240, 160))
    image.paste(INK, (40, 20, 84, 100))
    picture = load(image.convert("L").convert(mode), limits=Limits(working_pixels=2400))
    assert_bar(picture.pixels)
    assert (picture.width_px, picture.height_px) == (240, 160)
    assert picture.notes == ("reduced from 240×160",)


def test_large_jpegs_are_decoded_reduced():
    image = drawing("RGB", (480, 320))
    image.paste(INK, (80, 40, 168, 200))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = load(encoded(image, "JPEG", exif=exif, quality=95), limits=Limits(working_pixels=2400))
    assert_bar(np.rot90(picture.pixels))
    assert (picture.width_px, picture.height_px) == (320, 480)


def test_reduced_in_bands_as_in_one_piece():
    noise = np.random.default_rng(3).integers(0, 256, (1400, 50, 4), dtype=np.uint8)
    image = Image.fromarray(noise)
    ours = load(image, limits=Limits(working_pixels=700 * 25)).pixels
    white = Image.new("RGBA", image.size, "white")
    whole = image.resize((25, 700), Image.Resampling.BOX)
    white = Image.alpha_composite(Image.new("RGBA", whole.size, "white"), whole).convert("RGB")
    black = Image.alpha_composite(Image.new("RGBA", whole.size, "black"), whole).convert("RGB")
    difference = min(np.abs(ours.astype(int) - np.asarray(ground)).max() for ground in (white, black))
    assert difference <= 3


# --- threads


def test_threads_leave_the_warning_filters_alone():
    import warnings

    before = list(warnings.filters)
    exif = b"Exif\0\0II*\0\x08\0\0\0\xff\xff"  # makes Pillow warn
    data = encoded(drawing(), "JPEG", exif=exif, quality=95)
    with ThreadPoolExecutor(8) as pool:
        pictures = list(pool.map(load, [data] * 64))
    assert len(pictures) == 64
    assert list(warnings.filters) == before
