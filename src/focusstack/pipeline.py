"""The whole run, in order: read, align, tone, focus, fuse. Writing is up to the caller."""

from __future__ import annotations

from dataclasses import replace

from focusstack import stages
from focusstack.errors import RecipeError
from focusstack.events import Observer, RunFinished, RunStarted, ignore
from focusstack.execute import (
    CancelSignal,
    Run,
    current_bytes,
    default_threads,
    single_threaded_opencv,
    total_bytes,
)
from focusstack.plan import make_plan
from focusstack.recipe import Recipe
from focusstack.result import StackResult
from focusstack.steps.read import open_source


def stack(
    source: object,
    recipe: Recipe | None = None,
    *,
    observer: Observer = ignore,
    cancel: CancelSignal | None = None,
    threads: int | None = None,
    memory: int | None = None,
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
    Frames are read twice, at reduced size and whole, and whole once more for methods that need the
    depth first. Memory does not grow with their number.
    """
    recipe = (recipe or Recipe()).resolved()
    threads = default_threads() if threads is None else threads
    if threads < 1:
        raise RecipeError(f"threads is {threads}", "use 1 or more")
    run = Run(observer, cancel, threads)
    frames = open_source(source)
    info = stages.describe(run, frames, recipe)
    plan = make_plan(info, recipe, threads, memory, total_bytes(), current_bytes())
    run.tell(RunStarted(len(frames), info.width, info.height, plan.projected_bytes))
    with single_threaded_opencv():
        placement = stages.align_frames(run, frames, recipe, plan)
        noise = stages.measure_noise(run, frames, placement.alignment)
        fused = stages.fuse_frames(run, frames, recipe, plan, placement, noise)
    alignment = placement.alignment
    recipe = replace(recipe, reference=alignment.reference_index, align=alignment.model)
    names = tuple(frames.info(i).name for i in range(len(frames)))
    facts = stages.gather_facts(run, info, names, alignment)
    run.tell(RunFinished(facts))
    return StackResult(
        fused.image,
        fused.depth,
        alignment,
        recipe,
        tuple(run.warnings),
        facts,
        names=names,
        inputs=frames.paths,
        metadata=fused.metadata,
    )
