"""Is this a stack that can become one picture?"""

from __future__ import annotations

from focusstack.errors import InputError, RecipeError
from focusstack.execute import Run
from focusstack.model import FrameInfo
from focusstack.recipe import Recipe
from focusstack.steps.read import FrameSource, check_frames, left_out_pages

SMALLEST_SIDE = 8


def describe(run: Run, frames: FrameSource, recipe: Recipe) -> FrameInfo:
    """Look at all headers; refuse a stack that cannot become one picture."""
    infos = [frames.info(i) for i in range(len(frames))]
    check_frames(infos)
    info = infos[0]
    if min(info.width, info.height) < SMALLEST_SIDE:
        raise InputError(
            f"{info.name} is {info.width}x{info.height} pixels",
            f"frames must be at least {SMALLEST_SIDE}x{SMALLEST_SIDE}",
        )
    if isinstance(recipe.reference, int) and recipe.reference >= len(frames):
        raise RecipeError(
            f"reference is frame {recipe.reference}, but there are {len(frames)} frames",
            f"use 0 to {len(frames) - 1}",
        )
    for text in left_out_pages(frames.paths):
        run.warn(text)
    if any(i.has_alpha for i in infos):
        run.warn("the frames have an alpha channel, which is left out")
    return info
