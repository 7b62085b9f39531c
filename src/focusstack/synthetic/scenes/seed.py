"""A dandelion seed: fine bristles that reach over everything behind them."""

from __future__ import annotations

import numpy as np

from focusstack.model import FloatImage
from focusstack.synthetic import shapes
from focusstack.synthetic.layers import DepthField, Layer, Painter, flat_depth, paint
from focusstack.synthetic.shapes import Stroke
from focusstack.synthetic.view import Patch, View

CROWN = (-0.66, -0.10)
TIP = (-1.13, 0.66)


def dandelion_seed(view: View) -> list[Layer]:
    """The seed on its stalk and two fans of bristles, leaning away and leaning near."""
    rng = np.random.default_rng([view.seed, 601])
    far, near = _bristles(rng, 54), _bristles(rng, 40)
    window = view.around(-1.5, -1.1, 0.3, 1.0)
    return [
        paint(view, _fan(far, 0.55), _cone(0.19, 0.10), window),
        paint(view, _stalk, flat_depth(0.145, 0.04, -0.07), window),
        paint(view, _fan(near, 0.80), _cone(0.17, -0.19), window),
    ]


def _cone(middle: float, outward: float) -> DepthField:
    """Depth that grows with the distance from the crown of the seed."""

    def depth(x: FloatImage, y: FloatImage) -> FloatImage:
        r = np.sqrt((x - CROWN[0]) ** 2 + (y - CROWN[1]) ** 2 + 0.003)
        return np.asarray(middle + outward * np.minimum(r, 0.8), np.float32)

    return depth


def _bristles(rng: np.random.Generator, count: int) -> list[Stroke]:
    """Hairs from the crown, most of them away from the stalk, with barbs along them."""
    strokes: list[Stroke] = []
    for i in range(count):
        angle = -1.09 + (i + rng.uniform(-0.4, 0.4) - (count - 1) / 2) / count * 4.5
        length = rng.uniform(0.56, 0.72) * (1 - 0.10 * abs(angle + 1.09))
        end = (CROWN[0] + length * np.cos(angle), CROWN[1] + length * np.sin(angle))
        hair = shapes.curve(CROWN, end, rng.uniform(-0.06, 0.06), (0.0058, 0.0022))
        strokes.append(hair)
        strokes.extend(_barbs(rng, hair))
    return strokes


def _barbs(rng: np.random.Generator, hair: Stroke) -> list[Stroke]:
    barbs = []
    for _ in range(3):
        at = int(rng.integers(10, 38))
        along = hair.points[at] - hair.points[at - 1]
        along = along / np.linalg.norm(along)
        side = np.array([-along[1], along[0]]) * rng.choice([-1.0, 1.0])
        start = hair.points[at]
        end = start + 0.016 * along + 0.007 * side
        barbs.append(Stroke(np.stack([start, end]), np.array([0.0026, 0.0012])))
    return barbs


def _fan(strokes: list[Stroke], brightness: float) -> Painter:
    def painter(patch: Patch) -> tuple[FloatImage, FloatImage]:
        """Colour and cover of a patch."""
        alpha = shapes.draw(patch, strokes)
        r = np.hypot(patch.x - CROWN[0], patch.y - CROWN[1])
        light = brightness * (0.75 + 0.35 * r + 0.18 * patch.noise(611, 0.03))
        rgb = np.array([1.0, 0.965, 0.89], np.float32) * light[..., None]
        return rgb.astype(np.float32), alpha

    return painter


def _stalk(patch: Patch) -> tuple[FloatImage, FloatImage]:
    """The thin beak and the ribbed, spiny fruit at its end."""
    beak = shapes.curve(CROWN, TIP, 0.045, (0.012, 0.016))
    alpha = shapes.draw(patch, [beak])
    lit = 0.5 + 0.3 * patch.noise(621, 0.02, 6, 2.0)
    rgb = np.array([0.62, 0.55, 0.38], np.float32) * lit[..., None]
    x, y = patch.x - np.float32(TIP[0]), patch.y - np.float32(TIP[1])
    cos, sin = np.cos(2.05), np.sin(2.05)
    along, across = x * cos + y * sin, -x * sin + y * cos
    u = np.clip((along + 0.02) / 0.30, 0, 1)
    half = 0.052 * np.sin(np.pi * u**0.75) ** 0.8 + 0.004
    ribs = np.sin(np.arcsin(np.clip(across / half, -1, 1)) * 7)
    spikes = 0.006 * (0.5 + 0.5 * np.sin(along * 240 + 2 * np.sign(across))) * (1 - u)
    body = np.maximum(np.abs(across) - half - spikes, np.abs(along - 0.13) - 0.15)
    light = 0.35 + 1.1 * np.exp(-(((across + 0.35 * half) / (0.5 * half)) ** 2))
    light = light * (1 + 0.5 * ribs) * np.exp(0.15 * patch.fractal(622, 0.03, 0.7))
    fruit = np.array([0.30, 0.185, 0.08], np.float32) * light[..., None]
    cover = patch.cover(body.astype(np.float32))
    rgb = rgb + cover[..., None] * (fruit - rgb)
    knot = shapes.circle(patch.x - CROWN[0], patch.y - CROWN[1], 0.016)
    tip = patch.cover(knot)
    rgb = rgb + tip[..., None] * (np.array([0.5, 0.42, 0.25], np.float32) - rgb)
    return rgb.astype(np.float32), np.maximum(np.maximum(alpha, cover), tip)
