"""How sharp a frame is at each place: what the depth is found from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from focusstack import kernels
from focusstack.colour import LUMA
from focusstack.model import FloatImage, NoiseModel

BYTES_PER_PIXEL = 22
"""The most that :func:`focus_score` takes: a plane of luma, the next level, and scratch."""


def focus_score(
    planar: FloatImage, valid: npt.NDArray[np.uint8] | None, noise: NoiseModel, threads: int
) -> FloatImage:
    """Energy above the noise of the second finest band, times the root of the finest one's.

    Parameters
    ----------
    planar : float32 (C, H, W), 0..1
    valid : uint8 (H, W) or None
        0 where the frame has no data; the score there is 0.
    noise : NoiseModel
    threads : int

    Returns
    -------
    float32 ((H+1)//2, (W+1)//2): pixel k lies on the frame's pixel 2 k. 1 is nothing but noise.

    Notes
    -----
    Weak spots as of method ``pyramid``, whose scores these are.
    """
    fine = np.tensordot(LUMA[len(planar)], planar, 1)[np.newaxis]
    low = kernels.pyramid_down(fine, threads)
    finest = _band_score(fine, low, noise, 1.0, None, valid, threads)
    guide = kernels.pyramid_down(finest[np.newaxis], threads)[0]
    low_valid = None if valid is None else np.ascontiguousarray(valid[::2, ::2])
    scale = noise.gains[1] / noise.gains[0]
    lower = kernels.pyramid_down(low, threads)
    return _band_score(low, lower, noise, scale, guide, low_valid, threads)


def _band_score(
    fine: FloatImage,
    low: FloatImage,
    noise: NoiseModel,
    scale: float,
    guide: FloatImage | None,
    valid: npt.NDArray[np.uint8] | None,
    threads: int,
) -> FloatImage:
    """The score alone; the sums that the kernel makes beside it are thrown away."""
    shape = fine.shape[1:]
    score = np.empty(shape, np.float32)
    scratch = np.zeros(shape, np.float32), np.zeros(shape, np.float32), np.zeros_like(fine)
    unit = float(1 / (4 * np.median(noise.variance) * scale))
    kernels.accumulate_band(
        fine, low, scratch, LUMA[1], noise.variance, scale, 0, score, unit, guide, valid, threads
    )
    return score
