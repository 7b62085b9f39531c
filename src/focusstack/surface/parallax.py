"""What an eye beside the camera would see."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage, Pixels

TEAR = 3.0
"""Neighbours that come to lie farther apart, px, are not one surface: between them is what the
camera did not see."""
_ALIKE = 0.05
"""Nearness by which what fills a tear may exceed the ground beside it."""
Index = npt.NDArray[Any]


def seen_from(pixels: Pixels, near: FloatImage, reach: float) -> Pixels:
    """Rows of a picture as an eye to the right (left, if ``reach`` < 0) sees them.

    Parameters
    ----------
    pixels : uint8 (h, W, 3)
    near : float32 (h, W)
        0 is farthest, 1 nearest; what is at 0.5 stays where it is. No NaN.
    reach : float
        By how many pixels the nearest moves to the left beside the farthest.

    Returns
    -------
    uint8 (h, W, 3)

    Notes
    -----
    Each row is a line of straight pieces between pixels, which are moved to their places. Where
    pieces lie over one another the nearest is seen: it moves the most, so it is the rightmost pixel
    that has come as far left, and no depths need comparing. Where a tear opens, and at the
    picture's borders, the ground beside it is mirrored into it; where it would mirror something
    nearer, its edge is repeated. Linear in the number of pixels; takes about 60 bytes for each.
    """
    if reach < 0:
        turned = seen_from(pixels[:, ::-1], near[:, ::-1], -reach)
        return np.ascontiguousarray(turned[:, ::-1])
    width = near.shape[1]
    place = np.arange(width, dtype=np.float32) - np.float32(reach) * (near - np.float32(0.5))
    behind = _last_at_or_before(np.minimum.accumulate(place[:, ::-1], axis=1)[:, ::-1])
    left, right = np.clip(behind, 0, None), np.clip(behind + 1, None, width - 1)
    left, right, share = _sources(place, near, left, right)
    first, second = (_taken(pixels, one).astype(np.float32) for one in (left, right))
    first += share[..., None] * (second - first)
    return np.rint(first).astype(np.uint8)


def _last_at_or_before(places: FloatImage) -> Index:
    """Per row, for each column x, how many of the rising places are <= x, minus 1."""
    high, wide = places.shape
    column = np.clip(np.ceil(places), 0, wide).astype(np.intp)
    column += np.arange(high)[:, None] * (wide + 1)
    counts = np.bincount(column.ravel(), minlength=high * (wide + 1)).reshape(high, wide + 1)
    return np.asarray(np.cumsum(counts, axis=1)[:, :wide] - 1)


def _sources(
    place: FloatImage, near: FloatImage, left: Index, right: Index
) -> tuple[Index, Index, FloatImage]:
    """Which two pixels each column is between, and how far it is on its way to the second."""
    width = place.shape[1]
    x = np.arange(width, dtype=np.float32)
    start, end = _taken(place, left), _taken(place, right)
    wide = end - start
    share = np.where(wide > 0, np.clip((x - start) / np.where(wide > 0, wide, 1), 0, 1), 0)
    filling = _filling(near, right, end - x)
    torn = (wide > TEAR) & (x - start > 0.5)
    outside = (left == right) & (start != x)
    chosen = np.where(outside, _mirrored(left, np.abs(start - x), x < start, width), filling)
    alone = torn | outside
    left, right = np.where(alone, chosen, left), np.where(alone, chosen, right)
    return left, right, np.where(alone, 0, share).astype(np.float32)


def _filling(near: FloatImage, edge: Index, beyond: FloatImage) -> Index:
    """Mirrored ground to the right of a tear's right edge; the edge, where that is nearer."""
    width = near.shape[1]
    mirrored = np.clip(edge + np.rint(np.maximum(beyond, 0)).astype(np.intp), 0, width - 1)
    nearer = _taken(near, mirrored) > _taken(near, edge) + np.float32(_ALIKE)
    return np.where(nearer, edge, mirrored)


def _mirrored(edge: Index, by: FloatImage, at_left: npt.NDArray[np.bool_], width: int) -> Index:
    """Columns as far inside the picture's border as the eye looks beyond it."""
    step = np.rint(by).astype(np.intp)
    return np.clip(np.where(at_left, edge + step, edge - step), 0, width - 1)


def _taken(values: npt.NDArray[Any], columns: Index) -> npt.NDArray[Any]:
    """Values (h, W, ...) of each row at these columns (h, W)."""
    flat = values.reshape(-1, *values.shape[2:])
    return np.asarray(flat[columns + np.arange(len(values))[:, None] * values.shape[1]])
