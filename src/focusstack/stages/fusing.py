"""The second pass over the frames: warp, measure focus, fuse, follow the depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack import kernels, transform
from focusstack.colour import luma_of
from focusstack.events import StepImage
from focusstack.execute import Run, ahead
from focusstack.model import (
    Alignment,
    FloatImage,
    Frame,
    Metadata,
    NoiseModel,
    Pixels,
    Transform,
)
from focusstack.plan import Plan
from focusstack.recipe import Recipe
from focusstack.stages.place import Placement
from focusstack.steps import depth, focus, fuse, tone
from focusstack.steps.read import FrameSource


@dataclass(frozen=True)
class Fused:
    """The fused image in the frames' dtype, the depth map, and the reference frame's metadata."""

    image: Pixels
    depth: FloatImage | None
    metadata: Metadata


def measure_noise(run: Run, frames: FrameSource, alignment: Alignment) -> NoiseModel:
    """Noise of the frames, from the first, the middle and the last of them."""
    kept = alignment.kept
    chosen = sorted({kept[0], kept[len(kept) // 2], kept[-1]})
    quiet = []
    with run.step("noise", len(chosen)) as advance:
        for i in chosen:
            sample = focus.sample_rows(frames.read(i).pixels)
            quiet.append(focus.quiet_variance(luma_of(sample)))
            advance()
        return focus.noise_model(quiet, frames.info(0).dtype)


def fuse_frames(
    run: Run,
    frames: FrameSource,
    recipe: Recipe,
    plan: Plan,
    placement: Placement,
    noise: NoiseModel,
) -> Fused:
    """Fuse all kept frames, and follow the depth if it is wanted."""
    alignment, info = placement.alignment, frames.info(0)
    kept, metadata = alignment.kept, Metadata()
    _, _, width, height = alignment.crop
    canvas = fuse.Canvas(width, height, info.channels)
    method = fuse.make_method(recipe, noise, run.threads)
    state = method.start(canvas)
    follow = depth.start((kernels.half(height), kernels.half(width))) if recipe.depth else None
    warper = Warper(placement, bool(recipe.crop), run.threads)
    with run.step("fuse", len(kept)) as advance:
        for i, frame in ahead(frames.read, kept, plan.read_ahead):
            if i == alignment.reference_index:
                metadata = frame.metadata
            planar = warper.warp(i, frame)
            run.tell(StepImage("fuse", f"aligned_{i:03d}", _drawn(planar, info.dtype)))
            score = method.feed(state, planar, warper.valid(i, frame), recipe.depth)
            if follow is not None and score is not None:
                run.tell(StepImage("fuse", f"focus_{i:03d}", _drawn_score(score)))
                depth.feed(follow, score)
            advance()
        warper.release()
        image = fuse.to_pixels(method.finish(state), info.dtype)
        del state
    return Fused(image, None if follow is None else _depth_map(run, follow, alignment), metadata)


@dataclass
class Warper:
    """Brings frames onto the canvas, into one buffer that every frame reuses."""

    placement: Placement
    covered: bool
    threads: int
    buffer: FloatImage | None = None

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


def _drawn(planar: FloatImage, dtype: np.dtype[Any]) -> Any:
    return lambda: fuse.to_pixels(planar, dtype)


def _drawn_score(score: FloatImage) -> Any:
    """The score's square root, stretched so that its 99.5 % quantile is white."""

    def draw() -> Pixels:
        root = np.sqrt(score)
        top = max(float(np.percentile(root, 99.5)), 1e-9)
        shown = np.asarray(root / top, np.float32)
        return fuse.to_pixels(shown[np.newaxis], np.dtype(np.uint8))

    return draw


def _depth_map(run: Run, state: depth.DepthState, alignment: Alignment) -> FloatImage:
    """Depth in focus order; positions among the kept frames become positions among all."""
    _, _, width, height = alignment.crop
    found = depth.finish(state, (width, height))
    places = [alignment.order.index(i) for i in alignment.kept]
    if places != list(range(len(places))):
        found = np.interp(found, range(len(places)), places).astype(np.float32)
    run.tell(StepImage("depth", "depth", lambda: _drawn_depth(found, alignment.order)))
    return found


def _drawn_depth(found: FloatImage, order: Sequence[int]) -> Pixels:
    shown = np.asarray(np.nan_to_num(found) / max(1, len(order) - 1), np.float32)
    return fuse.to_pixels(shown[np.newaxis], np.dtype(np.uint8))
