"""Keeps what was decoded, where there is room, so that no frame is decoded for every pass anew."""

from __future__ import annotations

from focusstack.model import Frame, Pixels
from focusstack.steps.read import FrameSource, WrappedFrames, area_average


class KeptFrames(WrappedFrames[FrameSource]):
    """A frame source that decodes at one reduction only, and may remember what it decoded.

    Parameters
    ----------
    source : FrameSource
    finest : int
        The reduction, 1 for whole frames; frames reduced further are made of those, so that they
        are the same whether there is room to keep any or not.
    keep : bool
    """

    def __init__(self, source: FrameSource, finest: int, keep: bool) -> None:
        super().__init__(source)
        self._finest, self._keep = finest, keep
        self._whole: dict[int, Frame] = {}
        self._reduced: dict[int, Pixels] = {}

    def forget(self) -> None:
        """Give the memory back, unless whole frames are kept, which are still to be fused."""
        if self._finest > 1:
            self._keep = False
            self._reduced.clear()

    def read(self, index: int) -> Frame:
        """Read a frame whole."""
        if not self._keep or self._finest > 1:
            return self._source.read(index)
        if index not in self._whole:
            self._whole[index] = self._source.read(index)
        return self._whole[index]

    def read_reduced(self, index: int, scale: int) -> Pixels:
        """Read a frame at 1/scale, a multiple of the finest reduction."""
        if self._finest == 1:
            return area_average(self.read(index).pixels, scale)
        pixels = self._reduced.get(index)
        if pixels is None:
            pixels = self._source.read_reduced(index, self._finest)
            if self._keep:
                self._reduced[index] = pixels
        return area_average(pixels, scale // self._finest)

    @property
    def shared(self) -> bool:
        """Whether what is given out is kept here too, or is somebody's array: not to be changed."""
        return self._keep or not self.paths
