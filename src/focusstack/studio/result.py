"""A result on disk as the value that a run gives back, strokes painted."""

from __future__ import annotations

import json
from typing import Any

from focusstack.errors import InputError
from focusstack.model import Metadata
from focusstack.pipeline import open_frames
from focusstack.provenance import describe_picture, origin_of, retouch_entries
from focusstack.recipe import Recipe
from focusstack.result import StackResult
from focusstack.retouch import as_document
from focusstack.steps.read import FileSource
from focusstack.studio.project import FACTS
from focusstack.studio.shelf import Shelf
from focusstack.studio.versions import VersionViews

RAW = "dng"


def result_of(views: VersionViews, shelf: Shelf) -> StackResult:
    """The result with its strokes, whole and in its own depth.

    Raises
    ------
    InputError
        If something that strokes copy from is gone, or the result is damaged.
    """
    strokes, record = views.retouch.visible, views.record
    copied, image = {}, views.fused()
    if strokes:
        own = record["frames"]
        others = shelf.copied(views, strokes)
        copied = {n: origin_of(other.record, own) for n, other in others.items()}
        image = views.picture(shelf.origins(views, strokes))
        described = retouch_entries(as_document(strokes), copied)
        record = record | described | {"picture": describe_picture(image)}
    paths = shelf.paths(views)
    made = StackResult(
        image,
        views.map_of("depth"),
        views.alignment,
        Recipe.from_dict(record["recipe"]),
        views.version.warnings,
        _facts(views),
        names=tuple(str(path) for path in paths),
        inputs=tuple(paths),
        metadata=FileSource([views.folder / "picture.tif"]).read_metadata(0),
        confidence=views.map_of("confidence"),
        sources=views.map_of("sources"),
        lost=views.map_of("lost"),
        gains=tuple(None if one is None else tuple(one) for one in views.gains),
        strokes=strokes,
        copied=copied,
        defects=views.defects,
    )
    vars(made)["provenance"] = record  # known: to hash all frames again would take long
    return made


def metadata_of(views: VersionViews, shelf: Shelf, extension: str) -> Metadata:
    """What the reference frame says; for a DNG also how it was developed."""
    if extension != RAW:
        return FileSource([views.folder / "picture.tif"]).read_metadata(0)
    recipe = Recipe.from_dict(views.record["recipe"])
    frames = open_frames(shelf.paths(views), recipe, lambda _said: None)
    return frames.read(views.alignment.reference_index).metadata


def _facts(views: VersionViews) -> dict[str, Any]:
    try:
        found = json.loads((views.folder / FACTS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return dict(views.version.facts)
    except (OSError, ValueError) as error:
        raise InputError(f"{views.folder / FACTS} is damaged", "stack again") from error
    return dict(found)
