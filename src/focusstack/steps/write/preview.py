"""A thumbnail of the fused image."""

from __future__ import annotations

import numpy as np

from focusstack.model import Pixels

_SIDE = 160
_QUALITY = 80


def thumbnail(pixels: Pixels) -> bytes:
    """A JPEG of at most 160 x 160 pixels, from uint8, uint16 or float32 (H, W, 1 or 3)."""
    import cv2
    import simplejpeg

    height, width = pixels.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).reshape(*size[::-1], -1)
    top = 1.0 if pixels.dtype.kind == "f" else float(np.iinfo(pixels.dtype).max)
    codes = np.rint(np.clip(np.nan_to_num(small.astype(np.float32) / top), 0, 1) * 255)
    grey = codes.shape[2] == 1
    return bytes(
        simplejpeg.encode_jpeg(
            np.ascontiguousarray(codes, np.uint8),
            quality=_QUALITY,
            colorspace="gray" if grey else "rgb",
            colorsubsampling="Gray" if grey else "420",
        )
    )
