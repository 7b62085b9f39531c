"""What is kept of a picture to tell what it belongs to: where it is sharp, and its small copy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focusstack.colour import luma_of, srgb_decode
from focusstack.model import FloatImage, Pixels
from focusstack.places import RAW_EXTENSIONS
from focusstack.steps.read import FileSource, FrameSource, reduction

LOOKED_AT_PIXELS = 1_500_000
"""Pictures are reduced to at most this size: finer detail takes longer and tells no more."""
ROWS, COLUMNS = 10, 15
SMALL = 96
"""Longer side of the small picture, px."""
FLOOR = 1e-6
"""Added to energies: below it there is nothing but rounding."""


@dataclass(frozen=True)
class Glimpse:
    """A picture in a few kilobytes.

    Attributes
    ----------
    sharpness : float32 (ROWS, COLUMNS)
        Logarithm of the mean squared fine detail, relative to the brightness there.
    small : float32 (h, w)
        The picture at most SMALL px wide or high, linear light.
    """

    sharpness: FloatImage
    small: FloatImage


def take_glimpse(frames: FrameSource, index: int) -> Glimpse:
    """Look at one picture, reduced."""
    return glimpse_of(quick_pixels(frames, index))


def quick_pixels(frames: FrameSource, index: int) -> Pixels:
    """One picture's pixels, (H, W, C), reduced to 1.5 MP or a little more, or a RAW's preview."""
    if frames.paths[index].suffix.lower() in RAW_EXTENSIONS:
        quick = FileSource(frames.paths).preview(index)  # developing would take ten times as long
        if quick is not None:
            return quick
    info = frames.info(index)
    return frames.read_reduced(index, reduction(info.width * info.height, LOOKED_AT_PIXELS))


def glimpse_of(pixels: Pixels) -> Glimpse:
    """What is kept of pixels, (H, W, C)."""
    import cv2

    luma = luma_of(pixels)
    height, width = luma.shape
    by = SMALL / max(height, width)
    size = max(8, round(width * by)), max(8, round(height * by))
    small = cv2.resize(srgb_decode(luma), size, interpolation=cv2.INTER_AREA)
    return Glimpse(sharpness_of(luma), np.asarray(small, np.float32))


def sharpness_of(luma: FloatImage) -> FloatImage:
    """Of encoded luma, float32 (H, W) in 0..1, per cell, (ROWS, COLUMNS); see :class:`Glimpse`.

    Detail half a pixel fine is mostly noise, so the picture is smoothed a little.
    """
    import cv2

    smooth = cv2.GaussianBlur(luma, (0, 0), 1.0)
    detail = smooth - cv2.GaussianBlur(smooth, (0, 0), 2.0)
    cells = (COLUMNS, ROWS)
    energy = cv2.resize(detail * detail, cells, interpolation=cv2.INTER_AREA)
    bright = cv2.resize(luma, cells, interpolation=cv2.INTER_AREA)
    return np.asarray(np.log((energy + FLOOR) / (bright * bright + 1e-3)), np.float32)
