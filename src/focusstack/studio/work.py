"""A run in a process of its own, so that the page never waits and a crash takes nothing along."""

from __future__ import annotations

import json
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from focusstack.errors import InputError
from focusstack.pipeline import PREVIEW_PIXELS, stack
from focusstack.recipe import Recipe
from focusstack.result import StackResult
from focusstack.steps.read import open_source
from focusstack.steps.write import write_sidecar
from focusstack.studio.defects import write_defects
from focusstack.studio.levels import write_levels
from focusstack.studio.project import FACTS, FEWEST, PREVIEW, Project, Version
from focusstack.studio.telling import Teller, ends_told

LARGE = 3 * PREVIEW_PIXELS
"""Pixels of frames that are worth a preview of their own, px."""


@dataclass(frozen=True)
class Task:
    """What is to be stacked, and where the result goes; nothing that cannot be sent.

    With ``preview_first`` a preview of large frames takes the result's place until that is there.
    """

    number: int
    frames: tuple[Path, ...]
    recipe: Recipe
    folder: Path
    preview_first: bool = False


def next_task(project: Project, recipe: Recipe, preview_first: bool = False) -> Task:
    """The project's next result: of the frames that are chosen, with the reference that is.

    Raises
    ------
    InputError
        If these are no stack.
    """
    number = project.next_number()
    frames = tuple(project.chosen_frames())
    if len(frames) < FEWEST:
        raise InputError("a stack needs two frames", "add more")
    folder = project.version_folder(number)
    return Task(number, frames, project.recipe(recipe), folder, preview_first)


def carry_out(task: Task, news: Any, cancel: Any) -> None:
    """Stack and save; tell ``news`` (a queue) how it goes, in dictionaries.

    The last of them has the state ``done``, ``failed`` or ``cancelled``. One with ``preview`` says
    that a preview is there.
    """
    with ends_told(news, task.frames[0].parent):
        if task.preview_first and _are_large(task):
            _make(replace(task, recipe=replace(task.recipe, preview=True)), news, cancel)
            news.put({"state": "working", "preview": True})
        _make(task, news, cancel)
        news.put({"state": "done", "number": task.number})


def _are_large(task: Task) -> bool:
    """Whether a preview is there much sooner than the result."""
    frame = open_source(task.frames[:1]).info(0)
    return not task.recipe.preview and frame.width * frame.height > LARGE


def _make(task: Task, news: Any, cancel: Any) -> None:
    """Stack, and put the result where it belongs when it is whole."""
    scratch = task.folder.with_name(f".{task.folder.name}")
    try:
        started = time.monotonic()
        result = stack(task.frames, task.recipe, observer=Teller(news), cancel=cancel)
        news.put({"state": "working", "step": "save", "done": 0, "total": 1})
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        _save(result, scratch)
        _describe(task, result, scratch, time.monotonic() - started)
        _put_in_place(scratch, task.folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _put_in_place(made: Path, folder: Path) -> None:
    """Where there is a preview, it goes; what is cut off between is cleared away later."""
    before = folder.with_name(f".{folder.name}{PREVIEW}")
    with suppress(FileNotFoundError):
        folder.rename(before)
    made.rename(folder)
    shutil.rmtree(before, ignore_errors=True)


def _save(result: StackResult, folder: Path) -> None:
    """The picture in its own depth, its maps, and what the page shows of it."""
    result.save(folder / "picture.tif", compression="none")
    write_sidecar(folder / "picture.tif.focusstack.json", result.provenance, overwrite=True)
    write_levels(folder, result.image, result.metadata.icc)
    result.save_alignment(folder / "alignment.json")
    write_defects(folder, result.defects)
    text = json.dumps(dict(result.facts), default=str)
    (folder / FACTS).write_text(text + "\n", encoding="utf-8")
    for name in ("depth", "confidence", "sources", "lost"):
        values = getattr(result, name)
        if values is not None:
            np.save(folder / f"{name}.npy", values)


def _describe(task: Task, result: StackResult, folder: Path, seconds: float) -> None:
    height, width = result.image.shape[:2]
    wanted = ("frames", "used", "drift_px", "breathing_percent", "reference_name", "rejected")
    version = Version(
        task.number,
        result.recipe.method,
        result.recipe.preview,
        width,
        height,
        round(seconds, 2),
        datetime.now().astimezone().isoformat(timespec="seconds"),
        tuple(path.name for path in task.frames),
        result.warnings,
        result.depth is not None,
        {name: result.facts[name] for name in wanted},
    )
    text = json.dumps(asdict(version), indent=1)
    (folder / "version.json").write_text(text + "\n", encoding="utf-8")
