"""What names of frames tell.

Frames that share a file are named after it, with their number from 0 behind: ``stack.tif#3``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

RAW_EXTENSIONS = frozenset(
    {".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".gpr", ".iiq"}
    | {".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2"}
    | {".rwl", ".sr2", ".srf", ".srw", ".x3f"}
)
"""Of camera RAW, in lower case."""
_NUMBERED = re.compile(r"(.+)#([0-9]+)")


def split(place: Path) -> tuple[Path, int | None]:
    """The file, and which of its pictures; None where the whole file is one.

    A file that is really called ``stack.tif#3`` is a file.
    """
    numbered = _NUMBERED.fullmatch(place.name)
    if numbered is None or place.exists():
        return place, None
    return place.with_name(numbered[1]), int(numbered[2])


def file_of(place: Path) -> Path:
    """The file that a frame is in."""
    return split(place)[0]


def within(file: Path, number: int) -> Path:
    """The name of one of a file's pictures."""
    return file.with_name(f"{file.name}#{number}")


def absolute(source: object) -> object:
    """What names a stack, with paths that are the same wherever one is; arrays stay as they are."""
    if isinstance(source, str | os.PathLike):
        return Path(source).absolute()
    if isinstance(source, Sequence):
        return [absolute(item) for item in source]
    return source
