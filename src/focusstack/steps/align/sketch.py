"""A frame reduced to what alignment looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focusstack.model import FloatImage, Pixels

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
COARSEST_SIDE = 48
DETAIL_SIGMA = 8.0
DETAIL_SOFTNESS = 10 / 255
MIN_DETAIL = 0.02


@dataclass(frozen=True)
class Sketch:
    """Pyramid of a frame's compressed detail, finest first; float32, about -1..1."""

    pyramid: tuple[FloatImage, ...]
    featureless: bool


def luma_of(pixels: Pixels) -> FloatImage:
    """Luma of a frame, float32 (H, W) in 0..1, from uint8, uint16 or float32 pixels."""
    top = 1.0 if pixels.dtype == np.float32 else float(np.iinfo(pixels.dtype).max)
    if pixels.shape[2] == 1:
        return np.asarray(pixels[..., 0], np.float32) / np.float32(top)
    return np.asarray(pixels.astype(np.float32) @ (LUMA / np.float32(top)), np.float32)


def sketch(luma: FloatImage) -> Sketch:
    """Compress a frame's detail for comparison with its neighbours.

    Subtracting a blurred copy (sigma 8 px) removes vignetting, exposure and the veils of defocused
    foreground; d / sqrt(d^2 + softness^2) keeps highlights from outvoting everything else.
    """
    import cv2

    detail = luma - cv2.GaussianBlur(luma, (0, 0), DETAIL_SIGMA)
    level = detail / np.sqrt(detail * detail + np.float32(DETAIL_SOFTNESS**2))
    featureless = float(level.std()) < MIN_DETAIL
    levels = [level]
    while min(level.shape) >= 2 * COARSEST_SIDE:
        level = cv2.pyrDown(level)
        levels.append(level)
    return Sketch(tuple(levels), featureless)
