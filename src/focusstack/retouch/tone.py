"""How much lighter or darker the picture is than what is painted on it, smooth over the canvas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.retouch.brush import Region, reach
from focusstack.retouch.strokes import Stroke

LEAST_RIM = 4.0
"""Px; a harder brush has no rim in which tone could follow."""
BLUR_PER_RIM = 0.5
SAMPLES_PER_BLUR = 4
_MARGIN = 3.0
Picture = Callable[[Region], FloatImage]
"""A region of a picture: float32 (h, w, C), 0..1."""


@dataclass(frozen=True)
class Tone:
    """Low frequencies of a difference, on a grid over the reach of a stroke.

    Attributes
    ----------
    region : Region
        Of the grid.
    values : float32 (h, w, C)
    """

    region: Region
    values: FloatImage

    def at(self, region: Region) -> FloatImage:
        """The difference in a region, float32 (h, w, C): linear between samples, flat beyond."""
        down = _places(region.y, region.height, region.step, self.region.y, self.region)
        across = _places(region.x, region.width, region.step, self.region.x, self.region)
        rows = _between(self.values, down)
        return _between(rows.transpose(1, 0, 2), across).transpose(1, 0, 2)


def rim(stroke: Stroke) -> float:
    """Width of what is soft of a brush, px."""
    return (1 - stroke.hardness) * stroke.size / 2


def has_tone(stroke: Stroke) -> bool:
    """Whether tone follows the picture's in its rim."""
    return stroke.matched and not stroke.erases and rim(stroke) >= LEAST_RIM


def tone_of(stroke: Stroke, size: tuple[int, int], below: Picture, source: Picture) -> Tone:
    """What is below a stroke less what it paints, blurred by half the width of its rim.

    Parameters
    ----------
    stroke : Stroke
    size : (width, height) of the canvas
    below, source : callable
        The picture that is painted on, and what is painted.

    Notes
    -----
    Found on a grid that depends on the stroke alone, so that every part of a picture sees the same.
    """
    import cv2

    sigma = BLUR_PER_RIM * rim(stroke)
    step = 1 << max(0, int(np.log2(sigma / SAMPLES_PER_BLUR)))
    region = _grid(stroke, size, _MARGIN * sigma, step)
    apart = below(region) - source(region)
    blurred = cv2.GaussianBlur(apart, (0, 0), sigma / step, borderType=cv2.BORDER_REFLECT)
    return Tone(region, np.asarray(blurred, np.float32).reshape(apart.shape))


def mixed(covered: FloatImage) -> tuple[FloatImage, FloatImage]:
    """Coverage of detail, and the share of tone that goes with it, from the coverage at once.

    Detail comes in over the outer half of the rim and tone, the product of the two, over all of
    it, as without matching. Both are 1 where the brush covers in full.
    """
    outer = covered < 0.5
    detail = np.where(outer, 4 * covered * (1 - covered), 1).astype(np.float32)
    share = np.where(outer, 1 / (4 * np.maximum(1 - covered, 0.5)), covered).astype(np.float32)
    return detail, share


def _grid(stroke: Stroke, size: tuple[int, int], margin: float, step: int) -> Region:
    left, top, right, bottom = reach(stroke)
    x, wide = _span(left - margin, right + margin, size[0], step)
    y, high = _span(top - margin, bottom + margin, size[1], step)
    return Region(x, y, wide, high, step)


def _span(low: float, high: float, side: int, step: int) -> tuple[int, int]:
    """First place and number of samples, on the canvas and one at least."""
    first = int(np.clip(low // step, 0, (side - 1) // step))
    last = int(np.clip(-(-high // step), first + 1, -(-side // step)))
    return first * step, last - first


def _places(
    start: int, count: int, step: int, grid_start: int, grid: Region
) -> npt.NDArray[np.float32]:
    """Where samples of a region lie among those of a grid."""
    at = start + np.arange(count) * step + (step - 1) / 2
    return np.asarray((at - grid_start - (grid.step - 1) / 2) / grid.step, np.float32)


def _between(values: FloatImage, at: npt.NDArray[np.float32]) -> FloatImage:
    """Rows of values at fractional places."""
    at = np.clip(at, 0, len(values) - 1)
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, len(values) - 1)
    share = (at - low).astype(np.float32)[:, None, None]
    return np.asarray(values[low] * (1 - share) + values[high] * share, np.float32)
