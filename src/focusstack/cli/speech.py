"""What is said to the person: everything human goes to standard error.

A standard error that is closed or full is no reason to lose a picture, so :func:`say` never fails.
"""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from typing import TextIO

_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
_ESCAPES.update({ord("\n"): "\n", ord("\t"): "\t"})


def printable(text: str) -> str:
    """``text`` with control characters spelled out: file names may hold anything."""
    return text.translate(_ESCAPES)


def say(text: str) -> None:
    """Write a line to standard error, if there is one."""
    if sys.stderr is None:
        return
    try:
        print(printable(text), file=sys.stderr, flush=True)
    except (OSError, ValueError):
        abandon(sys.stderr)


def hand_over(path: str | os.PathLike[str]) -> None:
    """Write the name of a finished file to standard output, for scripts, byte by byte as it is.

    On a terminal that shows the summary too it would only be said twice. A reader that has gone
    away is no failure; any other trouble is raised.
    """
    import click

    if sys.stdout is None or (sys.stdout.isatty() and sys.stderr and sys.stderr.isatty()):
        return
    try:
        click.echo(os.fsencode(path))
    except BrokenPipeError:
        abandon(sys.stdout)


def deliver(text: str) -> None:
    """Write a result to standard output; a reader that has gone away is no failure."""
    import click

    try:
        click.echo(text.encode("utf-8", "surrogateescape"))
    except BrokenPipeError:
        abandon(sys.stdout)


def abandon(stream: TextIO) -> None:
    """Send what is still buffered nowhere, so that Python's last flush does not fail again."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@dataclass(frozen=True)
class Voice:
    """How much a run says: nothing but errors, the usual, more, or everything with tracebacks."""

    quiet: bool = False
    verbose: bool = False
    debug: bool = False

    def note(self, text: str) -> None:
        """Say something worth knowing that is neither a warning nor an error."""
        if not self.quiet:
            say(f"note: {text}")

    def warn(self, text: str) -> None:
        """Say that something may not be as the person expects."""
        if not self.quiet:
            say(f"warning: {text}")
