"""A frame reduced to what alignment looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focusstack.model import FloatImage

COARSEST_SIDE = 48
DETAIL_SIGMA = 8.0
DETAIL_SOFTNESS = 10 / 255
MIN_DETAIL = 0.02


@dataclass(frozen=True)
class Sketch:
    """Pyramid of a frame's compressed detail, finest first; float32, about -1..1."""

    pyramid: tuple[FloatImage, ...]
    featureless: bool


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
