"""Which frame is in focus where: beside the fusing, or before it in a pass of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from focusstack import kernels
from focusstack.events import StepImage
from focusstack.execute import Run
from focusstack.model import Alignment, DepthGuide, FloatImage, NoiseModel, Pixels
from focusstack.plan import Plan
from focusstack.stages.warping import Warper
from focusstack.steps import depth, fuse
from focusstack.steps.read import FrameSource
from focusstack.steps.score import focus_score


class DepthFollower:
    """Sees every frame once, in focus order, and then knows the depth."""

    def __init__(self, run: Run, step: str, alignment: Alignment, noise: NoiseModel) -> None:
        self._run, self._step, self._noise = run, step, noise
        self._size = alignment.crop[2:]
        width, height = self._size
        self._state = depth.start((kernels.half(height), kernels.half(width)))

    def see(self, index: int, frame: fuse.Aligned) -> None:
        """Add the next frame, which is number ``index`` of the stack."""
        score = focus_score(frame.planar, frame.valid, self._noise, self._run.threads)
        self._run.tell(StepImage(self._step, f"focus_{index:03d}", _drawn_score(score)))
        depth.feed(self._state, score)

    def finish(self) -> FloatImage:
        """The depth map, float32 (H, W), in positions among the kept frames; NaN = unknown."""
        return depth.finish(self._state, self._size)


def estimate_depth(
    run: Run, source: FrameSource, plan: Plan, warper: Warper, noise: NoiseModel
) -> tuple[FloatImage, DepthGuide]:
    """A pass over all frames before they are fused: the depth map, and the guide made of it."""
    alignment = warper.placement.alignment
    follower = DepthFollower(run, "depth", alignment, noise)
    with run.step("depth", len(alignment.kept)) as advance:
        for i, _, frame in warper.frames(source, plan):
            follower.see(i, frame)
            advance()
        found = follower.finish()
        return found, depth.guide(found, len(alignment.kept))


def among_all(run: Run, found: FloatImage, alignment: Alignment) -> FloatImage:
    """The depth map as it is given back: positions among the kept frames to those among all."""
    places = [alignment.order.index(i) for i in alignment.kept]
    if places != list(range(len(places))):
        found = np.interp(found, range(len(places)), places).astype(np.float32)
    run.tell(StepImage("depth", "depth", lambda: _drawn_depth(found, alignment.order)))
    return found


def _drawn_depth(found: FloatImage, order: Sequence[int]) -> Pixels:
    shown = np.asarray(np.nan_to_num(found) / max(1, len(order) - 1), np.float32)
    return fuse.to_pixels(shown[np.newaxis], np.dtype(np.uint8))


def _drawn_score(score: FloatImage) -> Callable[[], Pixels]:
    """The score's square root, stretched so that its 99.5 % quantile is white."""

    def draw() -> Pixels:
        root = np.sqrt(score)
        top = max(float(np.percentile(root, 99.5)), 1e-9)
        shown = np.asarray(root / top, np.float32)
        return fuse.to_pixels(shown[np.newaxis], np.dtype(np.uint8))

    return draw
