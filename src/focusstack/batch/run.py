"""All stacks of a batch, one after the other or on many machines; it goes on where it was."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from focusstack.batch.finished import is_finished
from focusstack.batch.job import BEGUN, DONE, FAILED, Outcome, StackJob, extra_paths, make_stack
from focusstack.batch.journal import Journal, key_of
from focusstack.errors import OutputError
from focusstack.events import Observer, StackBegan, StackEnded, Warned, ignore
from focusstack.execute import CancelSignal

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
        journal = Journal(folder)
        keys = {job.output: key_of(job) for job in jobs}
        numbers = {job.output: k for k, job in enumerate(jobs, 1)}
        made: dict[Path, Made] = {}
        todo = []

        def end(one: Made) -> None:
            made[one.job.output] = one
            observer(_ended(one, numbers[one.job.output], len(jobs)))

        for job in jobs:
            known = _made_before(job, keys[job.output], journal, retry_failed)
            if known is not None:
                end(known)
            else:
                _remove_parts(job)
                tried = journal.outcome(keys[job.output]) is not None
                todo.append(replace(job, tried=tried))

        def begin(job: StackJob) -> None:
            journal.add(job, keys[job.output], Outcome(BEGUN))
            observer(StackBegan(job.name, numbers[job.output], len(jobs)))

        work = maker or (lambda todo, begin: _here(todo, begin, observer, cancel))
        for job, outcome in work(todo, begin):
            journal.add(job, keys[job.output], outcome)
            for warning in outcome.warnings:
                observer(Warned(f"{job.name}: {warning}"))
            end(Made(job, outcome))
        return [made[job.output] for job in jobs]


def _made_before(job: StackJob, key: str, journal: Journal, retry: bool) -> Made | None:
    """What need not be done again."""
    noted = journal.outcome(key)
    if not job.overwrite and is_finished(job):
        known = noted if noted is not None and noted.state == DONE else Outcome(DONE)
        return Made(job, known, kept=True)
    if noted is not None and noted.state == FAILED and not retry:
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
