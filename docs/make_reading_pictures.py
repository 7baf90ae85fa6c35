"""Make the pictures of README.md and docs/reading.md: ``python docs/make_reading_pictures.py``.

Everything shown is computed here by sonsu's own functions, with the shipped network. It takes them apart to show what
lies between them, so it imports private names too. Needs the extra `train`, for matplotlib.
"""

import sys
from pathlib import Path
from typing import Any

import cv2
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image, ImageOps

import sonsu
from sonsu.reading import candidates, glyph, ink, rules
from sonsu.reading.choice import _plausibility
from sonsu.reading.confidence import Calibration
from sonsu.reading.network import Network
from sonsu.reading.picture import load
from sonsu.reading.reader import find_model

DOCS = Path(__file__).parent
EXAMPLES = DOCS.parent / "examples"
IMAGES = DOCS / "images"
EXAMPLE = EXAMPLES / "7-ruled-paper.jpg"
# In the README's strip: everything but the picture that is as small as MNIST's.
STRIP = sorted(path for path in EXAMPLES.glob("*.*") if path.suffix not in (".py", ".md") and "28" not in path.name)

GREEN, ORANGE, GREY, BLUE = "#1a7f4b", "#d9730d", "#6b7280", "#2f6fbf"
PLAIN: dict[str, Any] = {"cmap": "gray_r", "vmin": 0, "vmax": 255, "interpolation": "nearest"}

plt.rcParams.update(
    {
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "axes.edgecolor": "#c4c8cf",
        "axes.linewidth": 0.8,
        "axes.titlesize": 9.5,
        "axes.titlepad": 6,
        "figure.dpi": 100,
    }
)


def strip(name: str) -> None:
    """The sample pictures with what is read in each."""
    figure, axes = plt.subplots(2, 8, figsize=(9.6, 3.3))
    for axis, path in zip(axes.flat, STRIP, strict=True):
        digit = sonsu.read_digit(path)
        picture = Image.fromarray(load(path).pixels).convert("RGB")
        axis.imshow(np.asarray(ImageOps.fit(picture, (220, 220))), interpolation="antialiased")
        answer = "no digit" if digit.label is None else str(digit.label)
        axis.text(
            0, -0.05, answer, transform=axis.transAxes, va="top", fontsize=15, weight="bold", color=_colour(digit)
        )
        if digit.label is not None:
            shown = _percent(digit.confidence)
            axis.text(1, -0.10, shown, transform=axis.transAxes, va="top", ha="right", fontsize=9, color=GREY)
        _bare(axis)
    figure.subplots_adjust(0.01, 0.13, 0.99, 0.99, wspace=0.06, hspace=0.34)
    _save(figure, name)


def ink_maps(pixels: npt.NDArray[np.uint8], name: str) -> None:
    """Picture, paper, and the ink of both polarities."""
    dark, light, *_ = ink.ink_maps(pixels)
    paper, _ = ink._either_side(pixels, round(ink._WIDE * max(pixels.shape[:2]) / 2))
    panels: list[npt.NDArray[Any]] = [pixels, paper, dark.ink, light.ink]
    figure, axes = plt.subplots(1, 4, figsize=(9.6, 3.4))
    for axis, shown, title in zip(
        axes,
        panels,
        ("the picture", "its paper", "ink darker than the paper", "ink lighter than the paper"),
        strict=True,
    ):
        axis.imshow(shown, **{} if shown.ndim == 3 else {"cmap": "gray_r", "vmin": 0, "vmax": 0.6})
        axis.set_title(title)
        _bare(axis)
    figure.subplots_adjust(0.01, 0.01, 0.99, 0.91, wspace=0.04)
    _save(figure, name)


