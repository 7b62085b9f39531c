"""The folders below a folder that hold pictures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from focusstack.errors import InputError, UnreadableFrame
from focusstack.steps.read import find_pictures, natural_key

PROJECT = ".focusstack"
"""Ends the names of the folders that the studio keeps its results in."""


def folders_with_pictures(
    root: Path, leave_out: Path | None, warn: Callable[[str], None]
) -> Iterator[tuple[Path, list[Path]]]:
    """Each folder, ``root`` first, with the pictures directly in it.

    Links are followed, but no folder is visited twice; hidden folders, the studio's projects and
    ``leave_out`` are not visited at all. A folder that cannot be listed is warned of.

    Raises
    ------
    InputError
        If ``root`` is no folder.
    """
    if not root.is_dir():
        raise InputError(f"{root} is not a folder", "name the folder that holds the stacks")
    seen = set() if leave_out is None else {_identity(leave_out)}
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        identity = _identity(folder)
        if identity in seen:
            continue
        seen.add(identity)
        try:
            pictures = find_pictures([folder])
            below = [Path(entry.path) for entry in os.scandir(folder) if _is_folder(entry)]
        except (UnreadableFrame, OSError) as error:
            warn(f"left out: {error.message if isinstance(error, UnreadableFrame) else error}")
            continue
        if pictures:
            yield folder, pictures
        waiting += sorted(below, key=natural_key, reverse=True)


def _identity(folder: Path) -> object:
    """What tells a folder from others whatever its name; its name where it does not exist."""
    try:
        status = folder.stat()
    except OSError:
        return folder.resolve()
    return (status.st_dev, status.st_ino) if status.st_ino else folder.resolve()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return (
            entry.is_dir() and not entry.name.startswith(".") and not entry.name.endswith(PROJECT)
        )
    except OSError:  # a link that leads round in a circle
        return False
