"""What a picture file says about how and when it was taken."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from focusstack.batch.drives import Drive, drive_of, drive_of_canon
from focusstack.errors import FocusstackError
from focusstack.exif_values import ExifValues, exif_directories, read_exif_values
from focusstack.ifd import number
from focusstack.steps.read import FileSource, canon_note

MODE, MAKER_NOTE = 41986, 37500
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
    said = read_exif_values(metadata.exif)
    kind = info.width, info.height, info.channels, info.dtype.name
    return Shot(
        path,
        series,
        counter,
        (said.maker, said.model, said.serial, *kind),
        (said.lens, said.focal_length, said.aperture),
        said.taken,
        _stops(said),
        _drive(path, metadata.exif, said.maker),
    )


def _counted(path: Path) -> tuple[str, int | None]:
    found = _COUNTER.fullmatch(path.stem)
    if found is None:
        return path.stem, None
    return f"{found[1]}#{found[3]}{path.suffix.lower()}", int(found[2])


def _stops(said: ExifValues) -> float | None:
    if said.seconds is None:
        return None
    stops = math.log2(said.seconds) - 2 * math.log2(said.aperture or 1)
    return stops + math.log2(said.iso or 1)


def _drive(path: Path, exif: bytes, maker: str) -> Drive:
    _, details, order = exif_directories(exif)
    note = details.get(MAKER_NOTE)
    if path.suffix.lower() == ".cr3":
        found = drive_of_canon(canon_note(path))
    else:
        found = drive_of(maker, exif, note.value if note else b"", order)
    if not found.kind and number(details, MODE, order) == AUTO_BRACKET:
        return Drive("exposure", found.shot)
    return found
