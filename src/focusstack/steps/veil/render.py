"""The veil on one frame, and what takes it off."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from focusstack.kernels import veil as kernels
from focusstack.model import FloatImage
from focusstack.steps.veil.disk import reduced_disk
from focusstack.steps.veil.edges import STEP_FRAMES, DepthEdges
from focusstack.steps.veil.model import BlurModel

BIN_RATIO = 1.2
"""Things whose blur differs by less than this factor are blurred together."""
LEAST_THROUGH, FULL_THROUGH = 0.1, 0.2
"""Share of the background's light below which nothing is recovered, and above which all is."""
PRIOR_SOFTNESS = 0.5
BESIDE_PX, OVER_PX = 8, 2
NARROWEST_PX, MOST_LAYERS = 0.5, 60
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


def unveiling(scene: Scene, frame: int, threads: int = 1) -> Unveiling | None:
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
    reach, in layers whose blur differs by a fifth, the wide ones on smaller grids. About 50 ns
    per pixel of the grid.

    References
    ----------
    Hasinoff & Kutulakos 2007, doi:10.1109/ICCV.2007.4409021 (layered restoration).
    """
    edges = scene.edges
    radius = veiling_radius(edges.depth, frame, scene.blur, scene.near_first)
    largest = float(radius.max())
    if largest == 0:
        return None
    wanted = np.abs(edges.chosen - frame) <= edges.half + WANTED_FRAMES
    wanted &= edges.distance <= largest + OVER_PX
    found = veils(scene.linear, radius, wanted, threads)
    focus = kernels.Focus(edges.chosen, edges.half, frame, float(scene.toward), STEP_FRAMES)
    gain, replace = kernels.take_off(found, focus, (LEAST_THROUGH, FULL_THROUGH), threads)
    return Unveiling(gain, found.light, replace, found.through)


def veils(
    linear: FloatImage, radius: FloatImage, wanted: npt.NDArray[np.bool_], threads: int = 1
) -> kernels.Veils:
    """Around what is wanted: the veil's light, and what comes through.

    ``radius``, float32 (H, W), px, says how wide each pixel of ``linear``, (H, W, C), is blurred
    before the scene; 0 where it stands before nothing.
    """
    disks = _disks(float(radius.max()))
    return kernels.lay_veils(linear, radius, wanted, disks, BESIDE_PX, threads)


@lru_cache(maxsize=64)
def _disks_up_to(layers: int) -> kernels.Disks:
    edges = NARROWEST_PX * BIN_RATIO ** np.arange(layers + 1)
    reduced = [reduced_disk(float(low * BIN_RATIO**0.5)) for low in edges[:-1]]
    factors, weights = zip(*reduced, strict=True)
    return kernels.Disks(np.asarray(edges, np.float32), factors, weights)


def _disks(largest: float) -> kernels.Disks:
    """As many layers as it takes up to the largest blur, px."""
    above = max(largest / NARROWEST_PX, 1.0)
    return _disks_up_to(min(1 + int(np.log(above) / np.log(BIN_RATIO)), MOST_LAYERS))


def window_prior(edges: DepthEdges, frame: int, power: int) -> FloatImage:
    """How much a frame may count at each pixel, float32 (H, W), as a factor on its focus score.

    1 within the window around the depth. Beyond it the frame's weight, which is its score raised to
    ``power``, falls like a Gaussian of half a frame, to 1e-12.
    """
    beyond = np.maximum(np.abs(edges.chosen - np.float32(frame)) - edges.half, 0)
    prior = np.exp(-0.5 / power * (beyond / PRIOR_SOFTNESS) ** 2)
    return np.asarray(np.maximum(prior, PRIOR_FLOOR ** (1 / power)), np.float32)
