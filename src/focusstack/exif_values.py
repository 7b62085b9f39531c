"""What an EXIF block says about an exposure, as numbers."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime

from focusstack.ifd import EXIF_POINTER, Directory, byte_order, first_offset, number, parse

MAKE, MODEL = 271, 272
_SECONDS, _F_NUMBER, _ISO, _TAKEN = 33434, 33437, 34855, 36867
_DISTANCE, _FOCAL_LENGTH, _FRACTION = 37382, 37386, 37521
_SERIAL, _LENS = 42033, 42036


@dataclass(frozen=True)
class ExifValues:
    """None, or empty text, where the block does not say.

    Attributes
    ----------
    maker, model, serial, lens : str
    seconds, aperture, iso, focal_length : float or None
        Exposure time, f-number, sensitivity, mm.
    distance : float or None
        To what is in focus, m; infinity counts as unknown.
    taken : float or None
        Seconds; cameras rarely say in which time zone, so only differences mean anything.
    """

    maker: str = ""
    model: str = ""
    serial: str = ""
    lens: str = ""
    seconds: float | None = None
    aperture: float | None = None
    iso: int | None = None
    focal_length: float | None = None
    distance: float | None = None
    taken: float | None = None


def read_exif_values(exif: bytes) -> ExifValues:
    """The values of a block; unknown ones for a broken or an empty one."""
    main, details, order = exif_directories(exif)
    return ExifValues(
        _text(main, MAKE),
        _text(main, MODEL),
        _text(details, _SERIAL),
        _text(details, _LENS),
        _ratio(details, _SECONDS, order),
        _ratio(details, _F_NUMBER, order),
        number(details, _ISO, order),
        _ratio(details, _FOCAL_LENGTH, order),
        _distance(details, order),
        _taken(details),
    )


def exif_directories(exif: bytes) -> tuple[Directory, Directory, str]:
    """The first directory, the one of the exposure, and their byte order."""
    order = byte_order(exif)
    if order is None:
        return {}, {}, "<"
    main, _ = parse(exif, first_offset(exif, order), order)
    offset = number(main, EXIF_POINTER, order)
    return main, parse(exif, offset, order)[0] if offset else {}, order


def _text(directory: Directory, tag: int) -> str:
    entry = directory.get(tag)
    return "" if entry is None else entry.value.split(b"\0")[0].decode("latin-1").strip()


def _ratio(directory: Directory, tag: int, order: str) -> float | None:
    """A number above 0."""
    entry = directory.get(tag)
    if entry is None or entry.kind not in (5, 10) or len(entry.value) < 8:
        return None
    over, under = struct.unpack(order + ("II" if entry.kind == 5 else "ii"), entry.value[:8])
    return over / under if under and over / under > 0 else None


def _distance(details: Directory, order: str) -> float | None:
    entry = details.get(_DISTANCE)
    infinite = entry is not None and entry.value[:4] == b"\xff\xff\xff\xff"
    return None if infinite else _ratio(details, _DISTANCE, order)


def _taken(details: Directory) -> float | None:
    try:
        day = datetime.fromisoformat(_text(details, _TAKEN).replace(":", "-", 2))
    except ValueError:
        return None
    digits = _text(details, _FRACTION)
    fraction = float(f"0.{digits}") if digits.isdecimal() else 0.0
    return day.replace(tzinfo=UTC).timestamp() + fraction
