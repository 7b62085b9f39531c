"""Strokes on a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from focusstack.colour import white
from focusstack.model import FloatImage, Pixels
from focusstack.retouch.brush import Region, coverage, reach, touches
from focusstack.retouch.strokes import Stroke

Source = Callable[[int, Region], FloatImage]
"""A frame where a region of the canvas lies: float32 (h, w, C), sRGB-encoded, 0..1."""
_SIDE = 1024


def paint(
    base: FloatImage, region: Region, strokes: Sequence[Stroke], source: Source
) -> FloatImage:
    """A region, float32 (h, w, C), with the strokes over it, the first one lowest; a new array."""
    painted = base.copy()
    for stroke in strokes:
        if not touches(stroke, region):
            continue
        share = coverage(stroke, region)[..., None] * np.float32(stroke.opacity)
        if not share.any():
            continue
        over = base if stroke.frame is None else source(stroke.frame, region)
        painted += share * (over - painted)
    return painted


def paint_whole(image: Pixels, strokes: Sequence[Stroke], source: Source) -> Pixels:
    """A whole picture with the strokes over it, in its own depth; the same array if there are none.

    Only what strokes reach is worked on, in parts of a million pixels.
    """
    if not strokes:
        return image
    painted, top = image.copy(), np.float32(white(image.dtype))
    height, width = image.shape[:2]
    for y in range(0, height, _SIDE):
        for x in range(0, width, _SIDE):
            region = _reached(Region(x, y, min(_SIDE, width - x), min(_SIDE, height - y)), strokes)
            if region is None:
                continue
            rows, columns = _slices(region)
            base = image[rows, columns].astype(np.float32) / top
            new = paint(base, region, strokes, source)
            touched = (new != base).any(axis=2, keepdims=True)
            scaled = np.clip(new, 0, 1) * top
            codes = scaled if image.dtype == np.float32 else np.rint(scaled)
            np.copyto(painted[rows, columns], codes.astype(image.dtype), where=touched)
    return painted


def _slices(region: Region) -> tuple[slice, slice]:
    return (
        slice(region.y, region.y + region.height),
        slice(region.x, region.x + region.width),
    )


def _reached(region: Region, strokes: Sequence[Stroke]) -> Region | None:
    """The part of a region that strokes can touch; None if they do not."""
    near = [reach(stroke) for stroke in strokes if touches(stroke, region)]
    if not near:
        return None
    left = max(region.x, int(np.floor(min(one[0] for one in near))))
    top = max(region.y, int(np.floor(min(one[1] for one in near))))
    right = min(region.x + region.width, int(np.ceil(max(one[2] for one in near))) + 1)
    bottom = min(region.y + region.height, int(np.ceil(max(one[3] for one in near))) + 1)
    return Region(left, top, right - left, bottom - top)
