"""Every pixel copied from one frame, the one nearest to its depth; nothing is blended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focusstack.model import DepthGuide, FloatImage
from focusstack.steps.fuse.method import Aligned, Canvas


@dataclass
class SelectState:
    """How far, in frames, the copied frame is from the depth (H, W), and the copy (C, H, W)."""

    distance: FloatImage
    fused: FloatImage


class Select:
    """The pixel of the frame whose position is nearest to the depth; ties take the earlier frame.

    Where that frame has no data, the nearest one that has takes its place.

    Parameters
    ----------
    guide : DepthGuide

    Notes
    -----
    State: 4 (1 + C) bytes per canvas pixel. Noise is that of single frames, and what lies between
    two frames is as blurred as the better of them.
    """

    def __init__(self, guide: DepthGuide) -> None:
        self._depth = guide.depth

    def start(self, canvas: Canvas) -> SelectState:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        shape = canvas.height, canvas.width
        return SelectState(
            np.full(shape, np.inf, np.float32), np.zeros((canvas.channels, *shape), np.float32)
        )

    def feed(self, state: SelectState, frame: Aligned) -> None:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        distance = np.abs(self._depth - np.float32(frame.index))
        if frame.valid is not None:
            distance[frame.valid == 0] = np.inf
        _keep_nearer(state, distance, frame.planar)

    def merge(self, first: SelectState, second: SelectState) -> SelectState:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        _keep_nearer(first, second.distance, second.fused)
        return first

    def finish(self, state: SelectState) -> FloatImage:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        return state.fused

    @staticmethod
    def state_bytes(canvas: Canvas) -> int:
        """See :class:`~focusstack.steps.fuse.method.FusionMethod`."""
        return canvas.height * canvas.width * 4 * (1 + canvas.channels)


def _keep_nearer(state: SelectState, distance: FloatImage, planar: FloatImage) -> None:
    nearer = distance < state.distance
    np.copyto(state.distance, distance, where=nearer)
    np.copyto(state.fused, planar, where=nearer)
