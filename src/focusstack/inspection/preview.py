"""A small picture of the scene, each part from the frames that have it sharp."""

from __future__ import annotations

import numpy as np

from focusstack.colour import eight_bits
from focusstack.inspection.grid import CellGrid
from focusstack.model import FloatImage, Pixels, Transform
from focusstack.transform import at_full_size

PREVIEW_SIDE = 1000
PICKING = 3
"""Exponent of the weights: energies relative to those of ordinary detail."""
ORDINARY = 1e-4


def thumbnail(pixels: Pixels, grid: CellGrid, reference_from_frame: Transform) -> Pixels:
    """A reduced frame where the reference frame's cells lie, at most 1000 px a side; uint8."""
    import cv2

    covered = grid.cut(pixels)
    height, width = covered.shape[:2]
    by = max(1.0, max(height, width) / PREVIEW_SIDE)
    size = max(1, round(width / by)), max(1, round(height / by))
    small = cv2.resize(eight_bits(covered), size, interpolation=cv2.INTER_AREA)
    move = at_full_size(reference_from_frame, 1 / (grid.scale * by))
    moved = cv2.warpPerspective(small, move, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved.reshape(size[1], size[0], pixels.shape[2]), np.uint8)


class Preview:
    """Running mean of thumbnails, weighted by how sharp each is."""

    def __init__(self) -> None:
        self._sums: FloatImage | None = None
        self._weights: FloatImage | None = None

    def add(self, thumb: Pixels, fine: FloatImage, coarse: FloatImage) -> None:
        """Add a frame with the energies of its cells in two bands, NaN where it has none."""
        import cv2

        energy = np.nan_to_num(np.sqrt(fine * coarse)) / ORDINARY
        weight = np.asarray((energy + 1e-3) ** PICKING, np.float32)
        size = thumb.shape[1], thumb.shape[0]
        weight = np.maximum(cv2.resize(weight, size, interpolation=cv2.INTER_LINEAR), 1e-12)
        if self._sums is None or self._weights is None:
            self._sums = np.zeros(thumb.shape, np.float32)
            self._weights = np.zeros(thumb.shape[:2], np.float32)
        self._sums += thumb * weight[..., np.newaxis]
        self._weights += weight

    def finish(self) -> Pixels:
        """The picture, uint8 (h, w, C)."""
        assert self._sums is not None
        assert self._weights is not None
        mean = self._sums / self._weights[..., np.newaxis]
        return np.asarray(np.rint(np.clip(mean, 0, 255)), np.uint8)
