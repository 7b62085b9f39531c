"""Noise-aware weighted Laplacian pyramid: the default method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack import kernels
from focusstack.model import FloatImage, NoiseModel
from focusstack.steps.fuse.method import LUMA, Canvas

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
    """All bands, finest first, and the mean of the coarsest level."""

    bands: list[BandState]
    base: FloatImage
    base_weight: FloatImage


class Pyramid:
    """Each band of each frame counts by its local energy above the noise, to a high power.

    A hard maximum per coefficient picks noise wherever nothing is sharp, and flips between frames
    where two are equally so. Weights (g / max g)^p with g = max(E - 3 s^2, 0) + 4 s^2 come close to
    the maximum where one frame stands out, and to the mean (less noise) where none does. Kept
    relative to the largest g so far, they need one pass and no frame twice.

    Parameters
    ----------
    power : int
        p, a power of two.
    noise : NoiseModel
    threads : int

    Notes
    -----
    State: 4 (2 + C) 4/3 bytes per canvas pixel. Weak spots: beside a depth step the veil of the
    defocused nearer object has energy of its own and leaks into what lies behind it; isoluminant
    detail is judged by its luma only.

    References
    ----------
    Burt & Kolczynski 1993, doi:10.1109/ICCV.1993.378222, with a soft instead of a hard selection.
    """

    def __init__(self, power: int, noise: NoiseModel, threads: int) -> None:
        self._squarings = power.bit_length() - 1
        self._noise, self._threads = noise, threads

    def start(self, canvas: Canvas) -> PyramidState:
        sizes = level_sizes(canvas.height, canvas.width)
        bands = [_empty_band(canvas.channels, h, w) for h, w in sizes[:-1]]
        height, width = sizes[-1]
        return PyramidState(
            bands,
            np.zeros((canvas.channels, height, width), np.float32),
            np.zeros((height, width), np.float32),
        )

    def feed(
        self,
        state: PyramidState,
        planar: FloatImage,
        valid: npt.NDArray[np.uint8] | None,
        scored: bool,
    ) -> FloatImage | None:
        scores: list[FloatImage] = []
        fine = planar
        for level, band in enumerate(state.bands):
            low = kernels.pyramid_down(fine, self._threads)
            score = np.empty(fine.shape[1:], np.float32) if scored and level < 2 else None
            kernels.accumulate_band(
                fine,
                low,
                band.parts,
                LUMA[len(fine)],
                self._noise.variance,
                _noise_scale(self._noise, level),
                self._squarings,
                valid,
                score,
                self._threads,
            )
            if score is not None:
                scores.append(score)
            fine, valid = low, _coarser(valid)
        _add_base(state, fine, valid)
        return _combined(scores, self._threads) if scored else None

    def merge(self, first: PyramidState, second: PyramidState) -> PyramidState:
        for a, b in zip(first.bands, second.bands, strict=True):
            _merge_band(a, b, 1 << self._squarings)
        first.base += second.base
        first.base_weight += second.base_weight
        return first

    def finish(self, state: PyramidState) -> FloatImage:
        fused = state.base / state.base_weight
        for band in reversed(state.bands):
            kernels.collapse_band(band.sums, band.weight, fused, band.sums, self._threads)
            fused = band.sums
        return fused

    def state_bytes(self, canvas: Canvas) -> int:
        sizes = level_sizes(canvas.height, canvas.width)
        return sum(h * w for h, w in sizes) * 4 * (2 + canvas.channels)


def level_sizes(height: int, width: int) -> list[tuple[int, int]]:
    """(height, width) of each level; the last, at least 8 px wide or the second, is the base."""
    sizes = [(height, width)]
    while len(sizes) < 2 or min(sizes[-1]) >= 2 * COARSEST_SIDE:
        sizes.append((kernels.half(sizes[-1][0]), kernels.half(sizes[-1][1])))
    return sizes


def _noise_scale(noise: NoiseModel, level: int) -> float:
    """Ratio of the noise variance in a band to that in the finest; a quarter per level in the end."""
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


def _add_base(
    state: PyramidState, base: FloatImage, valid: npt.NDArray[np.uint8] | None
) -> None:
    weight = np.float32(1) if valid is None else (valid > 0).astype(np.float32)
    state.base += base * weight
    state.base_weight += weight


def _combined(scores: list[FloatImage], threads: int) -> FloatImage:
    """Both finest bands' scores on the second level's grid."""
    total = kernels.pyramid_down(scores[0][np.newaxis], threads)[0]
    if len(scores) > 1:
        total += scores[1]
    return total


def _merge_band(a: BandState, b: BandState, power: int) -> None:
    peak = np.maximum(a.peak, b.peak)
    safe = np.maximum(peak, np.float32(1e-30))
    keep, add = (a.peak / safe) ** power, (b.peak / safe) ** power
    a.weight[:] = a.weight * keep + b.weight * add
    a.sums[:] = a.sums * keep + b.sums * add
    a.peak[:] = peak
