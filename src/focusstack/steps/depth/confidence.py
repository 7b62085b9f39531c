"""How likely the depth is to be right within one frame."""

from __future__ import annotations

import numpy as np

from focusstack.model import FloatImage

STEP_FRAMES = 1.5
ODDS, CALM, FARTHEST_PX = 1.8, 0.51, 60.0
"""Odds of a peak half of which stands out, beside a step; the power of distance from there by which
they grow; and how far, px, they do. A logistic regression on stacks with known depth."""
NOISE = (0.2, 0.35)
"""Prominence that noise alone reaches, and from which on noise does not count."""


def confidence_of(prominence: FloatImage, depth: FloatImage) -> FloatImage:
    """Probability that the depth is right within one frame, float32 (H, W), 0..1.

    Parameters
    ----------
    prominence : float32 (H, W), 0..1
        How far the peak stands out, see :func:`~focusstack.steps.depth.peak.prominence`.
    depth : float32 (H, W)
        Positions among the frames; beside its steps less is sure.
    """
    stands = np.clip(prominence, 0, np.float32(0.995))
    odds = ODDS * stands / (1 - stands) * (1 + _from_step(depth)) ** CALM
    low, high = NOISE
    odds *= np.clip((stands - low) / (high - low), 0, 1)
    return np.asarray(odds / (1 + odds), np.float32)


def _from_step(depth: FloatImage) -> FloatImage:
    """Distance to the nearest step in depth, px, as far as it counts."""
    import cv2

    square = np.ones((3, 3), np.uint8)
    smooth = (cv2.dilate(depth, square) - cv2.erode(depth, square)) <= STEP_FRAMES
    distance = cv2.distanceTransform(smooth.astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(np.minimum(distance, FARTHEST_PX), np.float32)
