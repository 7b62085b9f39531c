"""A result with the strokes of a retouch over it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from focusstack.kernels import Resampling
from focusstack.model import Alignment, FloatImage, Pixels
from focusstack.pipeline import open_frames
from focusstack.result import StackResult
from focusstack.retouch import Region, Stroke, paint_whole
from focusstack.steps import tone

KEPT_FRAMES = 3


class AlignedSource:
    """Frames where the canvas shows them, evened out in exposure.

    Parameters
    ----------
    read : callable
        A frame's pixels (H, W, C), by its number; the last three are kept.
    alignment : Alignment
    gains : per frame, the factors on its light; None where it was left out
    """

    def __init__(
        self,
        read: Callable[[int], Pixels],
        alignment: Alignment,
        gains: Sequence[Sequence[float] | None],
    ) -> None:
        self._read, self._alignment, self._gains = read, alignment, gains
        self._kept: OrderedDict[int, Pixels] = OrderedDict()

    def __call__(self, frame: int, region: Region) -> FloatImage:
        """See :data:`focusstack.retouch.paint.Source`; black where the frame was left out."""
        pixels = self._pixels(frame)
        place = self._alignment.transforms[frame]
        if place is None:
            return np.zeros((region.height, region.width, pixels.shape[2]), np.float32)
        gain = np.ones(pixels.shape[2])
        if frame < len(self._gains) and self._gains[frame] is not None:
            gain = np.broadcast_to(np.array(self._gains[frame], np.float64), gain.shape)
        if pixels.dtype == np.float32:
            pixels = tone.apply_gain(pixels, gain)
        left, top = self._alignment.crop[:2]
        step, middle = region.step, (region.step - 1) / 2
        at = [[step, 0, region.x + left + middle], [0, step, region.y + top + middle], [0, 0, 1.0]]
        matrix = np.asarray(np.linalg.inv(place) @ np.array(at), np.float64)
        size = region.width, region.height
        values = tone.code_values(pixels.dtype, gain)
        planar = Resampling(pixels, values, matrix / matrix[2, 2], size).planar(1)
        return np.asarray(np.clip(planar, 0, 1).transpose(1, 2, 0), np.float32)

    def _pixels(self, frame: int) -> Pixels:
        if frame not in self._kept:
            self._kept[frame] = self._read(frame)
            while len(self._kept) > KEPT_FRAMES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(frame)
        return self._kept[frame]


def retouched(result: StackResult, strokes: Sequence[Stroke]) -> StackResult:
    """The result with strokes painted over its image, and named in its record.

    Frames that are copied from are read again, whole, as they are: sensor defects were not repaired
    in them.

    Raises
    ------
    UnreadableFrame
        If one has gone.
    """
    if not strokes:
        return result
    frames = open_frames(result.inputs, result.recipe, lambda _said: None)
    source = AlignedSource(lambda k: frames.read(k).pixels, result.alignment, result.gains)
    image = paint_whole(result.image, strokes, source)
    return replace(result, image=image, strokes=tuple(strokes))
