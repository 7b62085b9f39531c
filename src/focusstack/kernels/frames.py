"""What begins with a frame's pixels: onto the canvas, free of its veil, into the finest band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.kernels import _kernels  # type: ignore[attr-defined]

Planar = npt.NDArray[np.float32]
Plane = npt.NDArray[np.float32]


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
    clipped : uint8 (height, width), optional
        Where channel c of the result is below the first of ``limits``, bit 2 c is set; above the
        second, bit 2 c + 1.

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
    _kernels.warp(contiguous, values, matrix, clipped, black, white, out, threads)
    return out


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
    The sRGB curve is made of polynomials (error under 1e-5). About 12 ns per changed pixel.
    """
    _kernels.unveil(planar, VeilMaps(gain, replace, offset, sharp, limits, scale).held(), threads)


@dataclass(frozen=True)
class VeilMaps:
    """What takes a veil off a frame: the arguments of :func:`unveil`."""

    gain: Plane
    replace: Plane
    offset: Planar
    sharp: Planar
    limits: tuple[Planar, Planar]
    scale: int

    def held(self) -> Any:
        """The same for the compiled side."""
        low, high = self.limits
        return _kernels.Veil(
            self.gain, self.replace, self.offset, self.sharp, low, high, self.scale
        )


@dataclass(frozen=True)
class Resampling:
    """A frame's pixels, and how they come onto the canvas: the arguments of :func:`warp`.

    ``veil`` is what is then taken off, if anything is.
    """

    pixels: npt.NDArray[Any]
    values: npt.NDArray[np.float32]
    frame_from_canvas: npt.NDArray[np.float64]
    size: tuple[int, int]
    clipped: npt.NDArray[np.uint8] | None = None
    limits: tuple[float, float] = (0.0, 1.0)
    veil: VeilMaps | None = None

    def planar(self, threads: int = 1, out: Planar | None = None) -> Planar:
        """The frame on the canvas, float32 (C, height, width), in ``out`` if that is given."""
        made = warp(
            self.pixels,
            self.values,
            self.frame_from_canvas,
            self.size,
            threads,
            out,
            self.clipped,
            self.limits,
        )
        if self.veil is not None:
            _kernels.unveil(made, self.veil.held(), threads)
        return made


def feed_finest(
    frame: Resampling,
    state: tuple[Plane, Plane, Planar],
    low: Planar,
    guide: Plane,
    luma: npt.NDArray[np.float32],
    variance: npt.NDArray[np.float32],
    variance_scale: float,
    squarings: int,
    score_scale: float = 1.0,
    valid: npt.NDArray[np.uint8] | None = None,
    prior: Plane | None = None,
    threads: int = 1,
    prior_grid: tuple[float, float] = (1.0, 0.0),
    first_row: int = 0,
    first_low: int = 0,
) -> None:
    """Add a frame to the finest band, as :func:`accumulate_band` does, straight from its pixels.

    The frame is resampled, freed of its veil, reduced and scored a few rows at a time, and is never
    there as a whole: the bits are those of :meth:`Resampling.planar`, :func:`pyramid_down` and
    :func:`accumulate_band`, one after the other.

    Parameters
    ----------
    frame : Resampling
    state : (peak (h, W), weight (h, W), sums (C, h, W)), float32
        For rows ``first_row`` to ``first_row + h`` of the canvas; changed in place.
    low : float32 (C, n, (W+1)//2)
        Filled with rows ``first_low`` to ``first_low + n`` of the next coarser level of the frame's
        Gaussian pyramid, which may be all (H+1)//2 of them. The state must lie within the canvas's
        rows below these.
    guide : float32 (n, (W+1)//2)
        Filled with the score, reduced to that level.
    luma, variance, variance_scale, squarings, score_scale, valid, prior, prior_grid
        As for :func:`accumulate_band`.

    Notes
    -----
    Holds about 150 rows of the canvas per thread. Rows beside those of another thread are made by
    both, which costs 2 to 10 %.
    """
    peak, weight, sums = state
    black, white = frame.limits
    _kernels.feed(
        np.ascontiguousarray(frame.pixels),
        frame.values,
        np.ascontiguousarray(frame.frame_from_canvas, np.float64),
        frame.clipped,
        black,
        white,
        None if frame.veil is None else frame.veil.held(),
        peak,
        weight,
        sums,
        first_row,
        luma,
        variance,
        variance_scale,
        squarings,
        valid,
        score_scale,
        prior,
        *prior_grid,
        frame.size[1],
        low,
        guide,
        first_low,
        threads,
    )
