"""Small charts as SVG text: they scale, need no script, and take their colours from the page's style sheet."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from sonsu.learning.evaluate import ECE_BINS

_WIDTH, _HEIGHT = 360, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 18, 12, 42  # room for the axes' numbers and names
_COUNTS_HEIGHT = 130  # the counts' part of a reliability diagram
_BELOW = 22  # what a part without a name of its x axis leaves of the room for it
_CONFIDENCE_TICKS = tuple(i / 5 for i in range(6))

Numbers = Mapping[str, Sequence[tuple[float, float]]]


def curves(lines: Numbers, name: str, text: Callable[[float], str], top: float | None = None) -> str:
    """A line for each series over the epochs; numbers that are not finite are left out.

    Args:
        lines: (epoch, value) pairs by the name of the series, which is its CSS class too.
        name: what is measured, such as "loss".
        text: writes a value in words, such as ``"98.3 %"``.
        top: where the vertical axis ends; it begins at the smallest value then, otherwise at 0.

    Returns:
        An SVG element, or a paragraph where there is nothing to draw.
    """
    drawn = {series: [p for p in points if math.isfinite(p[1])] for series, points in lines.items()}
    drawn = {series: points for series, points in drawn.items() if points}
    if not drawn:
        return f"<p>No {escape(name)} was recorded.</p>"
    epochs, values = zip(*(point for points in drawn.values() for point in points), strict=True)
    last = max(epochs)
    ys = ticks(0.0, max(values)) if top is None else ticks(min(values), top)
    frame = _Frame((1, last) if last > 1 else (0, 2), (ys[0], ys[-1]))
    xs = [x for x in ticks(0, last, smallest=1) if 1 <= x <= last]
    marks = [_curve(frame, series, points, text) for series, points in drawn.items()]
    summary = "; ".join(f"{series} {text(points[0][1])} to {text(points[-1][1])}" for series, points in drawn.items())
    axes = frame.axes(xs, ys, "epoch", name, lambda x: f"{x:g}", text)
    return frame.svg(f"{name.capitalize()} over {last:g} epochs: {summary}.", axes, *marks)


def reliability(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> str:
    """Accuracy against confidence: a dot a bin, its area the share of answers, with a 95 % Wilson interval.

    Below it, on a logarithmic scale, how many answers each bin holds.

    Args:
        confidence: float64 (n,), 0 to 1.
        right: bool (n,).
    """
    frame = _Frame((0, 1), (0, 1), width=306, height=290)
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    counts = np.bincount(bins, minlength=ECE_BINS)
    marks = ["<path class='ideal' d='M{:.1f} {:.1f}L{:.1f} {:.1f}'/>".format(*frame.at(0, 0), *frame.at(1, 1))]
    for i in np.flatnonzero(counts):
        inside = bins == i
        n, hits = int(counts[i]), int(right[inside].sum())
        low, high = wilson(hits, n)
        x, y = frame.at(float(confidence[inside].mean()), hits / n)
        radius = 3 + 7 * math.sqrt(n / len(right))
        told = f"{n:,} answers of {confidence[inside].mean():.1%} mean confidence: {hits / n:.1%} right"
        ends = frame.at(0, low)[1], frame.at(0, high)[1]
        marks.append(
            f"<g class='bin'><title>{told}</title><path d='M{x:.1f} {ends[0]:.1f}V{ends[1]:.1f}'/>"
            f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{radius:.1f}'/></g>"
        )
    ticked = _CONFIDENCE_TICKS
    axes = frame.axes(ticked, ticked, "", "share right", "{:.0%}".format, "{:.0%}".format)
    told = (
        f"Share of right answers against confidence: {confidence.mean():.1%} sure on average, {right.mean():.1%} right."
    )
    return frame.svg(told, axes, *marks, *_counts(counts, frame), below=_COUNTS_HEIGHT - _BELOW)


def _counts(counts: NDArray[np.intp], over: "_Frame") -> list[str]:
    """Bars of how many answers lie in each bin of confidence, below another frame of the same width."""
    decades = range(len(str(int(counts.max()))) + 1)
    # A single answer has a bar, too: the axis begins a little below 1.
    frame = _Frame(over.x, (-0.4, decades[-1]), over.width, _COUNTS_HEIGHT, above=over.height - _BELOW)
    parts = [frame.axes(_CONFIDENCE_TICKS, decades, "confidence", "answers", "{:.0%}".format, _power_of_ten)]
    for i in np.flatnonzero(counts):
        left, top = frame.at((i + 0.08) / ECE_BINS, math.log10(counts[i]))
        right, bottom = frame.at((i + 0.92) / ECE_BINS, frame.y[0])
        told = f"{counts[i]:,} answers of {i / ECE_BINS:.0%} to {(i + 1) / ECE_BINS:.0%} confidence"
        parts.append(
            f"<g class='count'><title>{told}</title>"
            f"<path d='M{left:.1f} {bottom:.1f}V{top:.1f}H{right:.1f}V{bottom:.1f}Z'/></g>"
        )
    return parts


def _power_of_ten(exponent: float) -> str:
    """1, 10, 100, 1k, 10k, …, 1M."""
    thousands, rest = divmod(round(exponent), 3)
    return f"{10**rest}{('', 'k', 'M', 'G')[thousands]}"


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share, 0 to 1, after Wilson (1927).

    Example:
        >>> [round(end, 3) for end in wilson(98, 100)]
        [0.93, 0.994]
    """
    z = 1.96
    centre = (hits + z * z / 2) / (n + z * z)
    reach = z / (n + z * z) * math.sqrt(hits * (n - hits) / n + z * z / 4)
    return max(centre - reach, 0.0), min(centre + reach, 1.0)


