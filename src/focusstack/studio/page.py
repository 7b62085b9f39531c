"""What the apps have in common: pages, their parts, and refusals in words."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from focusstack.errors import FocusstackError
from focusstack.studio.login import Login
from focusstack.studio.news import News
from focusstack.studio.security import Guard

NO_PAGE = """<!doctype html><meta charset="utf-8"><title>focusstack studio</title>
<p>The page has not been built. In a clone of focusstack: <code>python3 dev.py studio</code> (needs
Node.js 20 or newer with npm); or install a wheel, which contains it.</p>"""


def refusal(error: FocusstackError) -> Response:
    """What went wrong, for the page to show."""
    return JSONResponse({"message": error.message, "hint": error.hint}, error.http_status)


def answering(about: Any) -> Callable[..., Route]:
    """What makes routes of functions that are given ``about`` and the request."""

    def at(
        path: str, answer: Callable[[Any, Request], Awaitable[Response]], *methods: str
    ) -> Route:
        """A route whose failures that are for people are answered in words."""

        async def endpoint(request: Request) -> Response:
            try:
                return await answer(about, request)
            except FocusstackError as error:
                return refusal(error)

        return Route(path, endpoint, methods=list(methods) or ["GET"])

    return at


def page_at(path: str, name: str) -> Route:
    """A page that was built with the package."""

    async def endpoint(_request: Request) -> Response:
        page = files("focusstack.studio").joinpath("page", name)
        if not page.is_file():
            return HTMLResponse(NO_PAGE, 503)
        return HTMLResponse(page.read_text(encoding="utf-8"))

    return Route(path, endpoint)


def asset_routes() -> list[BaseRoute]:
    """Scripts and styles of the pages, if they were built."""
    assets = Path(str(files("focusstack.studio").joinpath("page"))) / "assets"
    return [Mount("/assets", StaticFiles(directory=assets))] if assets.is_dir() else []


def followed(news: News) -> Response:
    """What goes on, as server-sent events named after its kind, for as long as somebody listens."""

    async def told() -> AsyncIterator[str]:
        async for kind, said in news.listen():
            yield f"event: {kind}\ndata: {json.dumps(said)}\n\n"

    return StreamingResponse(told(), media_type="text/event-stream")


def guarded(
    routes: list[BaseRoute], port: int, token: str, login: Login | None = None
) -> Starlette:
    """An app that answers nobody but the page that the person opened."""
    guard = Middleware(Guard, port=port, token=token, login=login)
    return Starlette(routes=routes, middleware=[guard])
