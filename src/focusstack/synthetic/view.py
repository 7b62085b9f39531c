"""Where the picture lies: scene units, canvas pixels and the patches a scene is painted in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from focusstack.model import FloatImage


class Window(NamedTuple):
    """A rectangle of canvas pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class View:
    """The painted canvas: the reference frame plus a margin that other frames look into.

    Parameters
    ----------
    width, height : int
        Reference frame, in pixels.
    margin : int
        Canvas pixels left of and above the reference frame; at least as many lie beyond it.
    canvas_width, canvas_height : int
        The whole canvas, in pixels.
    seed : int
        Seeds everything painted.

    Notes
    -----
    Scene units: (0, 0) is the middle of the reference frame, x to the right, y down; at aspect
    ratio 3:2 it spans -1.5..1.5 by -1..1, other ratios cut this view and never go beyond it.
    """

    width: int
    height: int
    margin: int
    canvas_width: int
    canvas_height: int
    seed: int

    @property
    def unit(self) -> float:
        """Pixels per scene unit."""
        return max(self.height / 2, self.width / 3)

    @property
    def whole(self) -> Window:
        """The canvas as a window."""
        return Window(0, 0, self.canvas_width, self.canvas_height)

    @property
    def middle(self) -> tuple[float, float]:
        """Canvas x and y of the middle of the reference frame."""
        return self.margin + (self.width - 1) / 2, self.margin + (self.height - 1) / 2

    def around(self, x0: float, y0: float, x1: float, y1: float) -> Window:
        """The window that covers a box of scene units, with a pixel to spare, cut to the canvas."""
        mx, my = self.middle
        left = max(0, int(np.floor(x0 * self.unit + mx)) - 2)
        top = max(0, int(np.floor(y0 * self.unit + my)) - 2)
        right = min(self.canvas_width, int(np.ceil(x1 * self.unit + mx)) + 3)
        bottom = min(self.canvas_height, int(np.ceil(y1 * self.unit + my)) + 3)
        return Window(left, top, max(0, right - left), max(0, bottom - top))


@dataclass(frozen=True)
class Patch:
    """A window of the canvas being painted, with its coordinates and textures."""

    view: View
    window: Window

    @property
    def x(self) -> FloatImage:
        """Scene x, float32, (1, width)."""
        columns = np.arange(self.window.width) + (self.window.x - self.view.middle[0])
        return np.asarray(columns[None, :] / self.view.unit, np.float32)

    @property
    def y(self) -> FloatImage:
        """Scene y, float32, (height, 1)."""
        rows = np.arange(self.window.height) + (self.window.y - self.view.middle[1])
        return np.asarray(rows[:, None] / self.view.unit, np.float32)

    @property
    def pixel(self) -> float:
        """Scene units per pixel."""
        return 1.0 / self.view.unit

    def near(self, at: tuple[float, float], reach: float) -> tuple[slice, slice, Patch] | None:
        """Rows and columns within ``reach`` of a point, and their patch; None if outside."""
        box = self.view.around(at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach)
        x0, y0 = max(box.x, self.window.x), max(box.y, self.window.y)
        x1 = min(box.x + box.width, self.window.x + self.window.width)
        y1 = min(box.y + box.height, self.window.y + self.window.height)
        if x0 >= x1 or y0 >= y1:
            return None
        rows = slice(y0 - self.window.y, y1 - self.window.y)
        columns = slice(x0 - self.window.x, x1 - self.window.x)
        return rows, columns, Patch(self.view, Window(x0, y0, x1 - x0, y1 - y0))

    def cover(self, distance: FloatImage) -> FloatImage:
        """Anti-aliased coverage 0..1 of the inside (negative side) of a signed distance."""
        return np.asarray(np.clip(0.5 - distance * np.float32(self.view.unit), 0, 1), np.float32)

    def noise(self, tag: int, cell: float, stretch: float = 1.0, angle: float = 0.0) -> FloatImage:
        """Smooth random field, mean 0, standard deviation about 0.7, float32 (height, width).

        ``cell`` is the grain size in scene units; along ``angle`` (radians) grains are ``stretch``
        times longer. The same place gets the same value in every patch.
        """
        import cv2

        coarse = cell * self.view.unit > 6
        table = _table(self.view.seed, tag, coarse)
        scale = _REFINE / cell if coarse else 1 / cell
        cos, sin = np.cos(angle), np.sin(angle)
        turn = np.array([[cos / stretch, sin / stretch], [-sin, cos]]) * scale * self.pixel
        corner = np.array([self.window.x, self.window.y]) - self.view.middle
        matrix = np.column_stack([turn, turn @ corner + 37.3 * (tag % 11)])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = (self.window.width, self.window.height)
        found = cv2.warpAffine(table, matrix, size, flags=flags, borderMode=cv2.BORDER_WRAP)
        return np.asarray(found)

    def fractal(self, tag: int, cell: float, gain: float = 0.5, finest: float = 2.0) -> FloatImage:
        """Sum of octaves of :meth:`noise` from ``cell`` down to ``finest`` pixels.

        Each octave is ``gain`` times as strong as the one before; the first has weight 1.
        """
        total = np.zeros((self.window.height, self.window.width), np.float32)
        weight, octave = 1.0, 0
        while octave == 0 or cell * self.view.unit >= finest:
            total += np.float32(weight) * self.noise(tag * 64 + octave, cell, angle=1.1 * octave)
            weight, cell, octave = weight * gain, cell / 2, octave + 1
        return total


_SIZE = 512
_REFINE = 8


@lru_cache(maxsize=64)
def _table(seed: int, tag: int, coarse: bool) -> FloatImage:
    """Periodic random table; a coarse one is interpolated smoothly so that it may be enlarged."""
    import cv2

    rng = np.random.default_rng([seed, tag])
    if not coarse:
        return rng.standard_normal((_SIZE, _SIZE)).astype(np.float32)
    cells = _SIZE // _REFINE
    small = np.pad(rng.standard_normal((cells, cells)).astype(np.float32), 4, mode="wrap")
    side = small.shape[0] * _REFINE
    large = cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)
    edge = 4 * _REFINE
    smooth = cv2.GaussianBlur(large, (0, 0), _REFINE / 2)
    return np.ascontiguousarray(smooth[edge:-edge, edge:-edge])
