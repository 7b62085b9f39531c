"""Motion models: the nearest transform of a model to a given one."""

from __future__ import annotations

import numpy as np

from focusstack.model import Transform


def project(transform: Transform, model: str, width: int, height: int) -> Transform:
    """The transform of ``model`` that is nearest to ``transform`` over a frame.

    Parameters
    ----------
    transform : 3x3, affine
    model : {"none", "translation", "similarity", "affine"}
    width, height : int
        Of the frame over which squared distances are averaged.
    """
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    linear = transform[:2, :2]
    moved = linear @ centre + transform[:2, 2]
    if model == "affine":
        return transform.copy()
    if model == "none":
        return np.eye(3)
    shifted = model == "translation"
    part = np.eye(2) if shifted else _nearest_similarity(linear, width, height)
    result = np.eye(3)
    result[:2, :2] = part
    result[:2, 2] = moved - part @ centre
    return result


def _nearest_similarity(linear: Transform, width: int, height: int) -> Transform:
    """Least squares over a rectangle centred on the origin, whose spread is width^2 : height^2."""
    x, y = width**2 / (width**2 + height**2), height**2 / (width**2 + height**2)
    a = linear[0, 0] * x + linear[1, 1] * y
    b = linear[1, 0] * x - linear[0, 1] * y
    return np.array([[a, -b], [b, a]])
