"""What the page's requests say, checked; and pictures as answers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from focusstack.errors import InputError
from focusstack.model import Metadata, Pixels
from focusstack.steps.write import jpeg_bytes, png_bytes

TILE_QUALITY = 90


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that was sent."""
    try:
        said = json.loads(await request.body())
    except ValueError as error:
        raise InputError("that is no JSON") from error
    if not isinstance(said, dict):
        raise InputError("that is no JSON object")
    return said


def are_names(value: object) -> bool:
    """Whether that is a list of texts."""
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def number_of(request: Request, name: str) -> int:
    """A whole number of the query."""
    text = request.query_params.get(name, "")
    if not text.isdecimal() or len(text) > 9:
        raise InputError(f"{name} must be a number")
    return int(text)


def within(value: object, name: str, low: float, high: float) -> float:
    """A number from low to high, as JSON has it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{name} must be a number")
    if not math.isfinite(value) or not low <= value <= high:
        raise InputError(f"{name} must be {low:g} to {high:g}")
    return float(value)


def place_of(request: Request) -> tuple[int, int, int]:
    """The level, column and row of a tile."""
    level, column, row = (int(request.path_params[name]) for name in ("level", "column", "row"))
    if level > 20 or max(column, row) > 4096:
        raise InputError("there is no such tile")
    return level, column, row


async def picture(make: Callable[[], Pixels]) -> Response:
    """A JPEG of uint8 pixels (h, w, 1 or 3)."""

    def encoded() -> bytes:
        return jpeg_bytes(_made(make), Metadata(), TILE_QUALITY)

    return Response(await run_in_threadpool(encoded), media_type="image/jpeg")


async def overlay(make: Callable[[], Pixels]) -> Response:
    """A PNG of uint8 pixels (h, w, 4)."""

    def encoded() -> bytes:
        return png_bytes(_made(make))

    return Response(await run_in_threadpool(encoded), media_type="image/png")


def _made(make: Callable[[], Pixels]) -> Pixels:
    try:
        pixels = make()
    except (IndexError, FileNotFoundError) as error:
        raise InputError("there is no such tile") from error
    if not pixels.size:
        raise InputError("there is no such tile")
    return pixels
