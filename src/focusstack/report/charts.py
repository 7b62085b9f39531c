"""Plots as SVG that takes its colours from the page, so that it follows light and dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH, HEIGHT = 640, 190
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 28
MOST_PLACES = 150
"""Bars and tips at most: narrower ones could not be pointed at, and would make a page slow."""

Values = Sequence[float | None]


@dataclass(frozen=True)
class Series:
    """One line of a plot; ``style`` names its colour and dashes in the style sheet."""

    name: str
    values: Values
    style: str = "a"


@dataclass(frozen=True)
class Chart:
    """A plot over the frames in focus order.

    Attributes
    ----------
    key, title, unit : str
        An id, what is shown, and in what.
    series : tuple of Series
        None where a frame has no value.
    names : tuple of str
        Of the frames, for what the pointer is told.
    span : float
        The axis shows no less, or nothing at all would look like something.
    bars : bool
        Bars from 0 instead of lines.
    left_out : dict place -> reason
    reference : int
        Place of the reference frame.
    """

    key: str
    title: str
    unit: str
    series: tuple[Series, ...]
    names: tuple[str, ...]
    span: float
    bars: bool = False
    left_out: dict[int, str] = field(default_factory=dict)
    reference: int | None = None


def draw(chart: Chart) -> str:
    """The plot as an <svg> element with a title, a description and a tip for every frame."""
    low, high = _range(chart)
    ticks = nice_ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    axis = _Axis(len(chart.names), low, high)
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{chart.key}-t {chart.key}-d">',
        f'<title id="{chart.key}-t">{escape(chart.title)}</title>',
        f'<desc id="{chart.key}-d">{escape(_described(chart))}</desc>',
        *_grid(axis, ticks),
        *_marks(axis, chart),
        *(_bars(axis, s) if chart.bars else _line(axis, s) for s in chart.series),
        *_tips(axis, chart),
        "</svg>",
    ]
    return "\n".join(parts)


def nice_ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round numbers, 1, 2 or 5 times a power of ten apart, around low..high."""
    step = (high - low) / about or 1.0
    power = 10.0 ** math.floor(math.log10(step))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= step * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [k * step for k in range(first, last + 1)]


@dataclass(frozen=True)
class _Axis:
    count: int
    low: float
    high: float

    @property
    def pitch(self) -> float:
        return (WIDTH - LEFT - RIGHT) / max(1, self.count)

    def x(self, place: float) -> float:
        return LEFT + (place + 0.5) * self.pitch

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _range(chart: Chart) -> tuple[float, float]:
    values = [v for s in chart.series for v in s.values if v is not None] or [0.0]
    low, high = min(values), max(values)
    if chart.bars:
        return 0.0, max(high, chart.span)
    missing = max(0.0, chart.span - (high - low)) / 2
    return low - missing, high + missing


def _described(chart: Chart) -> str:
    """The gist in words, for who does not see the plot."""
    said = []
    for series in chart.series:
        known = [v for v in series.values if v is not None]
        if known:
            name = f"{series.name}: " if series.name else ""
            said.append(f"{name}{number(min(known))} to {number(max(known))} {chart.unit}")
    return f"{len(chart.names)} frames in focus order. {'; '.join(said)}."


def number(value: float | None) -> str:
    """A value with as many decimals as say something."""
    if value is None:
        return "–"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.lstrip("-")


def _grid(axis: _Axis, ticks: Sequence[float]) -> list[str]:
    digits = max(0, -math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9)) if len(ticks) > 1 else 0
    parts = []
    for tick in ticks:
        y, label = axis.y(tick), f"{tick:.{digits}f}".replace("-", "−")
        strong = " zero" if abs(tick) < 1e-9 else ""
        parts.append(f'<path class="grid{strong}" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    last = axis.count - 1
    step = max(1, math.ceil(nice_ticks(0, max(1, last), 8)[1]))
    for place in range(0, axis.count, step):
        at = f'x="{axis.x(place):.1f}" y="{HEIGHT - 8}"'
        parts.append(f'<text {at} text-anchor="middle">{place}</text>')
    return parts


def _marks(axis: _Axis, chart: Chart) -> list[str]:
    """The reference frame, and frames that were left out."""
    parts, bottom = [], HEIGHT - BOTTOM
    if chart.reference is not None:
        x = axis.x(chart.reference)
        parts.append(f'<path class="reference" d="M{x:.1f} {TOP}V{bottom}"/>')
    for place in chart.left_out:
        x = axis.x(place) - axis.pitch / 2
        box = f'x="{x:.1f}" y="{TOP}" width="{axis.pitch:.1f}" height="{bottom - TOP}"'
        parts.append(f'<rect class="out" {box}/>')
        if axis.count <= MOST_PLACES:
            at = f'x="{axis.x(place):.1f}" y="{TOP + 14}"'
            parts.append(f'<text class="cross" {at} text-anchor="middle">×</text>')
    return parts


def _line(axis: _Axis, series: Series) -> str:
    points, path, gap = [], "", True
    for place, value in enumerate(series.values):
        if value is None:
            gap = True
            continue
        x, y = axis.x(place), axis.y(value)
        path += f"{'M' if gap else 'L'}{x:.1f} {y:.1f}"
        gap = False
        if axis.count <= 80:
            points.append(f'<circle class="dot {series.style}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>')
    return f'<path class="line {series.style}" d="{path}"/>' + "".join(points)


def groups(count: int) -> list[range]:
    """Frames that share a bar and a tip: one each, or a few neighbours where there are many."""
    step = max(1, math.ceil(count / MOST_PLACES))
    return [range(first, min(first + step, count)) for first in range(0, count, step)]


def _bars(axis: _Axis, series: Series) -> str:
    """A bar for each group of frames: the highest of them."""
    base, parts = axis.y(0), []
    for group in groups(axis.count):
        known = [v for v in series.values[group.start : group.stop] if v is not None]
        if not known:
            continue
        width = max(1.0, 0.72 * axis.pitch * len(group))
        middle, y = axis.x((group[0] + group[-1]) / 2), axis.y(max(known))
        at = f'x="{middle - width / 2:.1f}" y="{y:.1f}"'
        size = f'width="{width:.1f}" height="{max(0.0, base - y):.1f}"'
        parts.append(f'<rect class="bar {series.style}" {at} {size} rx="1.5"/>')
    return "".join(parts)


def _tips(axis: _Axis, chart: Chart) -> list[str]:
    """Invisible columns that say under the pointer what the frames of a group are like."""
    parts = []
    for group in groups(axis.count):
        x, width = axis.x(group[0]) - axis.pitch / 2, axis.pitch * len(group)
        box = f'x="{x:.1f}" y="{TOP}" width="{width:.1f}" height="{HEIGHT - TOP - BOTTOM}"'
        tip = escape("\n".join(_tip(chart, place) for place in group))
        parts.append(f'<rect class="tip" {box}><title>{tip}</title></rect>')
    return parts


def _tip(chart: Chart, place: int) -> str:
    values = [f"{s.name} {number(s.values[place])}".strip() for s in chart.series]
    said = f"{', '.join(values)} {chart.unit}"
    if place in chart.left_out:
        said = f"left out: {chart.left_out[place]}"
    return f"{place} {chart.names[place]}: {said}"
