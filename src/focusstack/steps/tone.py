"""Exposure and white balance evened out between frames, in linear light."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.colour import srgb_decode, srgb_encode, white
from focusstack.model import FloatImage, Pixels, Transform
from focusstack.transform import at_full_size

THUMB_SIDE = 96
MIN_CHANGE = 0.004
DARKEST, BRIGHTEST = 0.004, 0.9
MIN_PIXELS = 30
MAX_GAIN = 4.0

Gains = npt.NDArray[np.float64]


def thumbnail(pixels: Pixels) -> FloatImage:
    """A frame in linear light, area-averaged to at most 96 px; float32 (h, w, C)."""
    import cv2

    height, width = pixels.shape[:2]
    factor = min(1.0, THUMB_SIDE / max(height, width))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    # linearise at four times the final size: averaging encoded values would darken contrast
    middle = min(width, 4 * size[0]), min(height, 4 * size[1])
    part = cv2.resize(pixels, middle, interpolation=cv2.INTER_AREA)
    values = part.astype(np.float32) / np.float32(white(pixels.dtype))
    light = srgb_decode(values).astype(np.float32)
    small = cv2.resize(light, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small.reshape(*small.shape[:2], pixels.shape[2]), np.float32)


def estimate_gains(
    thumbs: Mapping[int, FloatImage],
    transforms: Mapping[int, Transform],
    reference: int,
    width: int,
) -> dict[int, Gains]:
    """Factor per frame and channel that brings it to the reference's exposure, in linear light.

    Defocus moves light about but loses none, so the light that falls on the part of the scene that
    both frames see gives the ratio; places near black or white are left out.

    Parameters
    ----------
    thumbs : dict frame -> linear light, float32 (h, w, C)
    transforms : dict frame -> reference_from_frame at full size
    width : of the full-size frames, px

    Returns
    -------
    dict frame -> float64 (C,). All ones when no frame differs by more than 0.4 %.
    """
    target = thumbs[reference]
    gains = {i: _gain(target, thumbs[i], t, width) for i, t in transforms.items()}
    largest = max(float(np.abs(np.log(g)).max()) for g in gains.values())
    if largest < np.log1p(MIN_CHANGE):
        return {i: np.ones_like(g) for i, g in gains.items()}
    return gains


def _gain(target: FloatImage, thumb: FloatImage, transform: Transform, width: int) -> Gains:
    import cv2

    height, small = target.shape[:2]
    move = at_full_size(transform, small / width)
    moved = cv2.warpPerspective(thumb, move, (small, height), flags=cv2.INTER_LINEAR)
    moved = moved.reshape(target.shape)
    seen = cv2.warpPerspective(np.ones((height, small), np.float32), move, (small, height)) > 0.999
    both = np.minimum(target, moved).min(axis=2), np.maximum(target, moved).max(axis=2)
    use = seen & (both[0] > DARKEST) & (both[1] < BRIGHTEST)
    if int(use.sum()) < MIN_PIXELS:
        return np.ones(target.shape[2])
    ratio = target[use].sum(axis=0, dtype=np.float64) / moved[use].sum(axis=0, dtype=np.float64)
    return np.asarray(np.clip(ratio, 1 / MAX_GAIN, MAX_GAIN), np.float64)


def code_values(dtype: np.dtype[Any], gain: Gains) -> FloatImage:
    """What each source code of a frame stands for once its gain is applied; float32 (C, codes).

    Values are sRGB-encoded, 0..1 before the gain. For float32 frames the table is empty: they are
    scaled by :func:`apply_gain`.
    """
    if dtype == np.float32:
        return np.zeros((len(gain), 0), np.float32)
    top = np.iinfo(dtype).max
    codes = np.arange(top + 1) / top
    if np.all(gain == 1):
        return np.tile(codes.astype(np.float32), (len(gain), 1))
    light = srgb_decode(codes)
    return np.stack([srgb_encode(light * g) for g in gain]).astype(np.float32)


def apply_gain(pixels: FloatImage, gain: Gains) -> FloatImage:
    """The same on float32 pixels (H, W, C)."""
    if np.all(gain == 1):
        return pixels
    return np.asarray(srgb_encode(srgb_decode(pixels) * gain), np.float32)
