"""What a run says while it works.

An observer is any callable that takes an event. Progress bars, logs, ``--save-steps`` and the
browser are observers; the pipeline knows none of them. Events are plain frozen values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from focusstack.model import Pixels


@dataclass(frozen=True)
class Event:
    """Base of all events."""


@dataclass(frozen=True)
class RunStarted(Event):
    """The frames were found and described; work begins."""

    frames: int
    width: int
    height: int
    projected_bytes: int


@dataclass(frozen=True)
class StepStarted(Event):
    """A step (``align``, ``fuse``, ``write`` ...) begins; ``total`` units of work lie ahead."""

    step: str
    total: int


@dataclass(frozen=True)
class StepAdvanced(Event):
    """``done`` of ``total`` units of the step are finished."""

    step: str
    done: int
    total: int


@dataclass(frozen=True)
class StepFinished(Event):
    """The step is over after ``seconds`` of wall time."""

    step: str
    seconds: float


@dataclass(frozen=True)
class Warned(Event):
    """Something a person should know; the run goes on."""

    message: str


@dataclass(frozen=True)
class StepImage(Event):
    """An intermediate picture; ``make`` draws it, and is called only by who wants to see it.

    ``make`` must be called before the observer returns: the buffers behind it are reused.
    """

    step: str
    name: str
    make: Callable[[], Pixels] = field(repr=False)


@dataclass(frozen=True)
class FrameFused(Event):
    """Frame ``index`` of the stack went into ``state``, or nothing has yet (``index`` None).

    ``method`` and ``state`` are those of :mod:`focusstack.steps.fuse`, to be looked at, not
    changed, before the observer returns.
    """

    index: int | None
    method: Any = field(repr=False)
    state: Any = field(repr=False)


@dataclass(frozen=True)
class RunFinished(Event):
    """The picture is made. ``facts`` holds what the summary prints."""

    facts: dict[str, Any]


@dataclass(frozen=True)
class StackBegan(Event):
    """One stack of a batch, ``number`` of ``total``, counted from 1, is being made."""

    name: str
    number: int
    total: int


@dataclass(frozen=True)
class StackEnded(Event):
    """A stack of a batch is done, was done already (``kept``), or has ``failed``."""

    name: str
    number: int
    total: int
    state: str
    seconds: float = 0.0
    message: str = ""


@dataclass(frozen=True)
class FrameArrived(Event):
    """A frame is complete in a watched folder; ``frames`` are there now."""

    name: str
    frames: int


@dataclass(frozen=True)
class SharpSoFar(Event):
    """How much of the subject has been sharp, 0..1, None if nothing can be told yet.

    ``soft`` names the parts that are still getting sharper; ``settled`` tells that the last frames
    add nothing.
    """

    share: float | None
    soft: tuple[str, ...]
    settled: bool


@dataclass(frozen=True)
class PictureRenewed(Event):
    """The interim picture now shows so many frames; it took ``seconds``."""

    frames: int
    seconds: float


Observer = Callable[[Event], None]


def ignore(event: Event) -> None:
    """The observer that takes no notice."""
