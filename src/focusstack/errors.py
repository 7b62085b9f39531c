"""Every error focusstack raises on purpose, each with an exit code for the shell.

::

    FocusstackError                 something a person can act on
    |-- RecipeError          (2)    a setting or an argument makes no sense
    |-- InputError           (3)    the frames cannot be used as they are
    |   |-- UnreadableFrame         a file is missing, damaged or not a picture
    |   |-- FrameMismatch           frames differ in size, depth or channels
    |   `-- TooFewFrames            fewer than two frames to stack
    |-- AlignmentError       (4)    too few frames could be aligned
    |-- OutputError          (5)    a result cannot be written where it was asked for
    |   |-- OutputExists            ... because that would overwrite something
    |   `-- UnknownFormat           ... because its extension names no format
    |-- MemoryLimitError     (6)    the run does not fit the memory it may use
    |-- ClusterError         (8)    the workers of a batch cannot be used
    |-- StacksFailed         (7)    some stacks of a batch could not be made
    `-- Cancelled            (130)  the person stopped the run

Anything else that escapes is a bug in focusstack and ends the program with code 1.

Each message is one line for a person: the file, what is wrong with it. ``hint`` says what to try.
"""

from __future__ import annotations


class FocusstackError(Exception):
    """Base of all errors raised on purpose.

    Parameters
    ----------
    message : str
        What is wrong, naming the file where there is one.
    hint : str
        What to try next; empty when there is nothing useful to say.
    """

    exit_code = 1
    http_status = 500

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class RecipeError(FocusstackError):
    """A setting or an argument makes no sense."""

    exit_code = 2
    http_status = 422


class InputError(FocusstackError):
    """The frames cannot be used as they are."""

    exit_code = 3
    http_status = 422


class UnreadableFrame(InputError):
    """A file is missing, damaged, or not a picture."""


class FrameMismatch(InputError):
    """Frames of one stack differ in size, bit depth or channels."""


class TooFewFrames(InputError):
    """Fewer than two frames to stack."""


class AlignmentError(FocusstackError):
    """Too few frames could be aligned to make a picture."""

    exit_code = 4
    http_status = 422


class OutputError(FocusstackError):
    """A result cannot be written where it was asked for."""

    exit_code = 5
    http_status = 409


class OutputExists(OutputError):
    """Writing would replace a file that the person did not offer."""


class UnknownFormat(OutputError):
    """The extension of an output names no format that can be written."""


class MemoryLimitError(FocusstackError):
    """The run does not fit into the memory it may use."""

    exit_code = 6
    http_status = 507


class ClusterError(FocusstackError):
    """The workers of a batch cannot be used: nobody answers, or they are of another version."""

    exit_code = 8
    http_status = 502


class StacksFailed(FocusstackError):
    """Some stacks of a batch could not be made; the others are there."""

    exit_code = 7
    http_status = 207


class Cancelled(FocusstackError):
    """The person stopped the run."""

    exit_code = 130
    http_status = 499

    def __init__(self, message: str = "stopped", hint: str = "") -> None:
        super().__init__(message, hint)
