"""What a batch shows while it works: a bar for all stacks, one for the stack at hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from focusstack.cli.narrator import can_draw
from focusstack.cli.speech import Voice, printable, say
from focusstack.events import (
    Event,
    Observer,
    StackBegan,
    StackEnded,
    StepAdvanced,
    StepStarted,
    Warned,
    ignore,
)

if TYPE_CHECKING:
    from focusstack.batch import StackJob


class TimeLeft:
    """How long the rest takes, by the frames that have been done since the start."""

    def __init__(self, jobs: Sequence[StackJob]) -> None:
        self._frames = {job.name: len(job.frames) for job in jobs}
        self._left = sum(self._frames.values())
        self._done, self._started = 0, time.monotonic()

    def ended(self, name: str, worked: bool) -> None:
        """A stack is done; ``worked`` unless that was so before."""
        self._left -= self._frames.get(name, 0)
        if worked:
            self._done += self._frames.get(name, 0)
        else:
            self._started = self._started if self._done else time.monotonic()

    def __str__(self) -> str:
        if not self._done or not self._left:
            return ""
        seconds = (time.monotonic() - self._started) / self._done * self._left
        return f", about {_duration(seconds)} left"


def _duration(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {seconds:02d} s"


@contextmanager
def narrate_batch(voice: Voice, jobs: Sequence[StackJob]) -> Iterator[Observer]:
    """The observer of a batch; closed again however that ends."""
    if voice.quiet:
        yield ignore
        return
    left = TimeLeft(jobs)
    if not can_draw():
        yield lambda event: _say(event, left)
        return
    bars = BatchBars(left, len(jobs))
    try:
        yield bars
    finally:
        bars.close()


def _say(event: Event, left: TimeLeft) -> None:
    match event:
        case StackEnded(name, _, _, state):
            left.ended(name, state != "kept")
            say(f"{describe_end(event)}{left}")
        case Warned(message):
            say(f"warning: {message}")


def describe_end(event: StackEnded) -> str:
    """How a stack went, in a line."""
    at = f"{event.number} of {event.total}: {event.name}"
    if event.state == "kept":
        return f"{at}: made before"
    if event.state == "failed":
        return f"{at}: failed: {event.message}"
    return f"{at}: done in {event.seconds:.1f} s"


class BatchBars:
    """Observer that draws on standard error; events may come from any thread."""

    def __init__(self, left: TimeLeft, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._left, self._lock = left, threading.Lock()
        self._console = Console(stderr=True, highlight=False)
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            console=self._console,
        )
        self._all = self._bars.add_task("stacks", total=total, note="")
        self._one = self._bars.add_task("", total=None, note="", visible=False)
        self._bars.start()

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._show(event)

    def close(self) -> None:
        """Leave the bars as they are and give the terminal back."""
        self._bars.update(self._one, visible=False)
        self._bars.stop()

    def _show(self, event: Event) -> None:
        match event:
            case StackBegan(name):
                self._bars.update(
                    self._one, description=printable(name), visible=True, note="", completed=0
                )
            case StepStarted(step, total):
                self._bars.update(self._one, total=total, completed=0, note=step)
            case StepAdvanced(_, done, total):
                self._bars.update(self._one, total=total, completed=done)
            case StackEnded(name, _, _, state):
                self._left.ended(name, state != "kept")
                self._bars.update(self._one, visible=False)
                self._bars.update(self._all, advance=1, note=str(self._left).lstrip(", "))
                self._print(describe_end(event), {"failed": "red"}.get(state, ""))
            case Warned(message):
                self._print(f"warning: {message}", "yellow")

    def _print(self, line: str, style: str) -> None:
        from rich.text import Text

        self._console.print(Text(printable(line), style=style), soft_wrap=True)
