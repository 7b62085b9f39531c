"""Sizes on the page: how far pictures and maps are reduced."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def fitting(shape: tuple[int, ...], pixels: int) -> tuple[int, int]:
    """(width, height) of a picture reduced to at most ``pixels``, never enlarged."""
    height, width = shape[:2]
    by = min(1.0, (pixels / (width * height)) ** 0.5)
    return max(1, round(width * by)), max(1, round(height * by))


def reduced(values: npt.NDArray[Any], size: tuple[int, int]) -> npt.NDArray[Any]:
    """Means over areas, (h, w, ...) as ``size`` (width, height) says."""
    import cv2

    if values.shape[1::-1] == size:
        return values
    small = cv2.resize(np.ascontiguousarray(values), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small.reshape(size[1], size[0], *values.shape[2:]), values.dtype)


def sampled(values: npt.NDArray[Any], size: tuple[int, int]) -> npt.NDArray[Any]:
    """Nearest neighbours, for maps in which means say nothing."""
    import cv2

    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_NEAREST))
