"""The debug log: the only place where focusstack touches Python's logging set-up."""

from __future__ import annotations

import logging

from focusstack.cli.speech import say
from focusstack.events import Event, StepAdvanced

_LOGGER = logging.getLogger("focusstack.events")


class SayingHandler(logging.Handler):
    """Says each record as everything else is said, so that it cannot fail either."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say one record."""
        say(self.format(record))


def start_logging() -> None:
    """Send everything focusstack logs to standard error, with times; a second call does nothing."""
    root = logging.getLogger("focusstack")
    if any(isinstance(handler, SayingHandler) for handler in root.handlers):
        return
    handler = SayingHandler()
    form = "%(asctime)s.%(msecs)03d %(levelname)s %(name)s: %(message)s"
    handler.setFormatter(logging.Formatter(form, "%H:%M:%S"))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)


def log_event(event: Event) -> None:
    """Observer that logs every event; progress within a step is in the plain lines already."""
    if not isinstance(event, StepAdvanced):
        _LOGGER.debug("%s", event)
