"""The pictures of an inspection: checked before work begins, each whole or not there."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from focusstack.errors import OutputError

if TYPE_CHECKING:
    from focusstack.inspection import StackReport

NAMES = ("motion.png", "frames.png", "focus.png")


@dataclass(frozen=True)
class Pictures:
    """Where the plots go, and whether they may replace files."""

    folder: Path
    overwrite: bool

    @property
    def files(self) -> tuple[Path, ...]:
        """The files in the order in which they are drawn."""
        return tuple(self.folder / name for name in NAMES)

    def check(self, inputs: Sequence[Path]) -> None:
        """Find out before any work whether everything can be drawn and written.

        Raises
        ------
        OutputError
            If matplotlib is missing, or a file cannot be written, is an input or exists.
        """
        from focusstack.steps.write import check_output

        if importlib.util.find_spec("matplotlib") is None:
            raise OutputError("--pictures needs matplotlib: pip install 'focusstack[report]'")
        folder = self.folder.resolve()
        if any(path.resolve().parent == folder for path in inputs):
            raise OutputError(
                f"{self.folder} holds the frames, the next run would take the plots for frames",
                "name another folder for --pictures",
            )
        for path in self.files:
            check_output(path, inputs=inputs, overwrite=self.overwrite, kind="picture")

    def saves(self, report: StackReport) -> list[Callable[[], None]]:
        """What draws each of ``files``, in that order."""
        return [partial(_save, path, report, self.overwrite) for path in self.files]


def _save(path: Path, report: StackReport, overwrite: bool) -> None:
    from focusstack.inspection import plots
    from focusstack.steps.write import atomic_file

    with atomic_file(path, overwrite) as temporary:
        plots.PLOTS[path.name](report, temporary)
