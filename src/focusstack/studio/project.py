"""A project on disk: which frames, which choices, which results. Nothing is only in memory.

``NAME.focusstack/`` beside the folder ``NAME`` of frames holds ``project.json`` and a folder for
each result below ``versions``. Files appear whole or not at all.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from focusstack.errors import InputError, OutputError
from focusstack.recipe import Recipe
from focusstack.steps.read import find_pictures
from focusstack.steps.write import atomic_file
from focusstack.studio.order import ORDERS, by_time, checked, in_order

FORMAT, VERSION = "focusstack-project", 1
SUFFIX, DELETED, PREVIEW = ".focusstack", ".deleted", ".preview"
FEWEST = 2
"""Frames of a stack."""
FACTS = "facts.json"
"""All that a run found, beside what ``version.json`` has of it."""


@dataclass(frozen=True)
class Choices:
    """What the person chose: frames by name that are left out, the reference frame, the order.

    ``order`` has the frames' names and is empty where it is that ``by`` name; see
    :mod:`focusstack.studio.order`.
    """

    excluded: tuple[str, ...] = ()
    reference: str | None = None
    order: tuple[str, ...] = ()
    by: str = "name"


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
    """Frames and what has been done with them; safe to use from several threads.

    Parameters
    ----------
    folder : Path
        Where the frames are, or will be.
    frames : sequence of Path, optional
        All that there will ever be; by default the pictures in the folder, and those that come.
    home : Path, optional
        Where everything is kept; by default beside the folder.
    name : str, optional
        For people; by default the folder's.
    """

    def __init__(
        self,
        folder: Path,
        frames: Sequence[Path] | None = None,
        home: Path | None = None,
        name: str = "",
    ) -> None:
        self.folder = folder.resolve()
        self.name = name or self.folder.name
        self.home = home or self.folder.with_name(self.folder.name + SUFFIX)
        self.fixed = frames is not None
        self.frames = tuple(find_pictures([self.folder]) if frames is None else frames)
        if not self.folder.is_dir():
            raise InputError(f"{folder} is not a folder", "name the folder of the frames")
        self._lock, self._last = threading.Lock(), 0
        self._choices = self._read_choices()

    @property
    def stem(self) -> str:
        """The name as files can have it."""
        return re.sub(r"[\\/:]", "_", self.name)

    def look_for_frames(self) -> None:
        """Know frames that have come into the folder; those that are known keep their places."""
        if self.fixed:
            return
        known = set(self.frames)
        new = [path for path in find_pictures([self.folder]) if path not in known]
        self.frames = (*self.frames, *new)

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
        if len(names - set(excluded)) < FEWEST:
            raise InputError("a stack needs two frames", "leave fewer frames out")
        with self._lock:
            self._keep(excluded=tuple(sorted(set(excluded))), reference=reference)
        return self._choices

    def arrange(self, by: str, names: Sequence[str] = ()) -> Choices:
        """Keep another order, on disk before this returns; ``names`` are those of an own one.

        Raises
        ------
        InputError
            If there is no such order, or it does not name each frame once.
        """
        if by not in ORDERS:
            raise InputError(f"there is no order by {by}", f"use {', '.join(ORDERS)}")
        found = by_time(self.frames) if by == "time" else []
        if by == "own":
            found = checked(names, self.frames)
        with self._lock:
            self._keep(order=tuple(found), by=by)
        return self._choices

    @property
    def order(self) -> list[int]:
        """The frames' indices in the person's order."""
        return in_order(self.frames, self._choices.order)

    def chosen_frames(self) -> list[Path]:
        """The frames that are to be stacked, in order."""
        ordered = [self.frames[k] for k in self.order]
        return [path for path in ordered if path.name not in self._choices.excluded]

    def recipe(self, base: Recipe) -> Recipe:
        """The recipe with the reference frame that was chosen, if one was."""
        if self.choices.reference is None:
            return base
        names = [path.name for path in self.chosen_frames()]
        return replace(base, reference=names.index(self.choices.reference))

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
        return max(*taken, *self.deleted, self._last, 0) + 1

    def delete(self, number: int) -> None:
        """Put a result away until :meth:`clear_away`.

        Raises
        ------
        InputError
            If there is none of that number.
        OutputError
            If its folder cannot be moved.
        """
        with self._lock:
            self._move(self.version_folder(number), self._away(number), number)
            self._last = max(self._last, number)
            self._keep()

    def restore(self, number: int) -> None:
        """Bring back a result that was deleted; raises as :meth:`delete` does."""
        with self._lock:
            self._move(self._away(number), self.version_folder(number), number)

    @property
    def deleted(self) -> list[int]:
        """The results that can be brought back."""
        names = [path.name for path in self._version_folders() if path.suffix == DELETED]
        return sorted(int(name[1:].split(".")[0]) for name in names)

    def _away(self, number: int) -> Path:
        return self.home / "versions" / f".{number:04d}{DELETED}"

    def _move(self, source: Path, target: Path, number: int) -> None:
        if not source.is_dir() or target.exists():
            raise InputError(f"there is no result {number}", "load the page again")
        try:
            source.rename(target)
        except OSError as error:
            text = f"result {number} cannot be moved: {error.strerror}"
            raise OutputError(text, "close what uses it") from error

    def clear_away(self) -> None:
        """Remove what a run that was cut off has left, and what was deleted."""
        shutil.rmtree(self.home / "arriving", ignore_errors=True)
        for path in self._version_folders():
            if path.suffix == PREVIEW and not path.with_name(path.stem[1:]).exists():
                with suppress(OSError):  # what was to take its place is not there
                    path.rename(path.with_name(path.stem[1:]))
            elif path.name.startswith("."):
                shutil.rmtree(path, ignore_errors=True)

    def _version_folders(self) -> list[Path]:
        below = self.home / "versions"
        return [path for path in below.iterdir() if path.is_dir()] if below.is_dir() else []

    def _version_files(self) -> list[Path]:
        return [path / "version.json" for path in self._version_folders() if path.name[0] != "."]

    def _keep(self, **changes: Any) -> None:
        """Change some choices; they count only once they are on disk."""
        made = replace(self._choices, **changes)
        self.home.mkdir(parents=True, exist_ok=True)
        document = {
            "format": FORMAT,
            "version": VERSION,
            "last": self._last,
            "choices": asdict(made),
        }
        with atomic_file(self.home / "project.json", overwrite=True) as temporary:
            temporary.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        self._choices = made

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
        said, last = document.get("choices", {}), document.get("last", 0)
        self._last = last if type(last) is int else 0
        names = {frame.name for frame in self.frames}
        excluded = tuple(name for name in said.get("excluded", ()) if name in names)
        reference = said.get("reference")
        order = tuple(str(name) for name in said.get("order", ()))
        by = said.get("by") if said.get("by") in ORDERS else "name"
        return Choices(excluded, reference if reference in names else None, order, str(by))


def read_version(folder: Path) -> Version | None:
    """A result's description; None if it is not complete."""
    try:
        said = json.loads((folder / "version.json").read_text(encoding="utf-8"))
        known = Version(**said)
    except (OSError, ValueError, TypeError):
        return None
    return replace(known, frames=tuple(known.frames), warnings=tuple(known.warnings))
