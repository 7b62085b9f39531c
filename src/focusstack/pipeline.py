"""The whole run, in order: read, align, clean, tone, focus, fuse. Writing is up to the caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from focusstack import stages
from focusstack.errors import RecipeError
from focusstack.events import Observer, RunFinished, RunStarted, ignore
from focusstack.execute import (
    CancelSignal,
    Run,
    Workers,
    current_bytes,
    single_threaded_opencv,
    total_bytes,
    wanted_threads,
)
from focusstack.model import Alignment
from focusstack.places import absolute
from focusstack.plan import make_plan
from focusstack.recipe import Recipe
from focusstack.result import PathLike, StackResult
from focusstack.steps.read import (
    FrameSource,
    Wishes,
    one_profile,
    open_source,
    read_alignment,
    smaller,
)

PREVIEW_PIXELS = 2_000_000


def stack(
    source: object,
    recipe: Recipe | None = None,
    *,
    observer: Observer = ignore,
    cancel: CancelSignal | None = None,
    threads: int | None = None,
    memory: int | None = None,
    alignment: Alignment | PathLike | None = None,
    workers: Workers | None = None,
) -> StackResult:
    """Fuse the frames of one scene into one all-in-focus picture.

    Parameters
    ----------
    source : path, sequence of paths, sequence of arrays, or 4-D array
        A folder (its pictures in natural order), files and folders, or frames as uint8, uint16 or
        float32 (0..1) arrays (H, W), (H, W, 3) or (H, W, 4). All of one size, depth and colour.
    recipe : Recipe, optional
        Every setting that changes pixels; the default is ``Recipe()``.
    observer : callable, optional
        Told what happens, see :mod:`focusstack.events`; called in this thread.
    cancel : object with ``is_set()``, optional
        A ``threading.Event``, say. Once set, the run ends with Cancelled at the next frame.
    threads : int, optional
        Worker threads; the CPUs at hand by default. The result does not depend on it.
    memory : int, optional
        Bytes that must not be exceeded. Checked before the first frame is read.
    alignment : Alignment or path, optional
        Where the frames lie, from a result of an earlier run or a file that it wrote: this one's
        frames, of the same number and size, are placed likewise instead of being aligned anew.

    workers : Workers, optional
        Processes, here or on other machines, that fuse strips of the picture, for methods auto and
        pyramid; see :func:`focusstack.execute.dask.cluster`. They must find the files at the same
        paths. The result does not depend on them.

    Returns
    -------
    StackResult
        ``.image`` (H, W, C) in the frames' dtype, ``.depth`` float32 (H, W) in frame indices,
        ``.alignment``, ``.recipe``, ``.warnings``, ``.facts``, ``.save(path)``.

    Raises
    ------
    FocusstackError
        One of the tree in :mod:`focusstack.errors`; inputs are never changed.

    Notes
    -----
    Frames are read whole once and at reduced size once, if all reduced ones can be held without
    taking more memory than fusing does, or else up to three times; up to five are read whole once
    more, to find what is wrong with the sensor and how noisy it is. Few small frames are read once.
    Memory does not grow with their number, but for up to 64 MiB of such frames, and two bytes per
    pixel of the reduced grid, which gets coarser with them.
    """
    recipe, known = recipe or Recipe(), None
    if alignment is not None:
        known = alignment if isinstance(alignment, Alignment) else read_alignment(alignment)
        recipe = _as_aligned(recipe, known)
    recipe = recipe.resolved()
    threads = wanted_threads(threads)
    run = Run(observer, cancel, threads)
    frames = open_frames(source if workers is None else absolute(source), recipe, run.warn)
    if workers is not None:
        stages.check_spreads(recipe, frames.paths)
    info = stages.describe(run, frames, recipe)
    held, count = current_bytes(), len(frames)
    spread = workers is not None
    plan = make_plan(info, recipe, threads, memory, total_bytes(), held, count, spread)
    frames = stages.KeptFrames(frames, plan.finest, plan.keeps)
    run.tell(RunStarted(len(frames), info.width, info.height, plan.projected_bytes))
    with single_threaded_opencv():
        if known is None:
            placement = stages.align_frames(run, frames, recipe, plan)
        else:
            placement = stages.reuse_alignment(run, frames, recipe, plan, known)
        samples, found = stages.NoiseSamples(), placement.alignment
        cleaned = stages.clean_frames(run, frames, recipe, plan, found, samples)
        noise = stages.measure_noise(run, cleaned, found, samples)
        fused = stages.fuse_frames(run, cleaned, recipe, plan, placement, noise, workers)
    recipe = replace(recipe, reference=found.reference_index, align=found.model)
    names = tuple(frames.info(i).name for i in range(len(frames)))
    facts = stages.gather_facts(run, info, frames, found, cleaned.defects)
    run.tell(RunFinished(facts))
    return StackResult(
        fused.image,
        fused.depth,
        found,
        recipe,
        tuple(run.warnings),
        facts,
        names=names,
        inputs=frames.paths,
        metadata=fused.metadata,
        confidence=fused.confidence,
        sources=fused.sources,
        lost=fused.lost,
        gains=stages.listed_gains(placement, len(frames)),
        given_alignment=known is not None,
        defects=cleaned.defects,
    )


def open_frames(source: object, recipe: Recipe, warn: Callable[[str], None]) -> FrameSource:
    """The frames as a recipe wants them, in one colour space; a preview's are smaller."""
    wishes = Wishes(recipe.raw_highlights, recipe.raw_colour, recipe.raw_white)
    frames = one_profile(open_source(source, wishes), warn)
    return smaller(frames, PREVIEW_PIXELS) if recipe.preview and len(frames) else frames


def _as_aligned(recipe: Recipe, known: Alignment) -> Recipe:
    """The recipe with the reference and the model of an alignment, which it must not contradict."""
    count = len(known.transforms)
    named = {"first": 0, "middle": count // 2, "last": count - 1, "auto": None}
    reference = recipe.reference
    wanted = named[reference] if isinstance(reference, str) else reference
    if wanted not in (None, known.reference_index):
        raise RecipeError(
            f"reference is {reference}, but the alignment is to frame {known.reference_index}",
            "leave the reference out, or align anew",
        )
    if recipe.align not in (None, "auto", known.model):
        raise RecipeError(
            f"align is {recipe.align}, but the alignment is a {known.model} one",
            "leave it out, or align anew",
        )
    return replace(recipe, reference=known.reference_index, align=known.model)
