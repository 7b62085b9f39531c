"""A studio in a process of its own, as a person starts it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager


@contextmanager
def started(folder, *options):
    """The process, and the address that it printed."""
    command = [sys.executable, "-m", "focusstack", "studio", str(folder), "--no-browser", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().strip()
        if not address:
            raise RuntimeError(process.stderr.read())
        yield process, address
    finally:
        process.kill()
        process.communicate()
