"""The addresses of a folder of many stacks; each of them has a studio of its own below."""

from __future__ import annotations

import threading

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from focusstack.errors import FocusstackError, InputError
from focusstack.model import Pixels
from focusstack.recipe import Recipe
from focusstack.studio.app import Studio, studio_routes
from focusstack.studio.asked import body_of, picture
from focusstack.studio.card import Card
from focusstack.studio.frames import FrameViews
from focusstack.studio.levels import level_count, read_level
from focusstack.studio.page import answering, asset_routes, followed, page_at, refusal
from focusstack.studio.project import Version


class Cardholder:
    """A card, and the studios of those of its stacks that were opened."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self._open: dict[int, tuple[tuple[str, ...], Studio, Starlette]] = {}
        self._lock = threading.Lock()

    def studio(self, number: int) -> Starlette:
        """The studio of a stack, as an app."""
        project = self.card.project(number)
        names = tuple(map(str, project.frames))
        with self._lock:
            known = self._open.get(number)
            if known is None or known[0] != names:  # looked for anew, it may be another
                studio = Studio(project)
                app = Starlette(routes=studio_routes(studio))
                app.state.studio = studio
                known = names, studio, app
                self._open[number] = known
            return known[2]

    def stop(self) -> None:
        """End whatever goes on in processes of its own."""
        self.card.stop()
        for _, studio, _ in self._open.values():
            studio.stop()


class Stacks:
    """Hands requests below ``/stacks/N`` over to that stack's studio."""

    def __init__(self, holder: Cardholder) -> None:
        self._holder = holder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        app: ASGIApp
        try:
            app = await run_in_threadpool(self._holder.studio, scope["path_params"]["number"])
        except FocusstackError as error:
            app = refusal(error)
        await app(scope, receive, send)


def card_routes(holder: Cardholder) -> list[BaseRoute]:
    """All addresses."""
    at = answering(holder)
    return [
        page_at("/", "card.html"),
        at("/api/card", _card),
        at("/api/card/search", _look, "POST"),
        at("/api/card/search", _stop_looking, "DELETE"),
        at("/api/card/making", _make, "POST"),
        at("/api/card/making", _stop, "DELETE"),
        at("/api/card/events", _events),
        at("/api/card/stacks/{number:int}/thumb.jpg", _thumb),
        Mount("/stacks/{number:int}", app=Stacks(holder)),
        *asset_routes(),
    ]


async def _card(holder: Cardholder, _request: Request) -> Response:
    return JSONResponse(await run_in_threadpool(holder.card.described))


async def _look(holder: Cardholder, _request: Request) -> Response:
    await run_in_threadpool(holder.card.look)
    return JSONResponse({}, 202)


async def _stop_looking(holder: Cardholder, _request: Request) -> Response:
    await run_in_threadpool(holder.card.search.stop)
    return JSONResponse({})


async def _make(holder: Cardholder, request: Request) -> Response:
    said = await body_of(request)
    numbers, recipe = said.get("stacks"), said.get("recipe", {})
    if not isinstance(numbers, list) or not all(type(k) is int and k >= 0 for k in numbers):
        raise InputError("stacks must be numbers")
    if not isinstance(recipe, dict):
        raise InputError("recipe must be settings")
    made = await run_in_threadpool(holder.card.make, numbers, Recipe.from_dict(recipe))
    return JSONResponse({"stacks": made}, 202)


async def _stop(holder: Cardholder, _request: Request) -> Response:
    await run_in_threadpool(holder.card.making.stop)
    return JSONResponse({})


async def _events(holder: Cardholder, _request: Request) -> Response:
    return followed(holder.card.news)


async def _thumb(holder: Cardholder, request: Request) -> Response:
    """The last result, or the frame in the middle."""
    project = await run_in_threadpool(holder.card.project, request.path_params["number"])

    def small() -> Pixels:
        """Its pixels, coarse."""
        versions: list[Version] = project.versions
        if versions:
            last = versions[-1]
            coarsest = level_count(last.width, last.height) - 1
            return read_level(project.version_folder(last.number), coarsest)
        return FrameViews(project.frames).thumbnail(len(project.frames) // 2)

    return await picture(small)
