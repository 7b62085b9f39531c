"""What a batch is going to do, as a file for people to edit."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Any

from focusstack.batch.groups import Found, Group
from focusstack.errors import InputError
from focusstack.recipe import Recipe
from focusstack.steps.write import atomic_file

FORMAT, VERSION = "focusstack-batch-plan", 1
_HEAD = f"""\
# The stacks of a batch. Edit this file, then give it to `focusstack batch` with --plan again:
# set wanted to true or false, move, add or remove frames, name the output, and write settings of
# the recipe that differ for one stack below it, as in
#     [stack.settings]
#     method = "pyramid"
format = "{FORMAT}"
version = {VERSION}
"""
_KEYS = ("name", "wanted", "frames", "output", "kind", "sure", "why", "settings")


def write_plan(path: Path, found: Found, *, overwrite: bool) -> None:
    """Write a plan; frames are named relative to the root.

    Raises
    ------
    OutputExists, OutputError
        Nothing was written then.
    """
    parts = [_HEAD, *(_as_toml(group, found.root) for group in found.groups)]
    parts += [f"# not a frame: {file}: {why}\n" for file, why in found.unusable]
    with atomic_file(path, overwrite) as temporary:
        temporary.write_text("\n".join(parts), encoding="utf-8")


def _as_toml(group: Group, root: Path) -> str:
    """JSON writes strings, numbers, true and false just as TOML does."""
    frames = [frame.relative_to(root).as_posix() for frame in group.frames]
    lines = [
        "[[stack]]",
        f"name = {json.dumps(group.name)}",
        f"wanted = {json.dumps(group.wanted)}",
        f"kind = {json.dumps(group.kind)}",
        f"sure = {group.sure:.2f}",
        f"why = {json.dumps(group.why)}",
        *([f"output = {json.dumps(group.output)}"] if group.output else []),
        "frames = [",
        *(f"    {json.dumps(name)}," for name in frames),
        "]",
    ]
    if group.settings:
        lines += ["[stack.settings]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in group.settings.items()]
    return "\n".join(lines) + "\n"


def read_plan(path: Path, root: Path) -> Found:
    """A plan back from a file.

    Raises
    ------
    InputError
        If it is no plan, of a newer version, or names something outside the root; the message
        names the file and the stack.
    RecipeError
        If a stack's settings are none.
    """
    document = _document(path)
    stacks = document.get("stack", [])
    if not isinstance(stacks, list) or not all(isinstance(one, dict) for one in stacks):
        raise InputError(f"{path}: stacks are not written as [[stack]]", "see how one begins")
    groups = tuple(_group(path, root, one, k) for k, one in enumerate(stacks, 1))
    names = [group.name.casefold() for group in groups]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{path}: two stacks are called {name}", "give each its own name")
    return Found(root, groups)


def _document(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist", "save a plan with --dry-run first") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as a plan: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is no TOML: {error}", "undo the last change to it") from error
    if document.get("format") != FORMAT:
        raise InputError(f"{path} is no plan of a batch", "save one with --dry-run")
    if document.get("version") != VERSION:
        raise InputError(
            f"{path} is of version {document.get('version')}, this focusstack reads {VERSION}",
            "update focusstack, or save a new plan",
        )
    return document


def _group(path: Path, root: Path, one: Mapping[str, Any], number: int) -> Group:
    name = one.get("name")
    where = f"{path}: stack {number}" + (f" ({name})" if isinstance(name, str) else "")
    for key in one:
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, 1)
            raise InputError(
                f"{where}: {key!r} is not known",
                f"did you mean {near[0]!r}?" if near else f"known: {', '.join(_KEYS)}",
            )
    if not isinstance(name, str) or not name:
        raise InputError(f"{where} has no name", 'write name = "..."')
    wanted, settings = one.get("wanted", True), one.get("settings", {})
    if not isinstance(wanted, bool) or not isinstance(settings, dict):
        raise InputError(f"{where}: wanted or settings make no sense", "wanted = true or false")
    Recipe.from_dict(settings)
    return Group(
        name,
        tuple(root / part for part in _inside(where, one.get("frames"), "frames")),
        str(one.get("kind", "stack")),
        float(one["sure"]) if isinstance(one.get("sure"), int | float) else 1.0,
        str(one.get("why", "")),
        wanted,
        settings,
        "".join(_inside(where, [one["output"]], "output")) if one.get("output") else "",
    )


def _inside(where: str, names: object, what: str) -> list[str]:
    """Relative paths that do not lead out of their folder."""
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise InputError(f"{where}: {what} must be names of files", f"see how {what} are written")
    for name in names:
        place = PurePosixPath(name)
        if place.is_absolute() or ".." in place.parts or "\0" in name or "\\" in name or not name:
            raise InputError(
                f"{where}: {name!r} leads to another folder", "name files below the root"
            )
    return names
