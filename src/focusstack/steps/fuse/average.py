"""The mean of all frames: what there is when nothing is chosen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focusstack.model import FloatImage
from focusstack.recipe import Recipe
from focusstack.steps.fuse.method import Aligned, Canvas, FusionContext, MethodEntry


@dataclass
class AverageState:
    """Sums of the valid values, float32 (C, H, W), and how many they are, float32 (H, W)."""

    sums: FloatImage
    count: FloatImage


class Average:
    """Every pixel the mean over the frames that have it.

    Notes
    -----
    State: 4 (1 + C) bytes per canvas pixel. Nothing stays sharp but what every frame shows sharply;
    it is what other methods are to be compared with.
    """

    def start(self, canvas: Canvas) -> AverageState:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        shape = canvas.height, canvas.width
        return AverageState(
            np.zeros((canvas.channels, *shape), np.float32), np.zeros(shape, np.float32)
        )

    def feed(self, state: AverageState, frame: Aligned) -> None:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        valid = True if frame.valid is None else frame.valid > 0
        np.add(state.sums, frame.planar, out=state.sums, where=valid)
        np.add(state.count, 1, out=state.count, where=valid)

    def merge(self, first: AverageState, second: AverageState) -> AverageState:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        first.sums += second.sums
        first.count += second.count
        return first

    def finish(self, state: AverageState) -> FloatImage:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        state.sums /= np.maximum(state.count, 1)
        return state.sums

    @staticmethod
    def state_bytes(canvas: Canvas) -> int:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        return canvas.height * canvas.width * 4 * (1 + canvas.channels)


def _make(_recipe: Recipe, _context: FusionContext) -> Average:
    return Average()


def _mask_or_count(canvas: Canvas) -> int:
    return canvas.width * canvas.height * 4


ENTRY = MethodEntry(_make, Average.state_bytes, _mask_or_count, _mask_or_count)
