"""The settings of a run as a file."""

from __future__ import annotations

from pathlib import Path

from focusstack.recipe import Recipe
from focusstack.steps.write.atomic import atomic_file
from focusstack.steps.write.check import check_extension


def write_recipe(path: Path, recipe: Recipe, *, overwrite: bool) -> None:
    """Write every setting as TOML; ``path`` ends in ``.toml``.

    Raises
    ------
    OutputExists, UnknownFormat, OutputError
        Nothing was written then.
    """
    check_extension(path, "recipe")
    with atomic_file(path, overwrite) as temporary:
        temporary.write_text(recipe.to_toml(), encoding="utf-8")
