"""Plain scenes to try algorithms on: a plane, steps, and a surface with next to no texture."""

from __future__ import annotations

import numpy as np

from focusstack.model import FloatImage
from focusstack.synthetic import shapes
from focusstack.synthetic.layers import Layer, Painter, flat_depth, paint
from focusstack.synthetic.view import Patch, View

Colour = tuple[float, float, float]


def plane(view: View) -> list[Layer]:
    """One tilted surface, textured everywhere: near at the bottom, far at the top."""
    surface = stone(10, (0.42, 0.33, 0.22), (0.16, 0.22, 0.26))
    return [paint(view, surface, flat_depth(0.5, 0.03, -0.42))]


def steps(view: View) -> list[Layer]:
    """Four textured slates, one before the other, with crisp edges, and hairs across them all."""
    looks: tuple[tuple[Colour, Colour], ...] = (
        ((0.20, 0.26, 0.30), (0.07, 0.11, 0.15)),
        ((0.46, 0.36, 0.22), (0.24, 0.15, 0.08)),
        ((0.15, 0.33, 0.29), (0.05, 0.14, 0.13)),
        ((0.55, 0.49, 0.40), (0.33, 0.25, 0.19)),
    )
    layers = []
    for i, (light, dark) in enumerate(looks):
        depth = flat_depth(0.93 - 0.26 * i, 0.02, -0.03)
        layers.append(paint(view, _slate(stone(20 + 3 * i, light, dark), i, view.seed), depth))
    layers.append(paint(view, _hairs(view.seed), flat_depth(0.10, 0.03, -0.03)))
    return layers


def flat(view: View) -> list[Layer]:
    """A smooth tilted surface with a faint gradient and a few marks, so mostly undecided depth."""
    rng = np.random.default_rng([view.seed, 501])
    marks = [
        (rng.uniform(-1.3, 1.3), rng.uniform(-0.85, 0.85), rng.uniform(0.01, 0.03))
        for _ in range(14)
    ]

    def painter(patch: Patch) -> tuple[FloatImage, FloatImage]:
        """Colour and cover of a patch."""
        light = 0.42 + 0.07 * patch.x - 0.05 * patch.y
        rgb = light[..., None] * np.array([1.0, 0.97, 0.9], np.float32)
        for x, y, size in marks:
            spot = patch.cover(shapes.ring(patch.x - x, patch.y - y, size, size * 0.5))
            rgb = rgb * (1 - 0.8 * spot[..., None])
        return rgb, np.ones(light.shape, np.float32)

    return [paint(view, painter, flat_depth(0.5, 0.05, -0.4))]


def stone(tag: int, light: Colour, dark: Colour) -> Painter:
    """An opaque surface of two colours: clouds, grain, flecks and fine pale veins."""

    def painter(patch: Patch) -> tuple[FloatImage, FloatImage]:
        """Colour and cover of a patch."""
        clouds = patch.fractal(tag, 0.5, 0.62)
        grain = patch.fractal(tag + 1, 0.03, 0.9, finest=2.2)
        mix = np.clip(0.5 + 0.33 * clouds, 0, 1)[..., None]
        rgb = np.array(light, np.float32) * mix + np.array(dark, np.float32) * (1 - mix)
        rgb = rgb * np.exp(0.24 * grain)[..., None]
        for number, cell, width, cover in ((2, 0.50, 0.010, 0.75), (3, 0.23, 0.016, 0.45)):
            field = patch.noise(64 * tag + 50 + number, cell, 2.0, 0.7) + 0.04 * clouds
            vein = cover * np.exp(-((field / width) ** 2))
            rgb = rgb + vein[..., None] * (np.array([0.78, 0.74, 0.66], np.float32) - rgb)
        flecks = patch.noise(64 * tag + 60, max(0.007, 2.5 * patch.pixel))
        rgb = rgb * (1 - 0.75 * np.clip(3 * flecks - 3.3, 0, 1))[..., None]
        return rgb, np.ones(clouds.shape, np.float32)

    return painter


def _slate(surface: Painter, step: int, seed: int) -> Painter:
    """The surface below a broken edge, in the shade of the next one; step 0 is whole."""

    def painter(patch: Patch) -> tuple[FloatImage, FloatImage]:
        """Colour and cover of a patch."""
        rgb, alpha = surface(patch)
        if step < 3:
            above = np.maximum(_edge(patch.x, step + 1, seed) - patch.y, 0)
            rgb = rgb * (1 - 0.6 * np.exp(-above / 0.06))[..., None]
        if step == 0:
            return rgb, alpha
        below = patch.y - _edge(patch.x, step, seed)
        lit = np.exp(-((below / 0.010) ** 2))[..., None]
        return rgb * (1 + 1.1 * lit), patch.cover(-below)

    return painter


def _edge(x: FloatImage, step: int, seed: int) -> FloatImage:
    """Scene y of the upper edge of a slate."""
    a, b, c = np.random.default_rng([seed, 502, step]).uniform(0, 6.28, 3)
    broken = 0.06 * np.sin((2.1 + 0.6 * step) * x + a) + 0.025 * np.sin(7.3 * x + b)
    return np.asarray(-1.0 + 0.5 * step + broken + 0.008 * np.sin(29 * x + c), np.float32)


def _hairs(seed: int) -> Painter:
    rng = np.random.default_rng([seed, 503])
    hairs = []
    for _ in range(9):
        x, lean = rng.uniform(-1.5, 1.5), rng.uniform(-0.5, 0.5)
        hairs.append(
            shapes.curve((x, 1.2), (x + lean, -1.2), rng.uniform(-0.1, 0.1), (0.012, 0.004))
        )

    def painter(patch: Patch) -> tuple[FloatImage, FloatImage]:
        """Colour and cover of a patch."""
        shade = 0.6 + 0.4 * np.sin(40 * patch.y + 9 * patch.x)
        rgb = shade[..., None] * np.array([0.75, 0.66, 0.5], np.float32)
        return rgb, shapes.draw(patch, hairs)

    return painter
