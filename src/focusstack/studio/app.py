"""The app's addresses: what the page asks for, and what it may change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    Response,
)
from starlette.routing import BaseRoute

from focusstack.errors import FocusstackError, InputError
from focusstack.model import Pixels
from focusstack.recipe import Recipe
from focusstack.steps.read import PICTURE_EXTENSIONS
from focusstack.studio import surface_app
from focusstack.studio.adding import add_frame
from focusstack.studio.asked import are_names, body_of, number_of, overlay, picture, place_of
from focusstack.studio.exporting import PICTURE, VIEW, Exporting
from focusstack.studio.exports import EXPORTS, export_formats
from focusstack.studio.frames import FrameViews
from focusstack.studio.holdings import Holdings
from focusstack.studio.inspecting import Inspection
from focusstack.studio.jobs import Jobs
from focusstack.studio.levels import TILE
from focusstack.studio.login import Login
from focusstack.studio.looking import (
    TILES,
    find_gaps,
    frame_holds,
    frame_over,
    version_holds,
    version_over,
)
from focusstack.studio.news import News
from focusstack.studio.page import answering, asset_routes, followed, guarded, page_at
from focusstack.studio.project import Project, Version
from focusstack.studio.regions import find_gaps as gaps_found
from focusstack.studio.regions import known_regions
from focusstack.studio.retouching import Retouch, add_stroke, move
from focusstack.studio.scale import read_scale
from focusstack.studio.shelf import Shelf
from focusstack.studio.versions import VersionViews
from focusstack.studio.work import next_task

Answer = Callable[["Studio", Request], Awaitable[Response]]


class Studio:
    """What the addresses share."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.views = FrameViews(project.frames)
        self.shelf = Shelf(project, self.views)
        self.news = News()
        self.jobs = Jobs(self.news)
        self.inspection = Inspection(self.news, project.home)
        self.gaps = Jobs(self.news, "gaps", gaps_found, "gaps are being looked for already")
        self.exporting = Exporting(self.news, project)
        self.holdings = Holdings()
        self.one_at_a_time = asyncio.Lock()
        project.clear_away()

    def stop(self) -> None:
        """End whatever goes on in processes of its own."""
        self.jobs.stop()
        self.inspection.jobs.stop()
        self.gaps.stop()
        self.exporting.stop()
        self.project.clear_away()

    def look_for_frames(self) -> None:
        """Show frames that have come into the folder, too."""
        self.project.look_for_frames()
        self.views.follow(self.project.frames)

    def version(self, request: Request) -> VersionViews:
        """The result that an address names."""
        return self.shelf.views(request.path_params["number"])

    def with_depth(self, request: Request) -> VersionViews:
        """The same, if its depth is known."""
        views = self.version(request)
        if not views.version.has_depth:
            raise InputError("that result has no depth", "stack again with depth")
        return views

    def index(self, request: Request) -> int:
        """The frame that an address names."""
        index = int(request.path_params["index"])
        if index >= len(self.project.frames):
            raise InputError(f"there is no frame {index}", "load the page again")
        return index

    def check_whole(self, number: int) -> None:
        """See that it is no preview of a result that is about to take its place."""
        now = self.jobs.now
        if now["state"] == "working" and now.get("number") == number:
            raise InputError("the result is not whole yet", "wait for it, or stop it")

    def paint(self, views: VersionViews, said: dict[str, Any]) -> Retouch:
        """Keep one more stroke on a result."""
        self.check_whole(views.version.number)
        self.shelf.check_copied(views, said.get("result"))
        alike = self.shelf.alike(views) if said.get("result") is not None else set()
        return add_stroke(views.folder, len(views.version.frames), said, alike)

    def described(self) -> dict[str, Any]:
        """Everything that the page begins with."""
        project = self.project
        choices = project.choices
        return {
            "folder": project.name,
            "home": project.home.name,
            "tile": TILE,
            "formats": export_formats(project),
            "frames": [self._frame(k, project.frames[k]) for k in project.order],
            "by": choices.by,
            "extensions": [] if project.fixed else sorted(PICTURE_EXTENSIONS),
            "excluded": list(choices.excluded),
            "reference": choices.reference,
            "scale": asdict(read_scale(project.home)),
            "versions": [self._version(version) for version in project.versions],
            "deleted": project.deleted,
            "job": self.jobs.now,
        }

    def _version(self, version: Version) -> dict[str, Any]:
        said, warnings, retouch, canvas = asdict(version), [*version.warnings], Retouch(), ""
        try:
            views = self.shelf.views(version.number)
            canvas = repr(views.canvas)
            retouch = views.retouch
            said |= {
                "regions": known_regions(views.folder),
                "order": list(views.alignment.kept),
            }
            warnings += [
                f"strokes copy from result {n}, which is gone" for n in self.shelf.gone(views)
            ]
        except InputError as error:  # the rest of the page is no worse for it
            warnings.append(error.message)
        made = {"warnings": warnings, "retouch": retouch.described(), "canvas": canvas}
        return {**said, **made}

    def _frame(self, index: int, path: Path) -> dict[str, Any]:
        try:
            width, height = self.views.size(index)
            return {"id": index, "name": path.name, "width": width, "height": height}
        except FocusstackError as error:
            said = {"id": index, "name": path.name, "width": 0, "height": 0}
            return said | {"problem": error.message}


