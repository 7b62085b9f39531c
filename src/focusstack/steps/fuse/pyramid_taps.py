"""How much each place of a Laplacian pyramid bears on one pixel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Effect = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Vector]
_BINOMIAL = np.array([1, 4, 6, 4, 1]) / 16


def effects(shapes: Sequence[tuple[int, int]], x: int, y: int) -> list[Effect]:
    """What a bright pixel gives back to itself through each place of each level.

    Parameters
    ----------
    shapes : (height, width) of each level, finest first; the last is not a band but the base
    x, y : int
        Column and row of the pixel.

    Returns
    -------
    list of (rows (h,), columns (w,), effect (h, w))
        Per level the few places that reach the pixel: their coefficient if the picture is 1 there
        and 0 elsewhere, times what it adds to the pixel. Sums to 1 over all levels.

    Notes
    -----
    Everything is separable, so vectors of the sides' length suffice.
    """
    down, across = ([shape[axis] for shape in shapes] for axis in (0, 1))
    vertical, horizontal = _axis(down, y), _axis(across, x)
    return [_level(v, h) for v, h in zip(vertical, horizontal, strict=True)]


_Axis = tuple[Vector, Vector, Vector]


def _axis(sizes: Sequence[int], at: int) -> list[_Axis]:
    """Per level: the spot blurred to it, the next level expanded to it, and its reach to the spot.

    Nothing is expanded to the last level.
    """
    spot = np.zeros(sizes[0])
    spot[at] = 1
    reach, levels = spot, []
    for size, coarse in zip(sizes, (*sizes[1:], 0), strict=True):
        if not coarse:
            levels.append((spot, np.zeros(size), reach))
            break
        blurred, taps = _down(spot), _expansion(size, coarse)
        expanded = sum((w * blurred[k] for k, w in taps), np.zeros(size))
        levels.append((spot, expanded, reach))
        back = np.zeros(coarse)
        for k, w in taps:
            np.add.at(back, k, w * reach)
        spot, reach = blurred, back
    return levels


def _level(vertical: _Axis, horizontal: _Axis) -> Effect:
    rows, columns = (np.flatnonzero(axis[2]) for axis in (vertical, horizontal))
    (spot_v, low_v, reach_v), (spot_h, low_h, reach_h) = (
        [part[at] for part in axis] for axis, at in ((vertical, rows), (horizontal, columns))
    )
    band = np.outer(spot_v, spot_h) - np.outer(low_v, low_h)
    return rows, columns, band * np.outer(reach_v, reach_h)


def _down(fine: Vector) -> Vector:
    """Blurred, then every second one; the border mirrors without repeating the edge."""
    period = max(1, 2 * (len(fine) - 1))
    total = np.zeros((len(fine) + 1) // 2)
    for offset, weight in zip(range(-2, 3), _BINOMIAL, strict=True):
        at = np.mod(np.arange(0, len(fine), 2) + offset, period)
        total += weight * fine[np.minimum(at, period - at) if len(fine) > 1 else 0 * at]
    return total


def _expansion(fine: int, coarse: int) -> list[tuple[npt.NDArray[np.intp], Vector]]:
    """Three taps: index on the coarse grid and weight for each place of the fine one."""
    here, odd = np.arange(fine) // 2, np.arange(fine) % 2 == 1
    weights = (np.where(odd, 0, 1 / 8), np.where(odd, 1 / 2, 6 / 8), np.where(odd, 1 / 2, 1 / 8))
    return [
        (np.clip(here + step, 0, coarse - 1), weight)
        for step, weight in zip((-1, 0, 1), weights, strict=True)
    ]
