"""Ctrl-C and its relatives: one clean stop, within a second, whatever is being computed.

Python runs signal handlers in the main thread, and only between byte codes; a compiled kernel in
the main thread would hold them up. So work runs in a thread of its own and the main thread waits.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")

GRACE_SECONDS = 0.7
"""How long the work may take to notice that it is cancelled before it is left behind."""
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Stopped(BaseException):
    """A signal ended the run.

    Attributes
    ----------
    signum : int
        The signal; the exit code is 128 more.
    abandoned : bool
        The work still runs: the process must end without waiting for its threads.
    written : list of str
        Outputs that were complete by then.
    """

    def __init__(self, signum: int = signal.SIGINT, abandoned: bool = False) -> None:
        super().__init__(f"signal {int(signum)}")
        self.signum = int(signum)
        self.abandoned = abandoned
        self.written: list[str] = []


class Interruptible:
    """Context in which a first signal stops the work and a second one kills the process.

    Outside the main thread signals are left alone, as Python demands.

    Parameters
    ----------
    final : bool
        The process ends with this context: a signal that comes later changes nothing any more.

    Attributes
    ----------
    cancel : threading.Event
        Set by the first signal.
    discard : callable
        Removes what unfinished work has left; called before the process ends while it goes on.
    """

    def __init__(self, final: bool = False) -> None:
        self._final = final
        self.cancel = threading.Event()
        self.discard: Callable[[], None] = _nothing
        self._signum = 0
        self._deadline = 0.0
        self._patience = GRACE_SECONDS
        self._waiting = False
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Interruptible:
        if threading.current_thread() is threading.main_thread():
            for name in _SIGNALS:
                self._take_over(getattr(signal, name, None))
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, signal.SIG_IGN if self._final else handler)

    def run(self, work: Callable[[], T]) -> T:
        """Return what ``work()`` returns, or raise what it raises.

        Raises
        ------
        Stopped
            If a signal came meanwhile, at most ``GRACE_SECONDS`` after it.
        """
        results, errors, going_on = self._run(work)
        if self._signum:
            raise Stopped(self._signum, abandoned=going_on)
        if errors:
            raise errors[0]
        return results[0]

    @contextmanager
    def released(self) -> Iterator[None]:
        """A time in which signals are as they were before: for who handles them himself."""
        mine = {number: signal.getsignal(number) for number in self._previous}
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        try:
            yield
        finally:
            for number, handler in mine.items():
                signal.signal(number, handler)

    def run_until_signal(self, work: Callable[[], T]) -> T:
        """Run what a signal ends well: ``work()`` returns soon after ``cancel`` is set.

        A second signal meanwhile kills the process; one that comes later stops what follows.

        Raises
        ------
        Exception
            What ``work()`` raised.
        """
        patience, self._patience = self._patience, float("inf")
        try:
            results, errors, _ = self._run(work)
        finally:
            self._patience, self._signum = patience, 0
            self.cancel.clear()
        if errors:
            raise errors[0]
        return results[0]

    def _run(self, work: Callable[[], T]) -> tuple[list[T], list[BaseException], bool]:
        """What it returned or raised, and whether it still goes on though a signal came."""
        results: list[T] = []
        errors: list[BaseException] = []
        thread = threading.Thread(target=_keep, args=(work, results, errors), daemon=True)
        self._waiting = True
        try:
            thread.start()
            self._wait(thread)
        finally:
            self._waiting = False
        return results, errors, thread.is_alive()

    def leave(self, code: int) -> NoReturn:
        """End the process at once, whatever its threads are doing."""
        with suppress(Exception):
            self.discard()
        os._exit(code)

    def _wait(self, thread: threading.Thread) -> None:
        while thread.is_alive():
            thread.join(0.1)
            if self._signum and time.monotonic() > self._deadline:
                return

    def _take_over(self, number: signal.Signals | None) -> None:
        # Who starts us with a signal ignored (nohup, a background job) wants it ignored.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            self._previous[number] = signal.signal(number, self._on_signal)

    def _on_signal(self, signum: int, _frame: FrameType | None) -> None:
        if self._signum:
            self.leave(128 + signum)
        self._signum = signum
        self._deadline = time.monotonic() + self._patience
        self.cancel.set()
        if not self._waiting:
            raise Stopped(signum)


def _nothing() -> None:
    """There is nothing to remove."""


def _keep(work: Callable[[], T], results: list[T], errors: list[BaseException]) -> None:
    try:
        results.append(work())
    except BaseException as error:
        errors.append(error)
