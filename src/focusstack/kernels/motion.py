"""Comparing two pictures of one scene, for Gauss-Newton; each call runs in the caller's thread.

Pictures are float32 (H, W), C-contiguous. Coordinates of slopes are (x - (W - 1) / 2) / half and
(y - (H - 1) / 2) / half with half = max(W, H) / 2, about -1..1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.kernels import _kernels  # type: ignore[attr-defined]

Picture = npt.NDArray[np.float32]
Sums = npt.NDArray[np.float64]

CELL = 4


def cell_products(a: Picture, b: Picture) -> npt.NDArray[np.float32]:
    """Sums of a a, a b and b b over cells of 4 x 4 pixels, float32 (3, H // 4, W // 4)."""
    height, width = a.shape
    out = np.empty((3, height // CELL, width // CELL), np.float32)
    _kernels.cell_products(a, b, out)
    return out


@dataclass(frozen=True)
class Slopes:
    """How every pixel changes with a small motion, weighed by how far it is trusted.

    Attributes
    ----------
    planes : float32 (4, H, padded)
        Slopes to the right and down, the fixed picture, the trust; all but the last times trust.
    normal : float64 (18,)
        Sums of right^2, right down and down^2, each times 1, x, y, x^2, x y, y^2.
    energy : float64 (6,)
        Sums of the fixed picture's squared gradient times trust^2, times the same.
    """

    planes: npt.NDArray[np.float32]
    normal: Sums
    energy: Sums

    def project(self, now: Picture) -> Sums:
        """What a picture has of each slope.

        Returns
        -------
        float64 (8,)
            With n = ``now`` times trust, sums of n right, n right x, n right y, n down, n down x,
            n down y, n^2, and n times the fixed picture times trust.
        """
        sums = np.empty(8)
        _kernels.project(self.planes, now, sums)
        return sums


def make_slopes(
    fixed: Picture,
    there: Picture,
    trust: npt.NDArray[np.float32],
    moving_from_fixed: npt.NDArray[np.float64],
    border: int,
) -> Slopes:
    """Slopes of the mean of two pictures.

    Parameters
    ----------
    fixed, there : float32 (H, W)
        The second is the other frame, brought onto the first's grid.
    trust : float32 (H // 4, W // 4)
        Factor on every pixel, at the centres of the cells of :func:`cell_products`; linear between.
    moving_from_fixed : float64 (3, 3), affine
        Where the first's pixels lie in the frame that ``there`` was made of.
    border : int
        Pixels nearer than that to either frame's border count for nothing.
    """
    height, width = fixed.shape
    planes = np.empty((4, height, -(-width // 8) * 8), np.float32)
    normal, energy = np.empty(18), np.empty(6)
    matrix = np.ascontiguousarray(moving_from_fixed, np.float64)
    _kernels.make_slopes(fixed, there, trust, matrix, border, planes, normal, energy)
    return Slopes(planes, normal, energy)


def correlation(a: Picture, b: Picture, margin: int = 0) -> float:
    """Of two pictures without a margin on all sides, -1..1; 0 where either is flat."""
    sums = np.empty(5)
    _kernels.correlate(a, b, margin, sums)
    count = (a.shape[0] - 2 * margin) * (a.shape[1] - 2 * margin)
    mean_a, mean_b, aa, ab, bb = sums / count
    spread = (aa - mean_a * mean_a) * (bb - mean_b * mean_b)
    return float((ab - mean_a * mean_b) / np.sqrt(spread)) if spread > 0 else 0.0
