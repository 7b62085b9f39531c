"""A scene with next to no texture: smooth things before a smooth wall, with a few marks on them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from focusstack.model import FloatImage
from focusstack.synthetic import shapes
from focusstack.synthetic.layers import Layer, Painter, flat_depth, paint
from focusstack.synthetic.view import Patch, View

Mark = tuple[float, float, float]
Distance = Callable[[FloatImage, FloatImage], FloatImage]
"""Of scene x and y to a shape, negative inside."""


def sparse(view: View) -> list[Layer]:
    """A wall, a pebble and a rod, one before the other: edges, a few marks, and nothing else."""
    rng = np.random.default_rng([view.seed, 504])
    turn, at = rng.uniform(-0.25, 0.25), rng.uniform(-0.15, 0.15)

    def pebble(x: FloatImage, y: FloatImage) -> FloatImage:
        return shapes.circle((x + 0.35 - at) / np.float32(1.15), y - at, 0.62)

    def rod(x: FloatImage, y: FloatImage) -> FloatImage:
        across = x * np.cos(turn) + y * np.sin(turn) - (0.75 + at)
        return np.asarray(np.abs(across) - 0.19, np.float32)

    def domed(x: FloatImage, y: FloatImage) -> FloatImage:
        inside = np.clip(-pebble(x, y) / 0.62, 0, 1)
        return np.asarray(0.60 - 0.30 * np.sqrt(inside * (2 - inside)), np.float32)

    wall = _smooth((0.42, 0.37, 0.33), _marks(rng, 26), 0.15)
    stone = _smooth((0.24, 0.33, 0.44), _marks(rng, 60), 0.2, pebble)
    stick = _smooth((0.10, 0.24, 0.09), _marks(rng, 40), 3.0, rod)
    return [
        paint(view, wall, flat_depth(0.92, 0.02, -0.06)),
        paint(view, stone, domed),
        paint(view, stick, flat_depth(0.08, 0.0, 0.05)),
    ]


def _marks(rng: np.random.Generator, count: int) -> list[Mark]:
    """Where marks lie, and how large they are, in scene units."""
    return [
        (rng.uniform(-1.45, 1.45), rng.uniform(-0.95, 0.95), rng.uniform(0.004, 0.012))
        for _ in range(count)
    ]


def _smooth(
    colour: tuple[float, float, float],
    marks: list[Mark],
    mark_light: float,
    shape: Distance | None = None,
) -> Painter:
    """A surface that only fades, inside a shape or everywhere; marks are so many times as light."""

    def painter(patch: Patch) -> tuple[FloatImage, FloatImage]:
        """Colour and cover of a patch."""
        light = np.asarray(1 + 0.25 * patch.x - 0.2 * patch.y, np.float32)
        rgb = light[..., None] * np.array(colour, np.float32)
        for x, y, size in marks:
            spot = patch.cover(shapes.circle(patch.x - x, patch.y - y, size))
            rgb = rgb * (1 + (mark_light - 1) * spot[..., None])
        if shape is None:
            return rgb, np.ones(light.shape, np.float32)
        return rgb, patch.cover(shape(patch.x, patch.y))

    return painter
