"""What a camera's maker note says about series of exposures.

Tag numbers are those of ExifTool's tables (https://exiftool.org/TagNames/). Nikon writes the frame
of a focus shift into a block that is enciphered and differs from one firmware to the next; times,
the common EXIF tags and the pictures themselves must do there.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

from focusstack.ifd import (
    LONG,
    SHORT,
    Buffer,
    Directory,
    byte_order,
    first_offset,
    number,
    parse,
    values,
)


@dataclass(frozen=True, slots=True)
class Drive:
    """``kind`` is focus, exposure, burst, panorama or empty; ``shot`` counts within a series."""

    kind: str = ""
    shot: int | None = None


def drive_of(maker: str, exif: Buffer, note: bytes, order: str) -> Drive:
    """What the note says, if its maker is known; ``order`` is that of the EXIF block."""
    known = maker.upper()
    if known.startswith(("OLYMPUS", "OM ", "OM DIGITAL")):
        return _olympus(note)
    if known.startswith("PANASONIC") and note.startswith(b"Panasonic\0"):
        return _panasonic(_after(exif, note, 12, order), order)
    if known.startswith("SONY"):
        skipped = 12 if note.startswith((b"SONY DSC", b"SONY CAM", b"SONY MOBILE")) else 0
        return _sony(_after(exif, note, skipped, order), order)
    if known.startswith("FUJI") and note.startswith(b"FUJIFILM"):
        return _fuji(note)
    if known.startswith("CANON"):
        return _canon(*_placed(exif, note, order), order)
    if known.startswith("NIKON"):
        return _nikon(note)
    return Drive()


def drive_of_canon(block: bytes) -> Drive:
    """What a Canon note says that stands as a TIFF block by itself, as in CR3."""
    order = byte_order(block)
    return Drive() if order is None else _canon(block, first_offset(block, order), order)


def _after(exif: Buffer, note: bytes, skipped: int, order: str) -> Directory:
    """A directory behind a note's first bytes whose offsets count from the start of the EXIF."""
    start = bytes(exif[0 : len(exif)]).find(note)
    return parse(exif, start + skipped, order)[0] if note and start >= 0 else {}


_BRACKETED, _OF_EXPOSURE, _OF_EXPOSURE_BY_ITSELF, _OF_FOCUS = 5, 1, 32, 64


def _olympus(note: bytes) -> Drive:
    """DriveMode (0x0600) in the camera settings (0x2020): mode, shot, what is varied."""
    start = {b"OLYMPUS\0": 8, b"OM SYSTEM\0\0\0": 12}
    at = next((n for mark, n in start.items() if note.startswith(mark)), None)
    order = {b"II": "<", b"MM": ">"}.get(note[at : at + 2]) if at is not None else None
    if at is None or order is None:
        return Drive()
    main, _ = parse(note, at + 4, order)
    offset = number(main, 0x2020, order)
    settings = parse(note, offset, order)[0] if offset else {}
    if any(values(settings, 0x0601, order)[:1]):
        return Drive("panorama", _second(values(settings, 0x0601, order)))
    mode = values(settings, 0x0600, order)
    return Drive(_olympus_kind(mode), _second(mode)) if any(mode[:1]) else Drive()


def _olympus_kind(mode: tuple[int, ...]) -> str:
    varied = mode[2] if mode[0] == _BRACKETED and len(mode) > 2 else 0
    if varied & _OF_FOCUS:
        return "focus"
    if mode[0] in (2, 4) or varied & (_OF_EXPOSURE | _OF_EXPOSURE_BY_ITSELF):
        return "exposure"
    return "burst" if mode[0] == 1 else ""


def _second(numbers: tuple[int, ...]) -> int | None:
    return numbers[1] if len(numbers) > 1 else None


def _panasonic(directory: Directory, order: str) -> Drive:
    """BurstMode (0x002a) and the number in the series (0x002b)."""
    kind = {1: "burst", 2: "exposure", 3: "focus", 4: "burst"}
    mode = number(directory, 0x002A, order)
    return Drive(kind.get(mode or 0, ""), number(directory, 0x002B, order) if mode else None)


def _sony(directory: Directory, order: str) -> Drive:
    """ReleaseMode (0xb049) and SequenceNumber (0xb04a)."""
    kind = {2: "burst", 5: "exposure"}
    mode, shot = number(directory, 0xB049, order), number(directory, 0xB04A, order)
    return Drive(kind.get(mode or 0, ""), shot if shot not in (0, 65535) else None)


def _fuji(note: bytes) -> Drive:
    """SequenceNumber (0x1101); offsets count from the note, whose first one is at byte 8."""
    at = struct.unpack("<I", note[8:12])[0] if len(note) >= 12 else 0
    directory, _ = parse(note, at, "<")
    shot = number(directory, 0x1101, "<")
    return Drive("", shot or None)


def _placed(exif: Buffer, note: bytes, order: str) -> tuple[Buffer, int]:
    """A note, and where it stands in the block from whose start its offsets count.

    Where notes have been moved, as from a CR2 into another block, their last eight bytes still tell
    where they stood: a TIFF header and the offset.
    """
    if byte_order(note[-8:]) == order:
        (stood,) = struct.unpack(order + "I", note[-4:])
        if 8 <= stood <= _FARTHEST:
            return bytes(stood) + note, stood
    return exif, bytes(exif[0 : len(exif)]).find(note) if note else -1


_FARTHEST = 1 << 22
_FOCUS_BRACKETING, _FILE_INFO = 0x4053, 0x0093


def _canon(block: Buffer, at: int, order: str) -> Drive:
    """FocusBracketing in 0x4053, or BracketMode in the file information (0x0093)."""
    directory, _ = parse(block, at, order)
    if _counted(directory, _FOCUS_BRACKETING, LONG, order)[1:2] == (1,):
        return Drive("focus")
    mode = _counted(directory, _FILE_INFO, SHORT, order)[3:4]
    return Drive("exposure") if mode == (1,) else Drive()


def _counted(directory: Directory, tag: int, kind: int, order: str) -> tuple[int, ...]:
    """An array that begins with its own length in bytes; other bytes are none."""
    entry = directory.get(tag)
    found = () if entry is None else values({tag: replace(entry, kind=kind)}, tag, order)
    return found if entry is not None and found[:1] == (len(entry.value),) else ()


_NIKON_HEAD = 10
_BRACKETING, _OF_OTHER_THINGS = 1 << 4, 1 << 6 | 1 << 8


def _nikon(note: bytes) -> Drive:
    """ShootingMode (0x0089); offsets count from the TIFF header behind the note's first bytes."""
    block = note[_NIKON_HEAD:]
    order = byte_order(block) if note.startswith(b"Nikon\0\x02") else None
    if order is None:
        return Drive()
    directory, _ = parse(block, first_offset(block, order), order)
    mode = number(directory, 0x0089, order) or 0
    return Drive("exposure") if mode & _BRACKETING and not mode & _OF_OTHER_THINGS else Drive()
