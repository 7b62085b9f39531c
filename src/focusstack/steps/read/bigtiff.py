"""Directories of BigTIFF files, read as classic ones: what describes a picture is small."""

from __future__ import annotations

import struct

from focusstack.ifd import (
    EXIF_POINTER,
    GPS_POINTER,
    INTEROP_POINTER,
    LONG,
    MAX_TOTAL,
    TYPE_BYTES,
    Buffer,
    Directory,
    Entry,
)

_POINTERS = (EXIF_POINTER, GPS_POINTER, INTEROP_POINTER)
_LONG8, _IFD8 = 16, 18
_RECORD = 20
_MOST_ENTRIES = 65_535
"""What a classic directory can hold; more is an attack or an accident."""


def byte_order(data: Buffer) -> str | None:
    """``"<"`` or ``">"`` for a file with a BigTIFF header, None for anything else."""
    heads = {b"II+\0\x08\0\0\0": "<", b"MM\0+\0\x08\0\0": ">"}
    return heads.get(bytes(data[0:8]))


def first_offset(data: Buffer, order: str) -> int:
    """Where the first directory starts, in bytes from the start of the file."""
    return int(struct.unpack(order + "Q", bytes(data[8:16]))[0]) if len(data) >= 16 else 0


def parse(data: Buffer, offset: int, order: str) -> tuple[Directory, int]:
    """Read one directory, as :func:`focusstack.ifd.parse` does a classic one.

    64-bit numbers become 32-bit ones; entries with larger values are left out, but for pointers to
    directories, which stay 64-bit.
    """
    if not 16 <= offset <= len(data) - 8:
        return {}, 0
    (count,) = struct.unpack(order + "Q", bytes(data[offset : offset + 8]))
    end = offset + 8 + _RECORD * min(count, _MOST_ENTRIES)
    records = bytes(data[offset + 8 : end])
    directory: Directory = {}
    total = 0
    for at in range(0, len(records) - _RECORD + 1, _RECORD):
        tag, kind, number = struct.unpack(order + "HHQ", records[at : at + 12])
        value = _value(data, records[at + 12 : at + _RECORD], kind, number, order)
        entry = None if value is None else _classic(tag, Entry(kind, number, value), order)
        if entry is not None and total + len(entry.value) <= MAX_TOTAL:
            directory.setdefault(tag, entry)
            total += len(entry.value)
    tail = bytes(data[end : end + 8])
    return directory, int(struct.unpack(order + "Q", tail)[0]) if len(tail) == 8 else 0


def _value(data: Buffer, field: bytes, kind: int, count: int, order: str) -> bytes | None:
    width = 8 if _LONG8 <= kind <= _IFD8 else TYPE_BYTES.get(kind)
    if width is None:
        return None
    size = width * count
    if size <= 8:
        return field[:size]
    (start,) = struct.unpack(order + "Q", field)
    fits = size <= MAX_TOTAL and start + size <= len(data)
    return bytes(data[start : start + size]) if fits else None


def _classic(tag: int, entry: Entry, order: str) -> Entry | None:
    """The entry with types that classic TIFF knows; None if a value is too large for them."""
    if not _LONG8 <= entry.kind <= _IFD8 or tag in _POINTERS:
        return entry
    code = "q" if entry.kind == _LONG8 + 1 else "Q"
    numbers = struct.unpack(f"{order}{entry.count}{code}", entry.value)
    kind, small = (9, "i") if code == "q" else (LONG, "I")
    try:
        return Entry(kind, entry.count, struct.pack(f"{order}{entry.count}{small}", *numbers))
    except struct.error:
        return None
