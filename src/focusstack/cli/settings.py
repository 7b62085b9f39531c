"""Settings of a recipe as people write them on the command line: NAME=VALUE."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from focusstack.errors import RecipeError
from focusstack.recipe import Recipe

SET: dict[str, Any] = {
    "multiple": True,
    "metavar": "NAME=VALUE",
    "help": "Change a setting of the recipe, such as method=pyramid.",
}


def changed(recipe: Mapping[str, Any], settings: Sequence[str]) -> Recipe:
    """A recipe of ``recipe``'s values, with ``settings`` laid over them.

    Raises
    ------
    RecipeError
        If one sets nothing, or something that does not exist.
    """
    values = dict(recipe)
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise RecipeError(f"--set {setting} sets nothing", "write --set NAME=VALUE")
        values[name.strip()] = _value(value.strip())
    return Recipe.from_dict(values)


def _value(text: str) -> Any:
    """A number, true or false, or else a word."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
