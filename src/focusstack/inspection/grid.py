"""The cells in which sharpness is judged: squares of the whole reference frame."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from focusstack.inspection.report import Mask
from focusstack.model import FloatImage, FrameInfo, Pixels, Transform
from focusstack.steps.read import reduction
from focusstack.transform import at_full_size

JUDGED_PIXELS = 8_000_000
"""Sharpness is judged on frames reduced to at most this size."""
SAMPLES = 4_000_000
"""Cells times frames: what is held in memory for each of four bands, as float32."""
SMALLEST_CELL = 8


@dataclass(frozen=True)
class CellGrid:
    """``rows`` x ``columns`` cells of ``2 * half`` px of frames reduced to 1/scale."""

    scale: int
    half: int
    rows: int
    columns: int

    @property
    def cell(self) -> int:
        """Side of a cell in px of the full frame."""
        return 2 * self.half * self.scale

    def onto_reference(self, energy: FloatImage, reference_from_frame: Transform) -> FloatImage:
        """Means over the reference frame's cells of what one frame holds, float32 (rows, columns).

        Parameters
        ----------
        energy : float32 (h, w)
            Of any pyramid level of the reduced frame.
        reference_from_frame : 3x3
            Between full-size frames.

        Returns
        -------
        float32 (rows, columns); NaN where the frame does not cover a cell.
        """
        import cv2

        halves = 2 * self.columns, 2 * self.rows
        small = cv2.resize(energy, halves, interpolation=cv2.INTER_AREA)
        move = at_full_size(reference_from_frame, 1 / (self.half * self.scale))
        moved = cv2.warpPerspective(
            small,
            move,
            halves,
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(float("nan"),),
        )
        blocks = moved.reshape(self.rows, 2, self.columns, 2)
        return np.asarray(blocks.mean(axis=(1, 3)), np.float32)

    def cut(self, plane: Pixels) -> Pixels:
        """The part of a reduced frame that the cells cover."""
        return plane[: self.rows * 2 * self.half, : self.columns * 2 * self.half]

    def box(self, mask: Mask) -> tuple[int, int, int, int]:
        """(x, y, width, height) around the True cells, px of the full reference frame."""
        if not mask.any():
            return 0, 0, 0, 0
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        y, x = int(rows[0]), int(columns[0])
        height, width = int(rows[-1]) - y + 1, int(columns[-1]) - x + 1
        return x * self.cell, y * self.cell, width * self.cell, height * self.cell


def make_grid(info: FrameInfo, count: int, pixels: int = JUDGED_PIXELS) -> CellGrid:
    """Cells as small as ``count`` frames allow, on frames that are not reduced more than needed."""
    scale = reduction(info.width * info.height, pixels)
    width, height = math.ceil(info.width / scale), math.ceil(info.height / scale)
    wanted = max(SMALLEST_CELL, math.sqrt(width * height * count / SAMPLES))
    half = max(1, min(math.ceil(wanted / 2), min(width, height) // 2))
    return CellGrid(scale, half, height // (2 * half), width // (2 * half))


def tidy(region: Mask) -> Mask:
    """Without cells that stand nearly alone, with cells that are nearly surrounded."""
    import cv2

    whole = region.astype(np.float32)
    around = cv2.boxFilter(whole, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return np.asarray((region & (around > 3.5)) | (around > 5.5))
