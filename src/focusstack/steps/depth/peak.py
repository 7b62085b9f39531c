"""The peak of the focus curve at every pixel, found in one pass over the frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focusstack.kernels.depth import follow
from focusstack.model import DepthGuide, FloatImage

TINY = 1e-12
SMOOTH_STEP = 1.5
KNOWN_SPREAD = 1.0
FAR_APART = 2.5
"""Frames between two peaks before they count as two."""


@dataclass
class PeakState:
    """Running peak of the focus curve.

    ``planes``, float32 (6, h, w): the best score so far, its index, the scores before and after
    it, the last score, and the sum of all.

    ``rivalry`` is how many times higher a later, separate peak must be to replace an earlier one:
    1 takes the highest, more prefers the earlier frames, less the later ones.
    """

    planes: FloatImage
    rivalry: float = 1.0
    fed: int = 0


def start(shape: tuple[int, int], rivalry: float = 1.0) -> PeakState:
    """State for scores of ``shape`` (h, w)."""
    return PeakState(np.zeros((6, *shape), np.float32), rivalry)


def feed(state: PeakState, score: FloatImage) -> None:
    """Add the next frame's scores, float32 (h, w), in focus order; ties keep the earlier frame."""
    follow(state.planes, np.ascontiguousarray(score), state.fed, FAR_APART, state.rivalry)
    state.fed += 1


def depth_of(state: PeakState) -> FloatImage:
    """Fractional index of best focus, float32 (h, w).

    Notes
    -----
    The peak of a parabola through the logarithms of the best score and its two neighbours; exact
    for a Gaussian focus curve. At the first and the last frame it is a whole number.

    References
    ----------
    Nayar & Nakagawa 1994, doi:10.1109/34.308479.
    """
    best, index, before, after = state.planes[:4]
    inside = (before > 0) & (after > 0)
    a, b, c = (np.log(np.maximum(m, TINY)) for m in (before, best, after))
    curvature = a - 2 * b + c
    bent = inside & (curvature < -1e-6)
    shift = np.where(bent, 0.5 * (a - c) / np.where(bent, curvature, -1), 0)
    return np.asarray(index + np.clip(shift, -0.5, 0.5), np.float32)


def prominence(state: PeakState) -> FloatImage:
    """How far the peak stands out: 0 where all frames score alike, towards 1 where one alone does.

    float32 (h, w): (best - mean) / best, stretched so that its largest possible value is 1.
    """
    frames = max(state.fed, 2)
    best, total = state.planes[0], state.planes[5]
    share = 1 - total / frames / np.maximum(best, TINY)
    return np.asarray(np.clip(share * frames / (frames - 1), 0, 1), np.float32)


def expand(depth: FloatImage, scale: int, size: tuple[int, int]) -> FloatImage:
    """A reduced map at full size, smoothly, but never across a step.

    Parameters
    ----------
    depth : float32 (h, w)
        Pixel k is the area of ``scale`` full pixels centred on ``k * scale + (scale - 1) / 2``.
    size : (width, height)
    """
    nearest = enlarge(depth, scale, size, smooth=False)
    smooth = enlarge(depth, scale, size)
    np.copyto(nearest, smooth, where=np.abs(smooth - nearest) < SMOOTH_STEP / 2)
    return nearest


def enlarge(
    plane: FloatImage, scale: int, size: tuple[int, int], smooth: bool = True
) -> FloatImage:
    """A reduced map at full size, by linear interpolation or from the nearest pixel.

    The map itself when ``scale`` is 1.
    """
    if scale == 1:
        return plane
    import cv2

    centre = (scale - 1) / 2
    reduced_from_full = np.array([[1 / scale, 0, -centre / scale], [0, 1 / scale, -centre / scale]])
    flag = cv2.INTER_LINEAR if smooth else cv2.INTER_NEAREST
    return np.asarray(
        cv2.warpAffine(
            plane,
            reduced_from_full,
            size,
            flags=flag | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.float32,
    )


def guide(depth: FloatImage, confidence: FloatImage, frames: int) -> DepthGuide:
    """What a fusion method needs to know of the depth: float32 (H, W) maps of one size.

    A depth of confidence 1 is taken to be right within a frame, one of confidence 0 says nothing.
    """
    spread = KNOWN_SPREAD + (1 - confidence) * np.float32(max(frames - 1, 0))
    return DepthGuide(depth, np.asarray(spread, np.float32))
