"""The order of a project's frames: by name, by time, or a person's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from focusstack.errors import FocusstackError, InputError
from focusstack.exif_values import read_exif_values
from focusstack.places import file_of
from focusstack.steps.read import FileSource, natural_key

ORDERS = ("name", "time", "own")


def by_name(frames: Sequence[Path]) -> list[str]:
    """Names in natural order: 2 before 10."""
    return [path.name for path in sorted(frames, key=natural_key)]


def by_time(frames: Sequence[Path]) -> list[str]:
    """Names by when the pictures were taken; by when the files changed, unless all say the former.

    Frames of the same moment are in the order of their names.
    """
    taken = [_taken(path) for path in frames]
    if any(one is None for one in taken):
        taken = [file_of(path).stat().st_mtime for path in frames]
    when = dict(zip((path.name for path in frames), taken, strict=True))
    return sorted(by_name(frames), key=lambda name: when[name] or 0.0)


def _taken(path: Path) -> float | None:
    try:
        return read_exif_values(FileSource([path]).read_metadata(0).exif).taken
    except FocusstackError:
        return None


def checked(names: Sequence[str], frames: Sequence[Path]) -> list[str]:
    """The names, if they are those of all frames.

    Raises
    ------
    InputError
        If one is missing, or there twice.
    """
    if sorted(names) != sorted(path.name for path in frames):
        raise InputError("an order must name each frame once", "load the page again")
    return list(names)


def in_order(frames: Sequence[Path], names: Sequence[str]) -> list[int]:
    """Indices of frames: first those of an order that are there, then the others by name."""
    place = {path.name: k for k, path in enumerate(frames)}
    known = [place[name] for name in dict.fromkeys(names) if name in place]
    rest = [place[name] for name in by_name(frames) if place[name] not in set(known)]
    return [*known, *rest]
