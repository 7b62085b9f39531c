"""EXIF out of camera RAW, whatever it is packed in.

Most makers use TIFF; Olympus and Panasonic with a mark of their own at its start, Fujifilm keeps it
in a JPEG preview, Canon's CR3 in boxes as films have them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path

from focusstack.ifd import (
    EXIF_POINTER,
    GPS_POINTER,
    Buffer,
    Directory,
    byte_order,
    first_offset,
    long_entry,
    parse,
    serialise,
    without,
)
from focusstack.steps.read.boxes import boxes
from focusstack.steps.read.exif_block import descriptive_exif

_MARKS = {b"IIRO": "<", b"IIRS": "<", b"MMOR": ">", b"IIU\0": "<"}
_FUJI, _FUJI_PREVIEW = b"FUJIFILMCCD-RAW", 84
_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_MAKER_NOTE = 37500
_MOST_BYTES = 1 << 22


def raw_exif(data: Buffer) -> bytes:
    """The tags that describe the picture, as an EXIF block; empty where none are found."""
    if byte_order(data) is not None:
        return descriptive_exif(data)
    if bytes(data[0:4]) in _MARKS:
        return descriptive_exif(_Marked(data, _MARKS[bytes(data[0:4])]))
    if data[0 : len(_FUJI)] == _FUJI:
        return _of_preview(data)
    if data[4:12] == b"ftypcrx ":
        return _of_boxes(data)
    return b""


def canon_note(path: Path) -> bytes:
    """The maker note of a CR3, a TIFF block by itself; empty where there is none to be read."""
    try:
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            return dict(_boxes_of_canon(data)).get(b"CMT3", b"")
    except (OSError, ValueError):  # an empty file cannot be mapped
        return b""


class _Marked:
    """A file that is TIFF but for its first bytes."""

    def __init__(self, data: Buffer, order: str) -> None:
        self._data = data
        self._head = b"II*\0" if order == "<" else b"MM\0*"

    def __len__(self) -> int:
        return len(self._data)

    def __getitem__(self, where: slice, /) -> bytes:
        start, stop, _ = where.indices(len(self))
        found = bytes(self._data[start:stop])
        return self._head[start:stop] + found[max(0, 4 - start) :] if start < 4 else found


def _of_preview(data: Buffer) -> bytes:
    """The first segment of the preview holds it whole."""
    if len(data) < _FUJI_PREVIEW + 8:
        return b""
    where, size = struct.unpack(">II", bytes(data[_FUJI_PREVIEW : _FUJI_PREVIEW + 8]))
    head = bytes(data[where : where + min(size, 1 << 17)])
    if head[:4] != b"\xff\xd8\xff\xe1" or head[6:12] != b"Exif\0\0":
        return b""
    length = struct.unpack(">H", head[4:6])[0]
    return descriptive_exif(head[12 : 4 + length])


def _of_boxes(data: Buffer) -> bytes:
    """Canon keeps each directory in a TIFF of its own: the first, the exposure's, the place's."""
    parts = dict(_boxes_of_canon(data))
    main = parts.get(b"CMT1", b"")
    order = byte_order(main)
    if order is None:
        return b""
    directory = without(_directory(main), (EXIF_POINTER, GPS_POINTER))
    block = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    pointers = {EXIF_POINTER: b"CMT2", GPS_POINTER: b"CMT4"}
    there = {
        tag: parts[name] for tag, name in pointers.items() if parts.get(name, b"")[:4] == block[:4]
    }
    directory |= {tag: long_entry(0, order) for tag in there}
    end = 8 + len(serialise(directory, order, 8))
    below = b""
    for tag, part in there.items():
        at = end + len(below)
        directory[tag] = long_entry(at, order)
        # a maker note is in a box by itself, and of no use without what it points to
        below += serialise(without(_directory(part), (_MAKER_NOTE,)), order, at)
    return descriptive_exif(block + serialise(directory, order, 8) + below)


def _directory(part: bytes) -> Directory:
    order = byte_order(part)
    return {} if order is None else parse(part, first_offset(part, order), order)[0]


def _boxes_of_canon(data: Buffer) -> Iterator[tuple[bytes, bytes]]:
    for kind, start, end in boxes(data, 0, len(data)):
        if kind != b"moov":
            continue
        for inner, first, last in boxes(data, start, end):
            if inner == b"uuid" and data[first : first + 16] == _CANON:
                for name, a, b in boxes(data, first + 16, last):
                    yield name, bytes(data[a : min(b, a + _MOST_BYTES)])
