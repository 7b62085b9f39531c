"""Compiled hot loops behind plain Python faces.

Arrays and numbers in, arrays out: no file, no option, no logging. Pictures here are planar,
(channel, row, column), float32, C-contiguous. All functions release the GIL, split their rows over
``threads`` and give the same bits whatever that number is and whichever instruction set runs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.kernels import _kernels  # type: ignore[attr-defined]

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


def unveil(
    planar: Planar,
    gain: Plane,
    replace: Plane,
    offset: Planar,
    sharp: Planar,
    limits: tuple[Planar, Planar],
    scale: int,
    threads: int = 1,
) -> None:
    """Take a veil off a frame, in place: ``value * gain - offset`` in linear light, within limits.

    Parameters
    ----------
    planar : float32 (C, H, W), sRGB-encoded
        Changed where gain is not 1 or replace not 0, and nowhere else.
    gain, replace : float32 (h, w)
        On a grid ``scale`` times coarser, h = ceil(H / scale); sampled linearly in between.
    offset : float32 (C, h, w)
        In linear light.
    sharp : float32 (C, h, w), sRGB-encoded
        What stands in where ``replace`` is 1; mixed in where it is between 0 and 1.
    limits : two float32 (C, h, w), sRGB-encoded
        Least and largest that an unveiled value may be.
    scale : int

    Notes
    -----
    The sRGB curve is taken from tables (error under 1e-5). About 40 ns per changed pixel.
    """
    low, high = limits
    _kernels.unveil(planar, gain, replace, offset, sharp, low, high, scale, threads)


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


def warp(
    pixels: npt.NDArray[Any],
    values: npt.NDArray[np.float32],
    frame_from_canvas: npt.NDArray[np.float64],
    size: tuple[int, int],
    threads: int = 1,
    out: Planar | None = None,
    clipped: npt.NDArray[np.uint8] | None = None,
    limits: tuple[float, float] = (0.0, 1.0),
) -> Planar:
    """Resample a frame onto the canvas with a separable Lanczos-3 kernel.

    Parameters
    ----------
    pixels : uint8, uint16 or float32 (H, W, C), C 1 or 3
    values : float32 (C, 256 or 65536)
        What each source code stands for, per channel; ignored for float32 pixels.
    frame_from_canvas : float64 (3, 3)
        Maps canvas pixel centres to frame pixel centres.
    size : (width, height) of the canvas
    out : float32 (C, height, width), optional
        Where to put the result.
    clipped : uint8 (C, height, width), optional
        Where the result is below the first of ``limits``, 1 is set; above the second, 2.

    Returns
    -------
    float32 (C, height, width), not clipped: the kernel's lobes may overshoot. Outside the frame the
    edge pixels repeat. Positions are right to 1/500 px; a shift by whole pixels copies exactly.

    Notes
    -----
    Frames that are magnified by up to 10 % and turned by up to 3 degrees are resampled along their
    rows first and then along the canvas's columns, 12 multiply-adds per value; others by the
    6 x 6 pixels around each position, which cost several times as much.

    References
    ----------
    Duchon 1979, doi:10.1175/1520-0450(1979)018<1016:LFIOAT>2.0.CO;2.
    """
    if pixels.ndim != 3:
        raise ValueError(f"pixels have {pixels.ndim} axes, not (height, width, channels)")
    width, height = size
    if out is None:
        out = np.empty((pixels.shape[2], height, width), np.float32)
    elif out.shape != (pixels.shape[2], height, width):
        raise ValueError(f"out has shape {out.shape}, which is not {width} x {height} pixels")
    matrix = np.ascontiguousarray(frame_from_canvas, np.float64)
    black, white = limits
    contiguous = np.ascontiguousarray(pixels)
    _kernels.warp(contiguous, values, matrix, out, clipped, black, white, threads)
    return out


def use_fast_rows(on: bool) -> bool:
    """Switch the AVX2 loops on, where the CPU has them, or off; tells whether they run now."""
    return bool(_kernels.use_fast_rows(on))
