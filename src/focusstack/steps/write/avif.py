"""AVIF, 8 bits, no chroma subsampling, through Pillow."""

from __future__ import annotations

import io

import numpy as np

from focusstack.model import Metadata, Pixels

MAX_SIDE = 65535
_SPEED = 6


def encode(pixels: Pixels, metadata: Metadata, quality: int) -> bytes:
    """Encode uint8 pixels (H, W, 1 or 3), lossy; about 0.6 s per megapixel and core."""
    from PIL import Image

    picture = Image.fromarray(
        np.ascontiguousarray(pixels if pixels.shape[2] == 3 else pixels[..., 0])
    )
    file = io.BytesIO()
    picture.save(
        file,
        "AVIF",
        quality=quality,
        speed=_SPEED,
        subsampling="4:4:4",
        exif=metadata.exif,
        icc_profile=metadata.icc,
        xmp=metadata.xmp,
    )
    return file.getvalue()
