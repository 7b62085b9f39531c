"""A result's depth as the page turns it, and what is exported of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from focusstack.errors import InputError
from focusstack.events import Observer, StepAdvanced, StepStarted, ignore
from focusstack.model import FloatImage, Metadata, Pixels
from focusstack.result import StackResult
from focusstack.retouch import Painting
from focusstack.steps.write import check_output, write_animation, write_picture
from focusstack.studio.asked import within
from focusstack.studio.exports import EXPORTS, free_path, save_beside
from focusstack.studio.levels import level_count
from focusstack.studio.project import Project
from focusstack.studio.scale import read_scale
from focusstack.studio.shelf import Shelf
from focusstack.studio.versions import VersionViews
from focusstack.surface import Heights, Scale, Scene, anaglyph, heights, pair, rocking, section

TEXTURE_SIDE = 2048
SECTION_POINTS = 800
FORMATS = {
    "rocking": ("webp", "gif"),
    "pair": ("png",),
    "anaglyph": ("png",),
    "mesh": ("glb", "ply"),
}
PICTURES, SECONDS = 24, 0.08
"""Of a rocking animation: how many, and how long each is shown."""
SIDES = (480, 1920)
"""Least and most of its longer side, px."""


def _heights(folder: Path) -> Heights:
    return _heights_of(folder, (folder / "depth.npy").stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _heights_of(folder: Path, _made: int) -> Heights:
    """A result's heights; one that was made later may have the number of one that was deleted."""
    depth, confidence = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in _MAPS)
    return heights(depth, confidence)


_MAPS = ("depth", "confidence")


def described(views: VersionViews) -> dict[str, Any]:
    """The grid's size; one cell is ``step`` pixels wide."""
    made = _heights(views.folder)
    rows, columns = made.depth.shape
    return {"columns": columns, "rows": rows, "step": made.step}


def grid(views: VersionViews) -> bytes:
    """Depths, float32 little-endian, row by row, and then confidences, uint8: 255 is sure."""
    made = _heights(views.folder)
    sure = np.rint(np.clip(made.confidence, 0, 1) * 255).astype(np.uint8)
    return made.depth.astype("<f4").tobytes() + sure.tobytes()


def texture(views: VersionViews, painting: Painting | None) -> Pixels:
    """The picture, strokes and all, at most TEXTURE_SIDE px a side; uint8 (h, w, 3)."""
    level = _level(views, TEXTURE_SIDE)
    return views.rows(level, 0, -(-views.version.height >> level), painting)


def profile(views: VersionViews, ends: tuple[float, float, float, float]) -> dict[str, Any]:
    """Depth along a line from (x, y) to (x, y); None in gaps."""
    depth, confidence = (views.map(name) for name in _MAPS)
    found = section(depth, confidence, ends[:2], ends[2:], SECTION_POINTS)
    return {
        "distance": np.round(found.distance, 2).tolist(),
        "depth": [round(d, 3) if np.isfinite(d) else None for d in found.depth.tolist()],
        "confidence": np.round(found.confidence, 3).tolist(),
    }


@dataclass(frozen=True)
class Wish:
    """What was asked for; see :func:`export_view`."""

    kind: str
    extension: str
    strength: float
    side: int
    crossed: bool
    sure_only: bool


def check_view(_project: Project, views: VersionViews, said: Mapping[str, Any]) -> Wish:
    """What was asked for.

    Raises
    ------
    InputError
        If that cannot be.
    """
    kind, extension = _kind(said), said.get("format")
    if extension not in FORMATS[kind]:
        raise InputError(f"there is no {kind} as {extension}", f"use {', '.join(FORMATS[kind])}")
    _known_heights(views)
    return Wish(
        kind,
        extension,
        within(said.get("strength", 2), "strength", 0.1, 8) / 100,
        int(within(said.get("side", 1280), "side", *SIDES)),
        said.get("crossed") is True,
        said.get("sure_only") is True,
    )


def export_view(
    project: Project,
    views: VersionViews,
    shelf: Shelf,
    said: Mapping[str, Any],
    observer: Observer = ignore,
) -> dict[str, Any]:
    """Write an animation, a pair, an anaglyph or a mesh into the project's ``exports``.

    Parameters
    ----------
    said : mapping
        ``kind``, a key of FORMATS, and ``format``; ``strength``, by how many percent of the width
        the nearest moves beside the farthest from eye to eye; ``crossed`` for a pair; ``side`` of
        an animation, px; ``sure_only`` for a mesh.
    observer : callable
        Hears how far it is.

    Raises
    ------
    InputError, OutputError
        If it asks for what cannot be, or it cannot be written.
    """
    wish = check_view(project, views, said)
    name = f"{project.stem}-{views.version.number}-{wish.kind}"
    path = free_path(project.home / EXPORTS, name, wish.extension)
    scale = read_scale(project.home)
    if wish.kind == "mesh":
        return _export_mesh(project, views, shelf, wish, path, observer)
    if wish.kind == "rocking":
        check_output(path, inputs=project.frames, overwrite=False, kind="animation")
        scene = _small_scene(views, shelf.painting(views), scale, wish.side)
        pictures = rocking(scene, wish.strength, PICTURES)
        write_animation(path, counted(pictures, PICTURES, observer), SECONDS)
        return {"name": path.name}
    check_output(path, inputs=project.frames, overwrite=False, kind="picture")
    observer(StepStarted("view", 0))
    made = _for_two_eyes(_whole_scene(views, shelf.painting(views), scale), wish)
    observer(StepStarted("write", 0))
    write_picture(path, made, Metadata())
    return {"name": path.name}


