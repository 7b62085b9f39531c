"""A result with the strokes of a retouch over it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

import numpy as np

from focusstack import transform
from focusstack.errors import InputError
from focusstack.kernels import Resampling
from focusstack.model import Alignment, FloatImage, Pixels
from focusstack.pipeline import open_frames
from focusstack.provenance import origin_of
from focusstack.result import StackResult
from focusstack.retouch import Picture, Region, Stroke, paint_whole, picture_of
from focusstack.steps import tone
from focusstack.steps.clean import Defects
from focusstack.steps.read import FrameSource, area_average

KEPT_FRAMES = 3
Canvas = tuple[str, tuple[int, int], tuple[int, int, int, int]]
"""The reference frame's name and size, and the part of it that is shown."""
Read = Callable[[int, int], tuple[Pixels, int]]
"""A frame's pixels by its number, and by how much they are reduced: the scale that is asked for, or
less."""


class AlignedSource:
    """Frames where the canvas shows them, evened out in exposure.

    Parameters
    ----------
    read : callable
        See ``Read``; what was read last is kept.
    alignment : Alignment
    gains : per frame, the factors on its light; None where it was left out
    """

    def __init__(
        self, read: Read, alignment: Alignment, gains: Sequence[Sequence[float] | None]
    ) -> None:
        self._read, self._alignment, self._gains = read, alignment, gains
        self._kept: OrderedDict[tuple[int, int], tuple[Pixels, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, frame: int, region: Region) -> FloatImage:
        """A region of a frame, float32 (h, w, C), 0..1; black where the frame was left out."""
        pixels, scale = self._pixels(frame, region.step)
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
        if scale > 1:
            matrix = np.linalg.inv(transform.full_from_reduced(scale)) @ matrix
        size = region.width, region.height
        values = tone.code_values(pixels.dtype, gain)
        planar = Resampling(pixels, values, matrix / matrix[2, 2], size).planar(1)
        return np.asarray(np.clip(planar, 0, 1).transpose(1, 2, 0), np.float32)

    def _pixels(self, frame: int, scale: int) -> tuple[Pixels, int]:
        with self._lock:
            if (frame, scale) not in self._kept:
                self._kept[frame, scale] = self._read(frame, scale)
                while len(self._kept) > KEPT_FRAMES:
                    self._kept.popitem(last=False)
            self._kept.move_to_end((frame, scale))
            return self._kept[frame, scale]


class Origins:
    """What strokes copy: frames, or other results."""

    def __init__(self, frames: AlignedSource, results: Mapping[int, Picture]) -> None:
        self._frames, self._results = frames, results

    def __call__(self, stroke: Stroke, region: Region) -> FloatImage:
        """See :data:`focusstack.retouch.paint.Source`."""
        if stroke.result is not None:
            return self._results[stroke.result](region)
        assert stroke.frame is not None
        return self._frames(stroke.frame, region)


def repaired(pixels: Pixels, defects: Defects, size: tuple[int, int], scale: int = 1) -> Pixels:
    """A frame of that (width, height), reduced by ``scale``, without the sensor's defects."""
    if not defects:
        return pixels
    found = defects if scale == 1 else defects.reduced(size[1], size[0], scale)
    return found.repair(pixels)


def whole_frames(
    frames: FrameSource,
    alignment: Alignment,
    gains: Sequence[Sequence[float] | None],
    defects: Defects,
) -> AlignedSource:
    """Frames in their own depth and colours, repaired like those that were fused."""

    def read(number: int, scale: int) -> tuple[Pixels, int]:
        whole = repaired(frames.read(number).pixels, defects, alignment.size)
        return area_average(whole, scale), scale

    return AlignedSource(read, alignment, gains)


def canvas_of(alignment: Alignment, names: Sequence[str]) -> Canvas:
    """What must be equal for pixels of two results to lie at the same place."""
    reference = PurePath(names[alignment.reference_index]).name
    return reference, alignment.size, alignment.crop


def check_canvas(number: int, other: Canvas, own: Canvas) -> None:
    """Refuse a result that shows another part of the scene, or another one.

    Raises
    ------
    InputError
    """
    if other == own:
        return
    sizes = [f"{one[2][2]} x {one[2][3]} pixels of {one[0]}" for one in (other, own)]
    raise InputError(
        f"result {number} has another canvas than this one ({sizes[0]} at {other[2][:2]}, "
        f"not {sizes[1]} at {own[2][:2]})",
        "paint from results of the same frames, reference frame and size",
    )


def retouched(
    result: StackResult,
    strokes: Sequence[Stroke],
    results: Mapping[int, StackResult] | None = None,
) -> StackResult:
    """The result with strokes painted over its image, and named in its record.

    Frames that are copied from are read again, whole, and repaired like those that were fused.
    ``results`` has those that strokes copy from, by their numbers, as they were fused.

    Raises
    ------
    InputError
        If a result that is copied from is not there, or of another canvas.
    UnreadableFrame
        If a frame has gone.
    """
    if not strokes:
        return result
    others = {
        n: _other(result, n, results or {})
        for n in {one.result for one in strokes}
        if n is not None
    }
    frames = open_frames(result.inputs, result.recipe, lambda _said: None)
    source = whole_frames(frames, result.alignment, result.gains, result.defects)
    origins = Origins(source, {n: picture_of(other.image) for n, other in others.items()})
    image = paint_whole(result.image, strokes, origins)
    own = result.provenance["frames"] if others else ()
    copied = {n: origin_of(other.provenance, own) for n, other in others.items()}
    return replace(result, image=image, strokes=tuple(strokes), copied=copied)


def _other(result: StackResult, number: int, results: Mapping[int, StackResult]) -> StackResult:
    if number not in results:
        raise InputError(
            f"strokes copy from result {number}, which is not there", "erase them first"
        )
    other = results[number]
    own = canvas_of(result.alignment, result.names)
    check_canvas(number, canvas_of(other.alignment, other.names), own)
    return other
