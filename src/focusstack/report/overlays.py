"""Hatched regions over the picture: what is not to be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from focusstack.inspection.report import Mask
from focusstack.report.inline import Codes
from focusstack.report.look import Look
from focusstack.report.scale import reduced
from focusstack.result import StackResult

UNSURE = 0.5
"""Confidence below which the depth is more likely wrong than right."""
LOST = 0.8
"""Share of kept-back light above which a veil was not taken off (see StackResult.lost)."""
ORANGE, PURPLE, BLUE = (213, 94, 0), (204, 121, 167), (0, 114, 178)
"""Okabe & Ito 2008, as in the plots of an inspection."""
PERIOD, LINE = 10, 3


@dataclass(frozen=True)
class Overlay:
    """A region of the picture with its name, its meaning and its share of the picture."""

    key: str
    name: str
    meaning: str
    share: float
    pixels: Codes


def overlays(result: StackResult, look: Look, size: tuple[int, int]) -> list[Overlay]:
    """Every overlay for which there is a map, drawn at ``size`` (width, height)."""
    return [
        Overlay(key, name, meaning, float(mask.mean()), hatch(mask, colour, slant))
        for (key, name, meaning, mask), colour, slant in zip(
            _regions(result, look, size), (BLUE, ORANGE, PURPLE), (0, 1, -1), strict=False
        )
    ]


def _regions(
    result: StackResult, look: Look, size: tuple[int, int]
) -> Iterator[tuple[str, str, str, Mask]]:
    gaps = never_sharp(result, look, size)
    text = "it seems that no frame was focused here: it lies between two, or beyond an end"
    yield "gap", "Never in focus", text, gaps
    if result.confidence is not None:
        unsure = reduced(result.confidence, size) < UNSURE
        yield "unsure", "Depth uncertain", "the depth is more likely wrong than right", unsure
    if result.lost is not None:
        text = "blurred nearer things hid too much; what stands here is not known"
        yield "lost", "Veil left on", text, reduced(result.lost, size) > LOST


def never_sharp(result: StackResult, look: Look, size: tuple[int, int]) -> Mask:
    """Gaps and open ends on the canvas, as the inspection of the reference frame has them."""
    mask = np.zeros(size[::-1], bool)
    regions = [gap.region for gap in look.gaps] + [end.region for end in look.ends]
    for region in regions:
        mask |= on_canvas(region, look.cell, result.alignment.crop, size)
    return mask


def on_canvas(
    region: Mask, cell: int, crop: tuple[int, int, int, int], size: tuple[int, int]
) -> Mask:
    """Cells of the whole reference frame as pixels of the reduced canvas."""
    x, y, width, height = crop
    columns = (x + (np.arange(size[0]) + 0.5) * width / size[0]) // cell
    rows = (y + (np.arange(size[1]) + 0.5) * height / size[1]) // cell
    at = tuple(
        np.clip(places.astype(int), 0, count - 1)
        for places, count in zip((rows, columns), region.shape, strict=True)
    )
    return np.asarray(region[np.ix_(*at)])


def hatch(
    mask: Mask, colour: tuple[int, int, int], slant: int, at: tuple[int, int] = (0, 0)
) -> Codes:
    """Tint and lines, RGBA; each overlay has lines of its own direction.

    ``at`` is (x, y) of a part of a larger mask, whose lines go on in its other parts.
    """
    y, x = np.indices(mask.shape)
    x, y = x + at[0], y + at[1]
    line = ((x + slant * y if slant else y) % PERIOD) < LINE
    pixels = np.zeros((*mask.shape, 4), np.uint8)
    pixels[mask, :3] = colour
    pixels[..., 3] = np.where(mask, np.where(line, 230, 90), 0)
    return pixels
