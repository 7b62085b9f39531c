"""Every pixel from the two frames next to its depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focusstack.model import DepthGuide, FloatImage
from focusstack.recipe import Recipe
from focusstack.steps.fuse.method import Aligned, Canvas, FusionContext, MethodEntry

STOPGAP = 1e-9
"""Weight of frames that are not next to the depth: only where those that are have no data."""


@dataclass
class DepthmapState:
    """Weighted sums, float32 (C, H, W), and the weights, float32 (H, W)."""

    sums: FloatImage
    weight: FloatImage


class Depthmap:
    """Linear interpolation between the two frames around each pixel's depth.

    Where these have no data the frames nearest in depth that do stand in.

    Parameters
    ----------
    guide : DepthGuide
    frames : int
        Depths are kept within 0..frames - 1.

    Notes
    -----
    State: 4 (1 + C) bytes per canvas pixel, beside the depth. Colours are those of the frames, and
    what is smooth stays so; the picture is as good as the depth. Weak spots: every error of the
    depth is a blurred patch; of several things sharp in one pixel only one is shown.

    References
    ----------
    Nayar & Nakagawa 1994, doi:10.1109/34.308479 (all-in-focus picture from the depth).
    """

    def __init__(self, guide: DepthGuide, frames: int) -> None:
        self._depth = np.clip(guide.depth, 0, frames - 1)

    def start(self, canvas: Canvas) -> DepthmapState:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        shape = canvas.height, canvas.width
        return DepthmapState(
            np.zeros((canvas.channels, *shape), np.float32), np.zeros(shape, np.float32)
        )

    def feed(self, state: DepthmapState, frame: Aligned) -> None:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        distance = np.abs(self._depth - np.float32(frame.index))
        weight = np.maximum(1 - distance, np.float32(STOPGAP) / (1 + distance) ** 8)
        if frame.valid is not None:
            weight[frame.valid == 0] = 0
        state.weight += weight
        for total, plane in zip(state.sums, frame.planar, strict=True):
            total += weight * plane

    def merge(self, first: DepthmapState, second: DepthmapState) -> DepthmapState:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        first.sums += second.sums
        first.weight += second.weight
        return first

    def finish(self, state: DepthmapState) -> FloatImage:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        state.sums /= np.where(state.weight > 0, state.weight, 1)
        return state.sums

    @staticmethod
    def state_bytes(canvas: Canvas) -> int:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        return canvas.height * canvas.width * 4 * (1 + canvas.channels)


def _make(_recipe: Recipe, context: FusionContext) -> Depthmap:
    assert context.depth is not None
    return Depthmap(context.depth, context.frames)


def _work_bytes(canvas: Canvas) -> int:
    """The clipped depth, distance, weight, and two planes to make them."""
    return canvas.width * canvas.height * 20


def _finish_bytes(canvas: Canvas) -> int:
    """The clipped depth and the divisor."""
    return canvas.width * canvas.height * 9


ENTRY = MethodEntry(_make, Depthmap.state_bytes, _work_bytes, _finish_bytes, needs_depth=True)
