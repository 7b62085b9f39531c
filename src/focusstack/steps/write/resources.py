"""Photoshop image resources: the block that IPTC travels in."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_SIGNATURE = b"8BIM"
_IPTC = 0x0404
# Thumbnails, and copies of EXIF and XMP, which are true of the reference frame only.
_STALE = frozenset({0x0409, 0x040C, 0x0422, 0x0423, 0x0424})


def kept(block: bytes) -> bytes:
    """The resources that are true of the fused image as well; what is damaged ends the block."""
    return b"".join(whole for number, whole, _ in _resources(block) if number not in _STALE)


def iptc(block: bytes) -> bytes:
    """The IPTC records in it; b"" if there are none."""
    return next((data for number, _, data in _resources(block) if number == _IPTC), b"")


def only_iptc(block: bytes) -> bool:
    """Whether there is nothing else in it."""
    return {number for number, _, _ in _resources(block)} <= {_IPTC}


def _resources(block: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Number, bytes with the resource's head, and bytes of its data."""
    at = 0
    while block[at : at + 4] == _SIGNATURE and at + 7 <= len(block):
        (number,) = struct.unpack(">H", block[at + 4 : at + 6])
        name = 1 + block[at + 6]
        size_at = at + 6 + name + name % 2
        if size_at + 4 > len(block):
            return
        (size,) = struct.unpack(">I", block[size_at : size_at + 4])
        data = block[size_at + 4 : size_at + 4 + size]
        if len(data) < size:
            return
        end = size_at + 4 + size + size % 2
        yield number, block[at:end].ljust(end - at, b"\0"), data
        at = end
