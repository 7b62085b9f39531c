"""Regions of a result that are not to be trusted, from the maps that are kept with it."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from focusstack.events import ignore
from focusstack.execute import Run, wanted_threads
from focusstack.model import Pixels
from focusstack.pipeline import open_frames
from focusstack.recipe import Recipe
from focusstack.report.look import look_again
from focusstack.report.overlays import (
    BLUE,
    LOST,
    ORANGE,
    PURPLE,
    UNSURE,
    hatch,
    never_sharp,
)
from focusstack.result import StackResult
from focusstack.steps.read import mapped_picture, read_alignment, read_provenance
from focusstack.steps.write import atomic_file
from focusstack.studio.inspecting import GENTLE
from focusstack.studio.levels import TILE
from focusstack.studio.telling import ends_told

_FILES = {"halo": "lost.npy", "gap": "gap.npy", "unsure": "confidence.npy"}
_LOOKS = {"halo": (PURPLE, -1), "gap": (BLUE, 0), "unsure": (ORANGE, 1)}
REGIONS = tuple(_FILES)


def known_regions(folder: Path) -> list[str]:
    """Those that there is a map for."""
    return [name for name, file in _FILES.items() if (folder / file).is_file()]


def region_tile(folder: Path, name: str, level: int, column: int, row: int) -> Pixels:
    """Part of a region as lines of its own direction, uint8 (h, w, 4).

    Raises
    ------
    FileNotFoundError
        If there is no map for it.
    """
    y, x = row * TILE, column * TILE
    values = _map(folder, name)[:: 1 << level, :: 1 << level][y : y + TILE, x : x + TILE]
    colour, slant = _LOOKS[name]
    return hatch(_within(name, np.asarray(values)), colour, slant, (x, y))


def region_shares(folder: Path) -> dict[str, float]:
    """How much of the picture each known region covers, 0..1."""
    return {
        name: round(float(_within(name, np.asarray(_map(folder, name))).mean()), 5)
        for name in known_regions(folder)
    }


def _map(folder: Path, name: str) -> Any:
    return np.load(folder / _FILES[name], mmap_mode="r")


def _within(name: str, values: Any) -> Any:
    if name == "halo":
        return values > LOST
    return values > 0 if name == "gap" else values < UNSURE


@dataclass(frozen=True)
class Gaps:
    """The result whose gaps in focus are to be found, and its frames."""

    folder: Path
    frames: tuple[Path, ...]


def find_gaps(task: Gaps, news: Any, _cancel: Any) -> None:
    """Look at a result's frames where it placed them, and keep where none of them is sharp."""
    with suppress(OSError, AttributeError):
        os.nice(GENTLE)
    with ends_told(news):
        picture = task.folder / "picture.tif"
        record = read_provenance(picture)
        recipe = Recipe.from_dict(record["recipe"])
        alignment = read_alignment(task.folder / "alignment.json")
        pixels = np.atleast_3d(mapped_picture(picture))
        gains = tuple(None if one is None else tuple(one) for one in record.get("gains", ()))
        result = StackResult(pixels, None, alignment, recipe, gains=gains)
        frames = open_frames(task.frames, recipe, lambda _said: None)
        run = Run(ignore, None, max(1, wanted_threads(None) // 2))
        look = look_again(result, frames, run)
        mask = never_sharp(result, look, (pixels.shape[1], pixels.shape[0]))
        path = task.folder / _FILES["gap"]
        with atomic_file(path, overwrite=True) as temporary, temporary.open("wb") as file:
            np.save(file, mask)
        news.put({"state": "done"})
