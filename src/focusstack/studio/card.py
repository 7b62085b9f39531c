"""A folder of many stacks, and what has been made of each."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from focusstack.batch import Group, read_plan
from focusstack.errors import InputError
from focusstack.places import file_of
from focusstack.recipe import Recipe
from focusstack.studio.card_work import Batch, Search, find, make_all
from focusstack.studio.jobs import Jobs
from focusstack.studio.news import News
from focusstack.studio.project import SUFFIX, Project
from focusstack.studio.work import next_task

PLAN = "stacks.toml"


class Card:
    """Stacks below a folder; safe to use from several threads.

    ``NAME.focusstack/`` beside the folder holds ``stacks.toml``, a plan as ``focusstack batch``
    reads it, and a project for each stack below ``stacks``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        if not self.root.is_dir():
            raise InputError(f"{root} is not a folder", "name the folder that holds the stacks")
        self.home = self.root.with_name(self.root.name + SUFFIX)
        self.news = News()
        self.search = Jobs(self.news, "search", find, "stacks are being looked for already")
        self.making = Jobs(self.news, "making", make_all, "stacks are being made already")
        self._lock = threading.Lock()
        self._known: tuple[int, tuple[Group, ...]] = 0, ()

    @property
    def plan(self) -> Path:
        """Where it is written which stacks there are; people may edit it."""
        return self.home / PLAN

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups of pictures that were found; none before they were looked for."""
        try:
            written = self.plan.stat().st_mtime_ns
        except FileNotFoundError:
            return ()
        with self._lock:
            if self._known[0] != written:
                self._known = written, read_plan(self.plan, self.root).groups
            return self._known[1]

    def look(self) -> None:
        """Begin to look for stacks."""
        self.search.start(Search(self.root, self.plan))

    def project(self, number: int) -> Project:
        """The project of a group, which is made when something is kept in it.

        Raises
        ------
        InputError
            If there is no such group, or a frame of it is gone.
        """
        groups = self.groups
        if number >= len(groups):
            raise InputError(f"there is no stack {number}", "load the page again")
        group = groups[number]
        gone = [frame for frame in group.frames if not file_of(frame).exists()]
        if gone:
            raise InputError(f"{gone[0].name} is gone", "put it back, or look for stacks again")
        home = self.home / "stacks" / re.sub(r"[^\w.-]", "_", group.name)
        return Project(file_of(group.frames[0]).parent, group.frames, home, group.name)

    def make(self, numbers: Sequence[int], recipe: Recipe) -> list[int]:
        """Begin to make those that were not made so before; their numbers.

        Raises
        ------
        InputError
            If all have been.
        """
        method = recipe.resolved().method
        tasks = []
        for number in numbers:
            project = self.project(number)
            if not any(one.method == method and not one.preview for one in project.versions):
                tasks.append((number, next_task(project, recipe)))
        if not tasks:
            raise InputError("all of these have been made", "choose others, or another method")
        self.making.start(Batch(tuple(tasks)), total=len(tasks), ended={})
        return [number for number, _ in tasks]

    def described(self) -> dict[str, Any]:
        """Everything that the page begins with."""
        return {
            "folder": self.root.name,
            "plan": str(self.plan.relative_to(self.home.parent)),
            "looked": self.plan.exists(),
            "stacks": [self._described(k, group) for k, group in enumerate(self.groups)],
        }

    def _described(self, number: int, group: Group) -> dict[str, Any]:
        said = {
            "name": group.name,
            "frames": len(group.frames),
            "kind": group.kind,
            "sure": group.sure,
            "why": group.why,
            "wanted": group.wanted,
        }
        try:
            versions = self.project(number).versions
        except InputError as error:
            return said | {"results": [], "problem": error.message}
        told = ("number", "method", "preview")
        return said | {"results": [{k: getattr(one, k) for k in told} for one in versions]}

    def stop(self) -> None:
        """End whatever goes on in processes of its own."""
        self.search.stop()
        self.making.stop()
