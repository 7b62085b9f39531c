"""JPEG, 8 bits, no chroma subsampling; metadata as APP segments."""

from __future__ import annotations

import struct

import numpy as np

from focusstack.model import Metadata, Pixels

MAX_SIDE = 65500
_MAX_SEGMENT = 65533
_EXIF = b"Exif\0\0"
_ICC = b"ICC_PROFILE\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_RESOURCES = b"Photoshop 3.0\0"
_APP0, _APP1, _APP2, _APP13 = 0xE0, 0xE1, 0xE2, 0xED
XMP_ROOM = _MAX_SEGMENT - len(_XMP)
"""Bytes of XMP that a JPEG holds."""


def encode(pixels: Pixels, metadata: Metadata, quality: int) -> tuple[bytes, list[str]]:
    """Encode uint8 pixels (H, W, 1 or 3); returns the file and warnings."""
    import simplejpeg

    grey = pixels.shape[2] == 1
    data = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels),
        quality=quality,
        colorspace="gray" if grey else "rgb",
        colorsubsampling="Gray" if grey else "444",
    )
    segments, warnings = _segments(metadata)
    at = _behind_app0(data)
    return b"".join((data[:at], segments, data[at:])), warnings


def _behind_app0(data: bytes) -> int:
    if data[2:4] != bytes((0xFF, _APP0)):
        return 2
    return 4 + int(struct.unpack(">H", data[4:6])[0])


def _segments(metadata: Metadata) -> tuple[bytes, list[str]]:
    parts, warnings = [], []
    for prefix, block, name in ((_EXIF, metadata.exif, "EXIF"), (_XMP, metadata.xmp, "XMP")):
        if len(prefix) + len(block) > _MAX_SEGMENT:
            warnings.append(f"the {name} block is too large for a JPEG and was left out")
        elif block:
            parts.append(_segment(_APP1, prefix + block))
    parts.extend(_profile(metadata.icc))
    room = _MAX_SEGMENT - len(_RESOURCES)
    starts = range(0, len(metadata.resources), room)
    parts += [_segment(_APP13, _RESOURCES + metadata.resources[k : k + room]) for k in starts]
    return b"".join(parts), warnings


def _profile(icc: bytes) -> list[bytes]:
    room = _MAX_SEGMENT - len(_ICC) - 2
    pieces = [icc[at : at + room] for at in range(0, len(icc), room)]
    return [
        _segment(_APP2, _ICC + bytes((number, len(pieces))) + piece)
        for number, piece in enumerate(pieces[:255], 1)
    ]


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
