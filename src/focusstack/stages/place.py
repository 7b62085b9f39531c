"""Where the frames lie, and how their exposures are evened out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from focusstack.colour import luma_of
from focusstack.errors import AlignmentError
from focusstack.execute import Run, ahead
from focusstack.model import Alignment, FloatImage, Rejection
from focusstack.plan import Plan
from focusstack.recipe import Recipe
from focusstack.steps import align, tone
from focusstack.steps.read import FrameSource
from focusstack.transform import magnification

SMALL_CROP = 0.5


@dataclass(frozen=True)
class Placement:
    """What the first pass over the frames found."""

    alignment: Alignment
    gains: dict[int, tone.Gains]


@dataclass(frozen=True)
class FirstLook:
    """All frames placed, their thumbnails, and where each is sharp."""

    solution: align.Solution
    thumbs: dict[int, FloatImage]
    profiles: list[align.Profile]


def align_frames(run: Run, frames: FrameSource, recipe: Recipe, plan: Plan) -> Placement:
    """Place all frames on one canvas and even out their exposures."""
    order = list(range(len(frames)))
    look = _look_at_all(run, frames, recipe, plan, order)
    if (in_order := align.focus_order(look.profiles)) is not None:
        look = _look_at_all(run, frames, recipe, plan, in_order)
        order = align.by_magnification(in_order, _scales(look.solution, len(frames)), look.profiles)
        if order != sorted(order):
            run.warn(f"the frames are not in focus order; taking them as {_listed(order)}")
    for warning in look.solution.warnings:
        run.warn(warning)
    alignment = _alignment(run, frames, recipe, look.solution, order)
    return Placement(alignment, _gains(frames, recipe, look.thumbs, alignment))


def reuse_alignment(
    run: Run, frames: FrameSource, recipe: Recipe, plan: Plan, known: Alignment
) -> Placement:
    """Place frames as those of an earlier run were; only exposures are looked at.

    Raises
    ------
    AlignmentError
        If the alignment is for another number of frames, or for frames of another size.
    """
    _check_fits(known, frames)
    solution = align.Solution(
        known.reference_index,
        {i: t for i, t in enumerate(known.transforms) if t is not None},
        {r.index: f"the alignment leaves it out ({r.reason})" for r in known.rejected},
        known.model,
    )
    alignment = _alignment(run, frames, recipe, solution, known.order)
    thumbs = _thumbnails(run, frames, plan, alignment) if recipe.match_exposure else {}
    return Placement(alignment, _gains(frames, recipe, thumbs, alignment))


def _check_fits(known: Alignment, frames: FrameSource) -> None:
    info, count = frames.info(0), len(known.transforms)
    if count != len(frames):
        raise AlignmentError(
            f"the alignment is for {count} frames, but there are {len(frames)}",
            "give as many frames as were aligned, in the same order",
        )
    if known.size != (info.width, info.height):
        raise AlignmentError(
            f"the alignment is for frames of {known.size[0]}x{known.size[1]} pixels, "
            f"but {info.name} is {info.width}x{info.height}",
            "use it for frames of the same camera settings, or align anew",
        )


def _thumbnails(
    run: Run, frames: FrameSource, plan: Plan, alignment: Alignment
) -> dict[int, FloatImage]:
    kept, thumbs = alignment.kept, {}
    with run.step("align", len(kept)) as advance:
        reduced = ahead(lambda i: frames.read_reduced(i, plan.scale), kept, plan.read_ahead)
        for i, pixels in reduced:
            thumbs[i] = tone.thumbnail(pixels)
            advance()
    return thumbs


def _scales(solution: align.Solution, count: int) -> list[float | None]:
    placed = solution.transforms
    return [magnification(placed[i]) if i in placed else None for i in range(count)]


def _look_at_all(
    run: Run, frames: FrameSource, recipe: Recipe, plan: Plan, order: list[int]
) -> FirstLook:
    """One pass over the reduced frames."""
    assert recipe.align is not None
    assert recipe.reference is not None
    aligner = align.make_aligner(recipe.align, recipe.reference, len(frames), run.threads)
    thumbs: dict[int, FloatImage] = {}
    profiles: dict[int, align.Profile] = {}
    visits = aligner.visits(order)
    with run.step("align", len(visits)) as advance:
        reduced = ahead(lambda i: frames.read_reduced(i, plan.scale), visits, plan.read_ahead)
        for i, pixels in reduced:
            luma = luma_of(pixels)
            thumbs[i] = tone.thumbnail(pixels)
            profiles[i] = align.focus_profile(luma)
            aligner.add(i, luma)
            advance()
        seen = [profiles[i] for i in range(len(frames))]
        solution = _solve(aligner, plan.scale, seen, order)
    return FirstLook(solution, thumbs, seen)


def _solve(
    aligner: align.FrameAligner, scale: int, profiles: list[align.Profile], order: list[int]
) -> align.Solution:
    """All frames placed but those that are shaken, unless others hang on them."""
    solution = aligner.solve(scale, {})
    if order != sorted(order) or align.focus_order(profiles) is not None:
        return solution  # out of order, frames would only seem to be shaken
    placed = [i for i in order if i in solution.transforms]
    shaken = dict.fromkeys(align.shaken(profiles, placed), align.SHAKEN)
    without = aligner.solve(scale, shaken) if shaken else solution
    return without if without.reasons.keys() <= solution.reasons.keys() | shaken else solution


def _alignment(
    run: Run, frames: FrameSource, recipe: Recipe, solution: align.Solution, order: Sequence[int]
) -> Alignment:
    info = frames.info(0)
    rejected = tuple(
        Rejection(i, frames.info(i).name, reason) for i, reason in sorted(solution.reasons.items())
    )
    for r in rejected:
        run.warn(f"left out {r.name}: {r.reason}")
    if len(solution.transforms) < min(2, len(order)):
        raise AlignmentError(
            f"only {len(solution.transforms)} of {len(order)} frames could be aligned",
            "check that all frames show one scene, or try --align none",
        )
    canvas = (0, 0, info.width, info.height)
    if recipe.crop:
        canvas = align.common_rectangle(solution.transforms.values(), info.width, info.height)
        _warn_if_small(run, canvas, info.width * info.height)
    return Alignment(
        tuple(solution.transforms.get(i) for i in range(len(order))),
        solution.reference_index,
        canvas,
        rejected,
        tuple(order),
        solution.model,
        (info.width, info.height),
    )


def _warn_if_small(run: Run, canvas: tuple[int, int, int, int], area: int) -> None:
    share = canvas[2] * canvas[3] / area
    if share < SMALL_CROP:
        run.warn(f"only {share:.0%} of the picture is covered by all frames; see --keep-size")


def _gains(
    frames: FrameSource, recipe: Recipe, thumbs: dict[int, FloatImage], alignment: Alignment
) -> dict[int, tone.Gains]:
    info = frames.info(0)
    kept = {i: t for i, t in enumerate(alignment.transforms) if t is not None}
    if not recipe.match_exposure:
        return {i: np.ones(info.channels) for i in kept}
    return tone.estimate_gains(thumbs, kept, alignment.reference_index, info.width)


def listed_gains(placement: Placement, count: int) -> tuple[tuple[float, ...] | None, ...]:
    """Per frame and channel, None for rejected ones."""
    gains = (placement.gains.get(index) for index in range(count))
    return tuple(None if gain is None else tuple(map(float, gain)) for gain in gains)


def _listed(order: Sequence[int]) -> str:
    shown = ", ".join(str(i) for i in order[:12])
    return shown + (", ..." if len(order) > 12 else "")
