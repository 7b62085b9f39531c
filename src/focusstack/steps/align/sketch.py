"""A frame reduced to what alignment looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focusstack.colour import srgb_decode
from focusstack.model import FloatImage

COARSEST_SIDE = 48
DETAIL_SIGMA = 8.0
DETAIL_SOFTNESS = 10 / 255
MIN_DETAIL = 0.02
FINE_SIGMA = 2.0


@dataclass(frozen=True)
class Sketch:
    """What two frames are compared by; float32.

    ``pyramid``, finest first, about -1..1, is for finding a frame; ``fine``, of the first two
    levels' sizes, around 0 in linear light, for placing it precisely.
    """

    pyramid: tuple[FloatImage, ...]
    fine: tuple[FloatImage, ...]
    featureless: bool


def sketch(luma: FloatImage) -> Sketch:
    """Compress a frame's detail for comparison with its neighbours.

    Subtracting a blurred copy (sigma 8 px) removes vignetting, exposure and the veils of defocused
    foreground; d / sqrt(d^2 + softness^2) keeps highlights from outvoting everything else.
    """
    import cv2

    detail = luma - _widely_blurred(luma, DETAIL_SIGMA)
    level = _compressed(detail, DETAIL_SOFTNESS)
    featureless = float(level.std()) < MIN_DETAIL
    levels = [level]
    while min(level.shape) >= 2 * COARSEST_SIDE:
        level = cv2.pyrDown(level)
        levels.append(level)
    codes = np.clip(luma * np.float32(_LEVELS) + np.float32(0.5), 0, _LEVELS)
    light = _LINEAR[codes.astype(np.uint16)]
    lights = [light, cv2.pyrDown(light)][: len(levels)]
    return Sketch(tuple(levels), tuple(fine_detail(one) for one in lights), featureless)


_LEVELS = 65535
_LINEAR = np.asarray(srgb_decode(np.arange(_LEVELS + 1) / _LEVELS), np.float32)


def _widely_blurred(luma: FloatImage, sigma: float) -> FloatImage:
    """Gaussian blur at half the size; going there and back blurs by about 1 px^2 each."""
    import cv2

    half = cv2.GaussianBlur(cv2.pyrDown(luma), (0, 0), np.sqrt(sigma**2 - 2) / 2)
    return np.asarray(cv2.pyrUp(half, dstsize=luma.shape[::-1]), np.float32)


def fine_detail(light: FloatImage) -> FloatImage:
    """What is finer than a Gaussian of sigma 2 px, in linear light and not compressed.

    Defocus spreads light evenly to all sides in linear light only. Encoded or compressed, blurred
    edges creep towards the dark side as they widen, which looks like a change of magnification.
    """
    import cv2

    return np.asarray(light - cv2.GaussianBlur(light, (0, 0), FINE_SIGMA), np.float32)


def _compressed(detail: FloatImage, softness: float) -> FloatImage:
    return np.asarray(detail / np.sqrt(detail * detail + np.float32(softness**2)), np.float32)
