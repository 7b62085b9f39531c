"""What a run says where there is no terminal: plain lines, nothing that moves."""

from __future__ import annotations

from focusstack.cli.sizes import format_size
from focusstack.cli.speech import say
from focusstack.events import (
    Event,
    RunStarted,
    StepAdvanced,
    StepFinished,
    StepStarted,
    Warned,
)


class PlainLines:
    """Observer that writes one line per step; with ``verbose`` also one per frame."""

    def __init__(self, verbose: bool = False) -> None:
        self._verbose = verbose

    def __call__(self, event: Event) -> None:
        line = self._line(event)
        if line:
            say(line)

    def _line(self, event: Event) -> str:
        match event:
            case RunStarted():
                return describe_start(event)
            case StepStarted(step):
                return f"{step}: started"
            case StepAdvanced(step, done, total) if self._verbose:
                return f"{step}: {done} of {total}"
            case StepFinished(step, seconds):
                return f"{step}: done in {seconds:.1f} s"
            case Warned(message):
                return f"warning: {message}"
        return ""


def describe_start(event: RunStarted) -> str:
    """What is stacked and what it will take."""
    size = format_size(event.projected_bytes)
    return f"stacking {event.frames} frames of {event.width} x {event.height}, at most {size}"
