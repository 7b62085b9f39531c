"""A picture with its depth, of which views are made a band of rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from focusstack.model import FloatImage, Pixels
from focusstack.surface.heights import Heights
from focusstack.surface.parallax import seen_from

_BAND = 64
_SMOOTH = 5
"""Side of the median that keeps single pixels from flying off, px."""


@dataclass(frozen=True)
class Scene:
    """What views are made of.

    Attributes
    ----------
    rows : callable
        Given the first row and the one after the last, uint8 (h, W, 3), sRGB.
    depth : float32 (H, W)
        Fractional frame, NaN = unknown; may be mapped from a file.
    ground : Heights
        The same, coarser: what unknown depth is filled with, and where the ends of the depth are.
    near_last : bool
        Whether the last frame is the nearest; else the first is.
    """

    rows: Callable[[int, int], Pixels]
    depth: FloatImage
    ground: Heights
    near_last: bool

    def views(self, eyes: Sequence[float], strength: float) -> Iterator[list[Pixels]]:
        """Bands of rows from the top, uint8 (h, W, 3), one for each eye.

        ``eyes`` are -1 (left) to 1 (right); between those two the nearest moves by ``strength`` of
        the width beside the farthest. Needs memory for a few bands of 64 rows.
        """
        height, width = self.depth.shape
        for top in range(0, height, _BAND):
            bottom = min(top + _BAND, height)
            pixels, near = self.rows(top, bottom), self._near(top, bottom)
            yield [seen_from(pixels, near, eye * strength * width / 2) for eye in eyes]

    def view(self, eye: float, strength: float) -> Pixels:
        """The whole picture as one eye sees it, uint8 (H, W, 3)."""
        return joined((one for (one,) in self.views([eye], strength)), *self.depth.shape)

    def _near(self, top: int, bottom: int) -> FloatImage:
        """Rows of nearness, float32 (h, W), 0 farthest, 1 nearest."""
        import cv2

        margin = _SMOOTH // 2
        first, last = max(0, top - margin), min(len(self.depth), bottom + margin)
        part = np.asarray(self.depth[first:last], np.float32)
        known = np.isfinite(part)
        if not known.all():
            part = np.where(known, part, self._ground(first, last, part.shape[1]))
        calm = cv2.medianBlur(np.ascontiguousarray(part), _SMOOTH)[top - first : bottom - first]
        low, high = self._ends
        share = np.asarray(np.clip((calm - low) / max(high - low, 1e-6), 0, 1), np.float32)
        return share if self.near_last else np.asarray(1 - share, np.float32)

    def _ground(self, first: int, last: int, width: int) -> FloatImage:
        step = self.ground.step
        rows, columns = np.arange(first, last) // step, np.arange(width) // step
        return np.asarray(self.ground.depth[rows[:, None], columns], np.float32)

    @cached_property
    def _ends(self) -> tuple[float, float]:
        """The depths that count as farthest and nearest; a few stray ones are beyond."""
        low, high = np.percentile(self.ground.depth, (0.5, 99.5))
        return float(low), float(high)


def joined(bands: Iterable[Pixels], height: int, width: int) -> Pixels:
    """Bands from the top, put together into uint8 (height, width, 3) as they come."""
    whole, top = np.empty((height, width, 3), np.uint8), 0
    for band in bands:
        whole[top : top + len(band)] = band
        top += len(band)
    return whole