def masks(pixels: npt.NDArray[np.uint8], name: str) -> None:
    """The masks of the dark ink: three thresholds, with ruled lines and without."""
    dark, *_ = ink.ink_maps(pixels)
    least = ink.least_ink(dark.noise * 0.6)
    full = float(np.percentile(dark.ink[dark.ink > least], 90))
    figure, axes = plt.subplots(1, 6, figsize=(9.6, 2.5))
    for i, (share, _) in enumerate(candidates._THRESHOLDS):
        mask = (dark.ink > max(share * full, least)).astype(np.uint8) * np.uint8(255)
        without = rules.without_rules(mask)
        for j, kept in enumerate((mask, without)):
            axis = axes[i + 3 * j]
            title = f"above {share:.0%}" if j == 0 else "lines taken out"
            axis.set_title(title, color="black" if j == 0 else BLUE)
            axis.imshow(kept if kept is not None else np.zeros_like(mask), **PLAIN)
            _bare(axis)
    figure.subplots_adjust(0.01, 0.01, 0.99, 0.88, wspace=0.06)
    _save(figure, name)


def chosen(pixels: npt.NDArray[np.uint8], name: str, most: int = 5) -> candidates.Candidate:
    """Some candidates in the picture, and what the network makes of each; returns the one that is chosen."""
    found = candidates.find_candidates(pixels)
    network = Network(find_model("default"))
    calibration = Calibration.from_card(network.card)
    glyphs = np.stack([glyph.glyph(candidate.ink) for candidate in found])
    probabilities = calibration.apply(network.predict(glyphs))
    plausible = _plausibility(found, probabilities)
    best = int(plausible.argmax())
    shown = _different(found, np.argsort(-plausible), most)

    figure = plt.figure(figsize=(9.6, 3.6))
    grid = figure.add_gridspec(1, most + 2, width_ratios=[2.1, 0.12, *[1] * most])
    axis = figure.add_subplot(grid[0])
    axis.imshow(pixels)
    axis.set_title(f"{len(found)} candidates, {len(shown)} of them")
    _bare(axis)
    for place, i in enumerate(shown):
        colour = GREEN if i == best else (ORANGE, BLUE, "#a8329f", "#7a5b2e")[(place - 1) % 4]
        x, y, width, height = found[i].box_px
        axis.add_patch(Rectangle((x, y), width, height, fill=False, edgecolor=colour, linewidth=2.2))
        tile = figure.add_subplot(grid[place + 2])
        tile.imshow(glyphs[i], **PLAIN)
        _bare(tile, colour)
        answer = int(probabilities[i].argmax())
        said = "not a digit" if answer == 10 else f"a {answer}"
        tile.set_title(f"{said}\n{_percent(probabilities[i, answer])}", color=colour, weight="bold", fontsize=11)
        where = "dark" if found[i].dark else "light"
        told = f"{where} ink{', no lines' if found[i].rules else ''}\nprior {found[i].prior:.2f}"
        told += f"\nplausible {plausible[i]:.2f}"
        tile.text(0.5, -0.08, told, transform=tile.transAxes, va="top", ha="center", color=GREY, linespacing=1.5)
    figure.subplots_adjust(0.01, 0.02, 0.99, 0.92, wspace=0.12)
    _save(figure, name)
    return found[best]


