"""A picture at all sizes that a viewer asks for: 8 bits, sRGB, in files that are read in parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from focusstack.colour import eight_bits
from focusstack.model import FloatImage, Pixels
from focusstack.retouch import Picture, Region, picture_of
from focusstack.steps.read import area_average, to_srgb

TILE = 512
"""Side of what is sent at a time, px."""


def level_count(width: int, height: int) -> int:
    """How often a picture is halved until one tile holds it, plus one."""
    count = 1
    while max(width, height) > TILE:
        width, height, count = -(-width // 2), -(-height // 2), count + 1
    return count


def levels_of(pixels: Pixels, icc: bytes) -> list[Pixels]:
    """uint8 (h, w, 3), the whole picture first, each half the size of the one before."""
    shown = to_srgb(eight_bits(pixels), icc)
    if shown.shape[2] == 1:
        shown = np.repeat(shown, 3, axis=2)
    levels = [np.ascontiguousarray(shown)]
    for _ in range(level_count(shown.shape[1], shown.shape[0]) - 1):
        levels.append(area_average(levels[-1], 2))
    return levels


def write_levels(folder: Path, pixels: Pixels, icc: bytes) -> None:
    """Write them as ``level-0.npy`` and so on."""
    for k, level in enumerate(levels_of(pixels, icc)):
        np.save(folder / f"level-{k}.npy", level)


def read_level(folder: Path, level: int) -> Pixels:
    """A level, of which only what is used is read."""
    found: Pixels = np.load(folder / f"level-{level}.npy", mmap_mode="r")
    return found


def shown_picture(folder: Path, count: int) -> Picture:
    """What the page shows of a result with ``count`` levels, in regions of any power of two."""

    def part(region: Region) -> FloatImage:
        """A region, from the level that is as coarse."""
        level = min(region.step.bit_length(), count) - 1
        by = 1 << level
        where = Region(
            region.x // by, region.y // by, region.width, region.height, region.step // by
        )
        return picture_of(read_level(folder, level))(where)

    return part
