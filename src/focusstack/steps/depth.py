"""From focus scores, frame by frame, to a depth map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focusstack.model import DepthGuide, FloatImage

MIN_CONTRAST = 1.5
"""How far the best score must stand above the mean one for a pixel to count as ever sharp."""
TINY = 1e-12
SMOOTH_STEP = 1.5
KNOWN_SPREAD = 1.0


@dataclass
class DepthState:
    """Running peak of the focus curve at half resolution; six float32 maps."""

    best: FloatImage
    index: FloatImage
    before: FloatImage
    after: FloatImage
    last: FloatImage
    total: FloatImage
    fed: int = 0


def start(shape: tuple[int, int]) -> DepthState:
    """State for scores of ``shape`` (h, w)."""
    best, index, before, after, last, total = (np.zeros(shape, np.float32) for _ in range(6))
    return DepthState(best, index, before, after, last, total)


def feed(state: DepthState, score: FloatImage) -> None:
    """Add the next frame's scores, float32 (h, w), in focus order; ties keep the earlier frame."""
    previous_is_best = state.index == state.fed - 1
    np.copyto(state.after, score, where=previous_is_best)
    better = score > state.best
    np.copyto(state.best, score, where=better)
    np.copyto(state.before, state.last, where=better)
    state.after[better] = 0
    state.index[better] = state.fed
    state.total += score
    np.copyto(state.last, score)
    state.fed += 1


def finish(state: DepthState, size: tuple[int, int]) -> FloatImage:
    """Fractional index of best focus, float32 (height, width); NaN where nothing was sharp.

    Parameters
    ----------
    state : DepthState
    size : (width, height) of the canvas, about twice the scores'

    Notes
    -----
    The peak of a parabola through the logarithms of the best score and its two neighbours; exact
    for a Gaussian focus curve. A pixel counts as sharp when its best score is at least 1.5 times
    the mean over all frames. Weak spots: beside depth steps the veil of the nearer object can win,
    and narrow objects come out about 3 px too wide.

    References
    ----------
    Nayar & Nakagawa 1994, doi:10.1109/34.308479.
    """
    inside = (state.before > 0) & (state.after > 0)
    a, b, c = (np.log(np.maximum(m, TINY)) for m in (state.before, state.best, state.after))
    curvature = a - 2 * b + c
    bent = inside & (curvature < -1e-6)
    shift = np.where(bent, 0.5 * (a - c) / np.where(bent, curvature, -1), 0)
    depth = (state.index + np.clip(shift, -0.5, 0.5)).astype(np.float32)
    flat = state.best * max(state.fed, 1) <= MIN_CONTRAST * state.total + TINY
    depth[flat] = np.nan
    return _expand(depth, size)


def guide(found: FloatImage, frames: int) -> DepthGuide:
    """A depth for every pixel: what is known, and elsewhere that of the nearest known pixel.

    Parameters
    ----------
    found : float32 (H, W)
        Positions among ``frames`` frames; NaN = unknown.

    Notes
    -----
    A known depth is taken to be right within a frame; nothing is said of the others.
    """
    known = np.isfinite(found)
    spread = np.where(known, np.float32(KNOWN_SPREAD), np.float32(frames))
    if not known.any():
        return DepthGuide(np.full_like(found, (frames - 1) / 2), spread)
    import cv2

    _, nearest = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    depths = np.empty(int(nearest.max()) + 1, np.float32)
    depths[nearest[known]] = found[known]
    return DepthGuide(depths[nearest], spread)


def _expand(depth: FloatImage, size: tuple[int, int]) -> FloatImage:
    """To full size (half-size pixel k sits on pixel 2 k); smoothly, but never across a step."""
    import cv2

    half = np.array([[0.5, 0, 0], [0, 0.5, 0]])
    nearest, smooth = (
        cv2.warpAffine(
            depth, half, size, flags=flag | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
        )
        for flag in (cv2.INTER_NEAREST, cv2.INTER_LINEAR)
    )
    use = np.abs(smooth - nearest) < SMOOTH_STEP / 2  # False beside NaN
    np.copyto(nearest, smooth, where=use)
    return np.asarray(nearest, np.float32)
