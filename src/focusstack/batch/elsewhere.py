"""A stack whose frames are fetched from an address, or whose results are put back to one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from focusstack.batch.job import DONE, FAILED, Outcome, StackJob, extra_paths
from focusstack.batch.make import make_stack
from focusstack.batch.remote import RemoteFolder
from focusstack.errors import FocusstackError, OutputError
from focusstack.places import file_of


@dataclass(frozen=True)
class Addresses:
    """Folders of the process that asks for stacks, and the addresses that they are copies of.

    An address that is empty stands for a folder that all workers see under its path.
    """

    root: Path
    root_url: str
    output: Path
    output_url: str


def make_elsewhere(job: StackJob, addresses: Addresses) -> Outcome:
    """Fetch the frames, make the stack in a temporary folder, put the results back.

    The fused image is put back last: where it is, everything is. Nothing stays in the folder.
    """
    started = time.monotonic()
    try:
        with TemporaryDirectory(prefix="focusstack-", ignore_cleanup_errors=True) as name:
            outcome = _made_in(Path(name), job, addresses)
    except OSError as error:
        said = f"the worker has no temporary folder: {error.strerror or error}"
        outcome = Outcome(FAILED, error=said, hint="have TMPDIR name one there")
    return replace(outcome, seconds=time.monotonic() - started)


def _made_in(folder: Path, job: StackJob, addresses: Addresses) -> Outcome:
    here = _Here(folder, addresses)
    try:
        outcome = make_stack(here.fetched(job))
        if outcome.state == DONE:
            here.put_back(job)
    except FocusstackError as error:
        outcome = Outcome(FAILED, error=error.message, hint=error.hint)
    return here.in_their_words(outcome)


class _Here:
    """Copies of what is at the addresses, in one temporary folder."""

    def __init__(self, folder: Path, addresses: Addresses) -> None:
        self._addresses = addresses
        self._root, self._output = folder / "in" / addresses.root.name, folder / "out"
        self._results: RemoteFolder | None = None

    def fetched(self, job: StackJob) -> StackJob:
        """The job with all its files here, those of an earlier try included."""
        if self._addresses.root_url:
            there = RemoteFolder(self._addresses.root_url, self._root)
            there.fetch_files([self._frame(file_of(frame)) for frame in job.frames])
            job = replace(job, frames=tuple(map(self._frame, job.frames)))
        if self._addresses.output_url:
            self._results = RemoteFolder(self._addresses.output_url, self._output)
            self._results.fetch_files(self._outputs(job), missing_ok=True)
            job = replace(job, output=self._outputs(job)[-1])
        return job

    def put_back(self, job: StackJob) -> None:
        """What was made, to where it was asked for; all of it or nothing."""
        if self._results is None:
            return
        outputs = self._outputs(job)
        try:
            self._results.put_files(outputs)
        except OutputError:
            self._results.remove_files(outputs[:-1])
            raise

    def in_their_words(self, outcome: Outcome) -> Outcome:
        """The outcome, with addresses instead of names in a folder that is gone."""
        return replace(
            outcome,
            error=self._said(outcome.error),
            hint=self._said(outcome.hint),
            warnings=tuple(map(self._said, outcome.warnings)),
        )

    def _said(self, text: str) -> str:
        for folder, url in (
            (self._root, self._addresses.root_url),
            (self._output, self._addresses.output_url),
        ):
            text = text.replace(str(folder), url.rstrip("/")) if url else text
        return text

    def _frame(self, frame: Path) -> Path:
        return self._root / frame.relative_to(self._addresses.root)

    def _outputs(self, job: StackJob) -> Sequence[Path]:
        """Extras, then the picture."""
        paths = (*extra_paths(job.output, job.extras).values(), job.output)
        return [self._output / path.relative_to(self._addresses.output) for path in paths]
