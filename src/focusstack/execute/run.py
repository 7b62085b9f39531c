"""The thread that runs through a run: events, the clock, cancelling."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from focusstack.errors import Cancelled
from focusstack.events import Event, Observer, StepAdvanced, StepFinished, StepStarted, Warned


class CancelSignal(Protocol):
    """What can stop a run; ``threading.Event`` is one."""

    def is_set(self) -> bool: ...


class Run:
    """Tells the observer what happens and stops at the next unit of work once asked to."""

    def __init__(self, observer: Observer, cancel: CancelSignal | None, threads: int) -> None:
        self._observer, self.cancel = observer, cancel
        self.threads = threads
        self.seconds: dict[str, float] = {}
        self.warnings: list[str] = []

    def tell(self, event: Event) -> None:
        """Pass an event to the observer."""
        self._observer(event)

    def warn(self, message: str) -> None:
        """Keep a warning and pass it on; the same words only once."""
        if message not in self.warnings:
            self.warnings.append(message)
            self.tell(Warned(message))

    def check(self) -> None:
        """Raise Cancelled once the person has asked to stop."""
        if self.cancel is not None and self.cancel.is_set():
            raise Cancelled

    @contextmanager
    def step(self, name: str, total: int) -> Iterator[Callable[[], None]]:
        """Announce a step; the yielded function reports one unit of work done."""
        self.check()
        self.tell(StepStarted(name, total))
        begun, done = time.perf_counter(), 0

        def advance() -> None:
            nonlocal done
            done += 1
            self.tell(StepAdvanced(name, done, total))
            self.check()

        yield advance
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun
        self.tell(StepFinished(name, self.seconds[name]))