def make_app(project: Project, port: int, token: str, login: Login | None = None) -> Starlette:
    """The app for one project."""
    studio = Studio(project)
    app = guarded(studio_routes(studio), port, token, login)
    app.state.studio = studio
    return app


def studio_routes(studio: Studio) -> list[BaseRoute]:
    """All addresses of a project."""
    at = answering(studio)
    return [
        page_at("/", "index.html"),
        at("/api/project", _project),
        at("/api/project", _choose, "PUT"),
        at("/api/order", _arrange, "PUT"),
        at("/api/jobs", _start, "POST"),
        at("/api/jobs/now", _stop, "DELETE"),
        at("/api/frames", add_frame, "POST"),
        at("/api/versions/{number:int}", _delete, "DELETE"),
        at("/api/versions/{number:int}/restore", _restore, "POST"),
        at("/api/inspection", _inspect, "POST"),
        at("/api/events", _events),
        at("/api/frames/{index:int}/thumb.jpg", _thumb),
        at("/api/frames/{index:int}/tiles/{level:int}/{column:int}_{row:int}.jpg", _frame_tile),
        at(
            "/api/versions/{number:int}/tiles/{level:int}/{column:int}_{row:int}.jpg",
            unless_gone(_tile),
        ),
        at(
            "/api/versions/{number:int}/depth/{level:int}/{column:int}_{row:int}.jpg",
            unless_gone(_depth),
        ),
        at(
            "/api/versions/{number:int}/confidence/{level:int}/{column:int}_{row:int}.jpg",
            unless_gone(_confidence),
        ),
        at(
            "/api/versions/{number:int}/frames/{index:int}/{level:int}/{column:int}_{row:int}.jpg",
            unless_gone(_aligned),
        ),
        at("/api/frames/{index:int}/holds", frame_holds),
        at("/api/frames/{index:int}/over/clipping/" + TILES, frame_over),
        at("/api/versions/{number:int}/holds", version_holds),
        at("/api/versions/{number:int}/over/{kind}/" + TILES, unless_gone(version_over)),
        at("/api/versions/{number:int}/gaps", find_gaps, "POST"),
        at("/api/versions/{number:int}/pixel", _pixel),
        at("/api/versions/{number:int}/strokes", _paint, "POST"),
        at("/api/versions/{number:int}/strokes/undo", _undo, "POST"),
        at("/api/versions/{number:int}/strokes/redo", _redo, "POST"),
        at("/api/versions/{number:int}/exports", _export, "POST"),
        at("/api/versions/{number:int}/surface", surface_app.surface),
        at("/api/versions/{number:int}/surface/heights", surface_app.heights),
        at("/api/versions/{number:int}/surface/texture.jpg", unless_gone(surface_app.shown)),
        at("/api/versions/{number:int}/surface/section", surface_app.section),
        at("/api/versions/{number:int}/surface/exports", _export_view, "POST"),
        at("/api/exports/now", _stop_export, "DELETE"),
        at("/api/scale", surface_app.keep_scale, "PATCH"),
        at("/api/exports/{name}", _exported),
        *asset_routes(),
    ]


def unless_gone(answer: Answer) -> Answer:
    """Pictures of a result; an empty one if it was deleted while they were wanted: no complaint."""

    async def endpoint(studio: Studio, request: Request) -> Response:
        """The answer, or an empty picture."""
        try:
            return await answer(studio, request)
        except InputError:
            if request.path_params["number"] in studio.project.deleted:
                return await overlay(lambda: np.zeros((1, 1, 4), np.uint8))
            raise

    return endpoint


async def _project(studio: Studio, _request: Request) -> Response:
    return JSONResponse(await run_in_threadpool(studio.described))


async def _choose(studio: Studio, request: Request) -> Response:
    said = await body_of(request)
    excluded, reference = said.get("excluded", []), said.get("reference")
    if not are_names(excluded) or not (reference is None or isinstance(reference, str)):
        raise InputError("excluded must be names, reference a name or null")
    choices = await run_in_threadpool(studio.project.choose, tuple(excluded), reference)
    return JSONResponse({"excluded": choices.excluded, "reference": choices.reference})


