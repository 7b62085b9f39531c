"""How likely the depth is to be right within one frame."""

from __future__ import annotations

import numpy as np

from focusstack.model import FloatImage

CALIBRATION = (
    *((0.0, 0.15), (0.125, 0.25), (0.225, 0.42), (0.325, 0.57), (0.425, 0.64), (0.525, 0.72)),
    *((0.575, 0.82), (0.625, 0.905), (0.675, 0.955), (0.725, 0.985), (0.8, 0.998), (1.0, 1.0)),
)
"""(prominence, share of pixels that were right within a frame) on stacks with known depth."""


def confidence_of(prominence: FloatImage) -> FloatImage:
    """Probability that the depth is right within one frame, float32 (H, W), 0..1."""
    at, share = np.array(CALIBRATION, np.float32).T
    return np.asarray(np.interp(prominence, at, share), np.float32)
