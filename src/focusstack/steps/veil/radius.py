"""How fast defocus grows along the stack, fitted to the frames: no lens data needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.steps.veil.disk import disk_blur
from focusstack.steps.veil.model import BlurModel

LADDER = (0.0, 0.4, 0.7, 1.0, 1.4, 1.9, 2.5, 3.3, 4.4)
"""Radii, px, at which the fused picture is blurred to see what that does to its detail."""
TEXTURED = 10.0
"""Energy, in units of the noise, above which a pixel tells how blurred it is."""
CLEAR_PX = 10
SAMPLES = 60_000
LEAST_PIXELS = 150
FARTHEST = 8
LEAST_DISTANCE = 1.4
"""In frames: nearer ones are hardly more blurred than the fused picture itself."""
LEAST_ROWS = 6
FRAME_SHARE = 1.5
"""The growth changes this much faster with the frame than with the depth: by thin-lens optics it
goes as 1 / (z (s - f)), so 1 at a long distance and 2 at life size."""
ITERATIONS, RIDGE = 10, 0.05

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
    frame has left is looked up in the share that each disk leaves. Robust regression over all
    ranges and frames.
    """
    rungs = [energy(_blurred(picture, radius)) for radius in LADDER]
    where = _samples(depth, rungs[0])
    middle = (frames - 1) / 2
    depths = depth.ravel()[where]
    shares = np.stack([rung.ravel()[where] for rung in rungs])
    ranges = _ranges(depths, shares, frames + FARTHEST)
    rows = []
    for k in range(frames):
        seen = frame_energy(k).ravel()[where]
        rows += _rows(k, ranges, seen)
    return _robust_fit(np.array(rows, np.float64).reshape(-1, 4), middle)


def _blurred(picture: FloatImage, radius: float) -> FloatImage:
    return np.stack([disk_blur(plane, radius) for plane in picture])


def _samples(depth: FloatImage, detail: FloatImage) -> npt.NDArray[np.intp]:
    """Flat indices of textured pixels well away from steps in depth."""
    import cv2

    square = np.ones((2 * CLEAR_PX + 1,) * 2, np.uint8)
    flat = cv2.dilate(depth, square) - cv2.erode(depth, square) <= 1.0
    found = np.flatnonzero(flat & (detail > TEXTURED))
    return found[:: max(1, len(found) // SAMPLES)]


@dataclass(frozen=True)
class _Range:
    """Samples at about one depth: which they are, how deep, and what each disk leaves of them."""

    inside: npt.NDArray[np.intp]
    depths: FloatImage
    left: FloatImage


def _ranges(depths: FloatImage, shares: FloatImage, end: int) -> dict[int, _Range]:
    """By the frame that they are nearest to; only those with enough samples."""
    found = {}
    for of in range(end):
        inside = np.flatnonzero(np.abs(depths - of) < 0.5)
        if len(inside) >= LEAST_PIXELS:
            left = np.maximum(shares[:, inside].sum(axis=1), 1e-3)
            found[of] = _Range(inside, depths[inside], left)
    return found


def _rows(
    k: int, ranges: dict[int, _Range], seen: FloatImage
) -> list[tuple[float, float, float, float]]:
    """(depth, frame, radius, pixels) for each depth range that this frame shows blurred."""
    rows = []
    for of in range(max(0, k - FARTHEST), k + FARTHEST + 1):
        if of not in ranges:
            continue
        found = ranges[of]
        count, left = len(found.inside), found.left
        now = float(max(seen[found.inside].sum() - count, 1e-3))
        radius = float(np.interp(-np.log(now / left[0]), -np.log(left / left[0]), LADDER))
        distance = float(np.abs(found.depths - k).mean())
        if distance > LEAST_DISTANCE and 0.5 < radius < LADDER[-2]:
            rows.append((float(found.depths.mean()), float(k), radius, float(count)))
    return rows


def _robust_fit(rows: npt.NDArray[np.float64], middle: float) -> BlurModel:
    """Least absolute errors by re-weighting; ranges with more pixels count more."""
    if len(rows) < LEAST_ROWS:
        return BlurModel(0.0, 0.0, 0.0, middle)
    depth, frame, radius, pixels = rows.T
    distance = np.abs(depth - frame)
    change = (depth - middle) + FRAME_SHARE * (frame - middle)
    terms = np.stack([distance, distance * change], axis=1) / radius[:, np.newaxis]
    weight = np.sqrt(pixels)
    for _ in range(ITERATIONS):
        normal = (terms * weight[:, np.newaxis]).T @ terms
        normal[1, 1] *= 1 + RIDGE
        found = np.linalg.solve(normal, terms.T @ weight)
        weight = np.sqrt(pixels) / np.maximum(np.abs(terms @ found - 1), 0.03)
    growth, slope = float(found[0]), float(found[1])
    if growth <= 0:
        return BlurModel(0.0, 0.0, 0.0, middle)
    return BlurModel(growth, slope, slope * FRAME_SHARE, middle)
