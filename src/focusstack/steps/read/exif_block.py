"""An EXIF block out of a file that is built like one: TIFF, and most RAW formats."""

from __future__ import annotations

from focusstack.ifd import (
    DESCRIPTION,
    DESCRIPTIVE,
    Buffer,
    Directory,
    byte_order,
    first_offset,
    parse,
    relocate,
    serialise,
)

# Descriptions that programs keep their own bookkeeping in; wrong for any other file.
_BOOKKEEPING = (b"ImageJ=", b'{"shape"', b"<?xml")


def descriptive_exif(data: Buffer, offset: int | None = None) -> bytes:
    """The tags that describe the picture; b"" from a BigTIFF, or where there are none.

    ``offset`` is where the directory lies; by default the first.
    """
    order = byte_order(data)
    if order is None:
        return b""
    directory = parse(data, first_offset(data, order) if offset is None else offset, order)[0]
    kept: Directory = {tag: entry for tag, entry in directory.items() if tag in DESCRIPTIVE}
    if DESCRIPTION in kept and kept[DESCRIPTION].value.startswith(_BOOKKEEPING):
        del kept[DESCRIPTION]
    if not kept:
        return b""
    base = 8 + len(serialise(kept, order, 8))
    copies, kept = relocate(data, kept, order, base)
    head = b"II*\0\x08\0\0\0" if order == "<" else b"MM\0*\0\0\0\x08"
    first = serialise(kept, order, 8)
    return head + first.ljust(base - 8, b"\0") + copies
