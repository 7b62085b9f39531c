"""What is in a stack, found without stacking it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from focusstack import stages
from focusstack.events import Observer, ignore
from focusstack.execute import CancelSignal, Run, single_threaded_opencv, wanted_threads
from focusstack.inspection.advise import suggestions
from focusstack.inspection.frames import describe_frames
from focusstack.inspection.grid import make_grid
from focusstack.inspection.job import describe_job, leaner, plan_look
from focusstack.inspection.judge import Findings, judge
from focusstack.inspection.look import AllLooks, look_at_all
from focusstack.inspection.report import Job, StackReport
from focusstack.places import file_of
from focusstack.recipe import Recipe
from focusstack.stages.place import Placement
from focusstack.steps.read import FrameSource, one_profile, open_source


def inspect_stack(
    source: object,
    recipe: Recipe | None = None,
    *,
    observer: Observer = ignore,
    cancel: CancelSignal | None = None,
    threads: int | None = None,
    memory: int | None = None,
) -> StackReport:
    """Tell what is in a stack, without stacking it.

    Parameters
    ----------
    source, recipe, observer, cancel, threads
        As for :func:`focusstack.stack`; the recipe is what stacking is to be planned for.
    memory : int, optional
        Bytes that stacking may use; the report tells whether it would fit.

    Returns
    -------
    StackReport
        Per frame motion, sharpness and exposure; frames that are spoilt or come twice; gaps in
        focus; what stacking would take; suggestions.

    Raises
    ------
    FocusstackError
        As :func:`focusstack.stack` does for frames that cannot be stacked.

    Notes
    -----
    Frames are read twice, reduced: at most 1 MP to place them, at most 8 MP to judge sharpness.
    Takes half the time of stacking 12 MP frames, most of it to place them. Memory: up to 250 MB for
    focus curves, which are kept in larger cells the more frames there are, and about 100 bytes per
    pixel of the reduced frames at work.

    Focus gaps are judged by how steps compare with their neighbours, so steps that are too large
    throughout show in ``midway_contrast`` only, and the first and the last step are not judged.
    """
    recipe = (recipe or Recipe()).resolved()
    threads = wanted_threads(threads)
    run = Run(observer, cancel, threads)
    frames = one_profile(open_source(source), run.warn)
    info = stages.describe(run, frames, recipe)
    with single_threaded_opencv():
        placement = stages.align_frames(run, frames, recipe, plan_look(info, recipe, threads))
        grid = make_grid(info, len(placement.alignment.kept))
        looks = look_at_all(run, frames, placement, grid)
        findings = judge(looks, frames.paths, grid)
    job = describe_job(frames, recipe, threads, memory)
    report = _report(frames, recipe, placement, looks, findings, job, grid.scale, run)
    lean = job.fits or leaner(frames, recipe, threads, memory)
    return replace(report, suggestions=suggestions(report, lean))


def _report(
    frames: FrameSource,
    recipe: Recipe,
    placement: Placement,
    looks: AllLooks,
    findings: Findings,
    job: Job,
    scale: int,
    run: Run,
) -> StackReport:
    """Everything but the suggestions."""
    info, alignment = frames.info(0), placement.alignment
    reports = describe_frames(frames, placement, findings.fine, looks.brightness, findings.faults)
    return StackReport(
        frames=reports,
        width=info.width,
        height=info.height,
        bits=info.dtype.itemsize * 8,
        channels=info.channels,
        formats=_formats(frames),
        order=alignment.order,
        shuffled=alignment.order != tuple(range(len(frames))),
        reference_index=alignment.reference_index,
        model=alignment.model,
        crop=alignment.crop,
        recipe=recipe,
        repeats=findings.repeats,
        gaps=findings.gaps,
        gaps_judged=findings.gaps_judged,
        ends=findings.ends,
        midway_contrast=findings.midway_contrast,
        judged_scale=scale,
        job=job,
        suggestions=(),
        warnings=tuple(run.warnings),
        preview=looks.preview,
        detailed=findings.detailed,
    )


def _formats(frames: FrameSource) -> dict[str, int]:
    """How many frames there are of each kind of file; none of arrays."""
    return dict(Counter(file_of(path).suffix.lower().lstrip(".") for path in frames.paths))
