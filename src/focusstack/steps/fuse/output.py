"""From the planar floats that fusion works on to the pixels of a picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from focusstack.colour import white
from focusstack.model import FloatImage, Pixels

STRIP = 64


def to_pixels(planar: FloatImage, dtype: np.dtype[Any]) -> Pixels:
    """Interleave, clip to 0..1 and round half to even; (C, H, W) float32 to (H, W, C) ``dtype``."""
    channels, height, width = planar.shape
    out = np.empty((height, width, channels), dtype)
    top = np.float32(white(dtype))
    for y in range(0, height, STRIP):
        part = np.clip(planar[:, y : y + STRIP], 0, 1) * top
        out[y : y + STRIP] = (part if dtype == np.float32 else np.rint(part)).transpose(1, 2, 0)
    return out
