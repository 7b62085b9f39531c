"""Addresses for looking closely: what pictures hold, what is not to be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from focusstack.errors import InputError
from focusstack.model import Pixels
from focusstack.studio.asked import overlay, place_of
from focusstack.studio.holdings import Holding
from focusstack.studio.regions import REGIONS, Gaps, region_shares, region_tile
from focusstack.studio.versions import VersionViews

if TYPE_CHECKING:
    from focusstack.studio.app import Studio

TILES = "{level:int}/{column:int}_{row:int}.png"


async def version_holds(studio: Studio, request: Request) -> Response:
    """A result's histogram, and how much of it each known region covers."""
    views = studio.version(request)

    def found() -> dict[str, Any]:
        shares = region_shares(views.folder)
        return _of_version(studio, views).described() | {"shares": shares}

    return JSONResponse(await run_in_threadpool(found))


async def frame_holds(studio: Studio, request: Request) -> Response:
    """A frame's histogram."""
    index = studio.index(request)
    return JSONResponse(await run_in_threadpool(lambda: _of_frame(studio, index).described()))


async def version_over(studio: Studio, request: Request) -> Response:
    """Part of what can be laid over a result."""
    views, place = studio.version(request), place_of(request)
    kind = request.path_params["kind"]
    if kind == "clipping":
        return await overlay(lambda: _of_version(studio, views).tile(*place))
    if kind not in REGIONS:
        raise InputError(f"there is no overlay {kind}", "load the page again")
    return await overlay(lambda: region_tile(views.folder, kind, *place))


async def frame_over(studio: Studio, request: Request) -> Response:
    """Part of where a frame is clipped."""
    index, place = studio.index(request), place_of(request)
    return await overlay(lambda: _of_frame(studio, index).tile(*place))


async def find_gaps(studio: Studio, request: Request) -> Response:
    """Begin to look for what no frame of a result has in focus."""
    views = studio.version(request)
    task = Gaps(views.folder, tuple(studio.shelf.paths(views)))
    number = views.version.number
    await run_in_threadpool(lambda: studio.gaps.start(task, number=number))
    return JSONResponse({"number": number}, 202)


def _of_version(studio: Studio, views: VersionViews) -> Holding:
    def read() -> Pixels:
        strokes = views.retouch.visible
        return views.picture(studio.shelf.origins(views, strokes)) if strokes else views.fused()

    key = "version", views.version.number, views.version.made, views.retouch.revision
    return studio.holdings.of(key, read)


def _of_frame(studio: Studio, index: int) -> Holding:
    return studio.holdings.of(("frame", index), lambda: studio.views.whole(index))
