"""Results as files for other programs, in every format that the command line writes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from focusstack.errors import InputError
from focusstack.model import Pixels
from focusstack.provenance import Record, describe_picture, origin_of, pack, retouch_entries
from focusstack.retouch import as_document
from focusstack.steps.read import SIDECAR, FileSource
from focusstack.steps.write import check_output, write_picture, write_sidecar
from focusstack.studio.project import Project
from focusstack.studio.shelf import Shelf
from focusstack.studio.versions import VersionViews

EXPORT_FORMATS = ("jpg", "png", "tif", "webp", "avif")
_NAME = re.compile(r"[\w][\w .()+-]{0,100}")


def export(
    project: Project,
    views: VersionViews,
    shelf: Shelf,
    said: Mapping[str, Any],
) -> dict[str, Any]:
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
    pixels, record = painted(views, shelf)
    metadata = FileSource([views.folder / "picture.tif"]).read_metadata(0)
    packed = pack(record)
    warnings = write_picture(path, pixels, metadata, quality=quality, records=[packed])
    if not packed:
        write_sidecar(path.with_name(path.name + SIDECAR), record, overwrite=False)
        warnings = [*warnings, "the record is in a file of its own, beside the picture"]
    return {"name": path.name, "warnings": warnings, "command": command_of(project, path)}


def painted(views: VersionViews, shelf: Shelf) -> tuple[Pixels, Record]:
    """The picture in its own depth with all strokes, and how it was made."""
    strokes = views.retouch.visible
    if not strokes:
        return views.fused(), views.record
    copied = shelf.copied(views, strokes)
    pixels = views.picture(shelf.origins(views, strokes))
    own = views.record["frames"]
    origins = {n: origin_of(other.record, own) for n, other in copied.items()}
    described = retouch_entries(as_document(strokes), origins)
    return pixels, views.record | described | {"picture": describe_picture(pixels)}


def _free(folder: Path, name: str, extension: str) -> Path:
    path, k = folder / f"{name}.{extension}", 2
    while path.exists():
        path, k = folder / f"{name}-{k}.{extension}", k + 1
    return path


def command_of(project: Project, picture: Path) -> str:
    """What makes the same picture on the command line."""
    return shlex.join(["focusstack", "restack", str(picture), "--frames", str(project.folder)])
