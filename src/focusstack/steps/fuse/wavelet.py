"""Complex wavelets: every coefficient from the frame with most detail at its place and scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.colour import luma_of_planes, shares_in
from focusstack.model import FloatImage, NoiseModel
from focusstack.recipe import Recipe
from focusstack.steps.fuse import dual_tree
from focusstack.steps.fuse.dual_tree import BANDS, REACH, TREES
from focusstack.steps.fuse.method import Aligned, Canvas, FusionContext, MethodEntry

COARSEST_SIDE = 8
MAX_LEVELS = 6
NOISE_FACTOR = 1.5
"""Energy below so many times what noise has counts as no detail."""
Mask = npt.NDArray[np.bool_]


@dataclass
class LevelState:
    """The highest score so far (0: no frame yet), and the coefficients of that frame."""

    best: FloatImage
    details: FloatImage


@dataclass
class WaveletState:
    """All levels, finest first; ``lows`` is the last low-pass, chosen as the last level is."""

    canvas: Canvas
    levels: list[LevelState]
    lows: FloatImage


class Wavelet:
    """Maximum-magnitude selection of dual-tree complex wavelet coefficients.

    What counts is the energy of the magnitudes of all six orientations, of luma, averaged over
    3 x 3 coefficients, less what noise has. So orientations, channels, and largely neighbours
    choose the same frame, which is what the cited method's two consistency checks are for; unlike
    those it needs no second look at the frames. A frame's score is that energy, in units of the
    noise and never below 1, times the square root of its score one level finer: what is sharp in
    fine detail lends its coarse structure too. The coarsest low-pass goes with the coarsest level.
    Where no frame has more than noise, and in ties, the first one counts.

    Parameters
    ----------
    noise : NoiseModel

    Notes
    -----
    State: 4 (4 C + 1/3) bytes per canvas pixel, C channels. Weak spots: picked coefficients of
    different frames need not fit together, which leaves faint ripples beside depth steps; noise
    is hardly averaged.

    References
    ----------
    Forster, Van De Ville, Berent, Sage & Unser 2004, doi:10.1002/jemt.20092, with the dual-tree
    transform instead of complex Daubechies wavelets.
    """

    def __init__(self, noise: NoiseModel) -> None:
        self._variance = noise.variance / np.float32(noise.gains[0])
        self._luma = noise.luma

    def start(self, canvas: Canvas) -> WaveletState:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        shapes = level_shapes(canvas)
        trees = (canvas.channels, len(TREES))
        levels = [
            LevelState(
                np.zeros(shape, np.float32), np.zeros((*trees, len(BANDS), *shape), np.float32)
            )
            for shape in shapes
        ]
        return WaveletState(canvas, levels, np.zeros((*trees, *shapes[-1]), np.float32))

    def feed(self, state: WaveletState, frame: Aligned) -> None:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        luma = luma_of_planes(frame.planar, shares_in(self._luma, len(frame.planar)))
        better = self._choose(state, luma, frame.valid)
        for c, plane in enumerate(frame.planar):
            analysis = dual_tree.analyse(dual_tree.padded(plane, len(better)), len(better))
            for level, mask, now in zip(state.levels, better, analysis, strict=True):
                np.copyto(level.details[c], now.details, where=mask)
            np.copyto(state.lows[c], now.lows, where=better[-1])

    def merge(self, first: WaveletState, second: WaveletState) -> WaveletState:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        for a, b in zip(first.levels, second.levels, strict=True):
            mask = b.best > a.best
            np.copyto(a.best, b.best, where=mask)
            np.copyto(a.details, b.details, where=mask)
        np.copyto(first.lows, second.lows, where=mask)
        return first

    def finish(self, state: WaveletState) -> FloatImage:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        canvas = state.canvas
        fused = np.empty((canvas.channels, canvas.height, canvas.width), np.float32)
        for c, plane in enumerate(fused):
            details = [level.details[c] for level in state.levels]
            whole = dual_tree.synthesise(details, state.lows[c])
            plane[:] = whole[: canvas.height, : canvas.width]
        return fused

    @staticmethod
    def state_bytes(canvas: Canvas) -> int:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        shapes = level_shapes(canvas)
        trees = canvas.channels * len(TREES)
        details = sum(h * w for h, w in shapes) * (1 + trees * len(BANDS))
        return 4 * (details + shapes[-1][0] * shapes[-1][1] * trees)

    def _choose(
        self, state: WaveletState, luma: FloatImage, valid: npt.NDArray[np.uint8] | None
    ) -> list[Mask]:
        """Raise every level's ``best``; where this frame has done so."""
        count = len(state.levels)
        usable = None if valid is None else _padded_mask(valid, count)
        better: list[Mask] = []
        score: FloatImage | None = None
        analysis = dual_tree.analyse(dual_tree.padded(luma, count), count)
        for k, (level, now) in enumerate(zip(state.levels, analysis, strict=True)):
            score = self._energy(now, 2.0 ** (k + 1)) * np.sqrt(_handed_down(score))
            seen = score
            if usable is not None:
                usable = _coarser(usable)
                seen = np.where(usable, score, np.float32(0))
            better.append(seen > level.best)
            np.copyto(level.best, seen, where=better[-1])
        return better

    def _energy(self, level: dual_tree.Level, gain: float) -> FloatImage:
        """Energy of a level's coefficients in units of the noise, from 1, float32 (h, w)."""
        import cv2

        energy = np.einsum("tbyx,tbyx->yx", level.details, level.details)
        smooth = cv2.blur(energy, (3, 3), borderType=cv2.BORDER_REFLECT_101)
        mean = level.lows.mean(0) / np.float32(gain)
        bins = np.clip(mean * (self._variance.size - 1) + 0.5, 0, self._variance.size - 1)
        noise = self._variance[bins.astype(np.uint8)] * np.float32(NOISE_FACTOR)
        count, unit = len(TREES) * len(BANDS), np.float32(np.median(self._variance))
        return np.asarray(np.maximum(smooth / count - noise, 0) / unit + 1, np.float32)


