"""The part of the canvas that every frame covers."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from focusstack.errors import AlignmentError
from focusstack.model import Transform
from focusstack.transform import apply

MIN_SIDE = 8


def common_rectangle(
    transforms: Iterable[Transform], width: int, height: int
) -> tuple[int, int, int, int]:
    """An upright rectangle inside all frames, (x, y, width, height) in reference pixels.

    Parameters
    ----------
    transforms : reference_from_frame, 3x3, without mirroring
    width, height : of every frame

    Raises
    ------
    AlignmentError
        If less than 8 px is common.
    """
    corners = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], float)
    left, top, right, bottom = 0.0, 0.0, width - 1.0, height - 1.0
    for transform in transforms:
        a, b, c, d = apply(transform, corners)
        left, right = max(left, a[0], d[0]), min(right, b[0], c[0])
        top, bottom = max(top, a[1], b[1]), min(bottom, c[1], d[1])
    x, y = math.ceil(left - 1e-6), math.ceil(top - 1e-6)
    w, h = math.floor(right + 1e-6) - x + 1, math.floor(bottom + 1e-6) - y + 1
    if min(w, h) < MIN_SIDE:
        raise AlignmentError(
            "the frames have almost no part of the scene in common",
            "try --keep-size, or --align none",
        )
    return x, y, w, h
