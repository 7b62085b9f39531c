"""The inspection of a project's frames, in a process of its own, kept until a frame changes."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from focusstack.errors import FocusstackError, UnreadableFrame
from focusstack.execute import wanted_threads
from focusstack.inspection import inspect_stack
from focusstack.places import file_of
from focusstack.steps.read import FileSource
from focusstack.steps.write import atomic_file
from focusstack.studio.jobs import Jobs
from focusstack.studio.news import News
from focusstack.studio.notes import Note, notes_of
from focusstack.studio.telling import Teller, ends_told

NAME = "inspection.json"
FORMAT, VERSION = "focusstack-notes", 1
GENTLE = 10
"""How much an inspection gives way to other work on the machine (see ``os.nice``)."""


@dataclass(frozen=True)
class Look:
    """Which frames are to be inspected, and the file for what is found.

    ``others`` is what is known of frames that are left out.
    """

    frames: tuple[Path, ...]
    key: str
    kept: Path
    others: tuple[dict[str, str], ...] = ()


class Inspection:
    """Notes on the frames that are to be stacked; begun again when other frames are."""

    def __init__(self, news: News, home: Path) -> None:
        self._kept, self._lock = home / NAME, threading.Lock()
        self.jobs = Jobs(news, "inspection", look_at, "the frames are being looked at already")

    def follow(self, frames: Sequence[Path]) -> None:
        """See to it that what is known is known of these frames."""
        with self._lock:
            self._follow(frames)

    def _follow(self, frames: Sequence[Path]) -> None:
        before = self.jobs.now.get("notes", [])
        look = Look(tuple(frames), key_of(frames), self._kept, _of_others(before, frames))
        if self.jobs.now.get("key") == look.key and self.jobs.now["state"] != "cancelled":
            return
        self.jobs.stop()
        notes = read_notes(self._kept, look.key)
        if notes is not None:
            self.jobs.become({"state": "done", "key": look.key, "notes": notes})
        else:
            self.jobs.start(look, key=look.key, notes=before)


def _of_others(
    notes: Sequence[dict[str, str]], frames: Sequence[Path]
) -> tuple[dict[str, str], ...]:
    """What was wrong with frames that are left out now: why they are."""
    names = {path.name for path in frames}
    lasting = ("bad", "repeat")
    return tuple(n for n in notes if n["frame"] not in names and n["kind"] in lasting)


def key_of(frames: Sequence[Path]) -> str:
    """Changes with the frames, their order and their files."""
    digest = hashlib.sha256()
    for path in frames:
        with suppress(OSError):
            said = file_of(path).stat()
            digest.update(f"{path.name}\0{said.st_size}\0{said.st_mtime_ns}\0".encode())
    return digest.hexdigest()


def read_notes(path: Path, key: str) -> list[dict[str, str]] | None:
    """What was found of the same frames before; None if that is not known."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        known = (said["format"], said["version"], said["key"]) == (FORMAT, VERSION, key)
        return [asdict(Note(**one)) for one in said["notes"]] if known else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def keep_notes(path: Path, key: str, notes: Sequence[dict[str, str]]) -> None:
    """Write what was found of the frames with this key, for :func:`read_notes`."""
    document = {"format": FORMAT, "version": VERSION, "key": key, "notes": [*notes]}
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path, overwrite=True) as temporary:
        temporary.write_text(json.dumps(document) + "\n", encoding="utf-8")


def look_at(look: Look, news: Any, cancel: Any) -> None:
    """Inspect, keep what was found, and tell ``news`` (a queue) of it."""
    with suppress(OSError, AttributeError):
        os.nice(GENTLE)
    with ends_told(news):
        made = inspected(look.frames, Teller(news), cancel)
        found = [*look.others, *(asdict(note) for note in made)]
        keep_notes(look.kept, look.key, found)
        news.put({"state": "done", "notes": found})


def inspected(frames: Sequence[Path], observer: Teller, cancel: Any) -> list[Note]:
    """Notes on frames; those that cannot be used get theirs, and the others are inspected."""
    notes = _unusable(frames)
    while True:
        bad = {note.frame for note in notes}
        left = [path for path in frames if path.name not in bad]
        if len(left) < 2:
            return notes
        try:
            threads = max(1, wanted_threads(None) // 2)
            report = inspect_stack(left, observer=observer, cancel=cancel, threads=threads)
            return notes + notes_of(report)
        except UnreadableFrame as error:
            notes.append(_blamed(left, error))


def _unusable(frames: Sequence[Path]) -> list[Note]:
    """Frames without a header, and those that are not like most."""
    source, kinds, notes = FileSource(frames), dict[str, tuple[int, int]](), list[Note]()
    for k, path in enumerate(frames):
        try:
            info = source.info(k)
            kinds[path.name] = info.width, info.height
        except FocusstackError as error:
            notes.append(Note(path.name, "bad", _without_folder(error.message, path)))
    usual = Counter(kinds.values()).most_common(1)
    other = [(name, size) for name, size in kinds.items() if size != usual[0][0]]
    return notes + [
        Note(name, "bad", f"{size[0]} × {size[1]} px, the others have another size")
        for name, size in other
    ]


def _blamed(frames: Sequence[Path], error: UnreadableFrame) -> Note:
    """A note on the frame that an error names."""
    for path in frames:
        if error.message.startswith(f"{path} "):
            return Note(path.name, "bad", _without_folder(error.message, path))
    raise error


def _without_folder(message: str, path: Path) -> str:
    return message.removeprefix(f"{path} ")
