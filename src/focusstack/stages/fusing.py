"""The pass over the whole frames: warp, fuse, and find the depth before or beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from focusstack.colour import luma_of
from focusstack.events import StepImage
from focusstack.execute import Run
from focusstack.model import Alignment, FloatImage, Metadata, NoiseModel, Pixels
from focusstack.plan import Plan
from focusstack.recipe import Recipe
from focusstack.stages.place import Placement
from focusstack.stages.ranging import depth_map
from focusstack.stages.survey import Survey, survey_frames
from focusstack.stages.veiling import Unveiler, make_unveiler
from focusstack.stages.warping import Warper
from focusstack.steps import focus, fuse
from focusstack.steps.read import FrameSource


@dataclass(frozen=True)
class Fused:
    """The fused image in the frames' dtype, the depth map, and the reference frame's metadata."""

    image: Pixels
    depth: FloatImage | None
    confidence: FloatImage | None
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
    """Fuse all kept frames, and find the depth if it is wanted or if the method needs it."""
    alignment, entry = placement.alignment, fuse.METHODS[recipe.method]
    warper = Warper(placement, bool(recipe.crop), run.threads)
    survey: Survey | None = None
    unveiler: Unveiler | None = None
    if entry.surveyed or recipe.depth:
        survey = survey_frames(run, frames, recipe, plan, warper, noise)
        if entry.unveiled:
            unveiler = make_unveiler(run, frames, survey, warper, recipe.sharpness)
    guide = None
    if survey is not None and entry.needs_depth:
        guide = survey.guide(len(alignment.kept))
    context = fuse.FusionContext(noise, len(alignment.kept), run.threads, guide)
    method = fuse.make_method(recipe, context)
    image, metadata = _accumulate(run, frames, plan, warper, method, unveiler)
    if survey is None or not recipe.depth:
        return Fused(image, None, None, metadata)
    found = depth_map(run, survey, alignment)
    return Fused(image, found, survey.full_confidence(), metadata)


def _accumulate(
    run: Run,
    frames: FrameSource,
    plan: Plan,
    warper: Warper,
    method: fuse.FusionMethod,
    unveiler: Unveiler | None,
) -> tuple[Pixels, Metadata]:
    """Feed all frames; the fused image, and the reference frame's metadata."""
    alignment, info, metadata = warper.placement.alignment, frames.info(0), Metadata()
    width, height = alignment.crop[2:]
    state = method.start(fuse.Canvas(width, height, info.channels))
    with run.step("fuse", len(alignment.kept)) as advance:
        for i, frame, aligned in warper.frames(frames, plan):
            if i == alignment.reference_index:
                metadata = frame.metadata
            run.tell(StepImage("fuse", f"aligned_{i:03d}", _drawn(aligned.planar, info.dtype)))
            ready = aligned if unveiler is None else unveiler.prepare(aligned)
            method.feed(state, ready)
            advance()
        del aligned, ready
        warper.release()
        return fuse.to_pixels(method.finish(state), info.dtype), metadata


def _drawn(planar: FloatImage, dtype: np.dtype[Any]) -> Callable[[], Pixels]:
    return lambda: fuse.to_pixels(planar, dtype)
