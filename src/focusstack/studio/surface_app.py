"""The addresses of the surface: heights, texture, sections, scale."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from focusstack.model import Metadata
from focusstack.steps.write import jpeg_bytes
from focusstack.studio.asked import body_of, number_of
from focusstack.studio.scale import change_scale
from focusstack.studio.surfaces import described, grid, profile, texture

if TYPE_CHECKING:
    from focusstack.studio.app import Studio

_TEXTURE_QUALITY = 92


async def surface(studio: Studio, request: Request) -> Response:
    """The grid's size."""
    views = studio.with_depth(request)
    return JSONResponse(await run_in_threadpool(described, views))


async def heights(studio: Studio, request: Request) -> Response:
    """Depth and confidence of each of the grid's cells."""
    views = studio.with_depth(request)
    found = await run_in_threadpool(grid, views)
    return Response(found, media_type="application/octet-stream")


async def shown(studio: Studio, request: Request) -> Response:
    """What lies on the surface."""
    views = studio.with_depth(request)

    def encoded() -> bytes:
        pixels = texture(views, studio.shelf.painting(views))
        return jpeg_bytes(pixels, Metadata(), _TEXTURE_QUALITY)

    return Response(await run_in_threadpool(encoded), media_type="image/jpeg")


async def section(studio: Studio, request: Request) -> Response:
    """Depth along a line."""
    views = studio.with_depth(request)
    x0, y0, x1, y1 = (float(number_of(request, name)) for name in ("x0", "y0", "x1", "y1"))
    return JSONResponse(await run_in_threadpool(profile, views, (x0, y0, x1, y1)))


async def keep_scale(studio: Studio, request: Request) -> Response:
    """How large the person says that things are; what is not said stays."""
    said = await body_of(request)
    return JSONResponse(asdict(await run_in_threadpool(change_scale, studio.project.home, said)))
