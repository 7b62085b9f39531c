"""All stacks of a batch, one after the other or on many machines; it goes on where it was."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from focusstack.batch.finished import is_finished
from focusstack.batch.job import BEGUN, DONE, FAILED, Outcome, StackJob, extra_paths
from focusstack.batch.journal import Journal, key_of
from focusstack.batch.make import make_stack
from focusstack.errors import Cancelled, OutputError
from focusstack.events import Observer, StackBegan, StackEnded, Warned, ignore
from focusstack.execute import CancelSignal
from focusstack.steps.write import write_failure

KEPT = "kept"
LOCK = ".focusstack-batch.lock"
Maker = Callable[
    [Sequence[StackJob], Callable[[StackJob], None]], Iterator[tuple[StackJob, Outcome]]
]
"""Makes stacks in any order; tells of each when it is begun, and yields it when it has ended."""


@dataclass(frozen=True)
class Made:
    """A stack of the batch and what became of it; ``kept`` if it had been made before."""

    job: StackJob
    outcome: Outcome
    kept: bool = False


def run_batch(
    jobs: Sequence[StackJob],
    folder: Path,
    *,
    retry_failed: bool = False,
    maker: Maker | None = None,
    called: Callable[[Path], str] = str,
    observer: Observer = ignore,
    cancel: CancelSignal | None = None,
) -> list[Made]:
    """Make what is not made yet.

    Parameters
    ----------
    jobs : sequence of StackJob
        With outputs below ``folder``.
    folder : Path
        Where results and the journal are; made if need be.
    retry_failed : bool
        Try again what failed when it was last tried, with the same frames and settings.
    maker : callable, optional
        Who does the work; by default this process, one stack after the other.
    called : callable
        How files are called in the journal, where they are copies in a temporary folder.
    observer, cancel
        As for :func:`focusstack.stack`; also told of :class:`StackBegan` and :class:`StackEnded`.

    Returns
    -------
    list of Made
        One for each job, in their order. A stack that fails does not stop the others.

    Raises
    ------
    OutputError
        If the folder cannot be written to, or another batch is writing there.
    Cancelled
        If the person stopped it; what is done stays done.
    """
    with _locked(folder):
        batch = _Batch(jobs, Journal(folder), called, observer)
        todo = batch.not_made(retry_failed, cancel)
        work = maker or (lambda todo, begin: _here(todo, begin, observer, cancel))
        for job, outcome in work(todo, batch.begin):
            batch.end(job, outcome)
        return [batch.made[job.output] for job in jobs]


class _Batch:
    """What is known of each stack; outputs tell stacks apart."""

    def __init__(
        self,
        jobs: Sequence[StackJob],
        journal: Journal,
        called: Callable[[Path], str],
        observer: Observer,
    ) -> None:
        self._jobs, self._journal, self._observer = jobs, journal, observer
        self._keys = {job.output: key_of(job, called) for job in jobs}
        self._numbers = {job.output: k for k, job in enumerate(jobs, 1)}
        self.made: dict[Path, Made] = {}
        self._warned = False

    def not_made(self, retry_failed: bool, cancel: CancelSignal | None) -> list[StackJob]:
        """What is left to do; the rest is noted as made before."""
        todo = []
        for job in self._jobs:
            if cancel is not None and cancel.is_set():
                raise Cancelled
            noted = self._journal.outcome(self._keys[job.output])
            known = _made_before(job, noted, retry_failed)
            if known is None:
                _remove_parts(job)
                todo.append(replace(job, tried=noted is not None))
            else:
                if known.outcome != noted:  # so that its frames need not be read next time
                    self._write_down(job, known.outcome)
                self._note(known)
        return todo

    def begin(self, job: StackJob) -> None:
        """A stack is being made."""
        self._write_down(job, Outcome(BEGUN))
        self._observer(StackBegan(job.name, self._numbers[job.output], len(self._jobs)))

    def end(self, job: StackJob, outcome: Outcome) -> None:
        """A stack has been made, or has failed."""
        self._write_down(job, outcome)
        for warning in outcome.warnings:
            self._observer(Warned(f"{job.name}: {warning}"))
        self._note(Made(job, outcome))

    def _write_down(self, job: StackJob, outcome: Outcome) -> None:
        """Into the journal; without it the batch still goes on, and its pictures' records tell."""
        try:
            self._journal.add(job, self._keys[job.output], outcome)
        except OutputError as error:
            if not self._warned:
                self._observer(Warned(f"{error.message}; the batch goes on without its journal"))
            self._warned = True

    def _note(self, made: Made) -> None:
        self.made[made.job.output] = made
        number = self._numbers[made.job.output]
        self._observer(_ended(made, number, len(self._jobs)))


def _made_before(job: StackJob, noted: Outcome | None, retry: bool) -> Made | None:
    """What need not be done again."""
    made = noted is not None and noted.state == DONE
    if is_finished(job, untouched=made):
        return Made(job, noted if noted is not None and made else Outcome(DONE), kept=True)
    if noted is not None and noted.state == FAILED and not (retry or job.overwrite):
        return Made(job, noted, kept=True)
    return None


def _here(
    jobs: Sequence[StackJob],
    begin: Callable[[StackJob], None],
    observer: Observer,
    cancel: CancelSignal | None,
) -> Iterator[tuple[StackJob, Outcome]]:
    for job in jobs:
        begin(job)
        yield job, make_stack(job, _without_warnings(observer), cancel)


def _without_warnings(observer: Observer) -> Observer:
    """Warnings come with the outcome, which says whose they are."""
    return lambda event: None if isinstance(event, Warned) else observer(event)


def _ended(made: Made, number: int, total: int) -> StackEnded:
    outcome = made.outcome
    state = KEPT if made.kept and outcome.state == DONE else outcome.state
    said = outcome.error if not outcome.hint else f"{outcome.error} ({outcome.hint})"
    return StackEnded(made.job.name, number, total, state, outcome.seconds, said)


def _remove_parts(job: StackJob) -> None:
    """What a run that was killed had begun to write; nobody else writes there while we do."""
    for path in (job.output, *extra_paths(job.output, job.extras).values()):
        for part in path.parent.glob(f".{glob.escape(path.name[:80])}.*.part"):
            with suppress(OSError):
                part.unlink()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Only one batch at a time writes into a folder; the lock goes with the process."""
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / LOCK, timeout=0):
            yield
    except Timeout as error:
        raise OutputError(
            f"another batch is writing into {folder}", "wait for it, or choose another folder"
        ) from error
    except NotADirectoryError as error:
        raise OutputError(f"{folder} is not a folder", "choose another one") from error
    except FileExistsError as error:
        raise OutputError(f"{folder} is not a folder", "choose another one") from error
    except PermissionError as error:
        raise OutputError(f"{folder} may not be written to", "choose another one") from error
    except OSError as error:
        raise write_failure(folder, error) from error
