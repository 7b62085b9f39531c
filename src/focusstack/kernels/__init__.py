"""Compiled hot loops behind plain Python faces.

Arrays and numbers in, arrays out: no file, no option, no logging. Pictures here are planar,
(channel, row, column), float32, C-contiguous. All functions release the GIL, split their rows over
``threads`` and give the same bits whatever that number is and whichever instruction set runs.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from focusstack.kernels import _kernels  # type: ignore[attr-defined]
from focusstack.kernels.frames import Resampling, VeilMaps, feed_finest, unveil, warp

__all__ = [
    "VARIANCE_BINS",
    "Planar",
    "Plane",
    "Resampling",
    "VeilMaps",
    "accumulate_band",
    "collapse_band",
    "feed_finest",
    "half",
    "pyramid_down",
    "stand_out",
    "unveil",
    "use_fast_rows",
    "warp",
]

Planar = npt.NDArray[np.float32]
Plane = npt.NDArray[np.float32]

VARIANCE_BINS = 64


def half(size: int) -> int:
    """Length of the next coarser pyramid level."""
    return (size + 1) // 2


def pyramid_down(fine: Planar, threads: int = 1, out: Planar | None = None) -> Planar:
    """Blur with the 5-tap binomial and keep every second pixel.

    Parameters
    ----------
    fine : float32 (C, H, W)
    threads : int
    out : float32 (C, (H+1)//2, (W+1)//2), optional
        Where to put the result.

    Returns
    -------
    float32 (C, (H+1)//2, (W+1)//2). The border mirrors without repeating the edge pixel.

    References
    ----------
    Burt & Adelson 1983, doi:10.1109/TCOM.1983.1095851.
    """
    channels, height, width = fine.shape
    if out is None:
        out = np.empty((channels, half(height), half(width)), np.float32)
    _kernels.down(np.ascontiguousarray(fine), out, threads)
    return out


def accumulate_band(
    fine: Planar,
    low: Planar,
    state: tuple[Plane, Plane, Planar],
    luma: npt.NDArray[np.float32],
    variance: npt.NDArray[np.float32],
    variance_scale: float,
    squarings: int,
    score: Plane,
    score_scale: float = 1.0,
    guide: Plane | None = None,
    valid: npt.NDArray[np.uint8] | None = None,
    prior: Plane | None = None,
    threads: int = 1,
    prior_grid: tuple[float, float] = (1.0, 0.0),
) -> None:
    """Add one frame's band ``fine - expand(low)`` to the fused band.

    With d the band's luma, s^2 the noise variance expected at the luma of ``low``, expanded, and E
    the square of d smoothed by a Gaussian (sigma 2 px), the energy above the noise is
    max(E - 2 s^2, 0) + 4 s^2. Times ``score_scale`` and the square root of ``guide`` it is the
    frame's score g; its weight is (g / peak)^(2^squarings), peak being the largest score so far:
    sums that were made for a smaller peak are rescaled, so one pass suffices. Weights below 2^-27
    count as nothing.

    Parameters
    ----------
    fine, low : float32 (C, H, W) and (C, (H+1)//2, (W+1)//2)
        Two neighbouring levels of the frame's Gaussian pyramid.
    state : (peak (H, W), weight (H, W), sums (C, H, W)), float32
        Changed in place; all zero before the first frame.
    luma : float32 (C,)
        Share of each channel in luma.
    variance : float32 (64,)
        Noise variance of this band's luma at 64 evenly spaced means in 0..1, before scaling.
    variance_scale : float
        Factor for ``variance``.
    squarings : int
        0..5.
    score : float32 (H, W)
        Filled with g.
    score_scale : float
        Keeps scores near 1, so that products of them stay in range.
    guide : float32 (H, W), optional
        Score of the next finer band, reduced to this one's grid.
    valid : uint8 (H, W), optional
        Zero where the frame has no data.
    prior : float32 (h, w), optional
        Factor on g when the frame is weighed; it is not part of ``score``.
    prior_grid : (step, offset)
        Pixel x of the band lies at ``step * x + offset`` of the prior, in both directions; step at
        most 1. Between pixels it is linear, beyond the border the edge repeats.

    Notes
    -----
    Borders of the energy window repeat the edge. 12 + 5 C multiply-adds and one division per pixel;
    where the frame counts for nothing, its part of the state is not touched.
    """
    peak, weight, sums = state
    _kernels.accumulate(
        np.ascontiguousarray(fine),
        np.ascontiguousarray(low),
        peak,
        weight,
        sums,
        luma,
        variance,
        variance_scale,
        squarings,
        valid,
        guide,
        score,
        score_scale,
        prior,
        *prior_grid,
        threads,
    )


def collapse_band(sums: Planar, weight: Plane, low: Planar, out: Planar, threads: int = 1) -> None:
    """``out = sums / weight + expand(low)``; ``out`` may be ``sums``.

    Shapes as in :func:`accumulate_band`; every weight must be positive.
    """
    contiguous = np.ascontiguousarray(low)
    _kernels.collapse(sums, weight, contiguous, out, threads)


def stand_out(
    pixels: npt.NDArray[np.uint8],
    steady: npt.NDArray[np.int8] | None,
    levels: npt.NDArray[np.int8],
    cell: int,
    threads: int = 1,
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int32]]:
    """By how much pixels exceed the median of nine pixels 3 px apart, in every picture so far.

    Parameters
    ----------
    pixels : uint8 (H, W, C)
        Beyond the border a pixel stands for its neighbours there.
    steady : int8 (H, W, C), optional
        What earlier pictures left; changed in place. None for the first.
    levels : int8 (L,), rising, above 0
    cell : int

    Returns
    -------
    steady : int8 (H, W, C)
        The least difference to one side, within -127..127; 0 where it was not to one side.
    counts : int32 (2, L, ceil(H / cell), ceil(W / cell))
        Pixels of this picture, in square cells, of which a channel exceeds (first) or falls below
        (second) what is around it by each level.
    """
    height, width, channels = pixels.shape
    first = steady is None
    if steady is None:
        steady = np.empty((height, width, channels), np.int8)
    counts = np.zeros((2, len(levels), -(-height // cell), -(-width // cell)), np.int32)
    _kernels.stand_out(np.ascontiguousarray(pixels), steady, first, levels, counts, cell, threads)
    return steady, counts


def use_fast_rows(on: bool) -> bool:
    """Switch the AVX2 loops on, where the CPU has them, or off; tells whether they run now."""
    return bool(_kernels.use_fast_rows(on))
