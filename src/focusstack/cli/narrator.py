"""Which observers a run has: bars or lines, a log, a folder of intermediate pictures."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from focusstack.cli.plain import PlainLines
from focusstack.cli.speech import Voice
from focusstack.events import Event, Observer, ignore


@contextmanager
def narrate(voice: Voice, steps: Path | None, *others: Observer) -> Iterator[Observer]:
    """The observer of one run, ``others`` included; closed again however the run ends."""
    observers: list[Observer] = list(others)
    if steps is not None:
        from focusstack.cli.steps import StepSaver

        observers.append(StepSaver(steps))
    if voice.debug and not voice.quiet:
        from focusstack.cli.log import log_event

        observers.append(log_event)
    with _narrator(voice) as narrator:
        observers.append(narrator)
        yield lambda event: _tell(observers, event)


def _tell(observers: list[Observer], event: Event) -> None:
    for observer in observers:
        observer(event)


@contextmanager
def _narrator(voice: Voice) -> Iterator[Observer]:
    if voice.quiet:
        yield ignore
    elif voice.debug or not can_draw():
        yield PlainLines(voice.verbose or voice.debug)
    else:
        with _bars(voice) as bars:
            yield bars


@contextmanager
def _bars(voice: Voice) -> Iterator[Observer]:
    from rich.console import Console

    from focusstack.cli.progress import ProgressBars

    bars = ProgressBars(Console(stderr=True, highlight=False), voice.verbose)
    try:
        yield bars
    finally:
        bars.close()


def can_draw() -> bool:
    """Whether standard error is a terminal on which a line can be drawn over."""
    if sys.stderr is None or os.environ.get("TERM") == "dumb":
        return False
    return sys.stderr.isatty()
