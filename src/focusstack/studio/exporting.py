"""Exports in processes of their own: they tell how far they are, can be stopped, stall nothing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from focusstack.studio.exports import EXPORTS, check_wish, export
from focusstack.studio.frames import FrameViews
from focusstack.studio.jobs import Jobs
from focusstack.studio.news import News
from focusstack.studio.project import Project
from focusstack.studio.shelf import Shelf
from focusstack.studio.surfaces import check_view, export_view
from focusstack.studio.telling import Teller, ends_told
from focusstack.studio.versions import VersionViews

GRACE_SECONDS = 0.3
"""An encoder hears nothing until it is done, and what it has written so far is thrown away."""
PICTURE, VIEW = "picture", "view"


@dataclass(frozen=True)
class Export:
    """What is to be written of a result; nothing that cannot be sent.

    ``about`` is PICTURE or VIEW, ``said`` what the page said, ``project`` the arguments of
    :class:`Project`.
    """

    about: str
    number: int
    said: Mapping[str, Any]
    project: tuple[Path, tuple[Path, ...], Path, str]


class Exporting:
    """At most one export of a project at a time."""

    def __init__(self, news: News, project: Project) -> None:
        self._project = project
        busy = "something is being exported already"
        self.jobs = Jobs(news, "export", write_export, busy, GRACE_SECONDS)

    def start(self, about: str, views: VersionViews, said: Mapping[str, Any]) -> None:
        """Begin.

        Raises
        ------
        InputError, RecipeError
            If it asks for what cannot be, or something is being exported already.
        """
        (check_wish if about == PICTURE else check_view)(self._project, views, said)
        project, number = self._project, views.version.number
        place = project.folder, project.frames, project.home, project.name
        self.jobs.start(Export(about, number, said, place), number=number, about=about)

    def stop(self) -> None:
        """End it; nothing of it is left when this returns."""
        self.jobs.stop()
        for path in (self._project.home / EXPORTS).glob(".*.part"):
            with suppress(OSError):
                path.unlink()


def write_export(task: Export, news: Any, _cancel: Any) -> None:
    """Write it; tell ``news`` (a queue) how it goes, and in the end what the file is called."""
    with ends_told(news, task.project[0]):
        project = Project(*task.project)
        shelf = Shelf(project, FrameViews(project.frames))
        make = export if task.about == PICTURE else export_view
        made = make(project, shelf.views(task.number), shelf, task.said, Teller(news))
        news.put({"state": "done", **made})
