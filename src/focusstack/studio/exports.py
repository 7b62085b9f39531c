"""Results as files for other programs, in every format that the command line writes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from focusstack.errors import InputError
from focusstack.provenance import pack
from focusstack.steps.read import open_source, read_provenance
from focusstack.steps.write import check_output, write_picture
from focusstack.studio.project import Project
from focusstack.studio.versions import VersionViews

EXPORT_FORMATS = ("jpg", "png", "tif", "webp", "avif")
_NAME = re.compile(r"[\w][\w .()+-]{0,100}")


def export(project: Project, views: VersionViews, said: Mapping[str, Any]) -> dict[str, Any]:
    """Write a result into the project's ``exports``; a file that exists gets a number behind.

    ``said`` has ``format``, ``quality`` and ``name``.

    Raises
    ------
    InputError, OutputError
        If it asks for what cannot be, or it cannot be written.
    """
    extension, quality, name = said.get("format"), said.get("quality", 95), said.get("name")
    name = name or f"{project.folder.name}-{views.version.number}"
    if extension not in EXPORT_FORMATS:
        raise InputError(f"there is no format {extension}", f"use {', '.join(EXPORT_FORMATS)}")
    if type(quality) is not int or not 1 <= quality <= 100:
        raise InputError("quality must be 1 to 100")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name for a file", "use letters, digits, spaces, - and _")
    path = _free(project.home / "exports", name, extension)
    check_output(path, inputs=project.frames, overwrite=False, kind="picture")
    frame = open_source(views.folder / "picture.tif").read(0)
    record = read_provenance(views.folder / "picture.tif")
    warnings = write_picture(
        path, frame.pixels, frame.metadata, quality=quality, records=[pack(record)]
    )
    return {"name": path.name, "warnings": warnings, "command": command_of(project, views)}


def _free(folder: Path, name: str, extension: str) -> Path:
    path, k = folder / f"{name}.{extension}", 2
    while path.exists():
        path, k = folder / f"{name}-{k}.{extension}", k + 1
    return path


def command_of(project: Project, views: VersionViews) -> str:
    """What makes the same picture on the command line."""
    picture = views.folder / "picture.tif"
    return shlex.join(["focusstack", "restack", str(picture), "--frames", str(project.folder)])
