"""Signed distances of simple shapes (negative inside), and strokes, in scene units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.synthetic.view import Patch

Points = npt.NDArray[np.float64]


def circle(x: FloatImage, y: FloatImage, radius: float) -> FloatImage:
    """Disk about the origin."""
    return np.asarray(np.hypot(x, y) - np.float32(radius), np.float32)


def ring(x: FloatImage, y: FloatImage, radius: float, width: float) -> FloatImage:
    """Ring of a width about the origin."""
    return np.abs(circle(x, y, radius)) - np.float32(width / 2)


def box(x: FloatImage, y: FloatImage, half_x: float, half_y: float, corner: float) -> FloatImage:
    """Rectangle about the origin with rounded corners."""
    dx = np.abs(x) - np.float32(half_x - corner)
    dy = np.abs(y) - np.float32(half_y - corner)
    outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0))
    return np.asarray(outside + np.minimum(np.maximum(dx, dy), 0) - np.float32(corner), np.float32)


def capsule(
    x: FloatImage, y: FloatImage, start: tuple[float, float], end: tuple[float, float], width: float
) -> FloatImage:
    """Line with round ends."""
    ax, ay = start
    bx, by = end[0] - ax, end[1] - ay
    along = np.clip(((x - ax) * bx + (y - ay) * by) / (bx * bx + by * by), 0, 1)
    return np.asarray(np.hypot(x - ax - along * bx, y - ay - along * by) - width / 2, np.float32)


def gear(
    x: FloatImage, y: FloatImage, radius: float, teeth: int, depth: float, turn: float
) -> FloatImage:
    """Toothed disk about the origin; about right as a distance near its rim."""
    r, angle = np.hypot(x, y), np.arctan2(y, x) + np.float32(turn)
    wave = np.sin(angle * teeth)
    tooth = np.clip(wave * 2.2, -1, 1)
    slope = 1 / np.sqrt(1 + (1.5 * depth / radius * teeth / 2) ** 2)
    side = np.where(np.abs(wave) < 0.45, np.float32(slope), np.float32(1))
    return np.asarray((r - radius - depth / 2 * tooth) * side, np.float32)


@dataclass(frozen=True)
class Stroke:
    """A line that may taper: points (n, 2) and width at each, in scene units."""

    points: Points
    widths: Points

    def outline(self) -> Points:
        """The polygon of the stroke, (2 n, 2)."""
        along = np.gradient(self.points, axis=0)
        length = np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
        across = np.stack([-along[:, 1], along[:, 0]], 1) / length * self.widths[:, None] / 2
        return np.concatenate([self.points + across, (self.points - across)[::-1]])


def curve(
    start: tuple[float, float], end: tuple[float, float], bend: float, width: tuple[float, float]
) -> Stroke:
    """A bent hair between two points, ``bend`` sideways at the middle, of tapering width."""
    u = np.linspace(0, 1, 40)[:, None]
    a, b = np.array(start), np.array(end)
    side = np.array([-(b - a)[1], (b - a)[0]])
    points = a + (b - a) * u + side * bend * 4 * u * (1 - u)
    return Stroke(points, width[0] + (width[1] - width[0]) * u[:, 0])


def draw(patch: Patch, strokes: Sequence[Stroke]) -> FloatImage:
    """Coverage 0..1 of strokes in a patch, float32 (height, width), anti-aliased by area.

    No stroke gets thinner than about two thirds of a pixel.
    """
    import cv2

    fine = 4
    width, height = patch.window.width, patch.window.height
    big = np.zeros((height * fine, width * fine), np.uint8)
    corner = np.array([patch.x[0, 0], patch.y[0, 0]], np.float64)
    thinnest = 0.67 * patch.pixel
    for stroke in strokes:
        outline = Stroke(stroke.points, np.maximum(stroke.widths, thinnest)).outline()
        pixels = (outline - corner) * patch.view.unit
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        if high[0] < -1 or high[1] < -1 or low[0] > width or low[1] > height:
            continue
        at = ((pixels + 0.5) * fine - 0.5) * 16
        cv2.fillPoly(big, [np.round(at).astype(np.int32)], 255, cv2.LINE_8, 4)
    small = cv2.resize(big, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)
