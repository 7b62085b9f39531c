"""What a stroke is, and how it is written down."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
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
        Number, in the order given, of the frame that is copied from. With ``result`` None as well,
        the stroke brings the fused image back.
    size : float
        Diameter, px of the canvas.
    hardness, opacity : float
        0..1: how much of the radius is full, and how much of what is below is covered there.
    points : tuple of (x, y, pressure)
        On the canvas; pressure, 0..1, scales the size.
    flow : float
        0..1: how much of what is missing to full coverage each dab of the brush adds.
    matched : bool
        Whether tone follows the picture's below within the soft rim.
    result : int or None
        Number of another result of the same canvas that is copied from instead of a frame.
    """

    frame: int | None
    size: float
    hardness: float
    opacity: float
    points: tuple[tuple[float, float, float], ...]
    flow: float = 1.0
    matched: bool = False
    result: int | None = None

    @property
    def erases(self) -> bool:
        """Whether it brings the fused image back."""
        return self.frame is None and self.result is None


def read_strokes(
    documents: Sequence[Any], frames: int, results: Collection[int] | None = None
) -> tuple[Stroke, ...]:
    """Strokes from JSON, of a stack of so many frames.

    ``results`` has the numbers of those that may be copied from; None stands for all.

    Raises
    ------
    InputError
        If one makes no sense; the message says which and why.
    """
    if not isinstance(documents, list | tuple) or len(documents) > MOST_STROKES:
        raise InputError("strokes must be a list, of 10,000 at most")
    return tuple(_stroke(one, k, frames, results) for k, one in enumerate(documents))


def _stroke(said: Any, number: int, frames: int, results: Collection[int] | None) -> Stroke:
    try:
        if not isinstance(said, dict):
            raise ValueError("it is no object")
        frame, result = _origin(said, frames, results)
        size = _number(said.get("size"))
        if size is None or not 0 < size <= LARGEST:
            raise ValueError(f"its size must be above 0 and at most {LARGEST:.0f}")
        shares = [_number(said.get(name)) for name in ("hardness", "opacity")]
        hardness, opacity, flow = (_share(one) for one in (*shares, _number(said.get("flow", 1.0))))
        matched = said.get("matched", False)
        if not isinstance(matched, bool):
            raise ValueError("matched must be true or false")
        points = _points(said.get("points"))
    except ValueError as error:
        raise InputError(f"stroke {number}: {error}", "paint it again") from error
    return Stroke(frame, size, hardness, opacity, points, flow, matched, result)


def _origin(
    said: dict[str, Any], frames: int, results: Collection[int] | None
) -> tuple[int | None, int | None]:
    frame, result = said.get("frame"), said.get("result")
    if frame is not None and (type(frame) is not int or not 0 <= frame < frames):
        raise ValueError(f"there is no frame {frame}")
    known = result is None or (
        type(result) is int and result > 0 and (results is None or result in results)
    )
    if not known:
        raise ValueError(f"there is no result {result} to copy from")
    if frame is not None and result is not None:
        raise ValueError("it copies from a frame or from a result, not from both")
    return frame, result


def _share(value: float | None) -> float:
    if value is None or not 0 <= value <= 1:
        raise ValueError("hardness, opacity and flow must be 0 to 1")
    return value


def _points(said: Any) -> tuple[tuple[float, float, float], ...]:
    if not isinstance(said, list | tuple) or not 0 < len(said) <= MOST_POINTS:
        raise ValueError("it must have 1 to 5,000 points")
    placed = tuple(_point(point) for point in said)
    if any(point is None for point in placed):
        raise ValueError("a point must be x, y and a pressure from 0 to 1")
    return tuple(point for point in placed if point is not None)


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
