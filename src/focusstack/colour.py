"""What code values stand for: white, luma, and the sRGB transfer function (IEC 61966-2-1)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage, Pixels

XYZ_FROM_SRGB = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
"""CIE XYZ, white at D65, of linear sRGB."""
LUMA = {1: np.ones(1, np.float32), 3: np.array([0.299, 0.587, 0.114], np.float32)}
"""Share of each channel in luma, by number of channels (ITU-R BT.601)."""


def white(dtype: np.dtype[Any]) -> float:
    """The value of full scale: 1 for float32, the largest code for integers."""
    return 1.0 if dtype == np.float32 else float(np.iinfo(dtype).max)


def luma_of(pixels: Pixels) -> FloatImage:
    """Luma of a frame, float32 (H, W) in 0..1, from uint8, uint16 or float32 pixels."""
    top = np.float32(white(pixels.dtype))
    if pixels.shape[2] == 1:
        return np.asarray(pixels[..., 0], np.float32) / top
    import cv2

    # not a matrix product: that would wake a pool of threads
    return np.asarray(cv2.transform(pixels.astype(np.float32), LUMA[3][None] / top), np.float32)


def luma_of_planes(planar: FloatImage) -> FloatImage:
    """Luma (H, W) of float32 planes (C, H, W)."""
    if len(planar) == 1:
        return np.asarray(planar[0], np.float32)
    red, green, blue = LUMA[3]
    luma = planar[0] * red  # plain products: a matrix product would wake a pool of threads
    luma += planar[1] * green
    luma += planar[2] * blue
    return np.asarray(luma, np.float32)


def srgb_decode(encoded: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """sRGB values, 0..1 and above, to linear light; the dtype stays."""
    low = encoded / 12.92
    high = ((np.maximum(encoded, 0) + 0.055) / 1.055) ** 2.4
    return np.where(encoded <= 0.04045, low, high)


def srgb_encode(linear: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Linear light to sRGB values; negative light stays on the straight part; the dtype stays."""
    high = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, linear * 12.92, high)
