"""Frees whole frames of the veils of nearer things, and says where each frame counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from focusstack.colour import srgb_decode
from focusstack.events import StepImage
from focusstack.execute import Run
from focusstack.kernels import VeilMaps
from focusstack.model import Alignment, FloatImage, Metadata
from focusstack.plan import Plan
from focusstack.recipe import Recipe
from focusstack.stages.drawing import drawn
from focusstack.stages.growth import fit_growth
from focusstack.stages.survey import Survey, colours, preferring
from focusstack.stages.warping import Warper
from focusstack.steps import depth, fuse, veil
from focusstack.steps.read import FrameSource


@dataclass
class Unveiler:
    """Prepares frames for fusing; nothing is taken off unless ``veiled``."""

    survey: Survey
    scene: veil.Scene
    veiled: bool
    power: int
    threads: int
    lost: FloatImage
    real: npt.NDArray[np.bool_]

    def truest(self) -> Survey:
        """The survey with the depth as it is given back: near things are as wide as they are."""
        if not self.veiled:
            return self.survey.truest()
        scene, picture = self.scene, colours(self.survey.picture)
        borders = depth.draw_in(self.survey.settled, picture, self.real, scene.near_first)
        return replace(self.survey, depth=borders)

    def full_lost(self) -> FloatImage:
        """Share of the light of what is in focus that nearer things kept back, float32 (H, W)."""
        if not self.veiled:
            return np.zeros(self.survey.size[::-1], np.float32)
        return depth.expand(self.lost, self.survey.scale, self.survey.size)

    def prepare(self, frame: fuse.Aligned) -> fuse.Aligned:
        """The frame without its veil and with its prior; as it is where no veil was found."""
        if not self.veiled:
            return frame
        clear, prior = replace(frame.resampling, veil=self._maps(frame)), self.prior(frame.index)
        return replace(frame, frame=clear, prior=prior, prior_scale=self.survey.scale)

    def prior(self, index: int) -> FloatImage | None:
        """How much the frame at that position counts, on the survey's grid; None where all do."""
        return veil.window_prior(self.scene.edges, index, self.power) if self.veiled else None

    def _maps(self, frame: fuse.Aligned) -> VeilMaps | None:
        found = veil.unveiling(self.scene, frame.index, self.threads)
        if found is None:
            return None
        focused = np.abs(self.scene.edges.chosen - frame.index) <= 0.5
        np.copyto(self.lost, 1 - found.through, where=focused)
        limits = self.survey.low, self.survey.high
        sharp, scale = self.survey.picture, self.survey.scale
        return VeilMaps(found.gain, found.replace, found.offset, sharp, limits, scale)


Show = Callable[[int, fuse.Aligned], None]
"""Told of each frame of the stack when it lies on the canvas."""


def unseen(_index: int, _aligned: fuse.Aligned) -> None:
    """For who shows the frames to nobody."""


def ready_frames(
    warper: Warper,
    frames: FrameSource,
    plan: Plan,
    unveiler: Unveiler | None,
    show: Show,
) -> Iterator[tuple[int, Metadata, fuse.Aligned]]:
    """Frames as they are fused: index in the stack, metadata, and the frame on the canvas, free of
    its veil if there is who takes it off; ``show`` is told of each before that."""
    for index, metadata, aligned in warper.frames(frames, plan):
        show(index, aligned)
        yield index, metadata, aligned if unveiler is None else unveiler.prepare(aligned)


def make_unveiler(run: Run, survey: Survey, alignment: Alignment, recipe: Recipe) -> Unveiler:
    """Fit the growth of defocus, and find out which steps are real and which end is near."""
    frames = len(alignment.kept)
    blur = fit_growth(survey)
    linear = np.asarray(srgb_decode(survey.picture), np.float32)
    linear = np.ascontiguousarray(linear.transpose(1, 2, 0))
    found = veil.StepEvidence(None, np.zeros(survey.depth.shape, np.bool_))
    with run.step("veil", 1) as advance:
        if blur.growth > 0:
            found = survey.glimpses.judge(survey.depth, blur, run.threads)
        advance()
    near_first = found.near_first is not False
    if recipe.prefer is not None:
        if found.near_first is None:
            run.warn("which end of the stack is near does not show; taking the first frame as near")
        survey = preferring(run, survey, (recipe.prefer == "near") == near_first)
    edges = veil.find_edges(survey.depth, found.real, blur, near_first)
    run.tell(StepImage("veil", "window", lambda: drawn(edges.half / frames)))
    scene = veil.Scene(edges, linear, blur, near_first)
    lost, veiled = np.zeros_like(survey.depth), found.near_first is not None
    return Unveiler(survey, scene, veiled, recipe.sharpness, run.threads, lost, found.real)
