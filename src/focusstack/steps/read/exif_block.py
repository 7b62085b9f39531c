"""An EXIF block out of a file that is built like one: TIFF, and most RAW formats."""

from __future__ import annotations

from focusstack import ifd
from focusstack.ifd import DESCRIPTION, DESCRIPTIVE, Buffer, Directory, relocate, serialise
from focusstack.steps.read import bigtiff

# Descriptions that programs keep their own bookkeeping in; wrong for any other file.
_BOOKKEEPING = (b"ImageJ=", b'{"shape"', b"<?xml")


def descriptive_exif(data: Buffer, offset: int | None = None) -> bytes:
    """The tags that describe the picture, in classic layout; b"" where there are none.

    ``offset`` is where the directory lies; by default the first.
    """
    layout = ifd if ifd.byte_order(data) else bigtiff
    order = layout.byte_order(data)
    if order is None:
        return b""
    start = layout.first_offset(data, order) if offset is None else offset
    directory = layout.parse(data, start, order)[0]
    kept: Directory = {tag: entry for tag, entry in directory.items() if tag in DESCRIPTIVE}
    if DESCRIPTION in kept and kept[DESCRIPTION].value.startswith(_BOOKKEEPING):
        del kept[DESCRIPTION]
    if not kept:
        return b""
    base = 8 + len(serialise(kept, order, 8))
    copies, kept = relocate(data, kept, order, base, layout.parse)
    head = b"II*\0\x08\0\0\0" if order == "<" else b"MM\0*\0\0\0\x08"
    first = serialise(kept, order, 8)
    return head + first.ljust(base - 8, b"\0") + copies
