"""The command line, as a person types it."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout

from focusstack.cli import main


def run(*args):
    """In this process, which spares the second that Python takes to start."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(arg) for arg in args])
    said = (stream.buffer.getvalue().decode() for stream in (out, err))
    return subprocess.CompletedProcess(args, code, *said)


def run_apart(*args, **how):
    """In a process of its own, where that is what is tested."""
    command = [sys.executable, "-m", "focusstack", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **how)
