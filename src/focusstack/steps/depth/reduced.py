"""Planes at a part of their size, by the mean of what falls on a pixel."""

from __future__ import annotations

import numpy as np

from focusstack.model import FloatImage


def reduced(plane: FloatImage, factor: int) -> FloatImage:
    """A plane or picture, float32 (H, W) or (H, W, C), at 1/factor, but no side under 8 px."""
    import cv2

    height, width = plane.shape[:2]
    size = max(8, width // factor), max(8, height // factor)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)
