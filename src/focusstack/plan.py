"""What a run will cost, worked out before the first frame is decoded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

from focusstack.errors import MemoryLimitError
from focusstack.model import FrameInfo
from focusstack.recipe import Recipe
from focusstack.steps import fuse
from focusstack.steps.fuse.strips import Strip, even_rows, handed_bytes, handed_level
from focusstack.steps.read import reduction

BASE_BYTES = 150 << 20
"""Interpreter, libraries and their tables."""
LIBRARY_BYTES = 100 << 20
"""What loading the libraries adds to a process that holds other things already."""
SKETCH_PIXELS = 1_000_000
"""Alignment works on frames reduced to at most this size: finer ones cost more and gain nothing."""
SURVEY_PIXELS = 2_500_000
"""The depth is found on frames reduced to at most this size."""
VOLUME_BYTES = 160 << 20
"""Focus measures take one byte per pixel and frame; with many frames the grid gets coarser."""
SURVEY_BYTES, SCENE_BYTES = 220, 120
"""Per pixel of the reduced grid: while the depth is found, and while frames are fused."""
PARTS = 1, 2, 3, 4, 6, 8, 12
MARGIN = 1.08
GUIDE_BYTES = 8
LARGE_BYTES = 32 << 20
RETAINED_BYTES = 128 << 20
"""Of freed blocks, each below LARGE_BYTES, the C library may keep that much."""
KEPT_BYTES, KEPT_SHARE = 64 << 20, 0.1
"""Decoded frames are kept for the next pass where all of them take no more than this, or no more
than that share of the most memory that the run takes at any time, without adding to it."""
KEPT_PREVIEW_BYTES = 256 << 20
"""The same for previews, whose frames take long to be decoded for the little left of them."""


@dataclass(frozen=True)
class Plan:
    """How the run will be carried out, and the most memory it will take.

    ``finest`` is the least reduction that frames are read at before they are fused; ``keeps`` tells
    whether what was decoded so is kept. ``parts`` are strips that are fused one after the other,
    each of which has all frames read twice, but for the last.
    """

    scale: int
    read_ahead: int
    projected_bytes: int
    survey_scale: int = 1
    finest: int = 1
    keeps: bool = False
    parts: int = 1


def make_plan(
    info: FrameInfo,
    recipe: Recipe,
    threads: int,
    memory: int | None,
    available: int | None,
    held: int = 0,
    frames: int = 1,
    spread: bool = False,
) -> Plan:
    """Choose how to run within ``memory`` bytes (None: what the machine has).

    Parameters
    ----------
    info : of any frame, they are all alike
    recipe : resolved
    threads : that may be used
    memory : promise to keep, bytes; None for no promise
    available : memory of the machine, bytes; None if unknown
    held : memory that the process holds already, bytes
    frames : how many there are
    spread : whether others fuse them, in strips

    Raises
    ------
    MemoryLimitError
        If nothing fits; the hint says what would.
    """
    scale = sketch_scale(info.width, info.height)
    finest = _finest(info, recipe, frames)
    limit = memory if memory is not None else available
    base = max(BASE_BYTES, held + LIBRARY_BYTES)
    ahead = range(_most_ahead(info, threads), -1, -1)
    parts_allowed = _parts(info, recipe)[-1:] if spread else _parts(info, recipe)
    for parts, read_ahead, keeps in product(parts_allowed, ahead, (True, False)):
        how = info, recipe, scale, read_ahead, threads, frames
        if keeps and not _room_to_keep(finest, *how):
            continue
        needed = base + projected_bytes(*how, finest if keeps else 0, parts)
        plan = Plan(scale, read_ahead, needed, survey_scale(info, frames), finest, keeps, parts)
        if limit is None or plan.projected_bytes <= limit:
            return plan
    _refuse(info, recipe, plan, memory, limit or 0, base, frames)
    raise AssertionError("unreachable")


def _finest(info: FrameInfo, recipe: Recipe, frames: int) -> int:
    """The least reduction that frames are read at before they are fused; previews are small."""
    scale = sketch_scale(info.width, info.height)
    if recipe.preview:
        return 1
    return min(scale, survey_scale(info, frames)) if _surveyed(recipe) else scale


def _parts(info: FrameInfo, recipe: Recipe) -> tuple[int, ...]:
    """Into how many strips the picture may be split to be fused."""
    splits = fuse.METHODS[recipe.method].in_strips and not recipe.select_only
    return PARTS if splits and handed_level(_canvas(info), 1) else PARTS[:1]


def sketch_scale(width: int, height: int) -> int:
    """Power of two, 1..8, by which frames are reduced for alignment."""
    return reduction(width * height, SKETCH_PIXELS)


def survey_scale(info: FrameInfo, frames: int) -> int:
    """Power of two, 1..8, by which frames are reduced to find the depth."""
    return reduction(info.width * info.height, min(SURVEY_PIXELS, VOLUME_BYTES / frames))


def _most_ahead(info: FrameInfo, threads: int) -> int:
    """Decoded frames that may wait: one of the large ones keeps the threads as busy as two."""
    return min(threads, 1 if _source_bytes(info) > LARGE_BYTES else 2)


def _surveyed(recipe: Recipe) -> bool:
    return recipe.depth or fuse.METHODS[recipe.method].surveyed


def _room_to_keep(
    finest: int,
    info: FrameInfo,
    recipe: Recipe,
    scale: int,
    read_ahead: int,
    threads: int,
    frames: int,
) -> bool:
    """Whether all frames reduced by ``finest`` are little beside what the run takes anyway."""
    kept = _kept_bytes(info, finest, frames)
    how = info, recipe, scale, read_ahead, threads, frames
    most = projected_bytes(*how)
    beneath = kept <= KEPT_SHARE * most and projected_bytes(*how, finest) == most
    return beneath or kept <= (KEPT_PREVIEW_BYTES if recipe.preview else KEPT_BYTES)


def _kept_bytes(info: FrameInfo, kept: int, frames: int) -> int:
    return frames * _source_bytes(info) // kept**2 if kept else 0


def _source_bytes(info: FrameInfo) -> int:
    return info.width * info.height * info.channels * info.dtype.itemsize


def projected_bytes(
    info: FrameInfo,
    recipe: Recipe,
    scale: int,
    read_ahead: int,
    threads: int,
    frames: int = 1,
    kept: int = 0,
    parts: int = 1,
) -> int:
    """Upper bound of what a run adds to the process's memory, bytes."""
    pixels = info.width * info.height
    source = _source_bytes(info)
    fuse_held = source if recipe.clean and kept == 1 else 0  # a copy to be cleaned
    held = (read_ahead + 2) * source  # waiting, in use, and half-decoded
    cache = _kept_bytes(info, kept, frames)
    whole = cache if kept == 1 else 0
    stages = (
        held + cache + _sketch_bytes(info, recipe, scale),
        held + cache + _clean_bytes(info, recipe, scale),
        held + cache + (_survey_bytes(info, frames) if _surveyed(recipe) else 0),
        held + whole + fuse_held + _fuse_bytes(info, recipe, threads, frames, parts),
        whole + _finish_bytes(info, recipe, parts, frames) + source,
        whole
        + source
        + pixels * 20 * recipe.depth
        + min(RETAINED_BYTES, _finish_bytes(info, recipe, parts, frames)),
        whole + 4 * source + pixels * 8 * recipe.depth,  # writing
    )
    return int(MARGIN * max(stages))


