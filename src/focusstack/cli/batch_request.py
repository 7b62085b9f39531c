"""What was asked of ``focusstack batch``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from focusstack.cli.speech import Voice
from focusstack.cli.workers import check_workers
from focusstack.packing import Compression

if TYPE_CHECKING:
    from focusstack.batch import Splitting


@dataclass(frozen=True)
class BatchRequest:
    """The arguments as they came, each under its option's name.

    ``root_url`` and ``output_url`` are addresses in storage elsewhere that stand for ``root`` and
    ``output``; empty for paths.
    """

    root: Path
    output: Path
    dry_run: bool
    plan: Path | None
    by: str
    count: int | None
    pattern: str | None
    gap: float | None
    no_look: bool
    recipe: Path | None
    method: str | None
    settings: tuple[str, ...]
    template: str
    extension: str
    quality: int
    compression: Compression
    depth: bool
    report: bool
    sidecar: bool
    retry_failed: bool
    overwrite: bool
    quiet: bool
    verbose: bool
    workers: int | None
    scheduler: str | None
    threads: int | None
    memory: int | None
    root_url: str = ""
    output_url: str = ""

    def check(self) -> None:
        """Refuse what contradicts itself.

        Raises
        ------
        click.UsageError, RecipeError
        """
        if self.quiet and self.verbose:
            raise click.UsageError("--quiet and --verbose contradict each other")
        if self.count is not None and self.pattern is not None:
            raise click.UsageError("--count and --pattern contradict each other")
        check_workers(self.workers, self.scheduler)
        if self.gap is not None and not self.gap > 0:
            raise click.UsageError("--gap must be more than 0 seconds")
        assert self.splitting

    @property
    def is_remote(self) -> bool:
        """Whether one of the two is an address."""
        return bool(self.root_url or self.output_url)

    @property
    def voice(self) -> Voice:
        """How much to say."""
        return Voice(self.quiet, self.verbose)

    @property
    def share(self) -> tuple[int | None, int | None]:
        """Threads and memory of one stack: those of this machine are shared among its workers."""
        if self.workers is None:
            return self.threads, self.memory
        from focusstack.execute import wanted_threads

        threads = max(1, wanted_threads(self.threads) // self.workers)
        return threads, None if self.memory is None else self.memory // self.workers

    @property
    def splitting(self) -> Splitting:
        """How stacks are told apart."""
        from focusstack.batch import Splitting

        by = "count" if self.count is not None else "pattern" if self.pattern else self.by
        return Splitting(by, self.gap, self.count or 0, self.pattern or "", not self.no_look)
