"""Frames, one by one in focus order, warped onto the canvas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack import kernels, transform
from focusstack.execute import ahead
from focusstack.model import FloatImage, Frame, Transform
from focusstack.plan import Plan
from focusstack.stages.place import Placement
from focusstack.steps import tone
from focusstack.steps.fuse import Aligned
from focusstack.steps.read import FrameSource


@dataclass
class Warper:
    """Brings frames onto the canvas, into one buffer that every frame reuses."""

    placement: Placement
    covered: bool
    threads: int
    buffer: FloatImage | None = None

    def frames(self, source: FrameSource, plan: Plan) -> Iterator[tuple[int, Frame, Aligned]]:
        """Index in the stack, the frame, and the frame on the canvas, valid until the next one."""
        kept = self.placement.alignment.kept
        for k, (i, frame) in enumerate(ahead(source.read, kept, plan.read_ahead)):
            yield i, frame, Aligned(k, self.warp(i, frame), self.valid(i, frame))

    def warp(self, index: int, frame: Frame) -> FloatImage:
        """The frame on the canvas with its exposure evened out; valid until the next call."""
        pixels, gain = frame.pixels, self.placement.gains[index]
        if pixels.dtype == np.float32:
            pixels = tone.apply_gain(pixels, gain)
        values = tone.code_values(frame.info.dtype, gain)
        size = self.placement.alignment.crop[2:]
        self.buffer = kernels.warp(
            pixels, values, self._frame_from_canvas(index), size, self.threads, self.buffer
        )
        return self.buffer

    def valid(self, index: int, frame: Frame) -> npt.NDArray[np.uint8] | None:
        """255 where the frame covers the canvas; None where it covers all of it."""
        if self.covered or index == self.placement.alignment.reference_index:
            return None
        import cv2

        seen = np.full((frame.info.height, frame.info.width), 255, np.uint8)
        matrix = self._frame_from_canvas(index)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        mask = cv2.warpPerspective(seen, matrix, self.placement.alignment.crop[2:], flags=flags)
        return np.asarray(mask == 255, np.uint8)

    def release(self) -> None:
        """Give the buffer back before the picture is put together."""
        self.buffer = None

    def _frame_from_canvas(self, index: int) -> Transform:
        alignment = self.placement.alignment
        reference_from_frame = alignment.transforms[index]
        assert reference_from_frame is not None
        reference_from_canvas = transform.shift(*alignment.crop[:2])
        matrix = np.linalg.inv(reference_from_frame) @ reference_from_canvas
        return np.asarray(matrix / matrix[2, 2], np.float64)
