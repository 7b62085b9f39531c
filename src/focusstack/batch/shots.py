"""What a picture file says about how and when it was taken."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from focusstack.batch.drives import Drive, drive_of
from focusstack.errors import FocusstackError
from focusstack.ifd import EXIF_POINTER, Directory, byte_order, first_offset, number, parse
from focusstack.steps.read import FileSource

MAKE, MODEL = 271, 272
SECONDS, F_NUMBER, ISO, TAKEN, FOCAL_LENGTH = 33434, 33437, 34855, 36867, 37386
FRACTION, MODE, SERIAL, LENS, MAKER_NOTE = 37521, 41986, 42033, 42036, 37500
AUTO_BRACKET = 2
NO_DRIVE = Drive()
_COUNTER = re.compile(r"(.*?)([0-9]+)([^0-9]*)")


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture's header.

    Attributes
    ----------
    path : Path
    series, counter : str, int or None
        The name without its last digits, and these.
    camera : tuple
        Maker, model, serial number, size and type of the picture.
    optics : tuple
        Lens, focal length, aperture.
    taken : float or None
        Seconds; only differences mean anything.
    stops : float or None
        How much the exposure lets through, as a power of two: of time, aperture and sensitivity.
    drive : Drive
        What the camera says that it was doing.
    """

    path: Path
    series: str
    counter: int | None
    camera: tuple[object, ...]
    optics: tuple[object, ...]
    taken: float | None = None
    stops: float | None = None
    drive: Drive = NO_DRIVE


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file that cannot be a frame, and why."""

    path: Path
    reason: str


def read_shot(path: Path) -> Shot | Unusable:
    """Read a file's header."""
    try:
        info, metadata = FileSource([path]).describe(0)
    except FocusstackError as error:
        return Unusable(path, error.message)
    series, counter = _counted(path)
    main, details, order = _directories(metadata.exif)
    maker = _text(main, MAKE)
    camera = maker, _text(main, MODEL), _text(details, SERIAL)
    optics = (
        _text(details, LENS),
        _ratio(details, FOCAL_LENGTH, order),
        _ratio(details, F_NUMBER, order),
    )
    kind = info.width, info.height, info.channels, info.dtype.name
    return Shot(
        path,
        series,
        counter,
        (*camera, *kind),
        optics,
        _taken(details),
        _stops(details, order),
        _drive(metadata.exif, details, order, maker),
    )


def _counted(path: Path) -> tuple[str, int | None]:
    found = _COUNTER.fullmatch(path.stem)
    if found is None:
        return path.stem, None
    return f"{found[1]}#{found[3]}{path.suffix.lower()}", int(found[2])


def _directories(exif: bytes) -> tuple[Directory, Directory, str]:
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
    entry = directory.get(tag)
    if entry is None or entry.kind not in (5, 10) or len(entry.value) < 8:
        return None
    over, under = struct.unpack(order + ("II" if entry.kind == 5 else "ii"), entry.value[:8])
    return over / under if under else None


def _taken(details: Directory) -> float | None:
    """Seconds since an arbitrary day; cameras rarely say which time zone they keep."""
    try:
        day = datetime.fromisoformat(_text(details, TAKEN).replace(":", "-", 2))
    except ValueError:
        return None
    digits = _text(details, FRACTION)
    return day.replace(tzinfo=UTC).timestamp() + (
        float(f"0.{digits}") if digits.isdecimal() else 0.0
    )


def _stops(details: Directory, order: str) -> float | None:
    seconds, aperture = _ratio(details, SECONDS, order), _ratio(details, F_NUMBER, order)
    sensitivity = number(details, ISO, order)
    if not seconds or seconds < 0:
        return None
    stops = math.log2(seconds)
    stops -= 2 * math.log2(aperture) if aperture and aperture > 0 else 0
    return stops + (math.log2(sensitivity) if sensitivity else 0)


def _drive(exif: bytes, details: Directory, order: str, maker: str) -> Drive:
    note = details.get(MAKER_NOTE)
    found = drive_of(maker, exif, note.value if note else b"", order)
    if not found.kind and number(details, MODE, order) == AUTO_BRACKET:
        return Drive("exposure", found.shot)
    return found


def read_shots(paths: Sequence[Path]) -> tuple[list[Shot], list[Unusable]]:
    """Read the headers of many files."""
    read = [read_shot(path) for path in paths]
    return (
        [shot for shot in read if isinstance(shot, Shot)],
        [shot for shot in read if isinstance(shot, Unusable)],
    )
