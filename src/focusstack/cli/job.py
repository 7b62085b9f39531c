"""One run from checked arguments to written files, shared by the main command and the demo."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from focusstack.cli.interrupt import Interruptible, Stopped
from focusstack.cli.outputs import Outputs
from focusstack.cli.speech import Voice, hand_over, say
from focusstack.cli.traces import Traces
from focusstack.cli.workers import working
from focusstack.errors import OutputError
from focusstack.recipe import Recipe

if TYPE_CHECKING:
    from focusstack import Alignment, StackResult
    from focusstack.cli.copied import Copied
    from focusstack.events import Observer
    from focusstack.execute import Workers
    from focusstack.retouch import Stroke


@dataclass(frozen=True)
class Job:
    """Everything a run needs to know; paths have been checked."""

    frames: list[Path]
    recipe: Recipe
    outputs: Outputs
    voice: Voice = field(default_factory=Voice)
    threads: int | None = None
    memory: int | None = None
    alignment: Alignment | None = None
    strokes: tuple[Stroke, ...] = ()
    copied: Mapping[int, Copied] = field(default_factory=dict)
    workers: int | None = None
    scheduler: str | None = None


def perform(job: Job, interruptible: Interruptible) -> StackResult:
    """Stack the frames, write what was asked for, and say how it went.

    Raises
    ------
    FocusstackError
        If the run failed; outputs written before that are named in the message.
    Stopped
        If a signal came.
    """
    from focusstack.cli.narrator import narrate

    steps = job.outputs.steps
    traces = Traces(job.outputs.files, [] if steps is None else [steps])
    interruptible.discard = traces.discard
    try:
        with narrate(job.voice, steps) as observer:
            asked = job.workers, job.scheduler, job.memory
            with working(*asked, job.voice, interruptible) as workers:
                result = interruptible.run(
                    lambda: _stack(job, observer, interruptible.cancel, workers)
                )
            seconds = _save_all(job, result, observer, interruptible)
        _conclude(job, result, seconds)
        return result
    except Stopped as stopped:
        stopped.written += traces.written()
        if steps is not None and steps.is_dir() and any(steps.iterdir()):
            stopped.written.append(f"{steps} (intermediate pictures)")
        raise
    except OutputError as error:
        raise _with_written(error, traces.written()) from error


def _stack(
    job: Job, observer: Observer, cancel: threading.Event, workers: Workers | None
) -> StackResult:
    from focusstack import stack
    from focusstack.retouched import retouched

    made = stack(
        job.frames,
        job.recipe,
        observer=observer,
        cancel=cancel,
        threads=job.threads,
        memory=job.memory,
        alignment=job.alignment,
        workers=workers,
    )
    if not job.copied:
        return retouched(made, job.strokes)
    from focusstack.cli.copied import make_copied

    others = make_copied(job.copied, job.voice, cancel, job.threads, job.memory)
    return retouched(made, job.strokes, others)


def _save_all(
    job: Job, result: StackResult, observer: Observer, interruptible: Interruptible
) -> float:
    """Write each output, atomic by itself; return how long it took."""
    from focusstack.events import StepAdvanced, StepFinished, StepStarted, Warned

    saves = job.outputs.saves(result, observer, interruptible.cancel)
    started = time.monotonic()
    observer(StepStarted("write", len(saves)))
    for done, save in enumerate(saves, 1):
        for warning in interruptible.run(save):
            observer(Warned(warning))
        observer(StepAdvanced("write", done, len(saves)))
    seconds = time.monotonic() - started
    observer(StepFinished("write", seconds))
    return seconds


def _with_written(error: OutputError, written: list[str]) -> OutputError:
    if not written:
        return error
    return type(error)(f"{error.message} ({', '.join(written)} had been written)", error.hint)


def _conclude(job: Job, result: StackResult, write_seconds: float) -> None:
    from focusstack.cli.summary import summary_lines

    if job.voice.quiet:
        return
    for line in summary_lines(result, job.outputs, write_seconds):
        say(line)
    for path in job.outputs.files:
        hand_over(path)
