"""Which fusion methods there are: a new one is a file beside this one and a line here."""

from __future__ import annotations

from focusstack.errors import RecipeError
from focusstack.recipe import Recipe
from focusstack.steps.fuse import auto, average, depthmap, laplacian, pyramid, wavelet
from focusstack.steps.fuse.method import FusionContext, FusionMethod, MethodEntry
from focusstack.steps.fuse.select import Select

METHODS: dict[str, MethodEntry] = {
    "auto": auto.ENTRY,
    "pyramid": pyramid.ENTRY,
    "laplacian": laplacian.ENTRY,
    "wavelet": wavelet.ENTRY,
    "depthmap": depthmap.ENTRY,
    "average": average.ENTRY,
}


def make_method(recipe: Recipe, context: FusionContext) -> FusionMethod:
    """The method that a recipe names.

    Raises
    ------
    RecipeError
        If there is none of that name.
    ValueError
        If it needs the depth and the context has none.
    """
    entry = METHODS.get(recipe.method)
    if entry is None:
        raise RecipeError(f"method is {recipe.method!r}", f"use one of {', '.join(METHODS)}")
    selecting = recipe.select_only and entry.surveyed
    if (entry.needs_depth or selecting) and context.depth is None:
        raise ValueError(f"method {recipe.method} needs the depth")
    if selecting:
        assert context.depth is not None
        return Select(context.depth)
    return entry.make(recipe, context)
