"""What a run shows on a terminal: a bar per step with the time left, a line per warning."""

from __future__ import annotations

import threading

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from focusstack.cli.plain import describe_start
from focusstack.cli.speech import printable
from focusstack.events import (
    Event,
    RunStarted,
    StepAdvanced,
    StepFinished,
    StepStarted,
    Warned,
)


class ProgressBars:
    """Observer that draws on ``console``; events may come from any thread.

    With ``verbose`` it also prints a line per frame above the bars.
    """

    def __init__(self, console: Console, verbose: bool = False) -> None:
        self._console = console
        self._verbose = verbose
        self._tasks: dict[str, TaskID] = {}
        self._lock = threading.Lock()
        self._bars = Progress(
            TextColumn("{task.description:<8}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console,
        )
        self._bars.start()

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._show(event)

    def close(self) -> None:
        """Leave the bars as they are and give the terminal back."""
        self._bars.stop()

    def _show(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._print(describe_start(event))
            case StepStarted(step, total):
                self._tasks[step] = self._bars.add_task(step, total=total)
            case StepAdvanced(step, done, total):
                self._advance(step, done, total)
            case StepFinished(step):
                self._finish(step)
            case Warned(message):
                self._print(f"warning: {message}", "yellow")

    def _advance(self, step: str, done: int, total: int) -> None:
        if step in self._tasks:
            self._bars.update(self._tasks[step], completed=done, total=total)
        if self._verbose:
            self._print(f"{step}: {done} of {total}", "dim")

    def _finish(self, step: str) -> None:
        if step in self._tasks:
            task = self._bars.tasks[self._tasks[step]]
            self._bars.update(task.id, completed=task.total or 0)

    def _print(self, line: str, style: str = "") -> None:
        self._console.print(Text(printable(line), style=style), soft_wrap=True)
