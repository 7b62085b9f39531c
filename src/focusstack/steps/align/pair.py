"""The motion between two frames: found coarse to fine (ECC), then polished on fine detail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from focusstack.kernels import motion
from focusstack.model import FloatImage, Transform
from focusstack.steps.align.models import project
from focusstack.steps.align.polish import Polished, polish, warped
from focusstack.steps.align.sketch import Sketch, sketch
from focusstack.transform import displacement, grid

ITERATIONS = 30
TOLERANCE = 1e-3
SMOOTHING = 5
MIN_CORRELATION = 0.3
MAX_MAGNIFICATION = 1.3
MAX_TURN = 0.35
MAX_SHIFT = 0.5
MIN_FINE_CORRELATION = 0.2
MAX_POLISH_PX = 2.0
UNSURE = 0.01
SMALLEST = 32


@dataclass(frozen=True)
class Motion:
    """``fixed_from_moving`` between two frames, on the sketches' pixel grid.

    ``benefit`` is the share of the unlikeness of the two frames that the motion takes away, and
    ``turn_benefit`` the share of what its translation alone leaves. ``certainty`` (3, 3) weighs
    the squared errors of a transform's rows: how well the motion is known where in the fixed frame.
    """

    fixed_from_moving: Transform
    correlation: float
    benefit: float
    turn_benefit: float
    certainty: Transform


@dataclass(frozen=True)
class Pair:
    """The motion found between frames ``fixed`` and ``moving``.

    ``weight`` falls with the fourth power of how many frames they are apart: what defocus feigns
    grows with the square of it.
    """

    fixed: int
    moving: int
    motion: Motion
    weight: float = 1.0


def motion_between(fixed: FloatImage, moving: FloatImage) -> Transform | None:
    """``fixed_from_moving`` between two frames, a similarity; None where none can be told.

    Parameters
    ----------
    fixed, moving : float32 (H, W)
        Encoded luma, 0..1, of equal size.

    Notes
    -----
    40 ms for 0.1 MP. Magnifications up to 1.3 and shifts of up to half a frame are found.
    """
    sketches = sketch(fixed), sketch(moving)
    if min(fixed.shape) < SMALLEST or any(one.featureless for one in sketches):
        return None
    found = compare(*sketches, "similarity")
    return None if found is None else found.fixed_from_moving


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
    Precise to 0.005-0.02 px of the sketch where the two frames share fine detail. Fails where they
    share none, or where the motion exceeds half the frame. About 20 passes over the picture per
    level.

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
    rough = project(np.asarray(np.linalg.inv(best[0]), np.float64), model, width, height)
    moved, certainty = _polished(fixed, moving, rough, model)
    shifted = project(moved, "translation", width, height)
    unlike = [_unlikeness(fixed.pyramid[0], moving.pyramid[0], m) for m in (None, shifted, moved)]
    benefits = 1 - unlike[2] / unlike[0], 1 - unlike[2] / unlike[1]
    return Motion(moved, best[1], *benefits, certainty)


def _polished(
    fixed: Sketch, moving: Sketch, rough: Transform, model: str
) -> tuple[Transform, Transform]:
    """The motion refined on the finest detail that both frames share, and its certainty."""
    height, width = fixed.pyramid[0].shape
    for level, pictures in enumerate(zip(fixed.fine, moving.fine, strict=True)):
        fine_from_level = np.diag([2.0**level, 2.0**level, 1])
        level_from_fine = np.linalg.inv(fine_from_level)
        start = level_from_fine @ np.linalg.inv(rough) @ fine_from_level
        found = polish(*pictures, start, model)
        if found is None or found.correlation < MIN_FINE_CORRELATION:
            continue
        moved = fine_from_level @ np.linalg.inv(found.moving_from_fixed) @ level_from_fine
        if displacement(moved, rough, width, height).max() <= MAX_POLISH_PX:
            return moved, _certainty(found, fine_from_level)
    return rough, UNSURE * _even_moments(width, height)


def _certainty(found: Polished, fine_from_level: Transform) -> Transform:
    """Where detail lies, by how little of it differs: what differs leads the motion astray."""
    moments = fine_from_level @ found.moments @ fine_from_level
    unlike = max(1 - found.correlation, 1e-4) * fine_from_level[0, 0] ** 2
    return np.asarray(moments * (found.correlation / unlike) ** 2)


def _even_moments(width: int, height: int) -> Transform:
    points = np.c_[grid(width, height), np.ones(81)]
    return np.asarray(points.T @ points / len(points))


def _unlikeness(
    fixed: FloatImage, moving: FloatImage, fixed_from_moving: Transform | None
) -> float:
    """1 - correlation after a motion, inside a margin that hides the border; never quite 0."""
    height, width = fixed.shape
    margin = max(2, min(height, width) // 32)
    if fixed_from_moving is not None:
        moving = warped(moving, np.asarray(np.linalg.inv(fixed_from_moving), np.float64))
    return max(1 - motion.correlation(fixed, moving, margin), 1e-9)


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
    """Follow ``moving_from_fixed`` from the coarsest level to the second finest."""
    import cv2

    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, ITERATIONS, TOLERANCE)
    top = len(fixed.pyramid) - 1
    last = min(top, 1)
    matrix, correlation = start[:2].copy(), 0.0
    for level in range(top, last - 1, -1):
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
    matrix[:, 2] *= 2**last
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
