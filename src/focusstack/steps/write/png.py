"""PNG, 8 or 16 bits; metadata as chunks."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from focusstack.model import Metadata, Pixels

_BEHIND_HEADER = 8 + 25


def encode(pixels: Pixels, metadata: Metadata) -> bytes:
    """Encode uint8 or uint16 pixels (H, W, 1 or 3), with a fast filter rather than the smallest."""
    import imagecodecs

    samples = np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    data = imagecodecs.png_encode(
        samples,
        level=1,
        filter=imagecodecs.PNG.FILTER.SUB,
        strategy=imagecodecs.PNG.STRATEGY.RLE,
    )
    chunks = _chunks(metadata)
    return b"".join((data[:_BEHIND_HEADER], chunks, data[_BEHIND_HEADER:]))


def _chunks(metadata: Metadata) -> bytes:
    parts = []
    if metadata.icc:
        parts.append(_chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata.icc)))
    if metadata.exif:
        parts.append(_chunk(b"eXIf", metadata.exif))
    if metadata.xmp:
        parts.append(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata.xmp))
    return b"".join(parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
