"""The veil on one frame, and what takes it off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.steps.veil.disk import disk_blur
from focusstack.steps.veil.edges import STEP_FRAMES, DepthEdges
from focusstack.steps.veil.model import BlurModel

BIN_RATIO = 1.35
"""Things whose blur differs by less than this factor are blurred together."""
LEAST_THROUGH, FULL_THROUGH = 0.1, 0.2
"""Share of the background's light below which nothing is recovered, and above which all is."""
PRIOR_SOFTNESS = 0.5
TILE, BESIDE_PX, OVER_PX = 128, 8, 2
REACH = 1.6
"""Of a blur, in radii: large ones are made on a reduced grid, over whose pixels they fade."""
GRID = 16
"""Of the parts that are blurred, so that reduced ones lie alike."""
WANTED_FRAMES = 1.5
"""How far outside its window a frame still counts for anything."""
PRIOR_FLOOR = 1e-12


@dataclass(frozen=True)
class Unveiling:
    """What must be done to a frame; float32 maps of the reduced grid.

    Attributes
    ----------
    gain : (H, W)
        In linear light the unveiled value is ``value * gain - offset``.
    offset : (C, H, W)
    replace : (H, W)
        1 where the frame shows something near and blurred that must not leak: the fused picture
        stands in there.
    through : (H, W)
        Share of the light of what is in focus here that came through, 1 where nothing is before it.
    """

    gain: FloatImage
    offset: FloatImage
    replace: FloatImage
    through: FloatImage


@dataclass(frozen=True)
class Scene:
    """Everything that a veil is made of.

    ``linear`` is the fused picture in linear light, float32 (H, W, C); ``near_first`` tells whether
    low positions are near.
    """

    edges: DepthEdges
    linear: FloatImage
    blur: BlurModel
    near_first: bool

    @property
    def toward(self) -> np.float32:
        """Sign of positions, so that larger is farther."""
        return _toward(self.near_first)


def _toward(near_first: bool) -> np.float32:
    return np.float32(1 if near_first else -1)


def veiling_radius(depth: FloatImage, frame: int, blur: BlurModel, near_first: bool) -> FloatImage:
    """Blur, px, of what is nearer than the frame is focused, float32 (H, W); 0 for all else."""
    nearer = _toward(near_first) * (frame - depth) > STEP_FRAMES
    return np.where(nearer, blur.radius(depth, frame), 0).astype(np.float32)


def unveiling(scene: Scene, frame: int) -> Unveiling | None:
    """Light that nearer things spread over what is in focus in a frame.

    Returns
    -------
    Unveiling or None
        None when nothing stands before anything that the frame is wanted for.

    Notes
    -----
    All that is nearer than the frame's focus by more than 1.5 frames is sorted by how wide it is
    blurred, blurred as light and as matte, and laid one over the other, near over far. The light is
    the veil V, what the mattes leave open is the share T of the background: the background is
    (I - V) / T. Worked out in tiles, only where the frame counts and a step is within the blur's
    reach; about 9 blurs of four planes there, the wide ones on smaller grids.

    References
    ----------
    Hasinoff & Kutulakos 2007, doi:10.1109/ICCV.2007.4409021 (layered restoration).
    """
    edges = scene.edges
    radius = veiling_radius(edges.depth, frame, scene.blur, scene.near_first)
    if not radius.any():
        return None
    reach = float(radius.max()) + OVER_PX
    wanted = np.abs(edges.chosen - frame) <= edges.half + WANTED_FRAMES
    wanted &= edges.distance <= reach
    height, width = radius.shape
    found = Unveiling(
        np.ones((height, width), np.float32),
        np.zeros((scene.linear.shape[2], height, width), np.float32),
        np.zeros((height, width), np.float32),
        np.ones((height, width), np.float32),
    )
    for tile, veil, through in veils(scene.linear, radius, wanted):
        _fill(scene, frame, tile, veil, through, found)
    return found


Tile = tuple[slice, slice]


def veils(
    linear: FloatImage, radius: FloatImage, wanted: npt.NDArray[np.bool_]
) -> Iterator[tuple[Tile, FloatImage, FloatImage]]:
    """In tiles around what is wanted: where, the veil's light (h, w, C), and what comes through.

    ``radius``, float32 (H, W), px, says how wide each pixel of ``linear``, (H, W, C), is blurred
    before the scene; 0 where it stands before nothing. Tiles that nothing reaches are left out.
    """
    reach = int(np.ceil(float(radius.max()) + OVER_PX))
    for tile in _tiles(wanted):
        around = tuple(slice(max(0, s.start - reach), s.stop + reach) for s in tile)
        if not radius[around].any():
            continue
        rows, columns = (
            slice(s.start - a.start, s.stop - a.start) for s, a in zip(tile, around, strict=True)
        )
        veil, through = _veil(linear[around], radius[around], (rows, columns))
        yield tile, veil, through


