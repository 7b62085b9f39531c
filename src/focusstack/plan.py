"""What a run will cost, worked out before the first frame is decoded."""

from __future__ import annotations

from dataclasses import dataclass, replace

from focusstack.errors import MemoryLimitError
from focusstack.model import FrameInfo
from focusstack.recipe import Recipe

BASE_BYTES = 180 << 20
"""Interpreter, libraries and their tables."""
LIBRARY_BYTES = 100 << 20
"""What loading the libraries adds to a process that holds other things already."""
SKETCH_PIXELS = 1_000_000
"""Alignment works on frames reduced to at most this size: finer ones cost more and gain nothing."""
MAX_SCALE = 8
MARGIN = 1.08


@dataclass(frozen=True)
class Plan:
    """How the run will be carried out, and the most memory it will take."""

    scale: int
    read_ahead: int
    projected_bytes: int


def make_plan(
    info: FrameInfo,
    recipe: Recipe,
    threads: int,
    memory: int | None,
    available: int | None,
    held: int = 0,
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

    Raises
    ------
    MemoryLimitError
        If nothing fits; the hint says what would.
    """
    scale = sketch_scale(info.width, info.height)
    limit = memory if memory is not None else available
    base = max(BASE_BYTES, held + LIBRARY_BYTES)
    for read_ahead in range(min(threads, 2), -1, -1):
        needed = base + projected_bytes(info, recipe, scale, read_ahead, threads)
        plan = Plan(scale, read_ahead, needed)
        if limit is None or plan.projected_bytes <= limit:
            return plan
    _refuse(info, recipe, plan, memory, limit or 0, base)
    raise AssertionError("unreachable")


def sketch_scale(width: int, height: int) -> int:
    """Power of two, 1..8, by which frames are reduced for alignment."""
    scale = 1
    while scale < MAX_SCALE and width * height > SKETCH_PIXELS * scale * scale:
        scale *= 2
    return scale


def projected_bytes(
    info: FrameInfo, recipe: Recipe, scale: int, read_ahead: int, threads: int
) -> int:
    """Upper bound of what a run adds to the process's memory, bytes."""
    pixels = info.width * info.height
    source = pixels * info.channels * info.dtype.itemsize
    frames = int((1.5 * read_ahead + 2) * source)  # waiting, in use, and half-decoded
    stages = (
        frames + _sketch_bytes(info, recipe, scale),
        frames + _clean_bytes(info, recipe, scale),
        frames + source * recipe.clean + _fuse_bytes(info, recipe, threads),
        _state_bytes(info, recipe) + source + pixels * 20 * recipe.depth,  # putting it together
        4 * source + pixels * 8 * recipe.depth,  # writing
    )
    return int(MARGIN * max(stages))


def _state_bytes(info: FrameInfo, recipe: Recipe) -> int:
    pixels = info.width * info.height
    if recipe.method == "pyramid":
        return pixels * 4 * (12 + 5 * info.channels) // 3
    return pixels * 4 * (1 + info.channels)


def _sketch_bytes(info: FrameInfo, recipe: Recipe, scale: int) -> int:
    """Reduced frames under comparison: five with their pyramids, or SIFT's scale space."""
    reduced = info.width * info.height // (scale * scale)
    return reduced * (200 if recipe.align == "homography" else 150)


def _clean_bytes(info: FrameInfo, recipe: Recipe, scale: int) -> int:
    """What stood out in all frames, one channel under comparison, twelve reduced frames."""
    if not recipe.clean:
        return 0
    pixels = info.width * info.height
    return pixels * (info.channels + 16) + pixels // (scale * scale) * 100


def _fuse_bytes(info: FrameInfo, recipe: Recipe, threads: int) -> int:
    pixels = info.width * info.height
    planar = pixels * info.channels * 4
    work = planar + (pixels * 2 if recipe.method == "pyramid" else 5 * pixels * 4)
    strips = threads * info.width * 4 * (160 if info.channels == 3 else 60)
    depth = pixels * 9 if recipe.depth else 0  # nine half-size maps
    masks = 0 if recipe.crop else pixels * 3
    return _state_bytes(info, recipe) + work + strips + depth + masks


def _refuse(
    info: FrameInfo, recipe: Recipe, least: Plan, memory: int | None, limit: int, base: int
) -> None:
    ways = []
    others = {"without --depth": replace(recipe, depth=False)} if recipe.depth else {}
    if recipe.method != "laplacian":
        others["with --method laplacian"] = replace(recipe, method="laplacian", depth=False)
    for name, other in others.items():
        needed = base + projected_bytes(info, other, least.scale, 0, 1)
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
