"""How fast defocus grows along the stack, from what the survey kept of all frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from focusstack.colour import luma_of, luma_of_planes
from focusstack.model import FloatImage, NoiseModel
from focusstack.stages.glimpses import HALF, Glimpses
from focusstack.stages.survey import Survey
from focusstack.steps import depth, veil

FACTORS = (HALF, 2 * HALF)
"""Grids, beside the survey's, on which is looked at how wide things are blurred."""
FINER = 2
SMOOTHING = 1.0
"""Sigma, px of the survey, of what is smoothed before it is reduced to half the size."""
STEP = 1 / 255
"""Of bytes."""

Size = tuple[int, int]


def fit_growth(survey: Survey) -> veil.BlurModel:
    """The radius of defocus, px of the survey, by depth and frame."""
    luma = luma_of_planes(survey.picture, survey.noise.luma)
    looks = (_look(survey, luma, factor) for factor in FACTORS)
    return veil.fit_blur(looks, len(survey.glimpses.frames))


def _look(survey: Survey, luma: FloatImage, factor: int) -> veil.Look:
    """The stack on a grid that many times coarser than the survey's.

    The picture is blurred on a grid twice as fine, and smoothed before it is reduced to that: what
    is too fine for a grid would pass for coarser detail there, which blurs less than it did.
    """
    import cv2

    height, width = luma.shape
    size = max(1, width // factor), max(1, height // factor)
    noise = _noise(survey.noise, factor)
    smoothing = SMOOTHING * (factor / FINER - 1)
    finer = _resized(_smooth(luma, smoothing), (size[0] * FINER, size[1] * FINER))
    missing = 2 * smoothing / factor  # the radius of the disk that spreads as much
    nearest = cv2.resize(survey.depth, size, interpolation=cv2.INTER_NEAREST)

    def energy(plane: FloatImage) -> FloatImage:
        return depth.focus_energy(_resized(plane, size)[np.newaxis], noise)

    return veil.Look(
        factor,
        np.asarray(nearest, np.float32),
        lambda r: energy(veil.disk_blur(finer, FINER * max(r * r - missing**2, 0) ** 0.5)),
        lambda k: energy(_frame(survey.glimpses, k, survey.noise.luma)),
    )


def _noise(noise: NoiseModel, factor: int) -> NoiseModel:
    """Of frames that were rounded to bytes and reduced; most frames have detail on coarse grids
    wherever they are out of focus, so it cannot be measured there."""
    rounding = np.square(noise.luma).sum() * noise.gains[0] * STEP**2 / 12
    return replace(noise, variance=(noise.variance / factor**2 + rounding).astype(np.float32))


def _frame(glimpses: Glimpses, index: int, luma: FloatImage) -> FloatImage:
    """A frame's luma, float32 (h, w), 0..1, sRGB-encoded."""
    return luma_of(glimpses.frames[index], luma)


def _smooth(plane: FloatImage, sigma: float) -> FloatImage:
    import cv2

    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32) if sigma else plane


def _resized(plane: FloatImage, size: Size) -> FloatImage:
    import cv2

    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)