def _tiles(wanted: npt.NDArray[np.bool_]) -> Iterator[tuple[slice, slice]]:
    """Tiles with wanted pixels in them or just beside them."""
    import cv2

    square = np.ones((2 * BESIDE_PX + 1,) * 2, np.uint8)
    beside = cv2.dilate(wanted.astype(np.uint8), square)
    height, width = wanted.shape
    for y in range(0, height, TILE):
        for x in range(0, width, TILE):
            tile = slice(y, min(y + TILE, height)), slice(x, min(x + TILE, width))
            if beside[tile].any():
                yield tile


def _fill(
    scene: Scene,
    frame: int,
    tile: Tile,
    veil: FloatImage,
    through: FloatImage,
    found: Unveiling,
) -> None:
    """Fill one tile of ``found``."""
    chosen, half = scene.edges.chosen[tile], scene.edges.half[tile]
    behind = scene.toward * (chosen - frame) >= -STEP_FRAMES
    share = np.clip((through - LEAST_THROUGH) / (FULL_THROUGH - LEAST_THROUGH), 0, 1) * behind
    taken = share / np.maximum(through, LEAST_THROUGH)
    found.gain[tile] = taken + 1 - share
    found.offset[(slice(None), *tile)] = (veil * taken[..., np.newaxis]).transpose(2, 0, 1)
    found.replace[tile] = ~behind & (scene.toward * (frame - chosen) > half)
    found.through[tile] = np.where(behind, through, 1)


def _veil(linear: FloatImage, radius: FloatImage, inner: Tile) -> tuple[FloatImage, FloatImage]:
    """The veil's light, (h, w, C), and what comes through it, (h, w), at ``inner``.

    Radius 0 veils nothing.
    """
    veil = np.zeros_like(linear[inner])
    through = np.ones(veil.shape[:2], np.float32)
    high, least = float(radius.max()), float(radius[radius > 0].min())
    while high >= least:
        low = high / BIN_RATIO
        _lay_over(
            veil, through, linear, (radius > low) & (radius <= high), (low * high) ** 0.5, inner
        )
        high = low
    return veil, through


def _lay_over(
    veil: FloatImage,
    through: FloatImage,
    linear: FloatImage,
    inside: npt.NDArray[np.bool_],
    blur: float,
    inner: Tile,
) -> None:
    """Add what is inside, blurred, behind what is there already; only where its blur reaches."""
    box = _box(inside, int(np.ceil(REACH * blur)) + OVER_PX)
    if box is None:
        return
    there = tuple(
        slice(max(b.start, i.start), min(b.stop, i.stop)) for b, i in zip(box, inner, strict=True)
    )
    if any(s.start >= s.stop for s in there):
        return
    matte = inside[box].astype(np.float32)[..., np.newaxis]
    layer = disk_blur(np.concatenate([linear[box] * matte, matte], axis=2), blur)
    seen = layer[
        tuple(slice(t.start - b.start, t.stop - b.start) for t, b in zip(there, box, strict=True))
    ]
    at = tuple(
        slice(t.start - i.start, t.stop - i.start) for t, i in zip(there, inner, strict=True)
    )
    veil[at] += through[at][..., np.newaxis] * seen[..., :-1]
    through[at] *= 1 - seen[..., -1]


def _box(inside: npt.NDArray[np.bool_], margin: int) -> Tile | None:
    """What is inside and a margin around it, on a grid of ``GRID`` px; None where nothing is."""
    slices = []
    for axis, size in enumerate(inside.shape):
        found = np.flatnonzero(inside.any(axis=1 - axis))
        if not len(found):
            return None
        first, end = int(found[0]) - margin, int(found[-1]) + 1 + margin
        slices.append(slice(max(0, first // GRID * GRID), min(size, -(-end // GRID) * GRID)))
    return slices[0], slices[1]


def window_prior(edges: DepthEdges, frame: int, power: int) -> FloatImage:
    """How much a frame may count at each pixel, float32 (H, W), as a factor on its focus score.

    1 within the window around the depth. Beyond it the frame's weight, which is its score raised to
    ``power``, falls like a Gaussian of half a frame, to 1e-12.
    """
    beyond = np.maximum(np.abs(edges.chosen - np.float32(frame)) - edges.half, 0)
    prior = np.exp(-0.5 / power * (beyond / PRIOR_SOFTNESS) ** 2)
    return np.asarray(np.maximum(prior, PRIOR_FLOOR ** (1 / power)), np.float32)
