"""The pass over the whole frames: warp, unveil, fuse; with the depth found before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.colour import white
from focusstack.events import FrameFused, StepImage
from focusstack.execute import Run, Workers, give_back_memory
from focusstack.model import FloatImage, Metadata, NoiseModel, Pixels
from focusstack.plan import Plan
from focusstack.recipe import Recipe
from focusstack.stages.cleaning import CleanedFrames
from focusstack.stages.place import Placement
from focusstack.stages.ranging import depth_map, source_map
from focusstack.stages.strips import Setting, fuse_in_turn, fuse_spread
from focusstack.stages.survey import Survey, survey_frames
from focusstack.stages.veiling import Unveiler, make_unveiler, ready_frames
from focusstack.stages.warping import Warper
from focusstack.steps import fuse
from focusstack.steps.fuse.pyramid import Pyramid
from focusstack.steps.fuse.strips import handed_level
from focusstack.steps.read import FrameSource


@dataclass(frozen=True)
class Fused:
    """The fused image in the frames' dtype, the reference frame's metadata, and maps (H, W).

    ``depth`` is NaN where unknown, ``confidence`` the probability that it is right within a frame,
    ``sources`` the number of the frame nearest to it, and ``lost`` the share of light that nearer
    things kept back. All None unless the depth is wanted; ``lost`` for method auto only.
    """

    image: Pixels
    metadata: Metadata
    depth: FloatImage | None = None
    confidence: FloatImage | None = None
    sources: npt.NDArray[np.uint16] | None = None
    lost: FloatImage | None = None


def fuse_frames(
    run: Run,
    frames: CleanedFrames,
    recipe: Recipe,
    plan: Plan,
    placement: Placement,
    noise: NoiseModel,
    workers: Workers | None = None,
) -> Fused:
    """Fuse all kept frames, and find the depth if it is wanted or if the method needs it."""
    alignment, entry = placement.alignment, fuse.METHODS[recipe.method]
    warper = Warper(placement, bool(recipe.crop), run.threads)
    survey: Survey | None = None
    unveiler: Unveiler | None = None
    if entry.surveyed or recipe.depth:
        survey = survey_frames(run, frames, plan, warper, noise)
        if entry.unveiled or recipe.prefer is not None:
            unveiler = make_unveiler(run, survey, alignment, recipe)
            survey = unveiler.survey
        survey.forget_frames()  # the depth is settled, and the whole frames need the room
    frames.forget()
    give_back_memory()
    guide = None
    if survey is not None and (entry.needs_depth or recipe.select_only):
        guide = survey.guide(len(alignment.kept))
    context = fuse.FusionContext(noise, len(alignment.kept), run.threads, guide)
    method = fuse.make_method(recipe, context)
    preparing = unveiler if entry.unveiled and not recipe.select_only else None
    image, metadata = _accumulate(run, frames, plan, warper, method, preparing, workers)
    if survey is None or not recipe.depth:
        return Fused(image, metadata)
    if not recipe.select_only:
        survey = (preparing or survey).truest()
    positions, confidence = survey.full_depth(), survey.full_confidence()
    return Fused(
        image,
        metadata,
        depth_map(run, positions, confidence, alignment),
        confidence,
        source_map(positions, alignment),
        None if preparing is None else preparing.full_lost(),
    )


def _accumulate(
    run: Run,
    frames: FrameSource,
    plan: Plan,
    warper: Warper,
    method: fuse.FusionMethod,
    unveiler: Unveiler | None,
    workers: Workers | None,
) -> tuple[Pixels, Metadata]:
    """Feed all frames; the fused image, and the reference frame's metadata."""
    info, (width, height) = frames.info(0), warper.size
    canvas, clip_top = fuse.Canvas(width, height, info.channels), _clip_top(info.dtype)

    def show(i: int, aligned: fuse.Aligned) -> None:
        run.tell(StepImage("fuse", f"aligned_{i:03d}", _drawn(aligned, info.dtype)))

    if (workers is not None or plan.parts > 1) and handed_level(canvas, 1):
        assert isinstance(method, Pyramid)
        setting = Setting(frames, plan, warper, method, unveiler, clip_top)
        if workers is None:
            return fuse_in_turn(run, setting, canvas, info.dtype, show)
        return fuse_spread(run, workers, setting, canvas, info.dtype)
    warper.guard = guard = fuse.ClipGuard(canvas, clip_top)
    alignment, metadata = warper.placement.alignment, Metadata()
    state = method.start(canvas)
    run.tell(FrameFused(None, method, state))
    with run.step("fuse", len(alignment.kept)) as advance:
        for i, found, ready in ready_frames(warper, frames, plan, unveiler, show):
            if i == alignment.reference_index:
                metadata = found
            method.feed(state, ready)
            run.tell(FrameFused(i, method, state))
            advance()
        del ready
        warper.release()
        fused = method.finish(state)
        guard.apply(fused)
        return fuse.to_pixels(fused, info.dtype), metadata


def _clip_top(dtype: np.dtype[Any]) -> float:
    """Codes from black to white; float32 frames count as 16 bits."""
    return 65535.0 if dtype == np.float32 else white(dtype)


def _drawn(frame: fuse.Aligned, dtype: np.dtype[Any]) -> Callable[[], Pixels]:
    return lambda: fuse.to_pixels(frame.planar, dtype)
