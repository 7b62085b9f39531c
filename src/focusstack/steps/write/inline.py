"""Encoded pictures that go into a page instead of a file of their own."""

from __future__ import annotations

import numpy as np

from focusstack.model import Metadata, Pixels
from focusstack.steps.write import jpeg


def jpeg_bytes(pixels: Pixels, metadata: Metadata, quality: int) -> bytes:
    """A JPEG of uint8 pixels (H, W, 1 or 3)."""
    data, _ = jpeg.encode(pixels, metadata, quality)
    return data


def png_bytes(pixels: Pixels) -> bytes:
    """A small PNG of uint8 pixels (H, W, 4), RGB and opacity."""
    import imagecodecs

    return bytes(imagecodecs.png_encode(np.ascontiguousarray(pixels), level=9))
