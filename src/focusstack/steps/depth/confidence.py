"""How likely the depth is to be right within one frame."""

from __future__ import annotations

import numpy as np

from focusstack.model import FloatImage

CALIBRATION = ((0.0, 0.3), (0.3, 0.45), (0.5, 0.7), (0.6, 0.88), (0.7, 0.97), (0.8, 0.995), (1, 1))
"""(prominence, share of pixels that were right within a frame) on stacks with known depth."""


def confidence_of(prominence: FloatImage) -> FloatImage:
    """Probability that the depth is right within one frame, float32 (H, W), 0..1."""
    at, share = np.array(CALIBRATION, np.float32).T
    return np.asarray(np.interp(prominence, at, share), np.float32)
