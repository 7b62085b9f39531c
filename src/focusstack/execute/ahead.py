"""Does the slow part of a loop ahead of time, in other threads, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(
    function: Callable[[Item], Result], items: Iterable[Item], depth: int
) -> Iterator[tuple[Item, Result]]:
    """Yield ``(item, function(item))`` in order, with ``depth`` results prepared in the background.

    At most ``depth`` + 1 results exist at a time. ``depth`` 0 does everything in the caller's
    thread. An exception surfaces at the item that raised it; leaving the loop early waits for what
    is running and drops the rest.
    """
    if depth <= 0:
        for item in items:
            yield item, function(item)
        return
    pending: deque[tuple[Item, Future[Result]]] = deque()
    with ThreadPoolExecutor(depth, thread_name_prefix="focusstack-read") as pool:
        try:
            for item in items:
                pending.append((item, pool.submit(function, item)))
                if len(pending) > depth:
                    yield _take(pending)
            while pending:
                yield _take(pending)
        finally:
            for _, future in pending:
                future.cancel()


def _take(pending: deque[tuple[Item, Future[Result]]]) -> tuple[Item, Result]:
    item, future = pending.popleft()
    return item, future.result()
