"""A second opinion: does the chain of neighbours agree with a direct look at the reference?"""

from __future__ import annotations

import numpy as np

from focusstack.model import FloatImage, Transform
from focusstack.transform import at_full_size, displacement

MIN_MOTION_PX = 1.5
MAX_LOSS = 0.1


def disagrees(
    placed: dict[int, Transform],
    coarse: dict[int, FloatImage],
    reference: int,
    shape: tuple[int, ...],
) -> list[int]:
    """Frames that look less like the reference where the chain puts them than where they were.

    Parameters
    ----------
    placed : dict frame -> reference_from_frame, on a grid of ``shape``
    coarse : dict frame -> thumbnail of compressed detail, float32
    shape : (height, width) of the grid that ``placed`` speaks of

    Notes
    -----
    Thumbnails blur with the frames, so only motions of more than 1.5 thumbnail pixels are judged.
    """
    import cv2

    small = coarse[reference]
    height, width = small.shape
    scale = shape[1] / width
    bad = []
    for i, transform in placed.items():
        moved = at_full_size(transform, 1 / scale)
        if displacement(moved, np.eye(3), width, height).max() < MIN_MOTION_PX:
            continue
        seen = cv2.warpPerspective(np.ones_like(small), moved, (width, height)) > 0.5
        there = cv2.warpPerspective(coarse[i], moved, (width, height))
        if _likeness(small, coarse[i], seen) > _likeness(small, there, seen) + MAX_LOSS:
            bad.append(i)
    return bad


def _likeness(a: FloatImage, b: FloatImage, where: FloatImage) -> float:
    x, y = a[where], b[where]
    if x.size < 2 or x.std() < 1e-6 or y.std() < 1e-6:
        return 0.0
    return float(np.corrcoef(x, y)[0, 1])
