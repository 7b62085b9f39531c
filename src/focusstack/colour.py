"""The sRGB transfer function (IEC 61966-2-1), both ways."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def srgb_decode(encoded: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """sRGB values, 0..1 and above, to linear light; the dtype stays."""
    low = encoded / 12.92
    high = ((np.maximum(encoded, 0) + 0.055) / 1.055) ** 2.4
    return np.where(encoded <= 0.04045, low, high)


def srgb_encode(linear: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Linear light to sRGB values; negative light stays on the straight part; the dtype stays."""
    high = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, linear * 12.92, high)
