"""Names of results, from a template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from string import Formatter

from focusstack.batch.groups import Group
from focusstack.errors import RecipeError
from focusstack.places import file_of

FIELDS = ("stack", "first", "last", "method", "count", "number")
_UNSAFE = re.compile(r"[\x00-\x1f<>:\"/\\|?*#]")


def check_template(template: str) -> None:
    """Refuse a template that names no stack apart, or a field that does not exist.

    Raises
    ------
    RecipeError
    """
    try:
        fields = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
    except ValueError as error:
        raise RecipeError(f"the template {template!r} is broken: {error}", _HINT) from error
    for name in fields:
        if name not in FIELDS:
            raise RecipeError(f"the template {template!r} has no use for {{{name}}}", _HINT)
    if not {"stack", "first", "number"} & set(fields):
        raise RecipeError(f"{template!r} would give all stacks the same name", _HINT)
    if PurePosixPath(template).is_absolute() or ".." in PurePosixPath(template).parts:
        raise RecipeError(f"{template!r} leads out of the output folder", _HINT)


_HINT = f"make it of {', '.join('{' + name + '}' for name in FIELDS)}"


def result_names(
    groups: Sequence[Group], methods: Sequence[str], template: str, extension: str
) -> list[str]:
    """A name below the output folder for each group's fused image, all different.

    Those that a plan gives stay as they are; a name that is taken gets a number behind.
    """
    taken = {group.output.casefold() for group in groups if group.output}
    names = []
    for number, (group, method) in enumerate(zip(groups, methods, strict=True), 1):
        if group.output:
            names.append(group.output)
            continue
        plain = template.format(**_fields(group, method, number))
        name, k = f"{plain}{extension}", 2
        while name.casefold() in taken:
            name, k = f"{plain}-{k}{extension}", k + 1
        taken.add(name.casefold())
        names.append(name)
    return names


def _fields(group: Group, method: str, number: int) -> dict[str, str]:
    first, last = group.frames[0], group.frames[-1]
    values = {
        "stack": group.name,
        "first": _stem(first),
        "last": _stem(last),
        "method": method,
        "count": str(len(group.frames)),
        "number": f"{number:03d}",
    }
    return {name: _UNSAFE.sub("_", value) for name, value in values.items()}


def _stem(place: Path) -> str:
    """A frame's name; its page in a file of several."""
    file = file_of(place)
    return place.stem if file == place else place.name.rpartition("#")[2]