async def _arrange(studio: Studio, request: Request) -> Response:
    said = await body_of(request)
    by, names = said.get("by"), said.get("names", [])
    if not isinstance(by, str) or not are_names(names):
        raise InputError("by must be a text, names texts")
    await run_in_threadpool(studio.project.arrange, by, names)
    return JSONResponse({})


async def _start(studio: Studio, request: Request) -> Response:
    said = await body_of(request)
    recipe = Recipe.from_dict(
        said.get("recipe", {}) if isinstance(said.get("recipe"), dict) else {}
    )
    task = next_task(studio.project, recipe, preview_first=True)
    await run_in_threadpool(lambda: studio.jobs.start(task, number=task.number))
    return JSONResponse({"number": task.number}, 202)


async def _stop(studio: Studio, _request: Request) -> Response:
    await run_in_threadpool(studio.jobs.stop)
    return JSONResponse({})


async def _delete(studio: Studio, request: Request) -> Response:
    studio.check_whole(request.path_params["number"])
    await run_in_threadpool(studio.project.delete, request.path_params["number"])
    return JSONResponse({})


async def _restore(studio: Studio, request: Request) -> Response:
    await run_in_threadpool(studio.project.restore, request.path_params["number"])
    return JSONResponse({})


async def _inspect(studio: Studio, _request: Request) -> Response:
    """Look at the frames that are to be stacked; what is found is told to who listens."""
    await run_in_threadpool(studio.inspection.follow, studio.project.chosen_frames())
    return JSONResponse({}, 202)


async def _events(studio: Studio, _request: Request) -> Response:
    return followed(studio.news)


async def _thumb(studio: Studio, request: Request) -> Response:
    index = studio.index(request)
    return await picture(lambda: studio.views.thumbnail(index))


async def _frame_tile(studio: Studio, request: Request) -> Response:
    index, (level, column, row) = studio.index(request), place_of(request)

    def cut() -> Pixels:
        whole = studio.views.level(index, level)
        return whole[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]

    return await picture(cut)


async def _tile(studio: Studio, request: Request) -> Response:
    views, place = studio.version(request), place_of(request)
    return await picture(lambda: views.tile(*place, studio.shelf.painting(views)))


async def _depth(studio: Studio, request: Request) -> Response:
    views, place = studio.with_depth(request), place_of(request)
    return await picture(lambda: views.depth_tile(*place))


async def _confidence(studio: Studio, request: Request) -> Response:
    views, place = studio.with_depth(request), place_of(request)
    return await picture(lambda: views.confidence_tile(*place))


async def _aligned(studio: Studio, request: Request) -> Response:
    views, (level, column, row) = studio.version(request), place_of(request)
    number = request.path_params["index"]
    if number >= len(views.version.frames):
        raise InputError(f"there is no frame {number}", "load the page again")
    source = studio.shelf.frames(views)
    return await picture(lambda: views.aligned_tile(source, number, level, column, row))


async def _paint(studio: Studio, request: Request) -> Response:
    views, said = studio.version(request), await body_of(request)
    made = await run_in_threadpool(studio.paint, views, said)
    return JSONResponse(made.described(), 201)


async def _undo(studio: Studio, request: Request) -> Response:
    return await _moved(studio, request, -1)


async def _redo(studio: Studio, request: Request) -> Response:
    return await _moved(studio, request, 1)


async def _moved(studio: Studio, request: Request, by: int) -> Response:
    views = studio.version(request)
    made = await run_in_threadpool(move, views.folder, len(views.version.frames), by)
    return JSONResponse(made.described())


async def _pixel(studio: Studio, request: Request) -> Response:
    views = studio.version(request)
    x, y = (number_of(request, name) for name in "xy")
    if not (0 <= x < views.version.width and 0 <= y < views.version.height):
        raise InputError(f"there is no pixel {x}, {y}")
    return JSONResponse(await run_in_threadpool(views.pixel, x, y))


async def _export(studio: Studio, request: Request) -> Response:
    return await _begin_export(studio, PICTURE, studio.version(request), request)


async def _export_view(studio: Studio, request: Request) -> Response:
    return await _begin_export(studio, VIEW, studio.with_depth(request), request)


async def _begin_export(
    studio: Studio, about: str, views: VersionViews, request: Request
) -> Response:
    studio.check_whole(views.version.number)
    await run_in_threadpool(studio.exporting.start, about, views, await body_of(request))
    return JSONResponse({}, 202)


async def _stop_export(studio: Studio, _request: Request) -> Response:
    await run_in_threadpool(studio.exporting.stop)
    return JSONResponse({})


async def _exported(studio: Studio, request: Request) -> Response:
    name = request.path_params["name"]
    folder = studio.project.home / EXPORTS
    known = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    if name not in known:
        raise InputError(f"there is no export {name}", "export it again")
    return FileResponse(folder / name, filename=name)
