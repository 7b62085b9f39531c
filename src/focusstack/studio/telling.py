"""How work in a process of its own says where it is, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from os import sep
from pathlib import Path
from typing import Any

from focusstack.errors import Cancelled, FocusstackError
from focusstack.events import Event, StepAdvanced, StepStarted, Warned

SECONDS_BETWEEN_NEWS = 0.1


@contextmanager
def ends_told(news: Any, folder: Path | None = None) -> Iterator[None]:
    """Tell ``news`` (a queue) of whatever ends the work before its time.

    Files of ``folder`` are named without it: the person has it open.
    """
    try:
        yield
    except Cancelled:
        news.put({"state": "cancelled"})
    except FocusstackError as error:
        message = error.message if folder is None else error.message.replace(f"{folder}{sep}", "")
        news.put({"state": "failed", "message": message, "hint": error.hint})
    except MemoryError:
        news.put({"state": "failed", "message": "out of memory", "hint": "try a preview"})
    except Exception as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())
        hint = "please report it"
        news.put({"state": "failed", "message": f"internal error ({what})", "hint": hint})


class Teller:
    """Passes on where a run is, but not each of a thousand steps."""

    def __init__(self, news: Any) -> None:
        self._news, self._last = news, 0.0

    def __call__(self, event: Event) -> None:
        match event:
            case StepStarted(step, total):
                self._say(step, 0, total)
            case StepAdvanced(step, done, total):
                if done == total or time.monotonic() - self._last > SECONDS_BETWEEN_NEWS:
                    self._say(step, done, total)
            case Warned(message):
                self._news.put({"state": "working", "warning": message})

    def _say(self, step: str, done: int, total: int) -> None:
        self._last = time.monotonic()
        self._news.put({"state": "working", "step": step, "done": done, "total": total})
