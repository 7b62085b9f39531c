"""The last hundredths of a pixel between two frames: Gauss-Newton on their fine detail."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack import kernels
from focusstack.model import FloatImage, Transform

ROUNDS = (2, 4)
SETTLED_PX = 0.003
BORDER = 5
WINDOW = 15
FAINT = 0.001
CELLS = 32
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
    found = None
    for rounds in ROUNDS:  # what the frames share shows only once they lie on each other
        found = _converge(fixed, moving, start, model, rounds)
        if found is None:
            return None
        start = found.moving_from_fixed
    return found


def _converge(
    fixed: FloatImage, moving: FloatImage, start: Transform, model: str, rounds: int
) -> Polished | None:
    """Gauss-Newton with the weights and the gradient that hold at the start."""
    height, width = fixed.shape
    units = _units(width, height)
    there = _warped(moving, start)
    trust = _trust(fixed, there) * _seen(start, width, height)
    slopes = _slopes(np.asarray((fixed + there) / 2, np.float32), trust, model)
    normal = (slopes @ slopes.T).astype(np.float64)
    if np.linalg.cond(normal) > 1e6:
        return None
    target, now = (fixed * trust).ravel(), (there * trust).ravel()
    matrix = start
    for _ in range(rounds):
        gain = _norm(now) / max(_norm(target), 1e-9)
        if gain == 0:
            return None
        left = target - now / np.float32(gain)
        step = np.asarray(np.linalg.solve(normal, slopes @ left), np.float64)
        matrix = matrix @ units @ _transform(step) @ np.linalg.inv(units)
        now = (_warped(moving, matrix) * trust).ravel()
        if np.abs(step).max() * units[0, 0] < SETTLED_PX:
            break
    likeness = float(target @ now) / (_norm(target) * max(_norm(now), 1e-9))
    return Polished(matrix, likeness, _moments(fixed, trust))


def _units(width: int, height: int) -> Transform:
    """From coordinates of about -1..1, in which all parameters weigh alike, to pixels."""
    half = max(width, height) / 2
    return np.array([[half, 0, (width - 1) / 2], [0, half, (height - 1) / 2], [0, 0, 1.0]])


def _seen(moving_from_fixed: Transform, width: int, height: int) -> FloatImage:
    """1 where both frames are seen, away from their borders; else 0."""
    import cv2

    inner = np.zeros((height, width), np.uint8)
    inner[BORDER : height - BORDER, BORDER : width - BORDER] = 1
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    there = cv2.warpAffine(inner, moving_from_fixed[:2], (width, height), flags=flags)
    return np.asarray(inner & there, np.float32)


def _trust(a: FloatImage, b: FloatImage) -> FloatImage:
    """Factor for each pixel's difference: evens out contrast, and counts less what is not alike.

    Both pictures get the same factor. Each evened out by itself, edges would move as they blur.
    """
    import cv2

    def mean(values: FloatImage) -> FloatImage:
        return np.asarray(cv2.blur(values, (WINDOW, WINDOW)))

    strong, other = mean(a * a), mean(b * b)
    alike = mean(a * b) / np.sqrt(strong * other + np.float32(FAINT**4))
    even = strong + other + np.float32(2 * FAINT**2)
    return np.asarray(np.sqrt(np.clip(alike, 0, 1) / even), np.float32)


def _warped(picture: FloatImage, there_from_here: Transform) -> FloatImage:
    """The picture resampled at exact positions: OpenCV's, rounded to 1/32 px, hold on to 0."""
    size = (picture.shape[1], picture.shape[0])
    return np.asarray(kernels.warp(picture[..., None], NO_TABLE, there_from_here, size)[0])


def _gradient(picture: FloatImage) -> tuple[FloatImage, FloatImage]:
    import cv2

    x = cv2.Sobel(picture, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    y = cv2.Sobel(picture, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    return np.asarray(x), np.asarray(y)


def _slopes(fixed: FloatImage, trust: FloatImage, model: str) -> npt.NDArray[np.float32]:
    """How each pixel changes with each parameter of the motion; float32 (parameters, pixels)."""
    height, width = fixed.shape
    half = max(width, height) / 2
    right, down = (slope * (trust * np.float32(half)) for slope in _gradient(fixed))
    xs = ((np.arange(width) - (width - 1) / 2) / half).astype(np.float32)[None, :]
    ys = ((np.arange(height) - (height - 1) / 2) / half).astype(np.float32)[:, None]
    if model == "affine":
        parts = [right, down, right * xs, right * ys, down * xs, down * ys]
    else:
        parts = [right, down, right * xs + down * ys, down * xs - right * ys]
    return np.stack([part.ravel() for part in parts])


def _transform(step: npt.NDArray[np.float64]) -> Transform:
    """The small motion that :func:`_slopes` has these parameters of."""
    if len(step) == 6:
        x, y, a, b, c, d = step
        return np.array([[1 + a, b, x], [c, 1 + d, y], [0, 0, 1]])
    x, y, grow, turn = step
    return np.array([[1 + grow, -turn, x], [turn, 1 + grow, y], [0, 0, 1]])


def _moments(fixed: FloatImage, trust: FloatImage) -> Transform:
    import cv2

    height, width = fixed.shape
    right, down = _gradient(fixed)
    weight = (right * right + down * down) * trust * trust
    cells = cv2.resize(weight, (CELLS, CELLS), interpolation=cv2.INTER_AREA).ravel()
    xs = ((np.arange(CELLS) + 0.5) * width / CELLS - 0.5)[None, :].repeat(CELLS, 0).ravel()
    ys = ((np.arange(CELLS) + 0.5) * height / CELLS - 0.5)[:, None].repeat(CELLS, 1).ravel()
    points = np.stack([xs, ys, np.ones_like(xs)])
    return np.asarray((points * cells) @ points.T / cells.sum(), np.float64)


def _norm(values: FloatImage) -> float:
    return float(np.sqrt(np.dot(values, values)))