def counted(pictures: Iterable[Pixels], total: int, observer: Observer) -> Iterator[Pixels]:
    """The same pictures; the observer hears of each."""
    observer(StepStarted("view", total))
    for k, one in enumerate(pictures, 1):
        observer(StepAdvanced("view", k, total))
        yield one
    observer(StepStarted("write", 0))


def _export_mesh(
    project: Project,
    views: VersionViews,
    shelf: Shelf,
    wish: Wish,
    path: Path,
    observer: Observer,
) -> dict[str, Any]:
    """As the command line does, whose words for it are told, too."""
    scale = read_scale(project.home)

    def save(result: StackResult) -> list[str]:
        """Write the mesh; there is nothing to warn of."""
        result.save_mesh(path, scale=scale, sure_only=wish.sure_only)
        return []

    lengths = {"--step-um": scale.step_um, "--pixel-um": scale.pixel_um}
    words = ["-o", f"{path.stem}.tif", "--mesh", path.name]
    words += [word for k, v in lengths.items() if v is not None for word in (k, f"{v:g}")]
    words += ["--nearest", "last"] if scale.near_last else []
    words += ["--sure-only"] if wish.sure_only else []
    _, command = save_beside(project, views, shelf, path, observer, save, words)
    return {"name": path.name, "command": command}


def _kind(said: Mapping[str, Any]) -> str:
    kind = said.get("kind")
    if not isinstance(kind, str) or kind not in FORMATS:
        raise InputError(f"there is no {kind}", f"use {', '.join(FORMATS)}")
    return kind


def _for_two_eyes(scene: Scene, wish: Wish) -> Pixels:
    if wish.kind == "anaglyph":
        return anaglyph(scene, wish.strength)
    return pair(scene, wish.strength, wish.crossed)


def _whole_scene(views: VersionViews, painting: Painting | None, scale: Scale) -> Scene:
    def rows(top: int, bottom: int) -> Pixels:
        return views.rows(0, top, bottom, painting)

    return Scene(rows, views.map("depth"), _known_heights(views), scale.near_last)


def _small_scene(views: VersionViews, painting: Painting | None, scale: Scale, side: int) -> Scene:
    """The same with ``side`` px on its longer side, or what it has, whichever is less."""
    import cv2

    width, height = views.version.width, views.version.height
    by = min(1.0, side / max(width, height))
    wanted = max(1, round(width * by)), max(1, round(height * by))
    level = _level(views, 2 * side - 1)
    whole = views.rows(level, 0, -(-height >> level), painting)
    small = cv2.resize(whole, wanted, interpolation=cv2.INTER_AREA).reshape(*wanted[::-1], -1)
    ground = _known_heights(views)
    depth = _small_depth(views.map("depth"), ground, wanted)
    return Scene(lambda top, bottom: small[top:bottom], depth, ground, scale.near_last)


def _small_depth(depth: FloatImage, ground: Heights, size: tuple[int, int]) -> FloatImage:
    """Single depths, float32 (h, w), of pixels at even distances, so that edges stay edges."""
    (high, wide), (width, height) = depth.shape, size
    rows = ((np.arange(height) + 0.5) * high / height).astype(int)
    columns = ((np.arange(width) + 0.5) * wide / width).astype(int)
    found = np.stack([depth[row][columns] for row in rows])
    around = ground.depth[(rows // ground.step)[:, None], columns // ground.step]
    return np.where(np.isfinite(found), found, around).astype(np.float32)


def _known_heights(views: VersionViews) -> Heights:
    made = _heights(views.folder)
    if not made.confidence.any():
        raise InputError("nothing is known of that result's depth", "stack more frames")
    return made


def _level(views: VersionViews, side: int) -> int:
    """The largest level whose longer side is at most ``side``, or the smallest that there is."""
    width, height = views.version.width, views.version.height
    last = level_count(width, height) - 1
    level = 0
    while level < last and -(-max(width, height) >> level) > side:
        level += 1
    return level
