"""SIFT key points and RANSAC homographies: the original tool's alignment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage, Transform

MAX_POINTS = 4000
RATIO = 0.75
MIN_INLIERS = 12
RANSAC_PX = 2.0
MAX_STRETCH = 2.0


@dataclass(frozen=True)
class Features:
    """Key points (N, 2) in px and their descriptors (N, 128)."""

    points: npt.NDArray[np.float32]
    descriptors: npt.NDArray[Any]


def detect(luma: FloatImage) -> Features:
    """SIFT key points of a frame, the strongest 4000.

    References
    ----------
    Lowe 2004, doi:10.1023/B:VISI.0000029664.99615.94.
    """
    import cv2

    grey = np.clip(np.rint(luma * 255), 0, 255).astype(np.uint8)
    sift = cv2.SIFT.create(nfeatures=MAX_POINTS, contrastThreshold=0.01)
    points, descriptors = sift.detectAndCompute(grey, None)
    if descriptors is None:
        return Features(np.empty((0, 2), np.float32), np.empty((0, 128), np.float32))
    return Features(np.array([p.pt for p in points], np.float32), descriptors)


def homography(fixed: Features, moving: Features) -> Transform | None:
    """``fixed_from_moving`` by RANSAC on matches that pass the ratio test, or None.

    None when fewer than 12 matches agree within 2 px, or when the result would turn the picture
    over or stretch it more than twofold.
    """
    import cv2

    if min(len(fixed.points), len(moving.points)) < MIN_INLIERS:
        return None
    candidates = cv2.BFMatcher().knnMatch(moving.descriptors, fixed.descriptors, k=2)
    good = [m for m, n in candidates if m.distance < RATIO * n.distance]
    if len(good) < MIN_INLIERS:
        return None
    source = moving.points[[m.queryIdx for m in good]]
    target = fixed.points[[m.trainIdx for m in good]]
    cv2.setRNGSeed(0)
    matrix, inliers = cv2.findHomography(source, target, cv2.RANSAC, RANSAC_PX, maxIters=5000)
    if matrix is None or int(inliers.sum()) < MIN_INLIERS or not _is_sane(matrix, source):
        return None
    return np.asarray(matrix, np.float64)


def _is_sane(matrix: Transform, points: npt.NDArray[np.float32]) -> bool:
    span = np.abs(points).max()
    horizon = np.abs(matrix[2, :2]).sum() * span
    det = float(np.linalg.det(matrix[:2, :2]))
    return bool(horizon < 0.5 and 1 / MAX_STRETCH**2 < det < MAX_STRETCH**2)
