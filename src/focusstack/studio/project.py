"""A project on disk: which frames, which choices, which results. Nothing is only in memory.

``NAME.focusstack/`` beside the folder ``NAME`` of frames holds ``project.json`` and a folder for
each result below ``versions``. Files appear whole or not at all.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from focusstack.errors import InputError
from focusstack.steps.read import find_pictures
from focusstack.steps.write import atomic_file

FORMAT, VERSION = "focusstack-project", 1
SUFFIX = ".focusstack"
FACTS = "facts.json"
"""All that a run found, beside what ``version.json`` has of it."""


@dataclass(frozen=True)
class Choices:
    """What the person chose: frames by name that are left out, and the reference frame's name."""

    excluded: tuple[str, ...] = ()
    reference: str | None = None


@dataclass(frozen=True)
class Version:
    """A finished result, as its ``version.json`` tells."""

    number: int
    method: str
    preview: bool
    width: int
    height: int
    seconds: float
    made: str
    frames: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    has_depth: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)


class Project:
    """A folder of frames and what has been done with it; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.home = self.folder.with_name(self.folder.name + SUFFIX)
        self.frames = tuple(find_pictures([self.folder]))
        if not self.frames:
            raise InputError(f"{folder}: no pictures directly in there", "name another folder")
        self._lock = threading.Lock()
        self._choices = self._read_choices()

    @property
    def choices(self) -> Choices:
        """The choices as they are now."""
        return self._choices

    def choose(self, excluded: tuple[str, ...], reference: str | None) -> Choices:
        """Keep new choices, on disk before this returns.

        Raises
        ------
        InputError
            If they name what is no frame, or leave out the reference frame or all but one.
        """
        names = {path.name for path in self.frames}
        unknown = [
            name for name in (*excluded, reference) if name is not None and name not in names
        ]
        if unknown:
            raise InputError(f"there is no frame {unknown[0]}", "load the page again")
        if reference in excluded:
            raise InputError("the reference frame cannot be left out", "choose another one first")
        if len(names - set(excluded)) < 2:
            raise InputError("a stack needs two frames", "leave fewer frames out")
        with self._lock:
            self._choices = Choices(tuple(sorted(set(excluded))), reference)
            self._write()
        return self._choices

    def chosen_frames(self) -> list[Path]:
        """The frames that are to be stacked, in order."""
        return [path for path in self.frames if path.name not in self._choices.excluded]

    @property
    def versions(self) -> list[Version]:
        """All finished results, oldest first."""
        found = [read_version(path.parent) for path in self._version_files()]
        return sorted((one for one in found if one is not None), key=lambda one: one.number)

    def version_folder(self, number: int) -> Path:
        """Where a result is."""
        return self.home / "versions" / f"{number:04d}"

    def next_number(self) -> int:
        """The number of the next result; numbers are not used again."""
        taken = [int(path.name) for path in self._version_folders() if path.name.isdigit()]
        return max(taken, default=0) + 1

    def clear_away(self) -> None:
        """Remove what a run that was cut off has left."""
        for path in self._version_folders():
            if path.name.startswith("."):
                shutil.rmtree(path, ignore_errors=True)

    def _version_folders(self) -> list[Path]:
        below = self.home / "versions"
        return [path for path in below.iterdir() if path.is_dir()] if below.is_dir() else []

    def _version_files(self) -> list[Path]:
        return [path / "version.json" for path in self._version_folders() if path.name[0] != "."]

    def _write(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        document = {"format": FORMAT, "version": VERSION, "choices": asdict(self._choices)}
        with atomic_file(self.home / "project.json", overwrite=True) as temporary:
            temporary.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")

    def _read_choices(self) -> Choices:
        path = self.home / "project.json"
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Choices()
        except (OSError, ValueError) as error:
            raise InputError(f"{path} cannot be read: {error}", "move it away") from error
        if document.get("format") != FORMAT or document.get("version") != VERSION:
            raise InputError(f"{path} is of another version", "update focusstack, or move it away")
        said = document.get("choices", {})
        names = {frame.name for frame in self.frames}
        excluded = tuple(name for name in said.get("excluded", ()) if name in names)
        reference = said.get("reference")
        return Choices(excluded, reference if reference in names else None)


def read_version(folder: Path) -> Version | None:
    """A result's description; None if it is not complete."""
    try:
        said = json.loads((folder / "version.json").read_text(encoding="utf-8"))
        known = Version(**said)
    except (OSError, ValueError, TypeError):
        return None
    return replace(known, frames=tuple(known.frames), warnings=tuple(known.warnings))
