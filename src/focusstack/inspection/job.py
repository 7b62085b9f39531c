"""What stacking would take."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from focusstack.errors import MemoryLimitError
from focusstack.execute import current_bytes, total_bytes
from focusstack.inspection.report import Job
from focusstack.model import FrameInfo
from focusstack.places import file_of
from focusstack.plan import Plan, make_plan
from focusstack.recipe import Recipe
from focusstack.steps.read import FrameSource


def plan_look(info: FrameInfo, recipe: Recipe, threads: int) -> Plan:
    """How to carry out the first pass; an inspection needs less memory than stacking does."""
    return make_plan(info, recipe, threads, None, None)


def describe_job(frames: FrameSource, recipe: Recipe, threads: int, memory: int | None) -> Job:
    """Projected memory and amount of pixels; ``memory`` is what stacking may use, None: all."""
    info = frames.info(0)
    machine = total_bytes()
    try:
        plan = make_plan(info, recipe, threads, memory, machine, current_bytes())
        fits = True
    except MemoryLimitError:
        plan, fits = make_plan(info, recipe, 1, None, None), False
    pixels = info.width * info.height * len(frames)
    return Job(plan.projected_bytes, machine, fits, _file_bytes(frames.paths), pixels / 1e6)


def leaner(frames: FrameSource, recipe: Recipe, threads: int, memory: int | None) -> bool:
    """Whether stacking would fit with the pyramid alone, which needs the least memory."""
    lean = replace(recipe, method="pyramid", depth=False)
    return describe_job(frames, lean, threads, memory).fits


def _file_bytes(paths: tuple[Path, ...]) -> int:
    return sum(file.stat().st_size for file in set(map(file_of, paths)))