def form(candidate: candidates.Candidate, name: str) -> None:
    """One candidate's ink on its way to MNIST's form, and the network's answer to it."""
    middle = glyph._resize(candidate.ink, glyph._MIDDLE)
    usual = glyph._with_usual_strokes(middle)
    fitted = glyph.fit(candidate.ink)
    placed = glyph.centre(fitted)
    network = Network(find_model("default"))
    answers = Calibration.from_card(network.card).apply(network.predict(placed[None]))[0]

    figure, axes = plt.subplots(1, 5, figsize=(9.6, 2.35), width_ratios=[1, 1, 1, 1, 1.25])
    titles = (
        f"ink, {candidate.ink.shape[1]}×{candidate.ink.shape[0]}",
        f"usual strokes, {usual.shape[1]}×{usual.shape[0]}",
        f"fitted, {fitted.shape[1]}×{fitted.shape[0]}",
        "centre of mass, 28×28",
    )
    for axis, shown, title in zip(axes, (candidate.ink, usual, fitted, placed), titles, strict=False):
        side = max(shown.shape)
        top, left = (side - shown.shape[0]) // 2, (side - shown.shape[1]) // 2
        square = np.zeros((side, side), np.uint8)
        square[top : top + shown.shape[0], left : left + shown.shape[1]] = shown
        axis.imshow(square, **PLAIN)
        axis.set_title(title)
        _bare(axis)
    axes[3].axhline(14, color=ORANGE, linewidth=0.9)
    axes[3].axvline(14, color=ORANGE, linewidth=0.9)
    axes[3].add_patch(Rectangle((3.5, 3.5), 20, 20, fill=False, edgecolor=BLUE, linewidth=0.9, linestyle=":"))
    labels = [*map(str, range(10)), "none"][: len(answers)]
    axes[4].barh(labels, answers, color=[GREEN if p == answers.max() else "#b8bec8" for p in answers], height=0.72)
    axes[4].invert_yaxis()
    axes[4].set(xlim=(0, 1), title="probabilities")
    axes[4].set_xticks([0, 1], ["0", "1"])
    axes[4].tick_params(length=0, pad=2, labelsize=8)
    axes[4].spines[["top", "right"]].set_visible(False)
    figure.subplots_adjust(0.01, 0.09, 0.985, 0.9, wspace=0.16)
    _save(figure, name)


def numbers(name: str, drawn_name: str) -> None:
    """Two lines of digits in the made-up hands of examples/, and the picture that `Page.draw` gives of them."""
    sys.path.insert(0, str(EXAMPLES))
    from make_examples import ink as hand_ink  # type: ignore[import-not-found]

    sheet = np.full((310, 560), 250, np.uint8)
    lines = (["4 closed", "0", "1", "9"], ["2", "7 crossed", "3"])
    for row, hands in enumerate(lines):
        for column, hand in enumerate(hands):
            digit = cv2.resize(hand_ink(hand, 0.075), (110, 110), interpolation=cv2.INTER_AREA)
            top, left = 34 + 146 * row + 6 * (column % 2), 40 + 122 * column
            part = sheet[top : top + 110, left : left + 110]
            part[:] = np.minimum(part, 250 - 0.85 * digit)
    Image.fromarray(sheet).quantize(32).save(IMAGES / name, optimize=True)
    sonsu.read(IMAGES / name).draw().quantize(48).save(IMAGES / drawn_name, optimize=True)


def _different(found: list[candidates.Candidate], order: npt.NDArray[np.intp], most: int) -> list[int]:
    """The first candidates in an order whose boxes do not nearly repeat an earlier one's."""
    kept: list[int] = []
    for i in order.tolist():
        box = np.array(found[i].box_px)
        if all(np.abs(box - found[k].box_px).max() > 12 for k in kept):
            kept.append(i)
    return kept[:most]


def _colour(digit: sonsu.Digit) -> str:
    return GREY if digit.label is None else GREEN if digit.status == "read" else ORANGE


def _percent(share: float) -> str:
    return f"{min(share, 0.999):.1%}"  # nothing is certain, whatever it rounds to


def _bare(axis: Axes, edge: str | None = None) -> None:
    axis.set_xticks([])
    axis.set_yticks([])
    if edge:
        axis.spines[:].set(edgecolor=edge, linewidth=2.2)


def _save(figure: Figure, name: str) -> None:
    """Photos as JPEG, drawings as PNG of few colours: small enough for a repository."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]  # (h, w, 4)
    picture = Image.fromarray(pixels[..., :3].copy())
    plt.close(figure)
    if name.endswith(".png"):
        picture.quantize(64).save(IMAGES / name, optimize=True)
    else:
        picture.save(IMAGES / name, quality=86, subsampling=0, optimize=True)


if __name__ == "__main__":
    example = load(EXAMPLE).pixels
    shrink = candidates.WORKING_SIDE_PX / max(example.shape[:2])
    working = cv2.resize(example, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    strip("answers.jpg")
    numbers("lines.png", "lines-read.png")
    ink_maps(working, "reading-ink.jpg")
    masks(working, "reading-masks.png")
    form(chosen(example, "reading-candidates.jpg"), "reading-form.png")
