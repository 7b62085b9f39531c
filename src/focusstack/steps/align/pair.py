"""The motion between two frames, coarse to fine, by the enhanced correlation coefficient (ECC)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from focusstack.model import FloatImage, Transform
from focusstack.steps.align.models import project
from focusstack.steps.align.sketch import Sketch

ITERATIONS = 30
TOLERANCE = 1e-4
SMOOTHING = 5
MIN_CORRELATION = 0.3
MAX_MAGNIFICATION = 1.3
MAX_TURN = 0.35
MAX_SHIFT = 0.5


@dataclass(frozen=True)
class Motion:
    """``fixed_from_moving`` between two frames, on the sketches' pixel grid.

    ``benefit`` is the share of the unlikeness of the two frames that the motion takes away, and
    ``turn_benefit`` the share of what its translation alone leaves.
    """

    fixed_from_moving: Transform
    correlation: float
    benefit: float
    turn_benefit: float


@dataclass(frozen=True)
class Pair:
    """The motion found between frames ``fixed`` and ``moving``."""

    fixed: int
    moving: int
    motion: Motion


def compare(fixed: Sketch, moving: Sketch, model: str) -> Motion | None:
    """Estimate ``fixed_from_moving``, the correlation it reaches and what it is good for.

    Parameters
    ----------
    fixed, moving : Sketch
        Of equal size.
    model : {"similarity", "affine"}
        Similarity is estimated as affine and then projected, which ECC has no model for.

    Returns
    -------
    Motion, or None when no plausible one was found.

    Notes
    -----
    Precise to 0.01-0.05 px of the sketch where the two frames share detail. Fails where they share
    none, or where the motion exceeds half the frame. About 20 passes over the picture per level.

    References
    ----------
    Evangelidis & Psarakis 2008, doi:10.1109/TPAMI.2008.113.
    """
    best: tuple[Transform, float] | None = None
    for start in _starts(fixed.pyramid[-1], moving.pyramid[-1]):
        found = _refine(fixed, moving, start)
        if found is not None and (best is None or found[1] > best[1]):
            best = found
        if best is not None and best[1] > 0.5:
            break
    if best is None or not _plausible(best, fixed.pyramid[0].shape):
        return None
    height, width = fixed.pyramid[0].shape
    moved = project(np.asarray(np.linalg.inv(best[0]), np.float64), model, width, height)
    shifted = project(moved, "translation", width, height)
    unlike = [_unlikeness(fixed.pyramid[0], moving.pyramid[0], m) for m in (None, shifted, moved)]
    return Motion(moved, best[1], 1 - unlike[2] / unlike[0], 1 - unlike[2] / unlike[1])


def _unlikeness(
    fixed: FloatImage, moving: FloatImage, fixed_from_moving: Transform | None
) -> float:
    """1 - correlation after a motion, inside a margin that hides the border; never quite 0."""
    import cv2

    height, width = fixed.shape
    margin = max(2, min(height, width) // 32)
    inner = np.s_[margin : height - margin, margin : width - margin]
    if fixed_from_moving is not None:
        moving = cv2.warpAffine(
            moving,
            fixed_from_moving[:2],
            (width, height),
            flags=cv2.INTER_CUBIC,  # blurs little, so that it does not feign likeness
            borderMode=cv2.BORDER_REPLICATE,
        )
    return max(1 - _correlation(fixed[inner], moving[inner]), 1e-9)


def _correlation(a: FloatImage, b: FloatImage) -> float:
    x, y = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((x * x).sum(dtype=np.float64) * (y * y).sum(dtype=np.float64)))
    return float((x * y).sum(dtype=np.float64)) / norm if norm > 0 else 0.0


def _starts(fixed: FloatImage, moving: FloatImage) -> Iterator[Transform]:
    """First guesses on the coarsest level: no motion, then what phase correlation sees."""
    import cv2

    yield np.eye(3)
    window = cv2.createHanningWindow(fixed.shape[::-1], cv2.CV_32F)
    # OpenCV multiplies the window into pictures of some sizes in place: give it copies
    (x, y), _ = cv2.phaseCorrelate(fixed.copy(), moving.copy(), window)
    guess = np.eye(3)
    guess[:2, 2] = x, y
    yield guess


def _refine(fixed: Sketch, moving: Sketch, start: Transform) -> tuple[Transform, float] | None:
    """Follow ``moving_from_fixed`` from the coarsest level to the finest."""
    import cv2

    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, ITERATIONS, TOLERANCE)
    top = len(fixed.pyramid) - 1
    matrix, correlation = start[:2].copy(), 0.0
    for level in range(top, -1, -1):
        if level < top:
            matrix[:, 2] *= 2  # a coarse pixel k sits on the fine pixel 2 k
        try:
            correlation, found = cv2.findTransformECC(
                fixed.pyramid[level],
                moving.pyramid[level],
                matrix.astype(np.float32),
                cv2.MOTION_AFFINE,
                criteria,
                None,
                SMOOTHING,
            )
        except cv2.error:  # it did not converge
            return None
        matrix = found.astype(np.float64)
    return np.vstack([matrix, [0, 0, 1]]), float(correlation)


def _plausible(found: tuple[Transform, float], shape: tuple[int, ...]) -> bool:
    matrix, correlation = found
    if not np.isfinite(matrix).all() or not correlation >= MIN_CORRELATION:
        return False
    height, width = shape
    centre = np.array([(width - 1) / 2, (height - 1) / 2, 1])
    moved = np.abs((matrix @ centre - centre)[:2]) / (width, height)
    singular = np.linalg.svd(matrix[:2, :2], compute_uv=False)
    turn = abs(np.arctan2(matrix[1, 0], matrix[0, 0]))
    return bool(
        singular[0] < MAX_MAGNIFICATION
        and singular[1] > 1 / MAX_MAGNIFICATION
        and turn < MAX_TURN
        and moved.max() < MAX_SHIFT
    )
