"""3x3 transforms between pixel grids, named by what they map: ``a_from_c = a_from_b @ b_from_c``.

Points are (x, y) with pixel centres at integers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from focusstack.model import Transform

Points = npt.NDArray[np.float64]


def apply(transform: Transform, points: Points) -> Points:
    """Map points, float64 (N, 2)."""
    mapped = np.c_[points, np.ones(len(points))] @ transform.T
    return np.asarray(mapped[:, :2] / mapped[:, 2:], np.float64)


def shift(x: float, y: float) -> Transform:
    """Translation by (x, y) pixels."""
    return np.array([[1.0, 0, x], [0, 1, y], [0, 0, 1]])


def full_from_reduced(scale: float) -> Transform:
    """From a picture reduced by averaging areas of ``scale`` x ``scale`` pixels to the full one."""
    centre = (scale - 1) / 2
    return np.array([[scale, 0, centre], [0, scale, centre], [0, 0, 1.0]])


def at_full_size(reduced: Transform, scale: float) -> Transform:
    """The transform between two reduced frames, expressed between the full ones."""
    full = full_from_reduced(scale)
    return np.asarray(full @ reduced @ np.linalg.inv(full))


def grid(width: int, height: int, count: int = 9) -> Points:
    """``count`` x ``count`` points that span a frame, corners included; (count**2, 2)."""
    xs, ys = np.linspace(0, width - 1, count), np.linspace(0, height - 1, count)
    return np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2)


def displacement(a: Transform, b: Transform, width: int, height: int) -> npt.NDArray[np.float64]:
    """Distances in px between where ``a`` and ``b`` send a 9 x 9 grid over the frame."""
    points = grid(width, height)
    return np.asarray(np.hypot(*(apply(a, points) - apply(b, points)).T))


def magnification(transform: Transform) -> float:
    """Square root of the area change of a transform's affine part."""
    return float(np.sqrt(abs(np.linalg.det(transform[:2, :2] / transform[2, 2]))))
