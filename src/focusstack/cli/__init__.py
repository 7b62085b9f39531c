"""The command line: arguments -> Recipe -> stack() -> exit code. One file per command.

NumPy, OpenCV and rich are imported only once there is something to stack, so that ``--version``,
``--help`` and shell completion answer at once.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments after the program's name; those of the process by default.

    Returns
    -------
    int
        The exit code; docs/cli.md has the table.
    """
    try:
        from focusstack.cli.app import run
    except KeyboardInterrupt:
        return 130
    return run(argv)
