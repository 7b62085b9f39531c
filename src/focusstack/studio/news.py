"""What goes on, for whoever listens: the state of each thing that takes time, by its kind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

State = dict[str, Any]
_Told = tuple[str, State]


class News:
    """The last state of each kind, told to all listeners whenever it changes."""

    def __init__(self) -> None:
        self._now: dict[str, State] = {}
        self._listeners: set[tuple[asyncio.AbstractEventLoop, asyncio.Queue[_Told]]] = set()

    def tell(self, kind: str, state: State) -> None:
        """Say how something is; from any thread."""
        self._now[kind] = state
        for loop, mine in tuple(self._listeners):
            loop.call_soon_threadsafe(_put, mine, (kind, dict(state)))

    async def listen(self) -> AsyncIterator[_Told]:
        """What is known now, and then whatever changes."""
        mine: asyncio.Queue[_Told] = asyncio.Queue(256)
        entry = (asyncio.get_running_loop(), mine)
        self._listeners.add(entry)
        try:
            for kind, state in tuple(self._now.items()):
                yield kind, dict(state)
            while True:
                yield await mine.get()
        finally:
            self._listeners.discard(entry)


def _put(mine: asyncio.Queue[_Told], said: _Told) -> None:
    """What a slow page has not heard of in time it does not hear; the next news say it all."""
    if mine.full():
        mine.get_nowait()
    mine.put_nowait(said)
