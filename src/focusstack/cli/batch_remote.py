"""A batch whose pictures or results are in object storage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from focusstack.cli.interrupt import Interruptible

if TYPE_CHECKING:
    from focusstack.batch import RemoteFolder
    from focusstack.cli.batch_request import BatchRequest
    from focusstack.events import Event, Observer


@dataclass(frozen=True)
class AtHome:
    """The request with both folders here, how results are called, and what puts them back."""

    request: BatchRequest
    name_of: Callable[[Path], str] = str
    put_new: Callable[[], None] = lambda: None


@contextmanager
def at_home(request: BatchRequest, interruptible: Interruptible) -> Iterator[AtHome]:
    """Fetch what is far away; what was made is put back however the batch ends."""
    if not request.is_remote:
        yield AtHome(request)
        return
    if request.scheduler is not None:
        raise click.UsageError("workers elsewhere need folders that they all see, not addresses")
    with TemporaryDirectory(prefix="focusstack-") as name:
        folder = Path(name)
        root = request.root
        if request.root_url:
            root = folder / "in" / (request.root_url.rstrip("/").rpartition("/")[2] or "stacks")
            count = interruptible.run(
                lambda: _opened(request.root_url, root).fetch(pictures_only=True)
            )
            request.voice.note(f"{count} pictures fetched from {request.root_url}")
        if not request.output_url:
            yield AtHome(replace(request, root=root))
            return
        output = folder / "out"
        there = _opened(request.output_url, output)
        interruptible.run(there.fetch)
        try:
            yield AtHome(replace(request, root=root, output=output), there.name_of, there.put_new)
        finally:
            there.put_new()


def _opened(url: str, here: Path) -> RemoteFolder:
    from focusstack.batch import RemoteFolder

    return RemoteFolder(url, here)


def putting_back(home: AtHome, observer: Observer) -> Observer:
    """The observer, which also puts results back as soon as each stack has ended."""

    from focusstack.events import StackEnded

    def tell(event: Event) -> None:
        if isinstance(event, StackEnded):
            home.put_new()
        observer(event)

    return tell if home.request.output_url else observer
