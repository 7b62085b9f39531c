"""The depth as a mesh of triangles, for other programs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from focusstack.errors import InputError
from focusstack.model import FloatImage, Mesh, Pixels
from focusstack.surface.heights import SURE, Heights
from focusstack.surface.scale import Scale

MESH_CELLS = 1000
"""Of the longer side: a million vertices at most."""


def mesh(
    ground: Heights,
    colours: Pixels,
    size: tuple[int, int],
    frames: int,
    scale: Scale,
    reduction: int = 1,
    sure_only: bool = False,
) -> Mesh:
    """A vertex in the middle of each cell, two triangles between four of them.

    Parameters
    ----------
    ground : Heights
    colours : uint8 (h, w, 3)
        sRGB, one for each of its cells; see :func:`cell_colours`.
    size : (int, int)
        Width and height of the picture, px.
    frames : int
        That the depth counts.
    scale : Scale
    reduction : int
        How many times as wide as the frames' the picture's pixels are: more than 1 of a preview.
    sure_only : bool
        Whether triangles at a vertex with a confidence below 0.5 are left out.

    Returns
    -------
    Mesh
        x to the right, y up, z towards the lens; the origin is in the middle of the picture, at the
        depth of the farthest frame.

    Raises
    ------
    InputError
        If nothing is left of it.
    """
    sure = ground.confidence >= SURE
    triangles = _triangles(sure if sure_only else np.ones_like(sure))
    if not len(triangles) or not ground.confidence.any():
        raise InputError("nothing is known of that result's depth", "stack more frames")
    used = np.unique(triangles)
    place = np.zeros(sure.size, np.uint32)
    place[used] = np.arange(len(used), dtype=np.uint32)
    wide, high = scale.sizes(frames, max(size), reduction)
    return Mesh(
        _vertices(ground, size, frames, scale.near_last, wide, high)[used],
        colours.reshape(-1, 3)[used],
        ground.confidence.reshape(-1)[used],
        place[triangles],
        scale.metric,
    )


def _vertices(
    ground: Heights, size: tuple[int, int], frames: int, near_last: bool, wide: float, high: float
) -> FloatImage:
    """Places, float32 (h * w, 3)."""
    rows, columns = ground.depth.shape
    x = np.minimum(size[0], (np.arange(columns) + 0.5) * ground.step) - size[0] / 2
    y = size[1] / 2 - np.minimum(size[1], (np.arange(rows) + 0.5) * ground.step)
    near = ground.depth if near_last else frames - 1 - ground.depth
    found = np.empty((rows, columns, 3), np.float32)
    found[..., 0], found[..., 1], found[..., 2] = x * wide, y[:, None] * wide, near * high
    return found.reshape(-1, 3)


def _triangles(kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint32]:
    """Vertices of each, (n, 3), anticlockwise as seen from the lens."""
    number = np.arange(kept.size, dtype=np.uint32).reshape(kept.shape)
    a, b, c, d = number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]
    ok = kept.reshape(-1)
    halves = [np.stack(three, axis=-1).reshape(-1, 3) for three in ((a, c, b), (b, c, d))]
    both = np.concatenate(halves)
    return np.asarray(both[ok[both].all(axis=1)], np.uint32)


def cell_colours(pixels: Pixels, step: int) -> Pixels:
    """The mean of each ``step`` x ``step`` pixels of uint8 (H, W, 3): uint8 (h, w, 3)."""
    columns = np.arange(0, pixels.shape[1], step, dtype=np.intp)
    rows = []
    for top in range(0, pixels.shape[0], step):
        part = pixels[top : top + step]
        sums = np.add.reduceat(part.sum(axis=0, dtype=np.uint32), columns, axis=0)
        wide = np.diff(np.append(columns, pixels.shape[1]))[:, None]
        rows.append(np.rint(sums / (wide * len(part))).astype(np.uint8))
    return np.stack(rows)
