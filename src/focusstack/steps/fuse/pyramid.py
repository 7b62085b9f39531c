"""Noise-aware weighted Laplacian pyramid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focusstack.model import FloatImage, NoiseModel
from focusstack.recipe import Recipe
from focusstack.steps.fuse.bands import BandState, level_sizes
from focusstack.steps.fuse.levels import CoarserLevels, FinestLevel, Handed, Weighing
from focusstack.steps.fuse.method import Aligned, Canvas, FusionContext, MethodEntry


@dataclass
class CoarseState:
    """Levels from the second or a coarser one on; the coarsest is weighted like a band."""

    levels: CoarserLevels
    base: BandState


@dataclass
class PyramidState:
    """All levels, finest first."""

    finest: FinestLevel
    coarse: CoarseState

    @property
    def bands(self) -> list[BandState]:
        """One for each level."""
        return [self.finest.band, *self.coarse.levels.bands, self.coarse.base]


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
        self.weighing = Weighing(power.bit_length() - 1, noise, threads)
        self.power = power

    def start(self, canvas: Canvas) -> PyramidState:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        shape = canvas.channels, canvas.height, canvas.width
        return PyramidState(FinestLevel(shape), self.start_coarse(canvas, 1))

    def start_coarse(self, canvas: Canvas, first: int) -> CoarseState:
        """The levels from ``first`` on, to be fed what the level before hands on."""
        sizes = level_sizes(canvas.height, canvas.width)[first:]
        base = BandState.empty(canvas.channels, *sizes[-1])
        return CoarseState(CoarserLevels(first, canvas.channels, sizes), base)

    def feed(self, state: PyramidState, frame: Aligned) -> None:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        self.feed_coarse(state.coarse, state.finest.feed(frame, self.weighing))

    def feed_coarse(self, state: CoarseState, handed: Handed) -> None:
        """Add a frame's coarser levels, the coarsest by the score that its last band hands on."""
        last = state.levels.feed(handed, self.weighing)
        score = np.sqrt(last.guide)
        if last.prior is not None:
            score *= last.prior.sampled(*score.shape)
        if last.valid is not None:
            score = np.where(last.valid > 0, score, np.float32(0))
        state.base.merge(BandState(score, (score > 0).astype(np.float32), last.low), self.power)

    def merge(self, first: PyramidState, second: PyramidState) -> PyramidState:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        for a, b in zip(first.bands, second.bands, strict=True):
            a.merge(b, self.power)
        return first

    def finish(self, state: PyramidState) -> FloatImage:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        return state.finest.finish(self.finish_coarse(state.coarse), self.weighing.threads)

    def finish_coarse(self, state: CoarseState) -> FloatImage:
        """The first of the levels fused, float32 (C, h, w); the state may be reused."""
        fused = state.base.sums / state.base.weight
        return state.levels.finish(fused, self.weighing.threads)

    @staticmethod
    def state_bytes(canvas: Canvas) -> int:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        sizes = level_sizes(canvas.height, canvas.width)
        bands = sum(h * w for h, w in sizes) * (2 + canvas.channels)
        lows = sum(h * w for h, w in sizes[1:]) * canvas.channels
        return 4 * (bands + lows + 2 * sizes[1][0] * sizes[1][1])


def _make(recipe: Recipe, context: FusionContext) -> Pyramid:
    return Pyramid(recipe.sharpness, context.noise, context.threads)


def _work_bytes(canvas: Canvas) -> int:
    """A guide from the third level on, and two masks from the second on."""
    return canvas.width * canvas.height


ENTRY = MethodEntry(_make, Pyramid.state_bytes, _work_bytes, whole_frames=False, in_strips=True)
