"""What is done with a damaged file, in a process of its own, and what may come of it."""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from focusstack import FocusstackError
from focusstack.steps.read import open_source, read_alignment, read_provenance, read_recipe

ROOM = 3 << 30
"""Address space that a reader gets beyond what it begins with: ample for 2,000 pixels."""
PATIENCE = 20.0
"""Seconds that one file may take."""


def read_picture(path: Path) -> None:
    """Every way in which frames are read."""
    source = open_source([path])
    for index in range(min(2, len(source))):
        info = source.info(index)
        frame = source.read(index)
        assert frame.pixels.shape == (info.height, info.width, info.channels)
        assert frame.pixels.dtype == info.dtype
        for scale in (2, 8):
            reduced = source.read_reduced(index, scale)
            assert reduced.shape[:2] == (-(-info.height // scale), -(-info.width // scale))


WAYS: dict[str, Callable[[Path], object]] = {
    "recipe": read_recipe,
    "alignment": read_alignment,
    "record": read_provenance,
    "carrier": read_provenance,
}
"""By format; all others are pictures."""


def outcome(kind: str, path: Path) -> tuple[bool, str]:
    """Whether it went as it should, and how: read, or the name of the error."""
    try:
        WAYS.get(kind, read_picture)(path)
    except FocusstackError as error:
        return bool(error.message), type(error).__name__
    except Exception:
        return False, traceback.format_exc()
    return True, "read"


class Reader:
    """A process that reads one file after another, and is replaced when it dies or hangs."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def _start(self) -> None:
        ours, theirs = self._context.Pipe()
        self._process = self._context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self._pipe = ours
        ours.recv()  # ready

    def read(self, kind: str, path: Path) -> tuple[bool, str]:
        """As ``outcome``, but a crash or a hang is an outcome too."""
        try:
            self._pipe.send((kind, path))
            if self._pipe.poll(PATIENCE):
                result: tuple[bool, str] = self._pipe.recv()
                return result
            said = f"hangs: over {PATIENCE:.0f} s"
        except (EOFError, ConnectionError):
            self._process.join()
            said = f"crashes: exit status {self._process.exitcode}"
        self.close()
        self._start()
        return False, said

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()


def _serve(pipe: Connection) -> None:
    _limit_memory()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries comment on damage
    pipe.send("ready")
    while True:
        try:
            kind, path = pipe.recv()
        except EOFError:
            return
        pipe.send(outcome(kind, path))


def _limit_memory() -> None:
    """Load what will be needed, then allow only so much more; only where the system can."""
    import cv2
    import imagecodecs
    import simplejpeg
    import tifffile
    from PIL import Image

    for module in (cv2, imagecodecs, simplejpeg, tifffile):
        assert module
    Image.init()
    try:
        import resource

        statm = Path("/proc/self/statm").read_text().split()
    except (ImportError, OSError):
        return
    most = int(statm[0]) * resource.getpagesize() + ROOM
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
