"""How noisy the frames are, and what that does to a measure of focus."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.kernels import VARIANCE_BINS
from focusstack.model import BT601, FloatImage, NoiseModel, Pixels

Quiet = npt.NDArray[np.float64]

BLOCK = 16
STRIP_ROWS, SAMPLE_PIXELS = 256, 4_000_000
BINS = 16
MIN_BLOCKS = 20
DARK_BINS = 2
MAX_RISE = 2.5
QUIET_PERCENTILE = 10
QUIET_SHARE = 0.85
"""Expected ratio of that percentile of block variances to their mean, where there is noise only."""
FLOOR_8_BIT = (0.1 / 255) ** 2
FLOOR_16_BIT = (0.02 / 255) ** 2


@cache
def band_noise_gains() -> tuple[float, ...]:
    """Variance of unit white noise in each of the six finest Laplacian bands.

    Measured once per process on a fixed pseudo-random picture: exact enough (1 %), and true to
    whatever filters the pyramid uses.
    """
    from focusstack import kernels

    level = np.random.default_rng(0).standard_normal((1, 512, 512)).astype(np.float32)
    gains = []
    for _ in range(6):
        low = kernels.pyramid_down(level)
        gains.append(float(_detail(level, low).var()))
        level = low
    return tuple(gains)


def _detail(fine: FloatImage, low: FloatImage) -> FloatImage:
    from focusstack import kernels

    expanded = np.empty_like(fine)
    kernels.collapse_band(np.zeros_like(fine), np.ones(fine.shape[1:], np.float32), low, expanded)
    return fine - expanded


def sample_rows(pixels: Pixels) -> Pixels:
    """Strips of 256 rows, evenly spread, that hold about 4 MP; small frames whole.

    The seams between strips spoil few blocks, and those only upwards, where nobody looks.
    """
    height, width = pixels.shape[:2]
    wanted = max(1, SAMPLE_PIXELS // (STRIP_ROWS * width))
    if wanted * STRIP_ROWS >= height:
        return pixels
    starts = np.linspace(0, height - STRIP_ROWS, wanted).astype(int)
    return np.concatenate([pixels[y : y + STRIP_ROWS] for y in starts])


def noise_model(
    quiet: Sequence[Quiet], dtype: np.dtype[Any], luma: FloatImage = BT601
) -> NoiseModel:
    """Noise by brightness, from what :func:`quiet_variance` found in a few frames.

    Parameters
    ----------
    quiet : sequence of float64 (16,)
    dtype : of the frames; decides the least noise that rounding leaves
    luma : what the variances are of, as in :class:`~focusstack.model.NoiseModel`

    Notes
    -----
    Frames that were denoised or strongly compressed have coloured noise, whose coarse part is
    underestimated. Brightness ranges that no frame knows borrow from their neighbours.
    """
    floor = FLOOR_8_BIT if dtype == np.uint8 else FLOOR_16_BIT
    least = _plausible(np.fmin.reduce(list(quiet)))
    known = np.flatnonzero(np.isfinite(least))
    if known.size == 0:
        return NoiseModel(np.full(VARIANCE_BINS, floor, np.float32), band_noise_gains(), luma)
    centres = (np.arange(BINS) + 0.5) / BINS
    at = np.linspace(0, 1, VARIANCE_BINS)
    variance = np.interp(at, centres[known], least[known] / QUIET_SHARE)
    above = np.maximum(variance, floor).astype(np.float32)
    return NoiseModel(above, band_noise_gains(), luma)


def _plausible(least: Quiet) -> Quiet:
    """Cap brightness ranges that were only ever seen in focus, where no block is quiet.

    Shot and read noise fall with brightness once encoded, so a range cannot be much noisier than a
    darker one; near black clipping hides noise, so that the darkest ranges prove nothing.
    """
    capped, lowest = least.copy(), np.inf
    for k in range(DARK_BINS, BINS):
        if np.isfinite(capped[k]):
            capped[k] = min(capped[k], MAX_RISE * lowest)
            lowest = min(lowest, capped[k])
    return capped


def quiet_variance(luma: FloatImage) -> Quiet:
    """Variance in the finest band of the quietest blocks, by brightness; NaN where there are few.

    In a focus stack most of every frame is out of focus, so the quiet blocks hold noise only.

    Parameters
    ----------
    luma : float32 (H, W), 0..1, not resampled

    Returns
    -------
    float64 (16,): the 10 % quantile over 16 x 16 px blocks in each of 16 brightness ranges.
    """
    from focusstack import kernels

    fine = np.ascontiguousarray(luma[np.newaxis])
    detail = _detail(fine, kernels.pyramid_down(fine))[0]
    energy, mean = _block_means(detail * detail), _block_means(luma)
    bins = np.clip((mean * BINS).astype(int), 0, BINS - 1)
    quiet = np.full(BINS, np.nan)
    for k in range(BINS):
        inside = energy[bins == k]
        if inside.size >= MIN_BLOCKS:
            quiet[k] = np.percentile(inside, QUIET_PERCENTILE)
    return quiet


def _block_means(plane: FloatImage) -> FloatImage:
    import cv2

    height, width = plane.shape
    h, w = max(1, height // BLOCK), max(1, width // BLOCK)
    part = plane[: h * BLOCK, : w * BLOCK]
    return np.asarray(cv2.resize(part, (w, h), interpolation=cv2.INTER_AREA), np.float32)
