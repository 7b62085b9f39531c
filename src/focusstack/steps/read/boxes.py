"""The boxes that CR3, HEIF and JPEG XL files are made of (ISO base media file format)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from focusstack.ifd import Buffer

HEAD = 8
"""Bytes of size and kind before a box's content, at the least."""


def boxes(data: Buffer, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind of each box, and where its content begins and ends; up to one that does not fit."""
    while start + HEAD <= end:
        size, kind = struct.unpack(">I4s", bytes(data[start : start + HEAD]))
        head = HEAD
        if size == 0:  # the last one, as long as the file
            size = end - start
        elif size == 1:
            if start + 16 > end:
                return
            size, head = struct.unpack(">Q", bytes(data[start + 8 : start + 16]))[0], 16
        if size < head or start + size > end:
            return
        yield kind, start + head, start + size
        start += size
