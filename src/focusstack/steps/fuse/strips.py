"""Strips of the canvas that are fused by themselves, bit for bit as in the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from focusstack.model import FloatImage
from focusstack.steps.fuse.bands import Prior, level_sizes
from focusstack.steps.fuse.levels import CoarserLevels, FinestLevel, Handed, Rows, Weighing
from focusstack.steps.fuse.method import Aligned, Canvas

HALO = 8
"""Rows of the level that is handed on which strips know beyond their own: a wrong row beyond a
strip's end reaches 7 of them."""
LEAST_LEVEL = 3
"""Priors are on grids up to eight times coarser, whose rows strips must keep to."""
HANDED_BYTES = 48 << 20
"""The most that strips hand on of all frames, as long as there are coarser levels to choose."""
EDGE = 2
"""Rows of the canvas that depend on one row of the next level beyond."""


def even_rows(height: int, count: int, unit: int = 2) -> list[Rows]:
    """At most ``count`` strips of nearly the same height, which begin at multiples of ``unit``."""
    units = -(-height // unit)
    count = max(1, min(count, units))
    ends = [min(height, units * (k + 1) // count * unit) for k in range(count)]
    return list(zip([0, *ends[:-1]], ends, strict=True))


def handed_level(canvas: Canvas, frames: int) -> int:
    """The level that strips hand on; 0 if the picture is too small to be split."""
    levels = range(LEAST_LEVEL, len(level_sizes(canvas.height, canvas.width)))
    fits = (k for k in levels if handed_bytes(canvas, k) * frames <= HANDED_BYTES)
    return next(fits, levels[-1] if levels else 0)


def handed_bytes(canvas: Canvas, level: int) -> int:
    """What all strips together hand on of a frame."""
    height, width = level_sizes(canvas.height, canvas.width)[level]
    return height * width * 4 * (canvas.channels + 1)


@dataclass(frozen=True)
class Strip:
    """Rows of the canvas and of the coarser levels down to ``depth``, which is handed on.

    ``rows`` begin at a multiple of ``2 ** depth``.
    """

    canvas: Canvas
    rows: Rows
    depth: int

    @property
    def handed_rows(self) -> Rows:
        """Its own rows of the level that is handed on."""
        unit = 1 << self.depth
        return self.rows[0] // unit, -(-self.rows[1] // unit)

    def known_rows(self, level: int) -> Rows:
        """Rows of a level from 1 on that are made, its own and those beside."""
        first, end = self.handed_rows
        times = 1 << self.depth - level
        height = level_sizes(self.canvas.height, self.canvas.width)[level][0]
        return max(0, first - HALO) * times, min(height, (end + HALO) * times)

    def state_bytes(self) -> int:
        """Size of its state."""
        channels, widths = self.canvas.channels, self.widths
        rows = [end - first for first, end in map(self.known_rows, range(1, self.depth + 1))]
        areas = [n * w for n, w in zip(rows, widths[1:], strict=True)]
        finest = (self.rows[1] - self.rows[0] + 2 * EDGE) * widths[0]
        values = (2 + channels) * (finest + sum(areas[:-1])) + channels * sum(areas)
        return 4 * (values + 2 * areas[0])

    @property
    def widths(self) -> list[int]:
        """Of all levels down to the one that is handed on."""
        sizes = level_sizes(self.canvas.height, self.canvas.width)
        return [width for _, width in sizes[: self.depth + 1]]


class StripState:
    """What a strip's frames add up to; may be sent about."""

    def __init__(self, strip: Strip) -> None:
        self.strip, canvas = strip, strip.canvas
        rows = [strip.known_rows(level) for level in range(1, strip.depth + 1)]
        shape = canvas.channels, canvas.height, canvas.width
        state = max(0, strip.rows[0] - EDGE), min(canvas.height, strip.rows[1] + EDGE)
        self.finest = FinestLevel(shape, state, rows[0])
        sizes = [(end - first, w) for (first, end), w in zip(rows, strip.widths[1:], strict=True)]
        self.levels = CoarserLevels(1, canvas.channels, sizes, [first for first, _ in rows])

    def feed(self, frame: Aligned, weighing: Weighing) -> Handed:
        """Add a frame; the strip's own rows of what is handed on, without the prior."""
        handed = self.levels.feed(self.finest.feed(frame, weighing), weighing)
        first, end = self.strip.handed_rows
        known = self.strip.known_rows(self.strip.depth)[0]
        part = handed.part(slice(first - known, end - known))
        return Handed(part.low, part.guide, part.valid, None)

    def finish(self, fused: FloatImage, threads: int) -> FloatImage:
        """The strip's rows of the picture, float32 (C, h, W), from the level handed on, fused."""
        known = slice(*self.strip.known_rows(self.strip.depth))
        next_level = self.levels.finish(fused[:, known], threads)
        begin = self.levels.begins[0]
        first, end = self.finest.rows[0] // 2 - begin, (self.finest.rows[1] + 1) // 2 - begin
        made = self.finest.finish(next_level[:, first:end], threads)
        begin = self.finest.rows[0]
        return made[:, self.strip.rows[0] - begin : self.strip.rows[1] - begin]


def prior_at(plane: FloatImage | None, scale: int, level: int, threads: int) -> Prior | None:
    """A frame's prior, on a grid ``scale`` times coarser, as that level sees it."""
    if plane is None:
        return None
    prior = Prior.of(plane, scale)
    for _ in range(level):
        prior = prior.coarser(threads)
    return prior


def joined(parts: Sequence[Handed], prior: Prior | None) -> Handed:
    """What all strips handed on of a frame, from top to bottom, as one."""
    valid = [part.valid for part in parts if part.valid is not None]
    return Handed(
        np.concatenate([part.low for part in parts], axis=1),
        np.concatenate([part.guide for part in parts]),
        np.concatenate(valid) if valid else None,
        prior,
    )
