"""A batch whose pictures or results are in object storage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from focusstack.cli.interrupt import Interruptible

if TYPE_CHECKING:
    from focusstack.batch import Addresses, RemoteFolder, StackJob
    from focusstack.cli.batch_request import BatchRequest
    from focusstack.events import Event, Observer


@dataclass(frozen=True)
class AtHome:
    """The request with both folders here, and the folders that are copies of addresses."""

    request: BatchRequest
    pictures: RemoteFolder | None = None
    results: RemoteFolder | None = None

    def name_of(self, path: Path) -> str:
        """How a file is called: by its address where it is a copy."""
        for there in (self.pictures, self.results):
            if there is not None and path.is_relative_to(there.here):
                return there.name_of(path)
        return str(path)

    def put_new(self) -> None:
        """Put back what was made here."""
        if self.results is not None:
            self.results.put_new()

    def fetch(self, job: StackJob) -> None:
        """Fetch what a worker has put to the address of results."""
        from focusstack.batch import extra_paths

        if self.results is not None:
            there = (*extra_paths(job.output, job.extras).values(), job.output)
            self.results.fetch_files(there, missing_ok=True)

    @property
    def addresses(self) -> Addresses | None:
        """Where workers find frames and put results; None: under the paths that we know."""
        from focusstack.batch import Addresses

        asked = self.request
        if not asked.is_remote:
            return None
        return Addresses(asked.root, asked.root_url, asked.output, asked.output_url)


@contextmanager
def at_home(request: BatchRequest, interruptible: Interruptible) -> Iterator[AtHome]:
    """Fetch what is far away; what was made is put back however the batch ends."""
    if not request.is_remote:
        yield AtHome(request)
        return
    with TemporaryDirectory(prefix="focusstack-") as name:
        folder = Path(name)
        pictures = results = None
        if request.root_url:
            here = folder / "in" / (request.root_url.rstrip("/").rpartition("/")[2] or "stacks")
            pictures = _opened(request.root_url, here)
            count = interruptible.run(lambda: pictures.fetch(pictures_only=True))
            request.voice.note(f"{count} pictures fetched from {request.root_url}")
            request = replace(request, root=here)
        if request.output_url:
            results = _opened(request.output_url, folder / "out")
            interruptible.run(results.fetch)
            request = replace(request, output=results.here)
        home = AtHome(request, pictures, results)
        try:
            yield home
        finally:
            home.put_new()


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
