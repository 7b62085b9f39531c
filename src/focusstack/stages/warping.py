"""Frames, one by one in focus order, warped onto the canvas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from focusstack import transform
from focusstack.execute import ahead
from focusstack.kernels import Resampling
from focusstack.model import Metadata, Pixels, Transform
from focusstack.plan import Plan
from focusstack.stages.place import Placement
from focusstack.steps import tone
from focusstack.steps.fuse import Aligned, ClipGuard, Room
from focusstack.steps.read import FrameSource


@dataclass
class Warper:
    """Brings frames onto the canvas; those wanted as a whole into one buffer that all reuse.

    With ``scale`` above 1 both are reduced by it: pixel k is the area of ``scale`` x ``scale``
    pixels centred on ``k * scale + (scale - 1) / 2``. A ``guard`` is shown what is clipped.
    """

    placement: Placement
    covered: bool
    threads: int
    scale: int = 1
    guard: ClipGuard | None = None
    room: Room = field(init=False)

    def __post_init__(self) -> None:
        self.room = Room(self.threads)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of what comes out."""
        width, height = self.placement.alignment.crop[2:]
        return -(-width // self.scale), -(-height // self.scale)

    def frames(self, source: FrameSource, plan: Plan) -> Iterator[tuple[int, Metadata, Aligned]]:
        """Index in the stack, metadata, and the frame on the canvas, valid until the next one."""
        kept = self.placement.alignment.kept
        for k, (i, frame) in enumerate(ahead(source.read, kept, plan.read_ahead)):
            yield i, frame.metadata, self.aligned(k, i, frame.pixels)

    def reduced(self, source: FrameSource, plan: Plan) -> Iterator[tuple[int, Aligned]]:
        """The same for reduced frames."""
        kept = self.placement.alignment.kept
        pixels = ahead(lambda i: source.read_reduced(i, self.scale), kept, plan.read_ahead)
        for k, (i, reduced) in enumerate(pixels):
            yield i, self.aligned(k, i, reduced)

    def aligned(self, position: int, index: int, pixels: Pixels) -> Aligned:
        """A frame on the canvas with its exposure evened out; valid until the next call."""
        valid = self._valid(index, pixels)
        return Aligned(position, self._resampling(index, pixels), valid, room=self.room)

    def release(self) -> None:
        """Give the buffer back before the picture is put together."""
        self.room = Room(self.threads)

    def _resampling(self, index: int, pixels: Pixels) -> Resampling:
        dtype, gain = pixels.dtype, self.placement.gains[index]
        if dtype == np.float32:
            pixels = tone.apply_gain(pixels, gain)
        values = tone.code_values(dtype, gain)
        matrix = self._frame_from_canvas(index)
        seen, limits = (
            (None, (0.0, 1.0)) if self.guard is None else (self.guard.seen, self.guard.limits)
        )
        return Resampling(pixels, values, matrix, self.size, seen, limits)

    def _valid(self, index: int, pixels: Pixels) -> npt.NDArray[np.uint8] | None:
        """255 where the frame covers the canvas; None where it covers all of it."""
        if self.covered or index == self.placement.alignment.reference_index:
            return None
        import cv2

        seen = np.full(pixels.shape[:2], 255, np.uint8)
        matrix = self._frame_from_canvas(index)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        mask = cv2.warpPerspective(seen, matrix, self.size, flags=flags)
        return np.asarray(mask == 255, np.uint8)

    def _frame_from_canvas(self, index: int) -> Transform:
        alignment = self.placement.alignment
        reference_from_frame = alignment.transforms[index]
        assert reference_from_frame is not None
        reference_from_canvas = transform.shift(*alignment.crop[:2])
        matrix = np.linalg.inv(reference_from_frame) @ reference_from_canvas
        full = transform.full_from_reduced(self.scale)
        matrix = np.linalg.inv(full) @ matrix @ full
        return np.asarray(matrix / matrix[2, 2], np.float64)
