"""How wide a point spreads: the radius of defocus by depth and frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np


@dataclass(frozen=True)
class BlurModel:
    """Radius of the blur disk in px of the grid it was fitted on.

    radius = |frame - depth| growth exp(by_depth (depth - middle) + by_frame (frame - middle)),
    middle being half of the last frame's number: for equal steps of the focus the growth falls
    with the distance of the thing and with the distance focused at, by about the same share from
    frame to frame.

    ``growth`` in px per frame; 0 where it could not be found.
    """

    growth: float
    by_depth: float
    by_frame: float
    middle: float

    def radius(self, depth: Any, frame: int) -> Any:
        """Radius, px, of things at ``depth`` (number or array) in frame ``frame``."""
        here = self.growth * float(np.exp(self.by_frame * (frame - self.middle)))
        return np.abs(depth - frame) * here * np.exp(self.by_depth * (depth - self.middle))

    def reduced(self, factor: float) -> BlurModel:
        """The same on a grid that many times coarser."""
        return replace(self, growth=self.growth / factor)
