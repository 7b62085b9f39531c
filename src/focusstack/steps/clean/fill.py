"""Filling a few pixels in from those around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.colour import white
from focusstack.model import FloatImage, Pixels

Places = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]

EXACT = 1e-6

_NEAR = {(0, 0): 20, (0, 1): -8, (0, -1): -8, (1, 0): -8, (-1, 0): -8}
_FAR = {
    (0, 2): 1,
    (0, -2): 1,
    (2, 0): 1,
    (-2, 0): 1,
    (1, 1): 2,
    (1, -1): 2,
    (-1, 1): 2,
    (-1, -1): 2,
}
_BIHARMONIC = {**_NEAR, **_FAR}


@dataclass(frozen=True)
class Fill:
    """Bad pixels of some channels as weighted sums of good ones.

    Attributes
    ----------
    bad : int64 (n, 2), good : int64 (m, 2)
        (row, column)
    channels : int64 (c,)
    weights : float32 (n, m)
    """

    bad: Places
    good: Places
    channels: npt.NDArray[np.int64]
    weights: FloatImage

    def apply(self, pixels: Pixels) -> None:
        """Replace the bad pixels of a frame in place; never beyond the range of the good ones."""
        good = pixels[self.good[:, :1], self.good[:, 1:], self.channels].astype(np.float32)
        values = np.clip(self.weights @ good, good.min(axis=0), good.max(axis=0))
        if pixels.dtype.kind == "u":
            values = np.clip(values + 0.5, 0, white(pixels.dtype))
        pixels[self.bad[:, :1], self.bad[:, 1:], self.channels] = values.astype(pixels.dtype)


def make_fill(
    bad: Sequence[tuple[int, int]], channels: Sequence[int], height: int, width: int
) -> Fill | None:
    """The smoothest way over the bad pixels: the biharmonic equation, solved once per place.

    Parameters
    ----------
    bad : sequence of (row, column)
    channels : sequence of int
    height, width : of the frame; beyond its edge the nearest pixel counts

    Returns
    -------
    Fill or None
        None if there is no good pixel beside the bad ones.

    References
    ----------
    Smooth interpolation of scattered data by the biharmonic operator: Briggs 1974,
    doi:10.1190/1.1440410.
    """
    index = {place: k for k, place in enumerate(bad)}
    good: dict[tuple[int, int], int] = {}
    inner = np.zeros((len(bad), len(bad)))
    outer = np.zeros((len(bad), len(_BIHARMONIC) * len(bad)))
    for (y, x), row in index.items():
        for (dy, dx), weight in _BIHARMONIC.items():
            place = min(max(y + dy, 0), height - 1), min(max(x + dx, 0), width - 1)
            if place in index:
                inner[row, index[place]] += weight
            else:
                outer[row, good.setdefault(place, len(good))] += weight
    if not good:
        return None
    weights = -_solved(inner, outer[:, : len(good)])
    return Fill(
        np.array(bad, np.int64),
        np.array(list(good), np.int64),
        np.array(channels, np.int64),
        weights.astype(np.float32),
    )


def _solved(inner: Matrix, outer: Matrix) -> Matrix:
    """``inner`` x = ``outer``; least squares where that says too little."""
    try:
        solution = np.linalg.solve(inner, outer)
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(inner, outer, rcond=None)[0])
    if np.abs(inner @ solution - outer).max() < EXACT:
        return np.asarray(solution)
    return np.asarray(np.linalg.lstsq(inner, outer, rcond=None)[0])
