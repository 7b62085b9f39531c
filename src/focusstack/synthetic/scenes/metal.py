"""How worked metal looks: bevels, brushing, stripes, pearls, screws and jewels.

Lit by a large soft lamp at the upper left. All brightness factors are about 1 on average.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.synthetic import shapes
from focusstack.synthetic.view import Patch

BRASS = np.array([0.47, 0.255, 0.085], np.float32)
GOLD = np.array([0.78, 0.47, 0.15], np.float32)
NICKEL = np.array([0.50, 0.48, 0.43], np.float32)
STEEL = np.array([0.40, 0.41, 0.43], np.float32)
BLUED = np.array([0.012, 0.040, 0.20], np.float32)
RUBY = np.array([0.42, 0.008, 0.05], np.float32)

_SKY = np.array([0.05, 0.12, 0.30], np.float32)
_UNWOUND = np.zeros((1, 1), np.float32)
_LAMP = (-0.55, -0.83)


def grooves(
    patch: Patch, along: FloatImage, tag: int, cell: float, winding: FloatImage = _UNWOUND
) -> FloatImage:
    """Random lines: noise that depends on one coordinate only, about -1..1.

    Lines advance by ``winding`` times the number of lines there are; a whole turn of an angle,
    counted as 1, so closes without a seam.
    """
    table = _lines(patch.view.seed, tag)
    size = len(table)
    at = along / max(cell, 1.7 * patch.pixel) + winding * size
    low = np.floor(at)
    part = at - low
    index = low.astype(np.int64)
    return np.asarray(table[index % size] * (1 - part) + table[(index + 1) % size] * part)


@lru_cache(maxsize=64)
def _lines(seed: int, tag: int) -> FloatImage:
    rng = np.random.default_rng([seed, tag])
    return np.clip(rng.standard_normal(512) * 0.55, -1.5, 1.5).astype(np.float32)


def brushed(patch: Patch, tag: int, angle: float) -> FloatImage:
    """Straight brushing along ``angle``, a brightness factor."""
    fine = max(0.004, 2.2 * patch.pixel)
    strokes = patch.noise(tag, fine, 26, angle) + 0.6 * patch.noise(tag + 1, 2.6 * fine, 40, angle)
    return np.exp(0.13 * strokes)


def turned(patch: Patch, x: FloatImage, y: FloatImage, tag: int, twist: float = 0.0) -> FloatImage:
    """Circular brushing about the origin with the two fans of light it shows, a factor.

    ``twist`` winds the lines into the spirals of a snailed wheel.
    """
    r, angle = np.hypot(x, y), np.arctan2(y, x)
    fan = np.cos(2 * (angle + twist * r - 0.6))
    light = 0.70 + 0.75 * np.maximum(fan, 0) ** 3 + 0.12 * fan
    turns = np.asarray(angle / (2 * np.pi) if twist else 0.0, np.float32)
    lines = grooves(patch, r, tag, 0.0035, turns)
    wide = grooves(patch, r, tag + 1, 0.02)
    return np.asarray(light * np.exp(0.20 * lines + 0.10 * wide), np.float32)


def stripes(patch: Patch, tag: int, angle: float, period: float) -> FloatImage:
    """Geneva stripes: broad bands of fine curved brushing, a factor."""
    across = patch.x * np.sin(angle) + patch.y * np.cos(angle)
    along = patch.x * np.cos(angle) - patch.y * np.sin(angle)
    band = across / period
    u = band - np.floor(band) - 0.5
    arcs = grooves(patch, along + 0.35 * period * (4 * u * u), tag, 0.0045)
    light = 0.72 + 0.62 * (u + 0.5) ** 1.5
    sweep = 1 + 0.22 * np.sin(2.3 * along + 1.3 * np.floor(band) + 0.7)
    seam = 1 - 0.35 * np.exp(-(((0.5 - np.abs(u)) * period / 0.005) ** 2))
    return np.asarray(light * sweep * seam * np.exp(0.13 * arcs), np.float32)


def pearls(patch: Patch, x: FloatImage, y: FloatImage, tag: int, pitch: float) -> FloatImage:
    """Perlage: polished spots in rows, each laid over those before it, a factor."""
    x, y = np.broadcast_arrays(x, y)
    down = 0.78 * pitch
    radius = 0.70 * pitch
    row = np.floor(y / down)
    best_u, best_v, best_row = np.zeros_like(x), np.zeros_like(y), np.zeros_like(y)
    for lift in (-1, 0, 1):
        offset = 0.5 * np.mod(row + lift, 2)
        column = np.floor(x / pitch - offset)
        v = y - (row + lift + 0.5) * down
        for side in (-1, 0, 1):
            u = x - (column + side + 0.5 + offset) * pitch
            hit = u * u + v * v < radius * radius
            np.copyto(best_u, u, where=hit)
            np.copyto(best_v, v, where=hit)
            np.copyto(best_row, row + lift, where=hit)
    r = np.hypot(best_u, best_v)
    fan = np.cos(2 * (np.arctan2(best_v, best_u) - 0.7))
    rub = grooves(patch, r + 0.11 * best_row, tag, 0.003)
    rim = np.exp(-(((r - radius) / (0.07 * radius)) ** 2))
    light = (0.84 + 0.42 * fan * np.minimum(2 * r / radius, 1)) * (1 - 0.45 * rim)
    return np.asarray(light * np.exp(0.15 * rub), np.float32)


def slope(distance: FloatImage) -> tuple[FloatImage, FloatImage]:
    """Unit direction (x, y) in which a distance grows."""
    if min(distance.shape) < 2:
        return np.zeros_like(distance), np.zeros_like(distance)
    down, right = np.gradient(distance)
    length = np.maximum(np.hypot(down, right), 1e-9)
    return np.asarray(right / length), np.asarray(down / length)


def bevel(patch: Patch, distance: FloatImage, width: float) -> FloatImage:
    """Polished edge inside a shape: a factor, 1 away from the edge, brightest toward the lamp."""
    nx, ny = slope(distance)
    facing = nx * _LAMP[0] + ny * _LAMP[1]
    shine = 0.35 + 2.4 * np.clip(facing, 0, 1) ** 2 + 0.5 * np.clip(-facing - 0.75, 0, 1)
    band = patch.cover(-distance - np.float32(width)) * patch.cover(distance)
    return np.asarray(1 + band * (shine - 1), np.float32)


def shadow(distance: FloatImage, softness: float, strength: float) -> FloatImage:
    """What is left of the light under a shape ``distance`` away, a factor 1 - strength .. 1."""
    u = np.clip(0.5 - distance / np.float32(2 * softness), 0, 1)
    return np.asarray(1 - strength * u * u * (3 - 2 * u), np.float32)


def over(rgb: FloatImage, colour: npt.NDArray[Any], cover: FloatImage) -> FloatImage:
    """Lay a colour over a picture."""
    return np.asarray(rgb + cover[..., None] * (colour - rgb), np.float32)


def screw(
    patch: Patch,
    rgb: FloatImage,
    at: tuple[float, float],
    radius: float,
    turn: float,
    colour: FloatImage = BLUED,
    sunk: bool = True,
) -> None:
    """Draw a slotted screw into ``rgb``, in a polished sink unless it lies about."""
    found = patch.near(at, 1.4 * radius)
    if found is None:
        return
    rows, columns, part = found
    under = rgb[rows, columns]
    x, y = part.x - np.float32(at[0]), part.y - np.float32(at[1])
    d = shapes.circle(x, y, radius)
    if sunk:
        sink = 0.30 + 1.5 * np.clip((x + y) / (1.7 * radius), 0, 1) ** 2
        under = over(under, under * sink[..., None], part.cover(d - 0.28 * radius))
    fan = np.cos(2 * (np.arctan2(y, x) - 0.65))
    lines = grooves(part, np.hypot(x, y), 71, 0.003)
    shine = (0.5 + 0.9 * np.maximum(fan, 0) ** 2) * np.exp(0.15 * lines)
    head = colour * shine[..., None] + _SKY * np.maximum(fan * shine, 0)[..., None] ** 5
    head = head * bevel(part, d, 0.12 * radius)[..., None]
    across = (x * np.sin(turn) - y * np.cos(turn)) / (0.14 * radius)
    wall = 0.12 + 0.25 * np.clip(across, 0, 1)
    slot = part.cover((np.abs(across) - 1) * 0.14 * radius)
    head = over(head, colour * wall[..., None], slot)
    rgb[rows, columns] = over(under, head, part.cover(d))


def jewel(patch: Patch, rgb: FloatImage, at: tuple[float, float], radius: float) -> None:
    """Draw a ruby bearing into ``rgb``: gold ring, stone, oil sink, pivot and glints."""
    found = patch.near(at, 1.5 * radius)
    if found is None:
        return
    rows, columns, part = found
    x, y = part.x - np.float32(at[0]), part.y - np.float32(at[1])
    d = shapes.circle(x, y, radius)
    ring = shapes.circle(x, y, 1.42 * radius)
    fan = 0.45 + 0.9 * np.maximum(np.cos(2 * np.arctan2(y, x) - 1.3), 0) ** 2
    gold = GOLD * (fan * bevel(part, ring, 0.10 * radius))[..., None]
    out = over(rgb[rows, columns], gold, part.cover(ring))
    light = np.clip((x + y) / (1.4 * radius), 0, 1) ** 2 * np.clip(1 + d / radius, 0, 1)
    stone = RUBY * (0.35 + 1.5 * light)[..., None]
    sink = RUBY * (0.9 - 0.78 * np.clip(-(x + y) / radius, -1, 1))[..., None]
    stone = over(stone, sink, part.cover(d + 0.55 * radius))
    stone = over(stone, STEEL * np.float32(1.5), part.cover(d + 0.83 * radius))
    out = over(out, stone, part.cover(d))
    for (dx, dy), size, level in (((-0.48, -0.55), 0.15, 2.2), ((0.08, -0.09), 0.06, 1.6)):
        glint = shapes.circle(x - dx * radius, y - dy * radius, size * radius)
        out = over(out, np.full(3, level, np.float32), part.cover(glint))
    rgb[rows, columns] = out


def lettering(
    patch: Patch,
    x: FloatImage,
    y: FloatImage,
    text: str,
    radius: float,
    height: float,
    middle: float,
) -> FloatImage:
    """Coverage of a line of capitals along a circle about the origin, ``middle`` in radians."""
    import cv2

    strip = _strip(text, max(2, round(height * patch.view.unit)))
    per_pixel = height / strip.shape[0]
    angle = np.mod(np.arctan2(y, x) - middle + np.pi, 2 * np.pi) - np.pi
    across = (angle * radius / per_pixel + strip.shape[1] / 2 - 0.5).astype(np.float32)
    down = ((radius + height / 2 - np.hypot(x, y)) / per_pixel - 0.5).astype(np.float32)
    return np.asarray(cv2.remap(strip, across, down, cv2.INTER_LINEAR))


@lru_cache(maxsize=16)
def _strip(text: str, rows: int) -> FloatImage:
    """The text on one line, ``rows`` pixels high, 0..1."""
    import cv2

    font, scale, weight = cv2.FONT_HERSHEY_TRIPLEX, 4.0, 7
    (width, height), base = cv2.getTextSize(text, font, scale, weight)
    picture = np.zeros((height + base + 16, width + 16), np.uint8)
    cv2.putText(picture, text, (8, height + 8), font, scale, 255, weight, cv2.LINE_AA)
    columns = max(2, round(picture.shape[1] * rows / picture.shape[0]))
    small = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)
