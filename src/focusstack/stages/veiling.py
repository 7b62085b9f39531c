"""Frees whole frames of the veils of nearer things, and says where each frame counts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from focusstack import kernels
from focusstack.colour import srgb_decode
from focusstack.events import StepImage
from focusstack.execute import Run
from focusstack.model import FloatImage
from focusstack.recipe import Recipe
from focusstack.stages.drawing import drawn
from focusstack.stages.survey import Survey, preferring
from focusstack.stages.warping import Warper
from focusstack.steps import depth, fuse, veil
from focusstack.steps.read import FrameSource

SIDE_FRAMES = 5


@dataclass
class Unveiler:
    """Prepares frames for fusing; nothing is taken off unless ``veiled``."""

    survey: Survey
    scene: veil.Scene
    veiled: bool
    power: int
    threads: int
    lost: FloatImage

    def full_lost(self) -> FloatImage:
        """Share of the light of what is in focus that nearer things kept back, float32 (H, W)."""
        return depth.expand(self.lost, self.survey.scale, self.survey.size)

    def prepare(self, frame: fuse.Aligned) -> fuse.Aligned:
        """The frame, changed in place, with its prior; as it is where no veil was found."""
        if not self.veiled:
            return frame
        self._unveil(frame)
        prior = veil.window_prior(self.scene.edges, frame.index, self.power)
        prior = depth.enlarge(prior, self.survey.scale, self.survey.size)
        return replace(frame, prior=prior)

    def _unveil(self, frame: fuse.Aligned) -> None:
        found = veil.unveiling(self.scene, frame.index)
        if found is None:
            return
        focused = np.abs(self.scene.edges.chosen - frame.index) <= 0.5
        np.copyto(self.lost, 1 - found.through, where=focused)
        kernels.unveil(
            frame.planar,
            found.gain,
            found.replace,
            found.offset,
            self.survey.picture,
            (self.survey.low, self.survey.high),
            self.survey.scale,
            self.threads,
        )


def make_unveiler(
    run: Run, frames: FrameSource, survey: Survey, full: Warper, recipe: Recipe
) -> Unveiler:
    """Fit the growth of defocus, and find out which end of the stack is near."""
    alignment = full.placement.alignment
    blur = _fit(survey, len(alignment.kept))
    linear = np.asarray(srgb_decode(survey.picture), np.float32)
    linear = np.ascontiguousarray(linear.transpose(1, 2, 0))
    detail = depth.focus_energy(survey.picture, survey.noise)
    test = veil.SideTest(survey.depth, detail, linear, blur)
    near_first = _side(run, frames, survey, full, test) if blur.growth > 0 else None
    if recipe.prefer is not None:
        if near_first is None:
            run.warn("which end of the stack is near does not show; taking the first frame as near")
        survey = preferring(run, survey, (recipe.prefer == "near") == (near_first is not False))
    edges = veil.find_edges(survey.depth, detail, blur, near_first is not False)
    run.tell(StepImage("veil", "window", lambda: drawn(edges.half / len(alignment.kept))))
    scene = veil.Scene(edges, linear, blur, near_first is not False)
    lost = np.zeros_like(survey.depth)
    return Unveiler(survey, scene, near_first is not None, recipe.sharpness, run.threads, lost)


def _fit(survey: Survey, frames: int) -> veil.BlurModel:
    table = depth.decode_table()
    return veil.fit_blur(
        survey.depth,
        survey.picture,
        lambda planar: depth.focus_energy(planar, survey.noise),
        lambda k: table[survey.volume.slices[k]],
        frames,
    )


def _side(
    run: Run, frames: FrameSource, survey: Survey, full: Warper, test: veil.SideTest
) -> bool | None:
    """Look at a few frames again: those with the most steps in depth in focus."""
    kept = full.placement.alignment.kept
    warper = Warper(full.placement, full.covered, run.threads, survey.scale)
    positions = test.telling(SIDE_FRAMES)
    with run.step("veil", len(positions)) as advance:
        for k in positions:
            pixels = frames.read_reduced(kept[k], survey.scale)
            planar = warper.aligned(k, kept[k], pixels).planar
            light = np.asarray(srgb_decode(planar), np.float32)
            test.see(k, np.ascontiguousarray(light.transpose(1, 2, 0)))
            advance()
    return test.near_first()
