"""What one call of the program carries from the outside to its commands."""

from __future__ import annotations

from dataclasses import dataclass

from focusstack.cli.interrupt import Interruptible


@dataclass
class Session:
    """The signals of this call, what was typed, and whether an error shows its traceback."""

    interruptible: Interruptible
    command: str = ""
    debug: bool = False
