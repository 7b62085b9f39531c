"""The lens: how large the blur disk of a point is in each frame.

Depths are given as ``t``: 0 is the nearest focus distance of the stack, 1 the farthest, and linear
in millimetres between them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focusstack.model import FloatImage

NEAR_MM = 150.0
FAR_MM = 175.0
FOCAL_MM = 60.0


@dataclass(frozen=True)
class Lens:
    """A thin lens whose focus steps evenly through ``frames`` distances.

    Parameters
    ----------
    frames : int
        Number of focus distances; frame 0 is focused nearest.
    blur_px : float
        Radius in pixels of the circle of confusion of a point that lies one frame step behind the
        focus distance in the middle of the range.
    far_first : bool
        Frame 0 is focused farthest instead.
    """

    frames: int
    blur_px: float
    far_first: bool = False

    def focus(self, index: int) -> float:
        """Depth ``t`` that frame ``index`` is focused at."""
        if self.frames == 1:
            return 0.5
        t = index / (self.frames - 1)
        return 1.0 - t if self.far_first else t

    def frame_index(self, t: FloatImage) -> FloatImage:
        """Fractional index of the frame that is focused at depth ``t``, same shape, float32."""
        if self.frames == 1:
            return np.zeros_like(t)
        near_first = (1 - t) if self.far_first else t
        return np.asarray(near_first * (self.frames - 1), np.float32)

    def radius(self, t: FloatImage, index: int) -> FloatImage:
        """Radius in pixels of the circle of confusion at depth ``t`` in frame ``index``.

        Thin lens: proportional to |z - s| / (z (s - f)) for an object at distance z with the lens
        of focal length f focused at s.
        """
        s = _millimetres(self.focus(index))
        z = NEAR_MM + np.asarray(t, np.float32) * np.float32(FAR_MM - NEAR_MM)
        return np.asarray(self._aperture() * np.abs(z - s) / (z * (s - FOCAL_MM)), np.float32)

    def largest_radius(self) -> float:
        """The largest circle of confusion that depths 0..1 meet in any frame, in pixels."""
        ends = np.array([0.0, 1.0], np.float32)
        return max(float(self.radius(ends, i).max()) for i in (0, self.frames - 1))

    def _aperture(self) -> float:
        step = 1.0 / max(self.frames - 1, 1)
        s = _millimetres(0.5)
        z = _millimetres(0.5 + step)
        return self.blur_px * z * (s - FOCAL_MM) / (z - s)


def _millimetres(t: float) -> float:
    return NEAR_MM + t * (FAR_MM - NEAR_MM)
