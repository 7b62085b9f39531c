"""Keeps what was decoded, where there is room, so that no frame is decoded for every pass anew."""

from __future__ import annotations

from pathlib import Path

from focusstack.model import Frame, FrameInfo, Pixels
from focusstack.steps.read import FrameSource, area_average


class KeptFrames:
    """A frame source that remembers frames reduced by ``scale``; with 1, whole ones.

    Frames reduced further are made of those. With ``scale`` 0, or once :meth:`forget` was called,
    every call goes straight through.
    """

    def __init__(self, source: FrameSource, scale: int) -> None:
        self._source, self._scale = source, scale
        self._whole: dict[int, Frame] = {}
        self._reduced: dict[int, Pixels] = {}

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files behind the frames."""
        return self._source.paths

    def __len__(self) -> int:
        return len(self._source)

    def info(self, index: int) -> FrameInfo:
        """Describe a frame."""
        return self._source.info(index)

    def forget(self) -> None:
        """Give the memory back, unless whole frames are kept, which are still to be fused."""
        if self._scale > 1:
            self._scale = 0
            self._reduced.clear()

    def read(self, index: int) -> Frame:
        """Read a frame whole."""
        if self._scale != 1:
            return self._source.read(index)
        if index not in self._whole:
            self._whole[index] = self._source.read(index)
        return self._whole[index]

    def read_reduced(self, index: int, scale: int) -> Pixels:
        """Read a frame at 1/scale."""
        kept = self._scale
        if not kept or scale % kept:
            return self._source.read_reduced(index, scale)
        if kept == 1:
            return area_average(self.read(index).pixels, scale)
        if index not in self._reduced:
            self._reduced[index] = self._source.read_reduced(index, kept)
        return area_average(self._reduced[index], scale // kept)

    @property
    def shared(self) -> bool:
        """Whether what is given out is kept here too, or is somebody's array: not to be changed."""
        return bool(self._scale) or not self.paths
