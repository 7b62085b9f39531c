"""How wide a point spreads: the radius of defocus by depth and frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

LEAST_SHARE = 0.3
"""Of the mean growth, below which no extrapolation goes."""


@dataclass(frozen=True)
class BlurModel:
    """Radius of the blur disk in px of the grid it was fitted on.

    radius = |frame - depth| (growth + by_depth (depth - middle) + by_frame (frame - middle)),
    middle being half of the last frame's number: for equal steps of the focus the growth changes
    slowly along the stack.

    ``growth`` in px per frame; 0 where it could not be found.
    """

    growth: float
    by_depth: float
    by_frame: float
    middle: float

    def radius(self, depth: Any, frame: int) -> Any:
        """Radius, px, of things at ``depth`` (number or array) in frame ``frame``."""
        slope = self.growth + self.by_depth * (depth - self.middle)
        slope = slope + self.by_frame * (frame - self.middle)
        return np.abs(depth - frame) * np.maximum(slope, LEAST_SHARE * self.growth)

    def reduced(self, factor: float) -> BlurModel:
        """The same on a grid that many times coarser."""
        return replace(
            self,
            growth=self.growth / factor,
            by_depth=self.by_depth / factor,
            by_frame=self.by_frame / factor,
        )
