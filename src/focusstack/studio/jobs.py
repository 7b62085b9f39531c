"""The run at hand: started in a process, followed, stopped; whoever listens is told."""

from __future__ import annotations

import asyncio
import multiprocessing
import queue
import threading
from collections.abc import AsyncIterator
from typing import Any

from focusstack.errors import InputError
from focusstack.studio.work import Task, carry_out

GRACE_SECONDS = 2.0
"""How long a process may take to end by itself when it is stopped."""
_ENDS = ("done", "failed", "cancelled")


class Jobs:
    """At most one run at a time.

    Attributes
    ----------
    now : dict
        What is known of the run at hand, or of the last one; ``state`` is idle, working, done,
        failed or cancelled.
    """

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._process: Any = None
        self._cancel: Any = None
        self._listeners: set[tuple[asyncio.AbstractEventLoop, asyncio.Queue[dict[str, Any]]]] = (
            set()
        )
        self._lock = threading.Lock()
        self.now: dict[str, Any] = {"state": "idle"}

    def start(self, task: Task) -> None:
        """Begin a run.

        Raises
        ------
        InputError
            If one goes on already.
        """
        with self._lock:
            if self.now["state"] == "working":
                raise InputError("a stack is being made already", "wait for it, or stop it")
            news = self._context.Queue()
            self._cancel = self._context.Event()
            self._process = self._context.Process(
                target=carry_out, args=(task, news, self._cancel), daemon=True
            )
            self.now = {"state": "working", "number": task.number, "warnings": []}
            self._process.start()
        threading.Thread(target=self._follow, args=(news, self._process), daemon=True).start()

    def stop(self) -> None:
        """End the run at hand, if there is one; it is over when this returns."""
        process = self._process
        if process is None or not process.is_alive():
            return
        self._cancel.set()
        process.join(GRACE_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()

    async def listen(self) -> AsyncIterator[dict[str, Any]]:
        """What is known now, and then whatever changes."""
        mine: asyncio.Queue[dict[str, Any]] = asyncio.Queue(256)
        entry = (asyncio.get_running_loop(), mine)
        self._listeners.add(entry)
        try:
            yield dict(self.now)
            while True:
                yield await mine.get()
        finally:
            self._listeners.discard(entry)

    def _follow(self, news: Any, process: Any) -> None:
        """Until the run ends, or its process does."""
        while True:
            try:
                said = news.get(timeout=0.2)
            except queue.Empty:
                if process.is_alive():
                    continue
                said = {"state": "cancelled" if self._cancel.is_set() else "failed"}
                if said["state"] == "failed":
                    said |= {"message": "the run ended without a word", "hint": "out of memory?"}
            self._tell(said)
            if said["state"] in _ENDS:
                return

    def _tell(self, said: dict[str, Any]) -> None:
        known = dict(self.now)
        if "warning" in said:
            known["warnings"] = [*known.get("warnings", []), said["warning"]]
        self.now = known | {k: v for k, v in said.items() if k != "warning"}
        for loop, mine in tuple(self._listeners):
            loop.call_soon_threadsafe(_put, mine, dict(self.now))


def _put(mine: asyncio.Queue[dict[str, Any]], said: dict[str, Any]) -> None:
    """What a slow page has not heard of in time it does not hear; the next news say it all."""
    if mine.full():
        mine.get_nowait()
    mine.put_nowait(said)
