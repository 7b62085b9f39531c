"""Pictures that appear in a folder; those that are still being written are waited for.

The folder is looked at again and again instead of being told of changes: that works on network
drives too, and costs a millisecond for a thousand files.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from focusstack.errors import FocusstackError
from focusstack.places import file_of
from focusstack.steps.read import find_pictures, natural_key, open_source

ORDERS = ("name", "time")
SETTLED_SECONDS = 1.0
"""A file that has not changed for so long is tried."""
DAMAGED_SECONDS = 20.0
"""One that cannot be read when it has not changed for so long is given up."""


@dataclass
class _Seen:
    """What is known of a file: its size and time, since when it has been so, when it is tried."""

    stamp: tuple[int, int]
    since: float
    next_try: float


class Arrivals:
    """What has arrived so far in ``folder``.

    Parameters
    ----------
    folder : Path
    leave_out : Path or None
        A file that is no frame, whatever its name.
    order : {"name", "time"}
        Frames are in natural order of their names, or of the times of their files.
    new_only : bool
        Whether pictures that are there already do not count.
    warn : callable
        Told of files that are left out, once each.
    clock : callable
        Seconds that only ever grow.

    Attributes
    ----------
    last_change : float
        When a file last appeared or grew, by the clock.
    """

    def __init__(
        self,
        folder: Path,
        leave_out: Path | None,
        order: str,
        new_only: bool,
        warn: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._order, self._warn, self._clock = folder, order, warn, clock
        self._seen: dict[Path, _Seen] = {}
        self._frames: dict[Path, tuple[int, int]] = {}
        self._shape: tuple[object, ...] | None = None
        self._no_frame = None if leave_out is None else leave_out.resolve()
        self._left_out: set[Path] = set(find_pictures([folder])) if new_only else set()
        self.last_change = clock()

    @property
    def frames(self) -> tuple[Path, ...]:
        """The complete ones, in order."""
        if self._order == "time":
            return tuple(sorted(self._frames, key=lambda p: (self._frames[p][1], natural_key(p))))
        return tuple(sorted(self._frames, key=natural_key))

    @property
    def waiting(self) -> bool:
        """Whether a file is there of which it is not known yet whether it is complete."""
        return any(path not in self._frames and path not in self._left_out for path in self._seen)

    def look(self) -> list[Path]:
        """Look once; the frames that have become complete since the last time."""
        now = self._clock()
        there = [p for p in _pictures(self._folder) if p.resolve() != self._no_frame]
        self._forget(set(there))
        return [path for path in there if self._has_arrived(path, now)]

    def _forget(self, there: set[Path]) -> None:
        for path in set(self._frames) - there:
            self._warn(f"{path} is gone, it is left out")
            del self._frames[path]
        for path in set(self._seen) - there:
            del self._seen[path]

    def _has_arrived(self, path: Path, now: float) -> bool:
        if path in self._left_out:
            return False
        stamp = _stamp(path)
        seen = self._seen.get(path)
        if seen is None or seen.stamp != stamp:
            self._seen[path] = _Seen(stamp, now, now + SETTLED_SECONDS)
            self.last_change = now
            self._frames.pop(path, None)
            return False
        if path in self._frames or now < seen.next_try:
            return False
        return self._is_complete(path, seen, now)

    def _is_complete(self, path: Path, seen: _Seen, now: float) -> bool:
        """Decode it; what is cut off cannot be decoded."""
        try:
            source = open_source([path])
            info = source.info(0)
            source.read(0)
        except FocusstackError as error:
            if now - seen.since < DAMAGED_SECONDS:
                seen.next_try = now + SETTLED_SECONDS
            else:
                self._leave_out(path, error.message)
            return False
        shape = info.width, info.height, info.channels, info.dtype.name
        self._shape = self._shape or shape
        if shape != self._shape:
            self._leave_out(path, f"{path} is not like the first frame")
            return False
        self._frames[path] = seen.stamp
        return True

    def _leave_out(self, path: Path, why: str) -> None:
        self._left_out.add(path)
        self._warn(f"left out: {why}")


def _pictures(folder: Path) -> list[Path]:
    """The files of the pictures in a folder; a single one may hold several."""
    return list(dict.fromkeys(map(file_of, find_pictures([folder]))))


def _stamp(path: Path) -> tuple[int, int]:
    with suppress(OSError):
        status = path.stat()
        return status.st_size, status.st_mtime_ns
    return -1, -1
