"""Where a stroke covers the canvas, and how much."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from focusstack.model import FloatImage
from focusstack.retouch.strokes import Stroke

Point = tuple[float, float, float]
"""x, y and pressure."""
LEAST_RADIUS = 0.5
DAB_SPACING = 1 / 8
"""Of the size, between dabs of a brush that does not cover at once."""
MOST_DABS = 20_000
"""Of one stroke; longer ones have them farther apart."""


@dataclass(frozen=True)
class Region:
    """Part of the canvas, ``width`` x ``height`` samples, each ``step`` px apart.

    Sample k is at ``x + k * step + (step - 1) / 2``, the middle of what it stands for.
    """

    x: int
    y: int
    width: int
    height: int
    step: int = 1


def reach(stroke: Stroke) -> tuple[float, float, float, float]:
    """Left, top, right and lower end of all that a stroke can touch, px."""
    xs, ys = [point[0] for point in stroke.points], [point[1] for point in stroke.points]
    radius = max(LEAST_RADIUS, stroke.size / 2)
    return min(xs) - radius, min(ys) - radius, max(xs) + radius, max(ys) + radius


def touches(stroke: Stroke, region: Region) -> bool:
    """Whether a stroke can cover anything of a region."""
    left, top, right, bottom = reach(stroke)
    wide, high = region.width * region.step, region.height * region.step
    return (
        left < region.x + wide and right > region.x and top < region.y + high and bottom > region.y
    )


def coverage(stroke: Stroke, region: Region) -> FloatImage:
    """How much a stroke covers at once, 0..1 but for its opacity and flow; float32 (height, width).

    The largest of what the brush covers anywhere along the path: a path that crosses itself covers
    no more there. Full within ``hardness`` of the radius, then falling to 0 at the radius along
    half a cosine.
    """
    covered = np.zeros((region.height, region.width), np.float32)
    points = stroke.points
    for a, b in zip(points, points[1:] or points, strict=False):
        _add_segment(covered, stroke, region, a, b)
    return covered


def built_up(stroke: Stroke, region: Region, covered: FloatImage) -> FloatImage:
    """The same with the stroke's flow, from its coverage at once; float32 (height, width).

    Dabs, an eighth of the size apart, each add ``flow`` times what the brush covers there of what
    is missing; where that is more than the brush covers at once, it stays at that. So a path that
    crosses itself covers more there, and a flow of 1 is the coverage at once.
    """
    if stroke.flow >= 1 or not covered.any():
        return covered
    left, part = np.ones_like(covered), np.zeros_like(covered)
    for dab in _dabs(stroke):
        alone = replace(stroke, points=(dab,))
        window = _add_segment(part, alone, region, dab, dab) if touches(alone, region) else None
        if window is not None:
            left[window] *= 1 - np.float32(stroke.flow) * part[window]
            part[window] = 0
    return np.minimum(covered, 1 - left)


def _dabs(stroke: Stroke) -> list[Point]:
    """Where the brush dabs along the path, evenly spaced, and with which pressure."""
    points = np.array(stroke.points, np.float64)
    steps = np.hypot(*np.diff(points[:, :2], axis=0).T) if len(points) > 1 else np.zeros(0)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    spacing = max(LEAST_RADIUS, stroke.size * DAB_SPACING, along[-1] / MOST_DABS)
    at = np.arange(int(along[-1] / spacing) + 1) * spacing
    columns = [np.interp(at, along, points[:, k]) for k in range(3)]
    return [(float(x), float(y), float(p)) for x, y, p in zip(*columns, strict=True)]


def _add_segment(
    covered: FloatImage,
    stroke: Stroke,
    region: Region,
    a: Point,
    b: Point,
) -> tuple[slice, slice] | None:
    """The brush from one point to the next, its size changing evenly; where it can reach."""
    most = max(LEAST_RADIUS, stroke.size / 2 * max(a[2], b[2]))
    rows = _span(min(a[1], b[1]) - most, max(a[1], b[1]) + most, region.y, region, region.height)
    columns = _span(min(a[0], b[0]) - most, max(a[0], b[0]) + most, region.x, region, region.width)
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return None
    middle = (region.step - 1) / 2
    y = region.y + np.arange(rows.start, rows.stop)[:, None] * region.step + middle - a[1]
    x = region.x + np.arange(columns.start, columns.stop)[None] * region.step + middle - a[0]
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    along = (
        np.clip((x * dx + y * dy) / length, 0, 1) if length else np.zeros(np.broadcast(x, y).shape)
    )
    distance = np.hypot(x - along * dx, y - along * dy)
    radius = np.maximum(LEAST_RADIUS, stroke.size / 2 * (a[2] + along * (b[2] - a[2])))
    soft = np.maximum((1 - stroke.hardness) * radius, 1.0)  # an edge of a pixel is never harder
    share = np.clip((radius - distance) / soft, 0, 1)
    part = covered[rows, columns]
    np.maximum(part, (0.5 - 0.5 * np.cos(np.pi * share)).astype(np.float32), out=part)
    return rows, columns


def _span(low: float, high: float, start: int, region: Region, count: int) -> slice:
    first = int(np.floor((low - start) / region.step)) - 1
    last = int(np.ceil((high - start) / region.step)) + 2
    return slice(max(0, first), min(count, last))
