"""What a request says, or why it makes no sense."""

from __future__ import annotations

import json
import math
from typing import Any

from starlette.requests import Request

from focusstack.errors import InputError


async def body(request: Request) -> dict[str, Any]:
    """The JSON object that was sent."""
    try:
        said = json.loads(await request.body())
    except ValueError as error:
        raise InputError("that is no JSON") from error
    if not isinstance(said, dict):
        raise InputError("that is no JSON object")
    return said


def number(request: Request, name: str) -> int:
    """A whole number, 0 or more, from the address."""
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
