"""TIFF directories (IFDs) as plain values: the structure inside every EXIF block and TIFF file.

Written and read here is the classic layout with 32-bit offsets. Values stay the bytes they are in
the file, in the byte order of their block, so nothing that is not understood can be damaged.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7
TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_INTEGERS = {BYTE: "B", SHORT: "H", LONG: "I", 13: "I", 16: "Q", 18: "Q"}
# More than this in one directory is an attack or an accident: values may overlap in the file.
MAX_TOTAL = 1 << 26
EXIF_POINTER, GPS_POINTER, INTEROP_POINTER = 34665, 34853, 40965
DESCRIPTION, ORIENTATION, SOFTWARE = 270, 274, 305
DESCRIPTIVE = frozenset(
    {DESCRIPTION, 271, 272, ORIENTATION, 282, 283, 296, SOFTWARE, 306, 315, 316, 18246, 18249}
    | {33432, EXIF_POINTER, GPS_POINTER, 40091, 40092, 40093, 40094, 40095}
)
"""Tags of a first directory that describe the picture rather than how a file stores it."""


class Buffer(Protocol):
    """Bytes, or anything that is sliced like them (a memory map)."""

    def __len__(self) -> int: ...
    def __getitem__(self, where: slice, /) -> bytes: ...


@dataclass(frozen=True)
class Entry:
    """One tag: ``count`` values of TIFF type ``kind``, as raw ``value`` bytes."""

    kind: int
    count: int
    value: bytes


Directory = dict[int, Entry]
"""Tag number to entry."""


def byte_order(block: Buffer) -> str | None:
    """``"<"`` or ``">"`` for a block with a classic TIFF header, None for anything else."""
    return {b"II*\0": "<", b"MM\0*": ">"}.get(bytes(block[0:4]))


def first_offset(block: Buffer, order: str) -> int:
    """Where the first directory starts, in bytes from the start of the block."""
    return int(struct.unpack(order + "I", bytes(block[4:8]))[0]) if len(block) >= 8 else 0


def parse(block: Buffer, offset: int, order: str) -> tuple[Directory, int]:
    """Read one directory.

    Parameters
    ----------
    block : bytes-like
        The whole block; offsets count from its start.
    offset : int
        Where the directory starts.
    order : {"<", ">"}
        Byte order of the block.

    Returns
    -------
    directory : dict of int to Entry
        Entries whose value lies outside the block, or whose type is unknown, are left out.
    next_offset : int
        Where the following directory starts; 0 for none.
    """
    if not 8 <= offset <= len(block) - 2:
        return {}, 0
    (count,) = struct.unpack(order + "H", bytes(block[offset : offset + 2]))
    end = offset + 2 + 12 * count
    records = bytes(block[offset + 2 : end])
    directory: Directory = {}
    total = 0
    for at in range(0, len(records) - 11, 12):
        tag, kind, number = struct.unpack(order + "HHI", records[at : at + 8])
        value = _value(block, records[at + 8 : at + 12], kind, number, order)
        if value is not None and total + len(value) <= MAX_TOTAL:
            directory.setdefault(tag, Entry(kind, number, value))
            total += len(value)
    tail = bytes(block[end : end + 4])
    return directory, int(struct.unpack(order + "I", tail)[0]) if len(tail) == 4 else 0


def _value(block: Buffer, field: bytes, kind: int, count: int, order: str) -> bytes | None:
    size = TYPE_BYTES.get(kind, 0) * count
    if kind not in TYPE_BYTES:
        return None
    if size <= 4:
        return field[:size]
    (start,) = struct.unpack(order + "I", field)
    fits = start + size <= len(block) and size <= MAX_TOTAL
    return bytes(block[start : start + size]) if fits else None


def serialise(directory: Mapping[int, Entry], order: str, base: int, next_offset: int = 0) -> bytes:
    """The bytes of a directory to stand at the even offset ``base``, values right behind it."""
    records = b""
    values = b""
    behind = base + 2 + 12 * len(directory) + 4
    for tag, entry in sorted(directory.items()):
        field = entry.value.ljust(4, b"\0")
        if len(entry.value) > 4:
            field = struct.pack(order + "I", behind + len(values))
            values += entry.value + b"\0" * (len(entry.value) % 2)
        records += struct.pack(order + "HHI", tag, entry.kind, entry.count) + field
    count = struct.pack(order + "H", len(directory))
    return count + records + struct.pack(order + "I", next_offset) + values


def number(directory: Mapping[int, Entry], tag: int, order: str) -> int | None:
    """The first value of an integer tag (BYTE, SHORT, LONG or LONG8); None where there is none."""
    found = values(directory, tag, order)
    return found[0] if found else None


def values(directory: Mapping[int, Entry], tag: int, order: str) -> tuple[int, ...]:
    """All values of an integer tag (BYTE, SHORT, LONG or LONG8); none where there is none."""
    entry = directory.get(tag)
    code = _INTEGERS.get(entry.kind) if entry else None
    return (
        ()
        if entry is None or code is None
        else struct.unpack(f"{order}{entry.count}{code}", entry.value)
    )


def text_entry(text: str) -> Entry:
    """An ASCII entry; characters outside ASCII become UTF-8, which readers commonly accept."""
    value = text.encode("utf-8", "replace") + b"\0"
    return Entry(ASCII, len(value), value)


def short_entry(value: int, order: str) -> Entry:
    """A SHORT entry with one value."""
    return Entry(SHORT, 1, struct.pack(order + "H", value))


def long_entry(value: int, order: str) -> Entry:
    """A LONG entry with one value."""
    return Entry(LONG, 1, struct.pack(order + "I", value))


def without(directory: Mapping[int, Entry], tags: Iterable[int]) -> Directory:
    """A copy of the directory that lacks the given tags."""
    left_out = set(tags)
    return {tag: entry for tag, entry in directory.items() if tag not in left_out}


Parser = Callable[[Buffer, int, str], tuple[Directory, int]]
"""Reads a directory at an offset, as :func:`parse` does."""


def relocate(
    block: Buffer, directory: Directory, order: str, base: int, read: Parser = parse
) -> tuple[bytes, Directory]:
    """Copy the Exif, GPS and interoperability directories that hang off a first directory.

    Parameters
    ----------
    block : bytes-like
        Where ``directory`` was read from.
    directory : dict of int to Entry
    order : {"<", ">"}
        Byte order of the block; the copies keep it.
    base : int
        Even offset at which the copies will stand.
    read : Parser
        What reads the directories of ``block``, if its layout is another one.

    Returns
    -------
    copies : bytes
        To be put at ``base``; of even length.
    directory : dict of int to Entry
        The directory with its pointers led to the copies; pointers to nothing readable are gone.
        Values are copied byte for byte, so a maker note with offsets of its own stays as it is
        while its surroundings move.
    """
    return _relocate(block, directory, order, base, (EXIF_POINTER, GPS_POINTER), read)


def _relocate(
    block: Buffer,
    directory: Directory,
    order: str,
    base: int,
    pointers: tuple[int, ...],
    read: Parser,
) -> tuple[bytes, Directory]:
    copies = b""
    moved = without(directory, (EXIF_POINTER, GPS_POINTER, INTEROP_POINTER))
    below = (INTEROP_POINTER,) if EXIF_POINTER in pointers else ()
    for tag in pointers:
        offset = number(directory, tag, order)
        child = read(block, offset, order)[0] if offset else {}
        if child:
            deeper, child = _relocate(block, child, order, base + len(copies), below, read)
            copies += deeper
            moved[tag] = long_entry(base + len(copies), order)
            copies += serialise(child, order, base + len(copies))
    return copies, moved
