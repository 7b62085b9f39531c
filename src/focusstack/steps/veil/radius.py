"""How fast defocus grows along the stack, fitted to the frames: no lens data needed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.steps.veil.disk import disk_blur
from focusstack.steps.veil.model import BlurModel

LADDER = (0.0, 0.4, 0.7, 1.0, 1.4, 1.9, 2.5, 3.3, 4.4)
"""Radii, px, at which the fused picture is blurred to see what that does to its detail."""
TEXTURED = 40.0
"""Energy, in units of the noise, above which a pixel tells how blurred it is."""
CLEAR_PX = 10
SAMPLES = 60_000
LEAST_PIXELS = 150
FARTHEST = 8
LEAST_ROWS = 6

Energy = Callable[[FloatImage], FloatImage]


def fit_blur(
    depth: FloatImage,
    picture: FloatImage,
    energy: Energy,
    frame_energy: Callable[[int], FloatImage],
    frames: int,
) -> BlurModel:
    """Fit the growth of defocus from how the detail of flat-lying places fades.

    Parameters
    ----------
    depth : float32 (H, W)
    picture : float32 (C, H, W), 0..1, all in focus
    energy : from a planar picture to the energy of its detail, float32 (H, W), in noise units
    frame_energy : from a position to the energies of that frame, the same way
    frames : int

    Returns
    -------
    BlurModel
        With growth 0 when there is too little texture to tell.

    Notes
    -----
    The picture is blurred by a ladder of disks; in each depth range the share of detail that a
    frame has left is looked up in the share that each disk leaves. Least squares over all ranges
    and frames, once more without rows that are more than 30 % off.
    """
    rungs = [energy(_blurred(picture, radius)) for radius in LADDER]
    where = _samples(depth, rungs[0])
    middle = (frames - 1) / 2
    depths = depth.ravel()[where]
    shares = np.stack([rung.ravel()[where] for rung in rungs])
    rows = []
    for k in range(frames):
        seen = frame_energy(k).ravel()[where]
        rows += _rows(k, depths, shares, seen)
    return _least_squares(np.array(rows, np.float64).reshape(-1, 3), middle)


def _blurred(picture: FloatImage, radius: float) -> FloatImage:
    return np.stack([disk_blur(plane, radius) for plane in picture])


def _samples(depth: FloatImage, detail: FloatImage) -> npt.NDArray[np.intp]:
    """Flat indices of textured pixels well away from steps in depth."""
    import cv2

    square = np.ones((2 * CLEAR_PX + 1,) * 2, np.uint8)
    flat = cv2.dilate(depth, square) - cv2.erode(depth, square) <= 1.0
    found = np.flatnonzero(flat & (detail > TEXTURED))
    return found[:: max(1, len(found) // SAMPLES)]


def _rows(
    k: int, depths: FloatImage, shares: FloatImage, seen: FloatImage
) -> list[tuple[float, float, float]]:
    """(depth, frame, radius) for each depth range that this frame shows blurred."""
    rows = []
    for range_of in range(max(0, k - FARTHEST), k + FARTHEST + 1):
        inside = np.abs(depths - range_of) < 0.5
        if int(inside.sum()) < LEAST_PIXELS:
            continue
        left = np.maximum(shares[:, inside].sum(axis=1) - inside.sum(), 1e-3)
        now = float(max(seen[inside].sum() - inside.sum(), 1e-3))
        radius = float(np.interp(-np.log(now / left[0]), -np.log(left / left[0]), LADDER))
        distance = float(np.abs(depths[inside] - k).mean())
        if distance > 0.7 and 0.5 < radius < LADDER[-2]:
            rows.append((float(depths[inside].mean()), float(k), radius))
    return rows


def _least_squares(rows: npt.NDArray[np.float64], middle: float) -> BlurModel:
    if len(rows) < LEAST_ROWS:
        return BlurModel(0.0, 0.0, 0.0, middle)
    for _ in range(3):
        depth, frame, radius = rows.T
        distance = np.abs(depth - frame)
        terms = np.stack([distance, distance * (depth - middle), distance * (frame - middle)], 1)
        ridge = np.diag([0.0, 0.3, 0.3]) * float(distance @ distance)
        found = np.linalg.solve(terms.T @ terms + ridge, terms.T @ radius)
        off = np.abs(terms @ found - radius) / radius
        if not (off > 0.3).any() or (off <= 0.3).sum() < LEAST_ROWS:
            break
        rows = rows[off <= 0.3]
    return BlurModel(max(float(found[0]), 0.0), float(found[1]), float(found[2]), middle)
