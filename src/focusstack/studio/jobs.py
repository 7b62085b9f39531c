"""Work in a process of its own: started, followed, stopped; whoever listens is told."""

from __future__ import annotations

import multiprocessing
import queue
import threading
from collections.abc import Callable
from typing import Any

# While OpenCV is imported for the first time its own folder leads sys.path. A process that was
# started at that moment would inherit that, take OpenCV's `typing` for Python's, and end at once.
import cv2  # noqa: F401

from focusstack.errors import InputError
from focusstack.studio.news import News
from focusstack.studio.work import carry_out

GRACE_SECONDS = 2.0
"""How long a process may take to end by itself when it is stopped."""
_ENDS = ("done", "failed", "cancelled")


class Jobs:
    """At most one piece of work of a kind at a time.

    Parameters
    ----------
    news : News
        Told of every change.
    kind : str
        What the work is called there.
    work : callable
        Given a task, a queue for what is to be said and an event that ends it; runs in a process
        of its own. The last that it says has the state ``done``, ``failed`` or ``cancelled``.
    busy : str
        Why there is no second one, for people.
    grace : float
        Seconds that it has to end by itself when it is stopped.

    Attributes
    ----------
    now : dict
        What is known of the work at hand, or of the last one; ``state`` is idle, working, done,
        failed or cancelled.
    """

    def __init__(
        self,
        news: News,
        kind: str = "job",
        work: Callable[[Any, Any, Any], None] = carry_out,
        busy: str = "a stack is being made already",
        grace: float = GRACE_SECONDS,
    ) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._process: Any = None
        self._follower: Any = None
        self._cancel: Any = None
        self._lock = threading.Lock()
        self._news, self._kind, self._work, self._busy = news, kind, work, busy
        self._grace = grace
        self.now: dict[str, Any] = {}
        self.become({"state": "idle"})

    def become(self, state: dict[str, Any]) -> None:
        """Be in a state without any work."""
        self.now = state
        self._news.tell(self._kind, state)

    def start(self, task: Any, **known: Any) -> None:
        """Begin; ``known`` is told with everything that is said.

        Raises
        ------
        InputError
            If something goes on already.
        """
        with self._lock:
            if self.now["state"] == "working":
                raise InputError(self._busy, "wait for it, or stop it")
            news = self._context.Queue()
            self._cancel = self._context.Event()
            self._process = self._context.Process(
                target=self._work, args=(task, news, self._cancel), daemon=True
            )
            self.become({"state": "working", "warnings": [], **known})
            self._process.start()
            self._follower = threading.Thread(
                target=self._follow, args=(news, self._process, self._cancel), daemon=True
            )
            self._follower.start()

    def stop(self) -> None:
        """End the work at hand, if there is some; it is over when this returns."""
        process = self._process
        if process is None or not process.is_alive():
            return
        self._cancel.set()
        process.join(self._grace)
        if process.is_alive():
            process.kill()
            process.join()
        self._follower.join(GRACE_SECONDS)

    def _follow(self, news: Any, process: Any, cancel: Any) -> None:
        """Until the work ends, or its process does."""
        while True:
            try:
                said = news.get(timeout=0.2)
            except queue.Empty:
                if process.is_alive():
                    continue
                said = _last_word(news, cancel, process)
            self._tell(said)
            if said["state"] in _ENDS:
                return

    def _tell(self, said: dict[str, Any]) -> None:
        known = dict(self.now)
        if "warning" in said:
            known["warnings"] = [*known.get("warnings", []), said["warning"]]
        self.become(known | {k: v for k, v in said.items() if k != "warning"})


def _last_word(news: Any, cancel: Any, process: Any) -> dict[str, Any]:
    """What a process that has ended said meanwhile, or what its silence means."""
    try:
        found: dict[str, Any] = news.get(timeout=0.2)
        return found
    except queue.Empty:
        if cancel.is_set():
            return {"state": "cancelled"}
        message = f"the run ended without a word (exit status {process.exitcode})"
        killed = process.exitcode is None or process.exitcode < 0
        hint = "out of memory?" if killed else "the terminal says more; please report it"
        return {"state": "failed", "message": message, "hint": hint}