def _canvas(info: FrameInfo) -> fuse.Canvas:
    """The largest that the canvas can be."""
    return fuse.Canvas(info.width, info.height, info.channels)


def _state_bytes(info: FrameInfo, recipe: Recipe, parts: int, frames: int) -> int:
    """The method's state, and the depth that it may need."""
    entry, canvas = fuse.METHODS[recipe.method], _canvas(info)
    if parts > 1:
        return _strip_bytes(info, parts, frames)
    guide = info.width * info.height * GUIDE_BYTES if entry.needs_depth else 0
    return entry.state_bytes(canvas) + guide


def _strip_bytes(info: FrameInfo, parts: int, frames: int) -> int:
    """A strip's state, and what all hand on of every frame, or then the picture out of them."""
    canvas = _canvas(info)
    level = handed_level(canvas, frames)
    strips = [Strip(canvas, rows, level) for rows in even_rows(canvas.height, parts, 1 << level)]
    handed = frames * handed_bytes(canvas, level)
    return max(s.state_bytes() for s in strips) + max(handed, _source_bytes(info))


def _finish_bytes(info: FrameInfo, recipe: Recipe, parts: int, frames: int) -> int:
    """Putting the picture together from the state."""
    entry = fuse.METHODS[recipe.method]
    return _state_bytes(info, recipe, parts, frames) + entry.finish_bytes(_canvas(info))


