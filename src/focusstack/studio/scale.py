"""The scale of a project's frames, on disk."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from focusstack.errors import InputError
from focusstack.steps.write import atomic_file
from focusstack.studio.asked import within
from focusstack.surface.scale import LEAST_UM, MOST_UM, Scale

FORMAT, VERSION = "focusstack-scale", 1
NAME = "scale.json"
_lock = threading.Lock()


def read_scale(home: Path) -> Scale:
    """The project's scale; one that says nothing if there is none or it is damaged."""
    try:
        said = json.loads((home / NAME).read_text(encoding="utf-8"))
        if (said["format"], said["version"]) != (FORMAT, VERSION):
            return Scale()
        return scale_of(said["scale"])
    except (OSError, ValueError, TypeError, KeyError, InputError):
        return Scale()


def change_scale(home: Path, said: Mapping[str, Any]) -> Scale:
    """Keep what is said, on disk before this returns; of the rest, what was kept before.

    Raises
    ------
    InputError
        If a length is no number or cannot be.
    """
    with _lock:
        scale = scale_of(asdict(read_scale(home)) | dict(said))
        home.mkdir(parents=True, exist_ok=True)
        document = {"format": FORMAT, "version": VERSION, "scale": asdict(scale)}
        with atomic_file(home / NAME, overwrite=True) as temporary:
            temporary.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return scale


def scale_of(said: Mapping[str, Any]) -> Scale:
    """A scale of what names it.

    Raises
    ------
    InputError
        If a length is no number or cannot be.
    """
    step_um, pixel_um = (
        None if said.get(name) is None else within(said[name], name, LEAST_UM, MOST_UM)
        for name in ("step_um", "pixel_um")
    )
    near_last = said.get("near_last", False)
    if not isinstance(near_last, bool):
        raise InputError("near_last must be true or false")
    return Scale(step_um, pixel_um, near_last)
