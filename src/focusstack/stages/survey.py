"""The pass that finds the depth: all frames at reduced size, before any is fused whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from focusstack.events import StepImage
from focusstack.execute import Run, ahead
from focusstack.model import DepthGuide, FloatImage, NoiseModel
from focusstack.plan import Plan
from focusstack.stages.drawing import drawn
from focusstack.stages.glimpses import Glimpses
from focusstack.stages.noise import reduced_noise
from focusstack.stages.warping import Warper
from focusstack.steps import depth, fuse
from focusstack.steps.depth import FocusVolume
from focusstack.steps.fuse.pyramid import Pyramid
from focusstack.steps.read import FrameSource

POWER = 16
REACH_PX = 5
"""An unveiled value stays within what the frames show this near."""
RIVALRY = 2.5


@dataclass(frozen=True)
class Survey:
    """What is known of the scene before it is fused, on a grid ``scale`` times coarser.

    Attributes
    ----------
    picture : float32 (C, h, w)
        All in focus, sRGB-encoded 0..1.
    low, high : float32 (C, h, w)
        The least and the largest value that any frame shows around each pixel.
    depth, settled, confidence : float32 (h, w)
        Positions among the kept frames, to fuse by and to give back; probability that the latter
        is right within one, see :class:`~focusstack.steps.depth.DepthSolution`.
    noise : NoiseModel
        Of frames at this size.
    """

    scale: int
    size: tuple[int, int]
    picture: FloatImage
    low: FloatImage
    high: FloatImage
    depth: FloatImage
    settled: FloatImage
    confidence: FloatImage
    noise: NoiseModel
    volume: FocusVolume
    glimpses: Glimpses

    def forget_frames(self) -> None:
        """Give back what was kept of every frame; the depth cannot be solved again then."""
        self.volume.clear()
        self.glimpses.clear()

    def truest(self) -> Survey:
        """With the depth as it is given back instead of that which is best to fuse by."""
        return replace(self, depth=self.settled)

    def full_depth(self) -> FloatImage:
        """The depth on the canvas, float32 (H, W)."""
        return depth.expand(self.depth, self.scale, self.size)

    def full_confidence(self) -> FloatImage:
        """The confidence on the canvas, float32 (H, W)."""
        return depth.expand(self.confidence, self.scale, self.size)

    def guide(self, frames: int) -> DepthGuide:
        """Depth and confidence as fusion methods want them."""
        return depth.guide(self.full_depth(), self.full_confidence(), frames)


def survey_frames(
    run: Run, frames: FrameSource, plan: Plan, full: Warper, noise: NoiseModel
) -> Survey:
    """Look at every frame at reduced size, then solve for the depth."""
    warper = Warper(full.placement, full.covered, run.threads, plan.survey_scale)
    alignment = full.placement.alignment
    if plan.survey_scale > 1:
        noise = reduced_noise(frames, alignment, plan.survey_scale, noise.luma)
    volume, glimpses = FocusVolume(), Glimpses()
    sight = _Sight(warper.size, frames.info(0).channels, noise, run.threads)
    with run.step("survey", len(alignment.kept)) as advance:
        for index, aligned in warper.reduced(frames, plan):
            volume.feed(depth.focus_energy(aligned.planar, noise, run.threads), aligned.valid)
            sharp = volume.slices[-1][..., np.newaxis]
            run.tell(StepImage("survey", f"focus_{index:03d}", partial(np.copy, sharp)))
            sight.see(aligned)
            glimpses.keep(aligned.planar)
            advance()
    picture = sight.picture()
    with run.step("depth", len(alignment.kept)) as advance:
        found = depth.solve_depth(volume, colours(picture), 1.0, advance, _on(run.threads))
    run.tell(StepImage("depth", "confidence", lambda: drawn(found.confidence)))
    low, high = sight.limits()
    return Survey(
        plan.survey_scale,
        alignment.crop[2:],
        picture,
        low,
        high,
        found.depth,
        found.settled,
        found.confidence,
        noise,
        volume,
        glimpses,
    )


class _Sight:
    """A quick fused picture, and the range of values around every pixel."""

    def __init__(
        self, size: tuple[int, int], channels: int, noise: NoiseModel, threads: int
    ) -> None:
        self._method = Pyramid(POWER, noise, threads)
        self._state = self._method.start(fuse.Canvas(*size, channels))
        self._low = np.full((channels, size[1], size[0]), np.inf, np.float32)
        self._high = np.full_like(self._low, -np.inf)

    def see(self, aligned: fuse.Aligned) -> None:
        """Take in the next frame."""
        self._method.feed(self._state, aligned)
        np.minimum(self._low, aligned.planar, out=self._low)
        np.maximum(self._high, aligned.planar, out=self._high)

    def picture(self) -> FloatImage:
        """All in focus, float32 (C, h, w), 0..1; the frames' states are used up."""
        return np.clip(self._method.finish(self._state), 0, 1)

    def limits(self) -> tuple[FloatImage, FloatImage]:
        """The least and the largest value that any frame showed around each pixel."""
        import cv2

        window = np.ones((REACH_PX, REACH_PX), np.uint8)
        low = np.stack([cv2.erode(plane, window) for plane in self._low])
        high = np.stack([cv2.dilate(plane, window) for plane in self._high])
        return np.asarray(low, np.float32), np.asarray(high, np.float32)


def preferring(run: Run, survey: Survey, first: bool) -> Survey:
    """The depth found again, preferring what is in focus in the first or in the last frames."""
    rivalry = RIVALRY if first else 1 / RIVALRY
    with run.step("depth", len(survey.volume.slices)) as advance:
        picture = colours(survey.picture)
        found = depth.solve_depth(survey.volume, picture, rivalry, advance, _on(run.threads))
    return replace(survey, depth=found.depth, settled=found.settled, confidence=found.confidence)


def _on(threads: int) -> depth.InOrder:
    """A loop whose parts are made ahead by so many threads."""

    def in_order(part: Callable[[int], FloatImage], items: Iterable[int]) -> Iterator[FloatImage]:
        return (made for _, made in ahead(part, items, threads if threads > 1 else 0))

    return in_order


def colours(picture: FloatImage) -> FloatImage:
    """(h, w, 3), grey pictures three times."""
    planes = picture if len(picture) == 3 else np.repeat(picture, 3, axis=0)
    return np.ascontiguousarray(planes.transpose(1, 2, 0))
