"""What sources that stand before another one have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Generic, TypeVar

from focusstack.model import FrameInfo
from focusstack.steps.read.source import FrameSource

Source = TypeVar("Source", bound=FrameSource)


class WrappedFrames(Generic[Source]):
    """As many frames as another source has, from the same files; how they are read is added."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files behind the frames."""
        return self._source.paths

    def __len__(self) -> int:
        return len(self._source)

    def info(self, index: int) -> FrameInfo:
        """Describe a frame."""
        return self._source.info(index)
