"""Noise-aware weighted Laplacian pyramid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack import kernels
from focusstack.colour import shares_in
from focusstack.model import FloatImage, NoiseModel
from focusstack.recipe import Recipe
from focusstack.steps.fuse.method import Aligned, Canvas, FusionContext, MethodEntry

COARSEST_SIDE = 8


@dataclass
class BandState:
    """One level: the largest score so far, and sums weighted relative to it."""

    peak: FloatImage
    weight: FloatImage
    sums: FloatImage

    @property
    def parts(self) -> tuple[FloatImage, FloatImage, FloatImage]:
        return self.peak, self.weight, self.sums


@dataclass
class PyramidState:
    """All bands, finest first, and the coarsest level, which is weighted like a band.

    The rest is room to work in, reused by every frame: the levels of a frame below the finest, the
    finest one's score reduced to the next, and a score for each further level in turn.
    """

    bands: list[BandState]
    base: BandState
    lows: list[FloatImage]
    guide: FloatImage
    score: FloatImage


@dataclass(frozen=True)
class _Prior:
    """A frame's prior as one level of the pyramid sees it.

    Pixel x of the level lies at ``step * x + offset`` of the plane, ``grid`` being both.
    """

    plane: FloatImage
    grid: tuple[float, float]

    @classmethod
    def of(cls, plane: FloatImage, scale: int) -> _Prior:
        return cls(np.ascontiguousarray(plane), (1 / scale, (1 - scale) / (2 * scale)))

    def coarser(self, threads: int) -> _Prior:
        """The same for the next level."""
        step, offset = self.grid
        if step < 1:
            return _Prior(self.plane, (2 * step, offset))
        plane = kernels.pyramid_down(self.plane[np.newaxis], threads)[0]
        return _Prior(plane, (step, offset / 2))

    def sampled(self, height: int, width: int) -> FloatImage:
        """Every pixel of the level, from the nearest one of the plane."""
        step, offset = self.grid
        rows, columns = (
            np.clip(np.rint(step * np.arange(size) + offset), 0, last - 1).astype(int)
            for size, last in zip((height, width), self.plane.shape, strict=True)
        )
        return self.plane[np.ix_(rows, columns)]


class Pyramid:
    """Each band of each frame counts by its local energy above the noise, to a high power.

    A hard maximum per coefficient picks noise wherever nothing is sharp, and flips between frames
    where two are equally so. Weights (g / max g)^p come close to the maximum where one frame stands
    out, and to the mean (less noise) where none does. Kept relative to the largest g so far, they
    need one pass and no frame twice.

    g is the band's energy above the noise, max(E - 2 s^2, 0) + 4 s^2, times the square root of the
    finer band's g: what is sharp in fine detail also lends its coarse structure and tone, so the
    veil of a defocused object, which is coarse only, loses. Where fine detail is noise, the finer g
    is the same for all frames and says nothing.

    Parameters
    ----------
    power : int
        p, a power of two.
    noise : NoiseModel
    threads : int

    Notes
    -----
    State: 4 (2 + 5/4 C) 4/3 + 2 bytes per canvas pixel, C channels. Weak spots: beside a depth step
    the veil that covers what lies behind cannot be told from it where both are smooth; isoluminant
    detail is judged by its luma only.

    References
    ----------
    Burt & Kolczynski 1993, doi:10.1109/ICCV.1993.378222, with a soft selection that passes its
    choice from fine to coarse.
    """

    def __init__(self, power: int, noise: NoiseModel, threads: int) -> None:
        self.power = power
        self._squarings = power.bit_length() - 1
        self._noise, self._threads = noise, threads

    def start(self, canvas: Canvas) -> PyramidState:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        sizes = level_sizes(canvas.height, canvas.width)
        states = [_empty_band(canvas.channels, h, w) for h, w in sizes]
        lows = [np.empty((canvas.channels, h, w), np.float32) for h, w in sizes[1:]]
        guide, score = (
            np.empty(sizes[1], np.float32),
            np.empty(sizes[1][0] * sizes[1][1], np.float32),
        )
        return PyramidState(states[:-1], states[-1], lows, guide, score)

    def feed(self, state: PyramidState, frame: Aligned) -> None:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        prior = None if frame.prior is None else _Prior.of(frame.prior, frame.prior_scale)
        self._add_finest(state, frame, prior)
        guide, valid = state.guide, _coarser(frame.valid)
        prior = None if prior is None else prior.coarser(self._threads)
        for level, band in enumerate(state.bands[1:], 1):
            fine = state.lows[level - 1]
            low = kernels.pyramid_down(fine, self._threads, state.lows[level])
            now = state.score[: band.peak.size].reshape(band.peak.shape)
            scale = _noise_scale(self._noise, level)
            kernels.accumulate_band(
                fine,
                low,
                band.parts,
                shares_in(self._noise.luma, len(fine)),
                self._noise.variance,
                scale,
                self._squarings,
                now,
                _score_scale(self._noise, scale),
                guide,
                valid,
                None if prior is None else prior.plane,
                self._threads,
                (1.0, 0.0) if prior is None else prior.grid,
            )
            guide = kernels.pyramid_down(now[np.newaxis], self._threads)[0]
            valid = _coarser(valid)
            prior = None if prior is None else prior.coarser(self._threads)
        score = np.sqrt(guide)
        if prior is not None:
            score *= prior.sampled(*score.shape)
        _add_base(state.base, state.lows[-1], score, valid, self.power)

    def _add_finest(self, state: PyramidState, frame: Aligned, prior: _Prior | None) -> None:
        """Fill the next coarser level and its guide, too."""
        scale = _noise_scale(self._noise, 0)
        kernels.feed_finest(
            frame.resampling,
            state.bands[0].parts,
            state.lows[0],
            state.guide,
            shares_in(self._noise.luma, len(state.lows[0])),
            self._noise.variance,
            scale,
            self._squarings,
            _score_scale(self._noise, scale),
            frame.valid,
            None if prior is None else prior.plane,
            self._threads,
            (1.0, 0.0) if prior is None else prior.grid,
        )

    def merge(self, first: PyramidState, second: PyramidState) -> PyramidState:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        pairs = zip([*first.bands, first.base], [*second.bands, second.base], strict=True)
        for a, b in pairs:
            _merge_band(a, b, self.power)
        return first

    def finish(self, state: PyramidState) -> FloatImage:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        fused = state.base.sums / state.base.weight
        for band in reversed(state.bands):
            kernels.collapse_band(band.sums, band.weight, fused, band.sums, self._threads)
            fused = band.sums
        return fused

    @staticmethod
    def state_bytes(canvas: Canvas) -> int:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        sizes = level_sizes(canvas.height, canvas.width)
        bands = sum(h * w for h, w in sizes) * (2 + canvas.channels)
        lows = sum(h * w for h, w in sizes[1:]) * canvas.channels
        return 4 * (bands + lows + 2 * sizes[1][0] * sizes[1][1])


def level_sizes(height: int, width: int) -> list[tuple[int, int]]:
    """(height, width) of each level; the last, at least 8 px wide or the second, is the base."""
    sizes = [(height, width)]
    while len(sizes) < 2 or min(sizes[-1]) >= 2 * COARSEST_SIDE:
        sizes.append((kernels.half(sizes[-1][0]), kernels.half(sizes[-1][1])))
    return sizes


def _noise_scale(noise: NoiseModel, level: int) -> float:
    """Ratio of the noise variance in a band to that in the finest; in the end 1/4 per level."""
    known = noise.gains
    last = min(level, len(known) - 1)
    return float(known[last] / known[0] * 0.25 ** (level - last))


def _empty_band(channels: int, height: int, width: int) -> BandState:
    return BandState(
        np.zeros((height, width), np.float32),
        np.zeros((height, width), np.float32),
        np.zeros((channels, height, width), np.float32),
    )


def _coarser(valid: npt.NDArray[np.uint8] | None) -> npt.NDArray[np.uint8] | None:
    """Pixels of the next level that were made of valid pixels only."""
    if valid is None:
        return None
    import cv2

    whole = cv2.erode(valid, np.ones((5, 5), np.uint8), borderValue=255)
    return np.ascontiguousarray(whole[::2, ::2])


def _score_scale(noise: NoiseModel, scale: float) -> float:
    """Makes the score of pure noise about 1; the same for all frames, so it favours none."""
    return float(1 / (4 * np.median(noise.variance) * scale))


def _add_base(
    base: BandState,
    level: FloatImage,
    score: FloatImage,
    valid: npt.NDArray[np.uint8] | None,
    power: int,
) -> None:
    """Add a frame's coarsest level by the score that its coarsest band hands down."""
    if valid is not None:
        score = np.where(valid > 0, score, np.float32(0))
    frame = BandState(score, (score > 0).astype(np.float32), level)
    _merge_band(base, frame, power)


def _merge_band(a: BandState, b: BandState, power: int) -> None:
    """Bring both to the larger peak and add ``b`` to ``a``."""
    peak = np.maximum(a.peak, b.peak)
    safe = np.maximum(peak, np.float32(1e-30))
    keep, add = (a.peak / safe) ** power, (b.peak / safe) ** power
    a.weight[:] = a.weight * keep + b.weight * add
    a.sums[:] = a.sums * keep + b.sums * add
    a.peak[:] = peak


def _make(recipe: Recipe, context: FusionContext) -> Pyramid:
    return Pyramid(recipe.sharpness, context.noise, context.threads)


def _work_bytes(canvas: Canvas) -> int:
    """A guide from the third level on, and two masks from the second on."""
    return canvas.width * canvas.height


ENTRY = MethodEntry(_make, Pyramid.state_bytes, _work_bytes, whole_frames=False)
