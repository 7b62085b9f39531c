"""What outputs look like on disk, before and after: to say what was written, and to clean up."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


class Traces:
    """Remembers how the places of ``files`` and ``folders`` looked when a run began.

    Parameters
    ----------
    files : iterable of Path
        Outputs, each written beside itself under a hidden name that ends in ``.part``.
    folders : iterable of Path
        Folders in which the run writes files of any name in the same way.
    """

    def __init__(self, files: Iterable[Path], folders: Iterable[Path] = ()) -> None:
        self._files = tuple(files)
        self._folders = tuple(folders)
        self._before = {path: _identity(path) for path in self._files}
        self._parts_before = self._parts()

    def written(self) -> list[str]:
        """The files that are new or changed by now; each of them is complete."""
        return [str(path) for path in self._files if _identity(path) != self._before[path]]

    def discard(self) -> None:
        """Remove what has been begun since, but not completed."""
        for part in self._parts() - self._parts_before:
            with suppress(OSError):
                part.unlink()

    def _parts(self) -> set[Path]:
        parts: set[Path] = set()
        for path in self._files:
            target = path.resolve()
            parts.update(target.parent.glob(f".{glob.escape(target.name[:80])}.*.part"))
        for folder in self._folders:
            parts.update(folder.glob(".*.part"))
        return parts


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        now = path.stat()
    except OSError:
        return None
    return now.st_ino, now.st_mtime_ns, now.st_size