def ticks(low: float, high: float, smallest: float = 0.0) -> list[float]:
    """About five round numbers that enclose a range.

    Args:
        low: the range's start.
        high: its end; may be its start.
        smallest: the least step allowed.

    Example:
        >>> ticks(0, 0.31)
        [0.0, 0.1, 0.2, 0.3, 0.4]
    """
    rough = max((high - low) / 5, abs(high) * 1e-4, 1e-6)
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = max(next(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= rough * 0.999), smallest)
    first, last = math.floor(low / step + 1e-6), math.ceil(high / step - 1e-6)
    return [round(i * step, 12) for i in range(first, max(last, first + 1) + 1)]


@dataclass(frozen=True)
class _Frame:
    """A chart's axes: the ranges of its data, the size of its drawing, and how far down it begins."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: int = _WIDTH
    height: int = _HEIGHT
    above: int = 0

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A point of the data in the drawing."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        inner_width, inner_height = self.width - _LEFT - _RIGHT, self.height - _TOP - _BOTTOM
        return _LEFT + across * inner_width, self.above + _TOP + (1 - up) * inner_height

    def axes(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        x_name: str,
        y_name: str,
        x_text: Callable[[float], str],
        y_text: Callable[[float], str],
    ) -> str:
        """Grid lines, numbers and names."""
        parts = []
        for value in ys:
            x, y = self.at(self.x[0], value)
            parts.append(f"<path class='grid' d='M{x:.1f} {y:.1f}H{self.width - _RIGHT}'/>")
            parts.append(f"<text class='end' x='{x - 6:.1f}' y='{y + 4:.1f}'>{escape(y_text(value))}</text>")
        for value in xs:
            x, y = self.at(value, self.y[0])
            parts.append(f"<text class='mid' x='{x:.1f}' y='{y + 16:.1f}'>{escape(x_text(value))}</text>")
        middle_x, middle_y = (_LEFT + self.width - _RIGHT) / 2, self.above + (_TOP + self.height - _BOTTOM) / 2
        bottom = self.above + self.height
        parts.append(f"<text class='mid name' x='{middle_x:.0f}' y='{bottom - 6}'>{escape(x_name)}</text>")
        place = f"transform='translate(11 {middle_y:.0f}) rotate(-90)'"
        parts.append(f"<text class='mid name' {place}>{escape(y_name)}</text>")
        return "".join(parts)

    def svg(self, label: str, *parts: str, below: int = 0) -> str:
        """The whole drawing, with room below for another."""
        inside = "".join(parts)
        box = f"viewBox='0 0 {self.width} {self.height + below}'"
        return f"<svg role='img' aria-label='{escape(label)}' {box}>{inside}</svg>"


def _curve(frame: _Frame, series: str, points: Sequence[tuple[float, float]], text: Callable[[float], str]) -> str:
    places = [frame.at(*point) for point in points]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    dots = "".join(
        f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3'>"
        f"<title>epoch {epoch:g}, {escape(series)}: {escape(text(value))}</title></circle>"
        for (x, y), (epoch, value) in zip(places, points, strict=True)
    )
    return f"<g class='{escape(series)}'><path d='{path}'/>{dots}</g>"