def level_shapes(canvas: Canvas) -> list[tuple[int, int]]:
    """(height, width) of every level of the padded canvas, finest first; at most six levels."""
    count = 1
    while count < MAX_LEVELS and min(canvas.height, canvas.width) >> count >= 2 * COARSEST_SIDE:
        count += 1
    height, width = (dual_tree.padded_size(side, count) for side in (canvas.height, canvas.width))
    return [(height >> k, width >> k) for k in range(1, count + 1)]


def _handed_down(score: FloatImage | None) -> FloatImage:
    """A finer level's score on the next coarser grid; before the finest level all are the same."""
    if score is None:
        return np.ones((1, 1), np.float32)
    import cv2

    height, width = score.shape
    return np.asarray(
        cv2.resize(score, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.float32
    )


def _padded_mask(valid: npt.NDArray[np.uint8], levels: int) -> Mask:
    """Where the padded frame is made of valid pixels only."""
    return dual_tree.padded((valid > 0).astype(np.float32), levels) > 1 - 1e-6


def _coarser(usable: Mask) -> Mask:
    """Coefficients of the next level that were made of usable ones only."""
    import cv2

    reach = REACH + 1  # the finest level's second tree lies a pixel further on
    ring = cv2.copyMakeBorder(usable.astype(np.uint8), *(reach,) * 4, cv2.BORDER_WRAP)
    whole = cv2.erode(ring, np.ones((2 * reach + 1,) * 2, np.uint8))[reach:-reach, reach:-reach]
    return np.asarray(whole[::2, ::2] > 0, np.bool_)


def _make(_recipe: Recipe, context: FusionContext) -> Wavelet:
    return Wavelet(context.noise)


def _work_bytes(canvas: Canvas) -> int:
    """Luma, and one padded plane with its coefficients and what makes them."""
    shapes = level_shapes(canvas)
    return 4 * canvas.width * canvas.height + 40 * 4 * shapes[0][0] * shapes[0][1]


def _finish_bytes(canvas: Canvas) -> int:
    """The fused image, and seven padded planes on the way to it."""
    height, width = level_shapes(canvas)[0]
    return 4 * canvas.width * canvas.height * canvas.channels + 7 * 4 * 4 * height * width


ENTRY = MethodEntry(_make, Wavelet.state_bytes, _work_bytes, _finish_bytes)
