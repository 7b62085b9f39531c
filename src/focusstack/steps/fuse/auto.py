"""The default: the pyramid, kept to the frames around the depth, on frames freed of veils."""

from __future__ import annotations

from focusstack.recipe import Recipe
from focusstack.steps.fuse.method import FusionContext, MethodEntry
from focusstack.steps.fuse.pyramid import ENTRY as PYRAMID
from focusstack.steps.fuse.pyramid import Pyramid


def _make(recipe: Recipe, context: FusionContext) -> Pyramid:
    return Pyramid(recipe.sharpness, context.noise, context.threads)


ENTRY = MethodEntry(
    _make,
    PYRAMID.state_bytes,
    PYRAMID.work_bytes,
    PYRAMID.finish_bytes,
    whole_frames=False,
    unveiled=True,
    in_strips=True,
)
