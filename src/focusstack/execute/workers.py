"""Processes that make and hold on to parts of a picture, as the stages see them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from focusstack.execute.run import CancelSignal

Held = Any
"""What a worker made, or is going to make, which stays with it until it is gathered."""


class Workers(Protocol):
    """Several processes, here or elsewhere; the work of those that die is done anew."""

    @property
    def workers(self) -> int:
        """How many tasks run at a time."""

    def submit(self, function: Callable[..., Any], *args: Any) -> Held:
        """Have ``function``, which must bear being called again, called somewhere.

        What is held may be among ``args``, and is what it was made into there.
        """

    def gather(
        self,
        held: Sequence[Held],
        cancel: CancelSignal | None = None,
        advance: Callable[[], None] = lambda: None,
    ) -> Iterator[tuple[int, Any]]:
        """Position and value of each, as they are done; ``advance`` follows :func:`advanced`.

        Raises
        ------
        Cancelled
            If the person stopped it.
        ClusterError
            If the workers died again and again, or nobody is there any more.
        """


_ADVANCE: ContextVar[Callable[[], None]] = ContextVar("advance", default=lambda: None)


def advanced() -> None:
    """Tell whoever gathers that one more unit of work is done; for functions that are submitted."""
    _ADVANCE.get()()


@contextmanager
def advancing(advance: Callable[[], None]) -> Iterator[None]:
    """Have ``advance`` called for each unit of work."""
    token = _ADVANCE.set(advance)
    try:
        yield
    finally:
        _ADVANCE.reset(token)
