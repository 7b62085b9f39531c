"""Metadata without the place where a picture was taken."""

from __future__ import annotations

import re
import struct
from dataclasses import replace

from focusstack import ifd
from focusstack.model import Metadata

_WIDE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_ATTRIBUTE = re.compile(rb"""\s+[\w-]+:gps[\w-]*\s*=\s*(?:"[^"]*"|'[^']*')""", re.IGNORECASE)
_ELEMENT = re.compile(
    rb"""\s*<([\w-]+:gps[\w-]*)(?:\s[^>]*)?(?:/>|>.*?</\1\s*>)""", re.IGNORECASE | re.DOTALL
)


def without_gps(metadata: Metadata) -> Metadata:
    """The same without coordinates in EXIF and XMP; their bytes are overwritten, not only hidden.

    Names of places, which IPTC and XMP may hold, stay, and so does what a maker note holds.
    """
    xmp = _ELEMENT.sub(b"", _ATTRIBUTE.sub(b"", metadata.xmp))
    return replace(metadata, exif=_exif(metadata.exif), xmp=xmp)


def _exif(block: bytes) -> bytes:
    order = ifd.byte_order(block)
    if order is None:
        return block
    start = ifd.first_offset(block, order)
    first = ifd.parse(block, start, order)[0]
    where = ifd.number(first, ifd.GPS_POINTER, order)
    if ifd.GPS_POINTER not in first:
        return block
    patched = bytearray(block)
    if where:
        _blank_directory(patched, where, order)
    _remove(patched, start, ifd.GPS_POINTER, order)
    return bytes(patched)


def _blank_directory(block: bytearray, at: int, order: str) -> None:
    """Overwrite a directory and the values that it refers to with zeros."""
    if not 8 <= at <= len(block) - 2:
        return
    (count,) = struct.unpack_from(order + "H", block, at)
    end = min(at + 2 + 12 * count + 4, len(block))
    for record in range(at + 2, end - 11, 12):
        _, kind, number, place = struct.unpack_from(order + "HHII", block, record)
        size = _WIDE.get(kind, 0) * number
        if size > 4 and place >= 8 and place + size <= len(block):
            block[place : place + size] = b"\0" * size
    block[at:end] = b"\0" * (end - at)


def _remove(block: bytearray, at: int, tag: int, order: str) -> None:
    """Take one record out of a directory; those behind it move up."""
    (count,) = struct.unpack_from(order + "H", block, at)
    begin, end = at + 2, at + 2 + 12 * min(count, (len(block) - at - 2) // 12)
    records = [bytes(block[k : k + 12]) for k in range(begin, end, 12)]
    kept = [one for one in records if struct.unpack(order + "H", one[:2])[0] != tag]
    behind = bytes(block[end : end + 4])
    fresh = struct.pack(order + "H", len(kept)) + b"".join(kept) + behind
    block[at : end + len(behind)] = fresh.ljust(end + len(behind) - at, b"\0")
