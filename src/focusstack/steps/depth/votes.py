"""Every pixel's votes for the frames it is sharp in, gathered from its likes near and far."""

from __future__ import annotations

import numpy as np

from focusstack.model import FloatImage
from focusstack.steps.depth.guided import Colour, GuidedFilter
from focusstack.steps.depth.reduced import reduced
from focusstack.steps.depth.volume import FocusVolume, decode_table

RADIUS = 10
EPSILON = 1e-3
NOISE_ENERGY = 1.5
"""Energy below which nothing counts, in units of the noise."""
HALF_TRUST = 10.0
"""Energy at which a pixel's vote weighs half of the most it can."""
REACH = ((4, 1.0), (16, 0.5))
"""(reduction, weight) of votes from farther away, which decide where there are none nearby."""
LEAST = 1e-6


class VoteGatherer:
    """Votes of one frame after another, smoothed along the edges of the fused picture.

    Parameters
    ----------
    volume : FocusVolume
        With all frames in it.
    picture : float32 (H, W, 3), 0..1
        All in focus.

    Notes
    -----
    A vote is the frame's energy over the largest of all frames, so that a hair's strong edge weighs
    no more than the faint grain behind it, times a trust that rises with that largest energy.
    ``energy``, float32 (H, W), is the largest of all frames, above the noise. Memory: 13 filter
    planes at quarter size, beside the volume.
    """

    def __init__(self, volume: FocusVolume, picture: Colour) -> None:
        import cv2

        assert volume.peak is not None
        self._slices = volume.slices
        self._table = np.maximum(decode_table() - np.float32(NOISE_ENERGY), 0)
        self.energy = cv2.LUT(volume.peak, self._table)
        self._divisor = self.energy + np.float32(HALF_TRUST)
        self._near = GuidedFilter(picture, RADIUS, EPSILON, subsample=2)
        self._far = [
            GuidedFilter(reduced(picture, factor), RADIUS, EPSILON) for factor, _weight in REACH
        ]

    def __len__(self) -> int:
        return len(self._slices)

    def gathered(self, index: int) -> FloatImage:
        """Votes for frame ``index``, float32 (H, W), above 0."""
        import cv2

        votes = cv2.LUT(self._slices[index], self._table) / self._divisor
        total = self._near(votes)
        size = votes.shape[::-1]
        for (factor, weight), smooth in zip(REACH, self._far, strict=True):
            wide = np.maximum(smooth(reduced(votes, factor)), 0)
            total += np.float32(weight) * cv2.resize(wide, size, interpolation=cv2.INTER_LINEAR)
        return np.maximum(total, np.float32(LEAST))
