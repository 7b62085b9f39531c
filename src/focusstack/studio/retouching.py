"""The strokes on a result: kept on disk with every change, undone and done again without end."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from focusstack.errors import InputError
from focusstack.retouch import Stroke, as_document, read_strokes
from focusstack.retouch.brush import reach
from focusstack.steps.write import atomic_file

FORMAT, VERSION = "focusstack-retouch", 1
NAME = "retouch.json"


@dataclass(frozen=True)
class Retouch:
    """Strokes, the first ``shown`` of which count; ``revision`` grows with every change.

    ``born`` has, per stroke, the revision it came with: no other stroke of this result, undone or
    not, ever has the same.
    """

    strokes: tuple[Stroke, ...] = ()
    shown: int = 0
    revision: int = 0
    born: tuple[int, ...] = ()

    @property
    def visible(self) -> tuple[Stroke, ...]:
        """Those that count."""
        return self.strokes[: self.shown]

    def described(self) -> dict[str, Any]:
        """For the page; ``marks`` has, per visible stroke, what it can reach and when it came."""
        return {
            "shown": self.shown,
            "total": len(self.strokes),
            "revision": self.revision,
            "marks": [
                [*_outward(reach(stroke)), born]
                for stroke, born in zip(self.visible, self.born, strict=False)
            ],
        }


def _outward(box: tuple[float, float, float, float]) -> list[int]:
    """Whole pixels around left, top, right and lower end."""
    return [math.floor(box[0]), math.floor(box[1]), math.ceil(box[2]) + 1, math.ceil(box[3]) + 1]


_lock = threading.Lock()
_known: dict[Path, tuple[tuple[int, int, int], Retouch]] = {}
"""What was read, and of which state of its file: it is asked for with every tile."""


def read_retouch(folder: Path, frames: int) -> Retouch:
    """What is kept with a result; nothing where nothing was painted.

    Raises
    ------
    InputError
        If the file is damaged or of another version; it stays as it is.
    """
    path = folder / NAME
    try:
        state = path.stat()
        seen = state.st_ino, state.st_mtime_ns, state.st_size
        known = _known.get(path)
        if known is not None and known[0] == seen:
            return known[1]
        said = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Retouch()
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}", "move it away") from error
    if not isinstance(said, dict) or (said.get("format"), said.get("version")) != (FORMAT, VERSION):
        raise InputError(f"{path} is of another version", "update focusstack, or move it away")
    strokes = read_strokes(said.get("strokes", ()), frames)
    shown, revision = said.get("shown"), said.get("revision")
    if type(shown) is not int or type(revision) is not int or not 0 <= shown <= len(strokes):
        raise InputError(f"{path} is damaged", "move it away")
    born = said.get("born", list(range(len(strokes))))
    if not isinstance(born, list) or [type(one) for one in born] != [int] * len(strokes):
        raise InputError(f"{path} is damaged", "move it away")
    found = Retouch(strokes, shown, revision, tuple(born))
    _known[path] = seen, found
    return found


def add_stroke(folder: Path, frames: int, document: Any, results: Collection[int] = ()) -> Retouch:
    """Paint one more stroke, from a frame or one of ``results``; what was undone before is gone."""
    (stroke,) = read_strokes([document], frames, results)
    with _lock:
        now = read_retouch(folder, frames)
        strokes, revision = (*now.visible, stroke), now.revision + 1
        born = (*now.born[: now.shown], revision)
        return _keep(folder, Retouch(strokes, len(strokes), revision, born))


def move(folder: Path, frames: int, by: int) -> Retouch:
    """Undo (-1) or do again (1); nothing happens at either end."""
    with _lock:
        now = read_retouch(folder, frames)
        shown = min(len(now.strokes), max(0, now.shown + by))
        if shown == now.shown:
            return now
        return _keep(folder, Retouch(now.strokes, shown, now.revision + 1, now.born))


def _keep(folder: Path, retouch: Retouch) -> Retouch:
    document = {
        "format": FORMAT,
        "version": VERSION,
        "revision": retouch.revision,
        "shown": retouch.shown,
        "born": retouch.born,
        "strokes": as_document(retouch.strokes),
    }
    with atomic_file(folder / NAME, overwrite=True) as temporary:
        temporary.write_text(json.dumps(document) + "\n", encoding="utf-8")
    state = (folder / NAME).stat()
    _known[folder / NAME] = (state.st_ino, state.st_mtime_ns, state.st_size), retouch
    return retouch
