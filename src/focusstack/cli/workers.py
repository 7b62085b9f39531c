"""Workers, as ``--workers`` and ``--scheduler`` ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from focusstack.cli.interrupt import Interruptible
from focusstack.cli.speech import Voice

if TYPE_CHECKING:
    from focusstack.execute.dask import Cluster


def check_workers(workers: int | None, scheduler: str | None) -> None:
    """Refuse both at once.

    Raises
    ------
    click.UsageError
    """
    if workers is not None and scheduler is not None:
        raise click.UsageError("--workers and --scheduler contradict each other")


@contextmanager
def working(
    workers: int | None,
    scheduler: str | None,
    memory: int | None,
    voice: Voice,
    interruptible: Interruptible,
) -> Iterator[Cluster | None]:
    """The workers, of whom has been told, and who end with an impatient person; None without."""
    if workers is None and scheduler is None:
        yield None
        return
    from focusstack.execute.dask import cluster

    discard = interruptible.discard
    with cluster(scheduler, workers, memory) as found:
        voice.note(f"{found.workers} at a time; see {found.dashboard or 'no dashboard'}")

        def stop() -> None:
            found.kill()
            discard()

        interruptible.discard = stop
        yield found
    interruptible.discard = discard
