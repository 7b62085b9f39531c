"""The last hundredths of a pixel between two frames: Gauss-Newton on their fine detail."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack import kernels
from focusstack.kernels import motion
from focusstack.model import FloatImage, Transform

ROUNDS = (2, 4)
SETTLED_PX = 0.003
BORDER = 5
FAINT = 0.002
"""Linear light: detail fainter than that is rounding and JPEG, which stay put on the sensor."""
FINEST_SIGMA = 0.8
WINDOW = np.array([0.25, 0.5, 0.25])
"""In cells of 4 px: over how much of the picture likeness is judged."""
NO_TABLE = np.zeros((1, 0), np.float32)


@dataclass(frozen=True)
class Polished:
    """``moving_from_fixed``, the correlation it reaches, and where the detail lies.

    ``moments`` (3, 3) is the mean of [x y 1]^T [x y 1] over points of the fixed frame, each weighed
    by its squared gradient: where the motion is known, and where it is only inferred.
    """

    moving_from_fixed: Transform
    correlation: float
    moments: Transform


def polish(fixed: FloatImage, moving: FloatImage, start: Transform, model: str) -> Polished | None:
    """Refine ``moving_from_fixed`` until the squared difference of two pictures is least.

    Parameters
    ----------
    fixed, moving : float32 (H, W)
        Fine detail around 0; see :func:`focusstack.steps.align.sketch.fine_detail`.
    start : 3x3
        Right to about a pixel.
    model : {"similarity", "affine"}

    Returns
    -------
    Polished, or None if there is nothing to go by.

    Notes
    -----
    Precise to 0.005 px where neighbours in focus share detail. The mean gradient of both pictures
    at the start is used throughout: so each round costs little more than a warp, and neither frame
    is preferred. Cubic interpolation would cost more than a hundredth of a pixel, hence Lanczos.

    References
    ----------
    Baker & Matthews 2004, doi:10.1023/B:VISI.0000011205.11775.fd.
    """
    if min(fixed.shape) <= 2 * BORDER:
        return None
    found, there = None, warped(moving, start)
    for rounds in ROUNDS:  # what the frames share shows only once they lie on each other
        step = _converge(fixed, moving, there, start, model, rounds)
        if step is None:
            return None
        found, there = step
        start = found.moving_from_fixed
    return found


def _converge(
    fixed: FloatImage,
    moving: FloatImage,
    there: FloatImage,
    start: Transform,
    model: str,
    rounds: int,
) -> tuple[Polished, FloatImage] | None:
    """Gauss-Newton with the weights and the gradient that hold at the start.

    ``there`` is the moving picture as the start brings it onto the fixed one; it comes back with
    the motion that is found.
    """
    units, parts = _units(fixed.shape), PARTS[model]
    slopes = motion.make_slopes(fixed, there, _trust(fixed, there), start, BORDER)
    normal = parts @ _normal(slopes.normal) @ parts.T
    if not np.trace(normal) > 0 or np.linalg.cond(normal) > 1e6:
        return None
    target, now = slopes.project(fixed), slopes.project(there)
    matrix = start
    for _ in range(rounds):
        gain = _norm(now) / max(_norm(target), 1e-9)
        if gain == 0:
            return None
        step = np.linalg.solve(normal, parts @ (target[:6] - now[:6] / gain))
        matrix = matrix @ units @ _transform(step) @ np.linalg.inv(units)
        there = warped(moving, matrix)
        now = slopes.project(there)
        if np.abs(step).max() * units[0, 0] < SETTLED_PX:
            break
    likeness = float(now[7]) / max(_norm(target) * _norm(now), 1e-9)
    return Polished(matrix, likeness, _moments(slopes.energy, units)), there


def _units(shape: tuple[int, ...]) -> Transform:
    """From coordinates of about -1..1, in which all parameters weigh alike, to pixels."""
    height, width = shape
    half = max(width, height) / 2
    return np.array([[half, 0, (width - 1) / 2], [0, half, (height - 1) / 2], [0, 0, 1.0]])


def _trust(a: FloatImage, b: FloatImage) -> FloatImage:
    """Factor for each pixel's difference: evens out contrast, and counts more what is sharp alike.

    Both pictures get the same factor. Each evened out by itself, edges would move as they blur.
    What is out of focus on a slope moves as it blurs on, by more the further out of focus it is;
    so parts count by the share of their detail that is of the finest, as far as both have it.
    """
    strong, both, other = map(_gathered, motion.cell_products(a, b))
    alike = both / np.sqrt(strong * other + np.float32(FAINT**4))
    even = strong + other + np.float32(2 * FAINT**2)
    fine = 2 * _gathered(motion.cell_products(_finest(a), _finest(b))[1]) / even
    return np.asarray(np.sqrt(np.clip(alike, 0, 1) * np.clip(fine, 0, 1) / even), np.float32)


def _gathered(sums: FloatImage) -> FloatImage:
    """Means around each cell, of sums over cells."""
    import cv2

    smooth = cv2.sepFilter2D(sums, -1, WINDOW, WINDOW)
    return np.asarray(smooth / np.float32(motion.CELL**2), np.float32)


def _finest(picture: FloatImage) -> FloatImage:
    """What defocus by about a pixel takes away."""
    import cv2

    return np.asarray(picture - cv2.GaussianBlur(picture, (0, 0), FINEST_SIGMA), np.float32)


def warped(picture: FloatImage, there_from_here: Transform) -> FloatImage:
    """The picture resampled at exact positions: OpenCV's, rounded to 1/32 px, hold on to 0."""
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(kernels.warp(picture[..., None], NO_TABLE, there_from_here, size)[0])


PARTS = {
    "affine": np.eye(6)[[0, 3, 1, 2, 4, 5]],
    "similarity": np.array(
        [[1, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0], [0, 1, 0, 0, 0, 1], [0, 0, -1, 0, 1, 0.0]]
    ),
}
"""Parameters of a small motion in terms of right, right x, right y, down, down x, down y."""


def _normal(sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The normal matrix of those six."""
    rr, rd, dd = (_symmetric(part) for part in sums.reshape(3, 6))
    return np.block([[rr, rd], [rd, dd]])


def _symmetric(sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """[1 x y]^T [1 x y], of sums times 1, x, y, x^2, x y, y^2."""
    return sums[[[0, 1, 2], [1, 3, 4], [2, 4, 5]]]


def _transform(step: npt.NDArray[np.float64]) -> Transform:
    """The small motion that has these parameters."""
    if len(step) == 6:
        x, y, a, b, c, d = step
        return np.array([[1 + a, b, x], [c, 1 + d, y], [0, 0, 1]])
    x, y, grow, turn = step
    return np.array([[1 + grow, -turn, x], [turn, 1 + grow, y], [0, 0, 1]])


def _moments(energy: npt.NDArray[np.float64], units: Transform) -> Transform:
    there = np.roll(units, -1, axis=1)  # for points [1 x y]
    return np.asarray(there @ _symmetric(energy) @ there.T / max(energy[0], 1e-30), np.float64)


def _norm(sums: npt.NDArray[np.float64]) -> float:
    return float(np.sqrt(sums[6]))
