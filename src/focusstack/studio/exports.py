"""Results as files for other programs, in every format that the command line writes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from focusstack.errors import InputError
from focusstack.provenance import describe_picture, pack
from focusstack.retouch import as_document
from focusstack.retouched import AlignedSource
from focusstack.steps.read import SIDECAR, FileSource, read_provenance
from focusstack.steps.write import check_output, write_picture, write_sidecar
from focusstack.studio.project import Project
from focusstack.studio.versions import VersionViews

EXPORT_FORMATS = ("jpg", "png", "tif", "webp", "avif")
_NAME = re.compile(r"[\w][\w .()+-]{0,100}")


def export(
    project: Project,
    views: VersionViews,
    frames: Callable[[VersionViews], AlignedSource],
    said: Mapping[str, Any],
) -> dict[str, Any]:
    """Write a result into the project's ``exports``; a file that exists gets a number behind.

    ``said`` has ``format``, ``quality`` and ``name``; ``frames`` shows them whole, to paint from.

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
    path = free_path(project.home / "exports", name, extension)
    check_output(path, inputs=project.frames, overwrite=False, kind="picture")
    pixels, record = views.picture(frames(views)), read_provenance(views.folder / "picture.tif")
    strokes = views.retouch.visible
    if strokes:
        described = {"retouch": as_document(strokes), "picture": describe_picture(pixels)}
        record = record | described
    metadata = FileSource([views.folder / "picture.tif"]).read_metadata(0)
    packed = pack(record)
    warnings = write_picture(path, pixels, metadata, quality=quality, records=[packed])
    if not packed:
        write_sidecar(path.with_name(path.name + SIDECAR), record, overwrite=False)
        warnings = [*warnings, "the record is in a file of its own, beside the picture"]
    return {"name": path.name, "warnings": warnings, "command": command_of(project, path)}


def free_path(folder: Path, name: str, extension: str) -> Path:
    """Where nothing is yet: a number comes behind the name if need be."""
    path, k = folder / f"{name}.{extension}", 2
    while path.exists():
        path, k = folder / f"{name}-{k}.{extension}", k + 1
    return path


def command_of(project: Project, picture: Path) -> str:
    """What makes the same picture on the command line."""
    return shlex.join(["focusstack", "restack", str(picture), "--frames", str(project.folder)])
