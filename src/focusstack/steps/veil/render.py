"""The veil on one frame, and what takes it off."""

from __future__ import annotations

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
PRIOR_FLOOR = 1e-12


@dataclass(frozen=True)
class Unveiling:
    """What must be done to a frame; float32 maps of the reduced grid.

    Attributes
    ----------
    gain : (H, W)
        In linear light the unveiled value is ``value * gain - offset``.
    offset : (H, W, C)
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


def unveiling(
    edges: DepthEdges, linear: FloatImage, blur: BlurModel, near_first: bool, frame: int
) -> Unveiling | None:
    """Light that nearer things spread over what is in focus in a frame.

    Parameters
    ----------
    edges : DepthEdges
    linear : float32 (H, W, C)
        The fused picture in linear light.
    blur : BlurModel
    near_first : bool
    frame : int

    Returns
    -------
    Unveiling or None
        None when nothing stands before anything.

    Notes
    -----
    All that is nearer than the frame's focus by more than 1.5 frames is sorted by how wide it is
    blurred, blurred as light and as matte, and laid one over the other, near over far. The light is
    the veil V, what the mattes leave open is the share T of the background: the background is
    (I - V) / T. About 9 blurs of four planes, the wide ones on smaller grids.

    References
    ----------
    Hasinoff & Kutulakos 2007, doi:10.1109/ICCV.2007.4409021 (layered restoration).
    """
    toward = np.float32(1 if near_first else -1)
    nearer = toward * (frame - edges.depth) > STEP_FRAMES
    if not nearer.any():
        return None
    veil, through = _veil(edges, linear, blur, nearer, frame)
    behind = toward * (edges.chosen - frame) >= -STEP_FRAMES
    replace = ~behind & (toward * (frame - edges.chosen) > edges.half)
    share = np.clip((through - LEAST_THROUGH) / (FULL_THROUGH - LEAST_THROUGH), 0, 1) * behind
    taken = share / np.maximum(through, LEAST_THROUGH)
    gain = (taken + 1 - share).astype(np.float32)
    offset = veil * taken[..., np.newaxis].astype(np.float32)
    return Unveiling(gain, offset, replace.astype(np.float32), np.where(behind, through, 1))


def _veil(
    edges: DepthEdges,
    linear: FloatImage,
    blur: BlurModel,
    nearer: npt.NDArray[np.bool_],
    frame: int,
) -> tuple[FloatImage, FloatImage]:
    """The veil's light, (H, W, C), and what comes through it, (H, W)."""
    radius = np.where(nearer, blur.radius(edges.depth, frame), 0).astype(np.float32)
    veil = np.zeros_like(linear)
    through = np.ones(linear.shape[:2], np.float32)
    high = float(radius.max())
    least = float(radius[nearer].min())
    while high >= least and high > 0:
        low = high / BIN_RATIO
        inside = nearer & (radius > low) & (radius <= high)
        if inside.any():
            matte = inside.astype(np.float32)[..., np.newaxis]
            layer = disk_blur(np.concatenate([linear * matte, matte], axis=2), (low * high) ** 0.5)
            veil += through[..., np.newaxis] * layer[..., :-1]
            through *= 1 - layer[..., -1]
        high = low
    return veil, through


def window_prior(edges: DepthEdges, frame: int, power: int) -> FloatImage:
    """How much a frame may count at each pixel, float32 (H, W), as a factor on its focus score.

    1 within the window around the depth. Beyond it the frame's weight, which is its score raised to
    ``power``, falls like a Gaussian of half a frame, to 1e-12.
    """
    beyond = np.maximum(np.abs(edges.chosen - np.float32(frame)) - edges.half, 0)
    prior = np.exp(-0.5 / power * (beyond / PRIOR_SOFTNESS) ** 2)
    return np.maximum(prior, np.float32(PRIOR_FLOOR ** (1 / power))).astype(np.float32)
