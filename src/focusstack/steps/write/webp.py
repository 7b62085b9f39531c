"""WebP, 8 bits; metadata as RIFF chunks."""

from __future__ import annotations

import struct

import numpy as np

from focusstack.model import Metadata, Pixels

MAX_SIDE = 16383
_ICC_FLAG, _EXIF_FLAG, _XMP_FLAG = 0x20, 0x08, 0x04


def encode(pixels: Pixels, metadata: Metadata, quality: int) -> bytes:
    """Encode uint8 pixels (H, W, 3), lossy."""
    import imagecodecs

    data = imagecodecs.webp_encode(np.ascontiguousarray(pixels), level=quality, lossless=False)
    picture = data[12:]
    flags = (
        (_ICC_FLAG if metadata.icc else 0)
        | (_EXIF_FLAG if metadata.exif else 0)
        | (_XMP_FLAG if metadata.xmp else 0)
    )
    height, width = pixels.shape[:2]
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"".join(
        (
            b"WEBP",
            _chunk(b"VP8X", bytes((flags, 0, 0, 0)) + size),
            _chunk(b"ICCP", metadata.icc),
            picture,
            _chunk(b"EXIF", metadata.exif),
            _chunk(b"XMP ", metadata.xmp),
        )
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunk(name: bytes, body: bytes) -> bytes:
    if not body:
        return b""
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
