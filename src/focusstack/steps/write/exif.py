"""EXIF blocks brought up to date without touching what is not understood."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from focusstack import ifd
from focusstack.ifd import DESCRIPTION, ORIENTATION, SOFTWARE, Directory

_SIZE_TAGS = (256, 257)
_THUMBNAIL_OFFSET, _THUMBNAIL_LENGTH = 0x201, 0x202
_COMPRESSION, _JPEG = 0x103, 6
# A JPEG holds 65,527 bytes of EXIF: beyond this there may be no room for a thumbnail.
_ROOMY = 45_000
_EXIF_VERSION, _PIXEL_X, _PIXEL_Y = 36864, 40962, 40963


@dataclass(frozen=True)
class Changes:
    """What is true of the fused image whatever its reference frame said."""

    width: int
    height: int
    software: str
    description: str = ""
    thumbnail: bytes = b""


def updated(block: bytes, changes: Changes) -> bytes:
    """Bring an EXIF block up to date.

    Orientation becomes 1, Software and the pixel dimensions are set, an empty ImageDescription is
    filled in, the thumbnail is replaced by a new one, or removed if there is none. The first
    directory is written anew at the end of the block; everything else stays at its offset, so
    maker notes, which often hold offsets into the block, survive byte for byte.

    Parameters
    ----------
    block : bytes
        TIFF-structured, without the ``Exif\\0\\0`` prefix. Empty or broken: a new one is made.
    changes : Changes

    Returns
    -------
    bytes
        A block of the same byte order.
    """
    order = ifd.byte_order(block)
    start = ifd.first_offset(block, order) if order else 0
    first, thumbnail = ifd.parse(block, start, order) if order else ({}, 0)
    if order is None or not first:
        return _fresh(changes)
    patched = bytearray(block)
    _set_dimensions(patched, first, changes, order)
    _erase_thumbnail(patched, thumbnail, order)
    patched += b"\0" * (len(patched) % 2)
    base, described = len(patched), _described(first, changes, order)
    room = len(ifd.serialise(described, order, base))
    second = _thumbnail(changes.thumbnail, order, base + room) if len(patched) < _ROOMY else b""
    patched += ifd.serialise(described, order, base, base + room if second else 0) + second
    struct.pack_into(order + "I", patched, 4, base)
    return bytes(patched)


def _fresh(changes: Changes) -> bytes:
    order = "<"
    details = {
        _EXIF_VERSION: ifd.Entry(ifd.UNDEFINED, 4, b"0232"),
        _PIXEL_X: ifd.long_entry(changes.width, order),
        _PIXEL_Y: ifd.long_entry(changes.height, order),
    }
    block = b"II*\0\0\0\0\0" + ifd.serialise(details, order, 8)
    first = _described({ifd.EXIF_POINTER: ifd.long_entry(8, order)}, changes, order)
    return (
        block[:4]
        + struct.pack("<I", len(block))
        + block[8:]
        + ifd.serialise(first, order, len(block))
    )


def _described(first: Directory, changes: Changes, order: str) -> Directory:
    entries = ifd.without(first, _SIZE_TAGS)
    entries[ORIENTATION] = ifd.short_entry(1, order)
    entries[SOFTWARE] = ifd.text_entry(changes.software)
    described = DESCRIPTION in first and first[DESCRIPTION].value.strip(b" \0")
    if changes.description and not described:
        entries[DESCRIPTION] = ifd.text_entry(changes.description)
    return entries


def _set_dimensions(block: bytearray, first: Directory, changes: Changes, order: str) -> None:
    """Overwrite PixelXDimension and PixelYDimension where they stand, if they do."""
    offset = ifd.number(first, ifd.EXIF_POINTER, order) or 0
    for tag, value in ((_PIXEL_X, changes.width), (_PIXEL_Y, changes.height)):
        at = _record_of(block, offset, tag, order)
        if at is not None:
            record = struct.pack(order + "HHII", tag, ifd.LONG, 1, value)
            block[at : at + 12] = record


def _record_of(block: bytearray, offset: int, tag: int, order: str) -> int | None:
    """Where the 12 bytes of a tag stand in the directory at an offset."""
    if not 8 <= offset <= len(block) - 2:
        return None
    (count,) = struct.unpack_from(order + "H", block, offset)
    for at in range(offset + 2, min(offset + 2 + 12 * count, len(block) - 11), 12):
        if struct.unpack_from(order + "H", block, at)[0] == tag:
            return at
    return None


def has_thumbnail(block: bytes) -> bool:
    """Whether a second directory names one."""
    order = ifd.byte_order(block)
    if order is None:
        return False
    _, offset = ifd.parse(block, ifd.first_offset(block, order), order)
    return _THUMBNAIL_OFFSET in ifd.parse(block, offset, order)[0]


def _thumbnail(jpeg: bytes, order: str, base: int) -> bytes:
    """A second directory, to stand at ``base``, and the picture that it names."""
    if not jpeg:
        return b""
    entries = {
        _COMPRESSION: ifd.short_entry(_JPEG, order),
        _THUMBNAIL_OFFSET: ifd.long_entry(0, order),
        _THUMBNAIL_LENGTH: ifd.long_entry(len(jpeg), order),
    }
    behind = base + len(ifd.serialise(entries, order, base))
    entries[_THUMBNAIL_OFFSET] = ifd.long_entry(behind, order)
    return ifd.serialise(entries, order, base) + jpeg


def _erase_thumbnail(block: bytearray, offset: int, order: str) -> None:
    """Blank the thumbnail that the second directory names; cut it off if it comes last."""
    second, _ = ifd.parse(bytes(block), offset, order)
    start = ifd.number(second, _THUMBNAIL_OFFSET, order)
    length = ifd.number(second, _THUMBNAIL_LENGTH, order)
    if not start or not length or start < 8 or start + length > len(block):
        return
    block[start : start + length] = b"\0" * length
    if not any(block[start + length :]):
        del block[start:]
