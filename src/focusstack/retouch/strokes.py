"""What a stroke is, and how it is written down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from focusstack.errors import InputError

MOST_POINTS, MOST_STROKES = 5000, 10_000
LARGEST = 5000.0
"""Diameter, px."""


@dataclass(frozen=True)
class Stroke:
    """A path of the brush on the canvas.

    Attributes
    ----------
    frame : int or None
        Number, in the order given, of the frame that is copied from; None brings the fused image
        back.
    size : float
        Diameter, px of the canvas.
    hardness, opacity : float
        0..1: how much of the radius is full, and how much of what is below is covered there.
    points : tuple of (x, y, pressure)
        On the canvas; pressure, 0..1, scales the size.
    """

    frame: int | None
    size: float
    hardness: float
    opacity: float
    points: tuple[tuple[float, float, float], ...]


def read_strokes(documents: Sequence[Any], frames: int) -> tuple[Stroke, ...]:
    """Strokes from JSON, of a stack of so many frames.

    Raises
    ------
    InputError
        If one makes no sense; the message says which and why.
    """
    if not isinstance(documents, list | tuple) or len(documents) > MOST_STROKES:
        raise InputError("strokes must be a list, of 10,000 at most")
    return tuple(_stroke(one, k, frames) for k, one in enumerate(documents))


def _stroke(said: Any, number: int, frames: int) -> Stroke:
    def wrong(what: str) -> InputError:
        return InputError(f"stroke {number}: {what}", "paint it again")

    if not isinstance(said, dict):
        raise wrong("it is no object")
    frame = said.get("frame")
    if frame is not None and (type(frame) is not int or not 0 <= frame < frames):
        raise wrong(f"there is no frame {frame}")
    size, hardness, opacity = (_number(said.get(name)) for name in ("size", "hardness", "opacity"))
    if size is None or not 0 < size <= LARGEST:
        raise wrong(f"its size must be above 0 and at most {LARGEST:.0f}")
    if hardness is None or opacity is None or not 0 <= hardness <= 1 or not 0 <= opacity <= 1:
        raise wrong("hardness and opacity must be 0 to 1")
    points = said.get("points")
    if not isinstance(points, list | tuple) or not 0 < len(points) <= MOST_POINTS:
        raise wrong("it must have 1 to 5,000 points")
    placed = tuple(_point(point) for point in points)
    if any(point is None for point in placed):
        raise wrong("a point must be x, y and a pressure from 0 to 1")
    return Stroke(frame, size, hardness, opacity, tuple(p for p in placed if p is not None))


def _number(value: Any) -> float | None:
    plain = type(value) in (int, float) and math.isfinite(value) and abs(value) < 1e7
    return float(value) if plain else None


def _point(point: Any) -> tuple[float, float, float] | None:
    if not isinstance(point, list | tuple) or len(point) != 3:
        return None
    x, y, pressure = (_number(value) for value in point)
    if x is None or y is None or pressure is None or not 0 <= pressure <= 1:
        return None
    return x, y, pressure


def as_document(strokes: Sequence[Stroke]) -> list[dict[str, Any]]:
    """The same as plain values."""
    return [asdict(stroke) for stroke in strokes]
