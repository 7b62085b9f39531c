"""Results as files for other programs: every format and option that the command line has."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from focusstack.delivery import AS_IT_IS, Delivery
from focusstack.errors import InputError, RecipeError
from focusstack.events import Observer, StepStarted, ignore
from focusstack.places import RAW_EXTENSIONS
from focusstack.provenance import pack
from focusstack.result import StackResult
from focusstack.steps.read import SIDECAR
from focusstack.steps.write import check_output, write_picture, write_sidecar
from focusstack.studio.project import Project
from focusstack.studio.result import RAW, metadata_of, result_of
from focusstack.studio.shelf import Shelf
from focusstack.studio.versions import VersionViews

PICTURES = ("jpg", "png", "tif", "webp", "avif")
MORE = {"layers": ("tif", "-layers"), "report": ("html", "-report")}
"""What is no picture of its own: extension, and what its name ends with."""
EXPORTS = "exports"
"""The folder for them, in a project's."""
WITH_QUALITY = ("jpg", "webp", "avif")
_NAME = re.compile(r"[\w][\w .()+-]{0,100}")


@dataclass(frozen=True)
class Wish:
    """What was asked for."""

    format: str
    quality: int
    name: str
    delivery: Delivery


def export_formats(project: Project) -> list[str]:
    """What results of a project can be written as; DNG of RAW frames only."""
    suffixes = {path.suffix.lower() for path in project.frames}
    raw = bool(suffixes) and suffixes <= RAW_EXTENSIONS
    return [*PICTURES, *([RAW] if raw else []), *MORE]


def export(
    project: Project,
    views: VersionViews,
    shelf: Shelf,
    said: Mapping[str, Any],
    observer: Observer = ignore,
) -> dict[str, Any]:
    """Write a result into the project's ``exports``; a file that exists gets a number behind.

    ``said`` has ``format``, ``quality``, ``name``, ``resize``, ``colour`` and ``metadata``;
    ``observer`` hears how far it is.

    Raises
    ------
    InputError, OutputError, RecipeError
        If it asks for what cannot be, or it cannot be written.
    """
    wish = check_wish(project, views, said)
    extension, behind = MORE.get(wish.format, (wish.format, ""))
    path = free_path(project.home / EXPORTS, wish.name + behind, extension)
    if wish.format in MORE:
        return _export_more(project, views, shelf, wish, path, observer)
    check_output(path, inputs=project.frames, overwrite=False, kind="picture")
    result = painted(views, shelf, observer)
    observer(StepStarted("write", 0))
    height, width = result.image.shape[:2]
    record = result.provenance | wish.delivery.described(width, height)
    packed = "" if wish.delivery.metadata == "none" else pack(record)
    warnings = write_picture(
        path,
        result.image,
        metadata_of(views, shelf, wish.format),
        quality=wish.quality,
        records=[packed],
        delivery=wish.delivery,
    )
    if not packed:
        write_sidecar(path.with_name(path.name + SIDECAR), record, overwrite=False)
        warnings = [*warnings, "the record is in a file of its own, beside the picture"]
    return {"name": path.name, "warnings": warnings, "command": command_of(project, path, wish)}


def painted(views: VersionViews, shelf: Shelf, observer: Observer) -> StackResult:
    """A result with its strokes, as :func:`result_of`; the observer hears of it."""
    observer(StepStarted("paint" if views.retouch.visible else "open", 0))
    return result_of(views, shelf)


def check_wish(project: Project, views: VersionViews, said: Mapping[str, Any]) -> Wish:
    """What was asked for.

    Raises
    ------
    InputError, RecipeError
        If that cannot be.
    """
    extension, quality, name = said.get("format"), said.get("quality", 95), said.get("name")
    name = name or f"{project.stem}-{views.version.number}"
    formats = export_formats(project)
    if extension not in formats:
        raise InputError(f"there is no format {extension}", f"use {', '.join(formats)}")
    if type(quality) is not int or not 1 <= quality <= 100:
        raise InputError("quality must be 1 to 100")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name for a file", "use letters, digits, spaces, - and _")
    given = {k: said[k] for k in ("resize", "colour", "metadata") if said.get(k) is not None}
    if not all(isinstance(value, str) for value in given.values()):
        raise InputError("resize, colour and metadata must be text")
    delivery = Delivery(**given)
    delivery.size_of(views.version.width, views.version.height)
    if extension == RAW and delivery.colour != "keep":
        raise RecipeError("a .dng keeps its colour space", "export a .tif")
    if extension in MORE and delivery != AS_IT_IS:
        raise RecipeError(f"the {extension} is written as it is", "keep size, colours and metadata")
    return Wish(extension, quality, name, delivery)


def _export_more(
    project: Project,
    views: VersionViews,
    shelf: Shelf,
    wish: Wish,
    path: Path,
    observer: Observer,
) -> dict[str, Any]:
    """The layered TIFF or the report, with the strokes in the picture that they show."""

    def save(result: StackResult) -> list[str]:
        """Write what was wished for; warnings."""
        if wish.format == "layers":
            from focusstack.layers import save_layers

            return save_layers(result, path)
        from focusstack.report import save_report

        save_report(result, path, title=wish.name, observer=observer)
        return []

    words = ["-o", f"{wish.name}.tif", f"--{wish.format}", path.name]
    warnings, command = save_beside(project, views, shelf, path, observer, save, words)
    return {"name": path.name, "warnings": warnings, "command": command}


def save_beside(
    project: Project,
    views: VersionViews,
    shelf: Shelf,
    path: Path,
    observer: Observer,
    save: Callable[[StackResult], list[str]],
    words: list[str],
) -> tuple[list[str], str]:
    """Save what goes beside a picture; warnings, and the command with these words that does it."""
    result = painted(views, shelf, observer)
    observer(StepStarted("write", 0))
    warnings = save(result)
    return warnings, command_with(project, record_of(views, result, path), words)


def record_of(views: VersionViews, result: StackResult, path: Path) -> Path:
    """What a file without a record of its own can be made again from; beside it if need be."""
    if not result.strokes:
        return views.folder / "picture.tif"
    record = path.with_name(path.name + SIDECAR)
    write_sidecar(record, result.provenance, overwrite=False)
    return record


def free_path(folder: Path, name: str, extension: str) -> Path:
    """Where nothing is yet: a number comes behind the name if need be."""
    path, k = folder / f"{name}.{extension}", 2
    while path.exists():
        path, k = folder / f"{name}-{k}.{extension}", k + 1
    return path


def command_of(project: Project, picture: Path, wish: Wish) -> str:
    """What makes the same file on the command line."""
    quality = wish.format in WITH_QUALITY and wish.quality != 95
    words = ["--quality", str(wish.quality)] if quality else []
    return command_with(project, picture, [*words, *wish.delivery.arguments])


def command_with(project: Project, record: Path, words: list[str]) -> str:
    """What makes a result again from its record, with these words at the end."""
    start = ["focusstack", "restack", str(record), "--frames", str(project.folder)]
    return shlex.join([*start, *words])
