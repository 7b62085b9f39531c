"""Levels of the weighted pyramid, as a whole or some rows of each: fed, and put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from focusstack import kernels
from focusstack.colour import shares_in
from focusstack.model import FloatImage, NoiseModel
from focusstack.steps.fuse.bands import (
    BandState,
    Mask,
    Prior,
    coarser_mask,
    noise_scale,
    score_scale,
)
from focusstack.steps.fuse.method import Aligned

Rows = tuple[int, int]
"""The first row of a level, and the one that it ends before."""


@dataclass(frozen=True)
class Weighing:
    """What frames are weighed by: scores to the power of ``2 ** squarings``, above the noise."""

    squarings: int
    noise: NoiseModel
    threads: int


@dataclass(frozen=True)
class Handed:
    """What a frame's level hands to the next: that level, the score reduced to it, and the rest.

    ``low`` is float32 (C, h, w), ``guide`` float32 (h, w), ``valid`` uint8 (h, w) or None, all for
    the same rows; ``prior`` is for the whole level.
    """

    low: FloatImage
    guide: FloatImage
    valid: Mask | None
    prior: Prior | None

    def part(self, rows: slice) -> Handed:
        """Some of the rows, copied; the prior stays whole."""
        valid = None if self.valid is None else self.valid[rows].copy()
        return Handed(self.low[:, rows].copy(), self.guide[rows].copy(), valid, self.prior)


class FinestLevel:
    """The finest level, fed straight from the frames' pixels.

    Parameters
    ----------
    shape : (channels, height, width) of the canvas
    rows : of the canvas, that the state holds; all by default
    lows : rows of the next level that are handed on; all by default, else the canvas's rows below
        them must comprise the state's.
    """

    def __init__(
        self, shape: tuple[int, int, int], rows: Rows | None = None, lows: Rows | None = None
    ) -> None:
        channels, height, width = shape
        self.rows, self.lows = rows or (0, height), lows or (0, kernels.half(height))
        below = self.lows[1] - self.lows[0], kernels.half(width)
        self.band = BandState.empty(channels, self.rows[1] - self.rows[0], width)
        self.low = np.empty((channels, *below), np.float32)
        self.guide = np.empty(below, np.float32)

    def feed(self, frame: Aligned, weighing: Weighing) -> Handed:
        """Add a frame; what it hands on is valid until the next one."""
        prior = None if frame.prior is None else Prior.of(frame.prior, frame.prior_scale)
        noise, scale = weighing.noise, noise_scale(weighing.noise, 0)
        kernels.feed_finest(
            frame.resampling,
            self.band.parts,
            self.low,
            self.guide,
            shares_in(noise.luma, len(self.low)),
            noise.variance,
            scale,
            weighing.squarings,
            score_scale(noise, scale),
            frame.valid,
            None if prior is None else prior.plane,
            weighing.threads,
            (1.0, 0.0) if prior is None else prior.grid,
            self.rows[0],
            self.lows[0],
        )
        valid = coarser_mask(frame.valid)
        valid = None if valid is None else np.ascontiguousarray(valid[slice(*self.lows)])
        coarser = None if prior is None else prior.coarser(weighing.threads)
        return Handed(self.low, self.guide, valid, coarser)

    def finish(self, fused: FloatImage, threads: int) -> FloatImage:
        """The fused rows, made of the next level's as far as they are handed on; once only."""
        kernels.collapse_band(self.band.sums, self.band.weight, fused, self.band.sums, threads)
        return self.band.sums


class CoarserLevels:
    """Levels from ``first`` on, as many as there are ``sizes`` but for the last, handed on.

    Parameters
    ----------
    first : of the levels, 1 or more
    channels : int
    sizes : (height, width) of the rows of each level that are held
    begins : the first row of each, by default 0; each is twice the next.
    """

    def __init__(
        self,
        first: int,
        channels: int,
        sizes: Sequence[tuple[int, int]],
        begins: Sequence[int] | None = None,
    ) -> None:
        self.first, self.begins = first, begins or [0] * len(sizes)
        self.bands = [BandState.empty(channels, *size) for size in sizes[:-1]]
        self._lows = [np.empty((channels, *size), np.float32) for size in sizes[1:]]
        self._score = np.empty(sizes[0][0] * sizes[0][1] * (len(sizes) > 1), np.float32)

    def feed(self, handed: Handed, weighing: Weighing) -> Handed:
        """Add a frame by what the level before hands on; valid until the next one."""
        for k, (band, low) in enumerate(zip(self.bands, self._lows, strict=True)):
            guide = self._add(k, band, handed, low, weighing)
            prior = None if handed.prior is None else handed.prior.coarser(weighing.threads)
            handed = Handed(low, guide, coarser_mask(handed.valid), prior)
        return handed

    def _add(
        self, k: int, band: BandState, handed: Handed, low: FloatImage, weighing: Weighing
    ) -> FloatImage:
        """Fill ``low`` too; the guide for it."""
        threads, noise = weighing.threads, weighing.noise
        kernels.pyramid_down(handed.low, threads, low)
        score = self._score[: band.peak.size].reshape(band.peak.shape)
        scale = noise_scale(noise, self.first + k)
        prior = None
        if handed.prior is not None:
            prior = handed.prior.rows(self.begins[k], len(score))
        kernels.accumulate_band(
            handed.low,
            low,
            band.parts,
            shares_in(noise.luma, len(low)),
            noise.variance,
            scale,
            weighing.squarings,
            score,
            score_scale(noise, scale),
            handed.guide,
            handed.valid,
            None if prior is None else prior.plane,
            threads,
            (1.0, 0.0) if prior is None else prior.grid,
        )
        guide: FloatImage = kernels.pyramid_down(score[np.newaxis], threads)[0]
        return guide

    def finish(self, fused: FloatImage, threads: int) -> FloatImage:
        """The fused rows of the first level, made of those of the level handed on; once only."""
        for band in reversed(self.bands):
            kernels.collapse_band(band.sums, band.weight, fused, band.sums, threads)
            fused = band.sums
        return fused
