"""A stack at a fraction of its size, for a quick look."""

from __future__ import annotations

from dataclasses import replace

from focusstack.model import Frame, FrameInfo, Pixels
from focusstack.steps.read.reduce import MAX_SCALE, area_average, reduction
from focusstack.steps.read.source import FrameSource
from focusstack.steps.read.wrapped import WrappedFrames


class SmallerFrames(WrappedFrames[FrameSource]):
    """The frames of a source at 1/scale, 2, 4 or 8, as if they had been taken so.

    JPEG files are decoded at that size, which costs a fraction of decoding them whole. They come
    without metadata: what is said there of the picture's size would be wrong.
    """

    def __init__(self, source: FrameSource, scale: int) -> None:
        super().__init__(source)
        self._scale = scale

    def info(self, index: int) -> FrameInfo:
        """Describe a reduced frame."""
        info = self._source.info(index)
        width, height = (-(-side // self._scale) for side in (info.width, info.height))
        return replace(info, width=width, height=height)

    def read(self, index: int) -> Frame:
        """Read a frame at 1/scale of the source's."""
        return Frame(self.info(index), self._source.read_reduced(index, self._scale))

    def read_reduced(self, index: int, scale: int) -> Pixels:
        """Reduce a frame further."""
        if self._scale * scale <= MAX_SCALE:
            return self._source.read_reduced(index, self._scale * scale)
        return area_average(self._source.read_reduced(index, self._scale), scale)


def smaller(source: FrameSource, pixels: int) -> FrameSource:
    """The source reduced by 2, 4 or 8 to at most so many pixels a frame, if that suffices."""
    info = source.info(0)
    scale = reduction(info.width * info.height, pixels)
    return SmallerFrames(source, scale) if scale > 1 else source
