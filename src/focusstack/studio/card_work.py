"""Looking for stacks, and making them one after the other, in processes of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from focusstack.batch import find_stacks, write_plan
from focusstack.errors import Cancelled
from focusstack.studio.telling import Teller, ends_told
from focusstack.studio.work import Task, carry_out


@dataclass(frozen=True)
class Search:
    """Where to look for stacks, and where to write which there are."""

    root: Path
    plan: Path


@dataclass(frozen=True)
class Batch:
    """Stacks that are to be made, each with its number on the page."""

    tasks: tuple[tuple[int, Task], ...]


def find(search: Search, news: Any, cancel: Any) -> None:
    """Write the plan anew."""
    with ends_told(news):
        found = find_stacks(search.root, observer=Teller(news), cancel=cancel)
        search.plan.parent.mkdir(parents=True, exist_ok=True)
        write_plan(search.plan, found, overwrite=True)
        news.put({"state": "done"})


def make_all(batch: Batch, news: Any, cancel: Any) -> None:
    """Make one after the other; one that fails stops none of the others."""
    with ends_told(news):
        ended: dict[str, dict[str, Any]] = {}
        for number, task in batch.tasks:
            relay = _Relay(news, number)
            carry_out(task, relay, cancel)
            if cancel.is_set() and relay.last["state"] != "done":
                raise Cancelled
            ended = {**ended, str(number): relay.last}
            news.put({"state": "working", "stack": number, "ended": ended})
        news.put({"state": "done"})


class _Relay:
    """Passes on how one of many stacks gets on; keeps how it ended."""

    def __init__(self, news: Any, number: int) -> None:
        self._news, self._number = news, number
        self.last: dict[str, Any] = {}

    def put(self, said: dict[str, Any]) -> None:
        """See :class:`queue.Queue`."""
        self.last = said
        if said["state"] == "working" and "warning" not in said:
            self._news.put({**said, "stack": self._number})
