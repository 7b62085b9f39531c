"""What went wrong, as one line, a hint and an exit code."""

from __future__ import annotations

import errno
import os
import sys
import traceback

import click

from focusstack.cli.interrupt import Stopped
from focusstack.cli.speech import abandon, say
from focusstack.errors import Cancelled, FocusstackError, MemoryLimitError, OutputError

EXIT_CODES = {
    0: "done, or there was nothing to do",
    1: "an internal error: a bug in focusstack",
    2: "the command line or a setting makes no sense",
    3: "the frames cannot be used as they are",
    4: "too few frames could be aligned",
    5: "a result cannot be written where it was asked for",
    6: "the run does not fit into the memory it may use",
    7: "some stacks of a batch could not be made",
    8: "the workers of a batch cannot be used",
    129: "stopped because the terminal closed (SIGHUP)",
    130: "stopped by Ctrl-C (SIGINT)",
    143: "stopped by SIGTERM",
}
"""Every code the program ends with, and what it tells a script."""

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG}


def report(error: BaseException, *, debug: bool = False) -> int:
    """Say on standard error what went wrong; return the exit code."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, Stopped):
        return _stopped(error)
    if isinstance(error, (KeyboardInterrupt, click.Abort, Cancelled)):
        return _stopped(Stopped())
    if isinstance(error, click.ClickException):
        _complain(error.format_message(), "focusstack --help")
        return error.exit_code
    return _failed(error, debug)


def _failed(error: BaseException, debug: bool) -> int:
    if debug:
        say("".join(traceback.format_exception(error)).rstrip())
    known = _known(error)
    if known is None:
        return _internal(error, debug)
    _complain(known.message, known.hint)
    return known.exit_code


def _stopped(error: Stopped) -> int:
    kept = ", ".join(error.written)
    say(f"stopped; {kept} had been written" if kept else "stopped; nothing was written")
    return 128 + error.signum


def _known(error: BaseException) -> FocusstackError | None:
    """The error as a person can act on it; None if it is a bug."""
    if isinstance(error, FocusstackError):
        return error
    if isinstance(error, MemoryError):
        return MemoryLimitError("out of memory", "set --memory to what the run may use")
    if isinstance(error, OSError) and error.errno in _DISK:
        abandon(sys.stdout)
        where = os.fsdecode(error.filename) if error.filename else "the output"
        return OutputError(f"cannot write {where}: {error.strerror}", "make room, then run again")
    return None


def _internal(error: BaseException, debug: bool) -> int:
    what = " ".join(f"{type(error).__name__}: {error}".split())
    hint = "" if debug else "run with --debug for the traceback"
    _complain(f"internal error ({what}); please report it", hint)
    return 1


def _complain(message: str, hint: str) -> None:
    say(f"focusstack: error: {message}")
    if hint:
        say(f"  try: {hint}")
