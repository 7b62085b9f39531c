"""What one call of the program carries from the outside to its commands."""

from __future__ import annotations

from dataclasses import dataclass

from focusstack.cli.interrupt import Interruptible


@dataclass
class Session:
    """The signals of this call, and whether an error is to be shown with its traceback."""

    interruptible: Interruptible
    debug: bool = False
