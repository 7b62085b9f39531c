"""The strokes on a result: kept on disk with every change, undone and done again without end."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from focusstack.errors import InputError
from focusstack.retouch import Stroke, as_document, read_strokes
from focusstack.steps.write import atomic_file

FORMAT, VERSION = "focusstack-retouch", 1
NAME = "retouch.json"


@dataclass(frozen=True)
class Retouch:
    """Strokes, the first ``shown`` of which count; ``revision`` grows with every change."""

    strokes: tuple[Stroke, ...] = ()
    shown: int = 0
    revision: int = 0

    @property
    def visible(self) -> tuple[Stroke, ...]:
        """Those that count."""
        return self.strokes[: self.shown]

    def described(self) -> dict[str, int]:
        """For the page."""
        return {"shown": self.shown, "total": len(self.strokes), "revision": self.revision}


_lock = threading.Lock()


def read_retouch(folder: Path, frames: int) -> Retouch:
    """What is kept with a result; nothing where nothing was painted.

    Raises
    ------
    InputError
        If the file is damaged or of another version; it stays as it is.
    """
    path = folder / NAME
    try:
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
    return Retouch(strokes, shown, revision)


def add_stroke(folder: Path, frames: int, document: Any) -> Retouch:
    """Paint one more stroke; what was undone before it is gone."""
    (stroke,) = read_strokes([document], frames)
    with _lock:
        now = read_retouch(folder, frames)
        strokes = (*now.visible, stroke)
        return _keep(folder, Retouch(strokes, len(strokes), now.revision + 1))


def move(folder: Path, frames: int, by: int) -> Retouch:
    """Undo (-1) or do again (1); nothing happens at either end."""
    with _lock:
        now = read_retouch(folder, frames)
        shown = min(len(now.strokes), max(0, now.shown + by))
        if shown == now.shown:
            return now
        return _keep(folder, Retouch(now.strokes, shown, now.revision + 1))


def _keep(folder: Path, retouch: Retouch) -> Retouch:
    document = {
        "format": FORMAT,
        "version": VERSION,
        "revision": retouch.revision,
        "shown": retouch.shown,
        "strokes": as_document(retouch.strokes),
    }
    with atomic_file(folder / NAME, overwrite=True) as temporary:
        temporary.write_text(json.dumps(document) + "\n", encoding="utf-8")
    return retouch
