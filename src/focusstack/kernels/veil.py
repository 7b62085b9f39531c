"""Hot loops of working out the veil of blurred near things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.kernels import _kernels  # type: ignore[attr-defined]

Plane = npt.NDArray[np.float32]
Planar = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Disks:
    """How layers of a scene are blurred, from the least blurred, which is laid last.

    Attributes
    ----------
    edges : float32 (N + 1,)
        Layer k holds what is blurred by ``edges[k]`` px or more and less than ``edges[k + 1]``; the
        first also less, and the last also more.
    factors : of the grids they are reduced to, powers of two
    weights : float32 (2 r + 1, 2 r + 1) each, r up to 16, on these grids
        Disks: alike on all sides, without gaps.
    """

    edges: npt.NDArray[np.float32]
    factors: Sequence[int]
    weights: Sequence[Plane]


@dataclass(frozen=True)
class Veils:
    """Light that nearer things spread, and the share of other light that they let through.

    Attributes
    ----------
    light : float32 (C, H, W), linear
    through : float32 (H, W), 0..1
    made : uint8, one for each tile
        1 where something reaches the tile; elsewhere there is no light, and all comes through.
    """

    light: Planar
    through: Plane
    made: npt.NDArray[np.uint8]

    def reached(self) -> Flags:
        """Pixels of tiles that something reaches, bool (H, W)."""
        height, width = self.through.shape
        tile = _kernels.VEIL_TILE
        whole = np.repeat(np.repeat(self.made, tile, axis=0), tile, axis=1)
        return np.asarray(whole[:height, :width] != 0)


def lay_veils(
    scene: npt.NDArray[np.float32],
    radius: Plane,
    wanted: Flags,
    disks: Disks,
    beside: int,
    threads: int = 1,
) -> Veils:
    """Blur a scene layer by layer, and lay these one behind the other, the widest first.

    Parameters
    ----------
    scene : float32 (H, W, C), linear light
    radius : float32 (H, W), px
        By which each pixel is blurred; 0 for what is in nobody's way.
    wanted : bool (H, W)
        Where the veil must be known. It is worked out in square tiles with such pixels in them or
        up to ``beside`` px beside them.

    Notes
    -----
    A layer is averaged over the cells of its grid, blurred there, and interpolated linearly; the
    border repeats.
    """
    height, width, channels = scene.shape
    made = np.zeros(_kernels.veil_tiles(height, width), np.uint8)
    light = np.zeros((channels, height, width), np.float32)
    veils = Veils(light, np.ones((height, width), np.float32), made)
    reaches = [len(weights) // 2 for weights in disks.weights]
    _kernels.lay_veils(
        np.ascontiguousarray(scene),
        radius,
        wanted.view(np.uint8),
        disks.edges,
        np.asarray(disks.factors, np.int32),
        np.asarray(reaches, np.int32),
        np.concatenate([weights.ravel() for weights in disks.weights]),
        beside,
        veils.light,
        veils.through,
        veils.made,
        threads,
    )
    return veils


@dataclass(frozen=True)
class Focus:
    """Where a frame stands before what is to be seen.

    Attributes
    ----------
    chosen, half : float32 (H, W)
        Positions of what is to be seen among the frames, and in how many frames around these it is
        undisturbed.
    frame : the frame's position
    toward : 1 if larger positions are farther, else -1
    step : frames by which something must be nearer than the frame to count as before it
    """

    chosen: Plane
    half: Plane
    frame: int
    toward: float
    step: float


def take_off(
    veils: Veils, focus: Focus, shares: tuple[float, float], threads: int = 1
) -> tuple[Plane, Plane]:
    """What must be done to a frame, in tiles that something reaches; nothing elsewhere.

    Parameters
    ----------
    veils : Veils
        ``light`` becomes what must be subtracted; ``through`` becomes 1 before what is nearer than
        the frame is focused.
    shares : of light let through, below the first of which nothing is recovered, and above the
        second all

    Returns
    -------
    gain, replace : float32 (H, W), see :func:`~focusstack.kernels.unveil`
    """
    gain, replace = np.ones_like(veils.through), np.zeros_like(veils.through)
    _kernels.take_off(
        focus.chosen,
        focus.half,
        focus.frame,
        focus.toward,
        focus.step,
        *shares,
        veils.light,
        veils.through,
        veils.made,
        gain,
        replace,
        threads,
    )
    return gain, replace
