"""``--save-steps``: an observer that keeps the intermediate pictures."""

from __future__ import annotations

import re
from pathlib import Path

from focusstack.errors import OutputError
from focusstack.events import Event, StepImage, StepStarted
from focusstack.model import Metadata


class StepSaver:
    """Observer that writes each intermediate picture into ``folder``.

    Files are called ``02-align-frame_00.png``: the step's place in the run, its name, and the
    picture's. Integers are written as PNG and floats as TIFF, so nothing is lost. Files of the
    same name are replaced; that the folder may be used has been checked before.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._steps: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepStarted):
            self._place(event.step)
        elif isinstance(event, StepImage):
            self._save(event)

    def _save(self, event: StepImage) -> None:
        from focusstack.steps.write import write_picture

        pixels = event.make()
        suffix = ".tif" if pixels.dtype.kind == "f" else ".png"
        self._make_folder()
        write_picture(
            self._folder / f"{self._name(event)}{suffix}", pixels, Metadata(), overwrite=True
        )

    def _name(self, event: StepImage) -> str:
        name = f"{self._place(event.step):02d}-{event.step}-{event.name}"
        return re.sub(r"[^\w.-]+", "_", name)

    def _place(self, step: str) -> int:
        """The step's number, from 1, in the order in which steps were first heard of."""
        if step not in self._steps:
            self._steps.append(step)
        return self._steps.index(step) + 1

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"{self._folder}: cannot be made: {error.strerror}", "name another folder"
            ) from error
