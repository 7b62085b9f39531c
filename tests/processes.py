"""Other processes, as tests see them."""

from __future__ import annotations

import subprocess


def children_of(pid):
    """Processes that a process started: the workers, and what watches over their resources."""
    found = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return [int(line.split()[0]) for line in found.stdout.splitlines() if "spawn_main" in line]
