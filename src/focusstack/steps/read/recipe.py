"""A recipe from a file."""

from __future__ import annotations

from pathlib import Path

from focusstack.errors import InputError, RecipeError
from focusstack.recipe import Recipe


def read_recipe(path: Path) -> Recipe:
    """The settings in a TOML file, or in a JSON file by its extension.

    Raises
    ------
    InputError
        If there is no such file, or it is no text.
    RecipeError
        If it holds anything but settings that are known here; the message names the file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist", "check the name of the recipe") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as a recipe: {error}") from error
    read = Recipe.from_json if path.suffix.lower() == ".json" else Recipe.from_toml
    try:
        return read(text)
    except RecipeError as error:
        raise RecipeError(f"{path}: {error.message}", error.hint) from error