def _sketch_bytes(info: FrameInfo, recipe: Recipe, scale: int) -> int:
    """Reduced frames under comparison: five with their pyramids, or SIFT's scale space."""
    reduced = info.width * info.height // (scale * scale)
    return reduced * (200 if recipe.align == "homography" else 150)


def _clean_bytes(info: FrameInfo, recipe: Recipe, scale: int) -> int:
    """What stood out in all frames, an eight-bit copy of one, strips, twelve reduced frames."""
    if not recipe.clean:
        return 0
    pixels, copies = info.width * info.height, 1 + (info.dtype.itemsize > 1)
    return pixels * info.channels * copies + info.width * 600 * 16 + pixels // (scale * scale) * 100


def _survey_bytes(info: FrameInfo, frames: int) -> int:
    """Focus measures of all frames, and the maps beside them."""
    reduced = info.width * info.height // survey_scale(info, frames) ** 2
    glimpse = info.channels / 4  # per pixel and frame
    return int(reduced * (frames * (1 + glimpse) + SURVEY_BYTES))


def _fuse_bytes(info: FrameInfo, recipe: Recipe, threads: int, frames: int, parts: int) -> int:
    pixels = info.width * info.height
    entry = fuse.METHODS[recipe.method]
    planar = pixels * info.channels * 4 * (entry.whole_frames or recipe.select_only)
    work = entry.work_bytes(_canvas(info))
    strips = threads * info.width * 4 * (160 * info.channels + 80)
    masks = pixels * (1 + (0 if recipe.crop else 3))  # clipped values, coverage
    follow = 0
    if recipe.depth or entry.surveyed:
        reduced = pixels // survey_scale(info, frames) ** 2
        follow = reduced * SCENE_BYTES
    return _state_bytes(info, recipe, parts, frames) + planar + work + strips + follow + masks


def _refuse(
    info: FrameInfo,
    recipe: Recipe,
    least: Plan,
    memory: int | None,
    limit: int,
    base: int,
    frames: int,
) -> None:
    ways = []
    others = {"without --depth": replace(recipe, depth=False)} if recipe.depth else {}
    others["with --method pyramid"] = replace(recipe, method="pyramid", depth=False)
    for name, other in others.items():
        parts = _parts(info, other)[-1]
        needed = base + projected_bytes(info, other, least.scale, 0, 1, frames, parts=parts)
        if needed < least.projected_bytes:
            ways.append(f"{mebibytes(needed)} {name}")
    where = "--memory" if memory is not None else "this machine"
    also = f"; {', '.join(ways)}" if ways else ""
    raise MemoryLimitError(
        f"frames of {info.width}x{info.height} need {mebibytes(least.projected_bytes)}, "
        f"{where} allows {mebibytes(limit)}",
        f"would fit: --memory {least.projected_bytes // (1 << 20) + 1}M or more{also}",
    )


def mebibytes(count: int) -> str:
    """Bytes for people."""
    return f"{count / (1 << 20):,.0f} MiB"
