"""The depth on a coarser grid, without gaps, and how sure it is there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage

SURE = 0.5
"""Confidence below which a depth is a gap."""
_LEAST = np.float32(1e-3)
"""Weight of a depth that is known but not sure at all: it counts where nothing else is."""


@dataclass(frozen=True)
class Heights:
    """A coarser grid; cell (0, 0) covers the picture's first ``step`` x ``step`` pixels.

    Attributes
    ----------
    depth : float32 (h, w)
        Fractional frame, without NaN.
    confidence : float32 (h, w)
        0..1; 0 where the depth was filled in from around.
    step : int
        Pixels of the picture to a cell, in both directions.
    """

    depth: FloatImage
    confidence: FloatImage
    step: int


def heights(depth: FloatImage, confidence: FloatImage, most: int = 400) -> Heights:
    """Reduce a depth map to at most ``most`` cells a side.

    Parameters
    ----------
    depth : float32 (H, W)
        Fractional frame; NaN = unknown. Not changed; may be mapped from a file, as rows are read
        one cell's height at a time.
    confidence : float32 (H, W)
        0..1; NaN counts as 0.
    most : int

    Notes
    -----
    A cell's depth is the mean of its pixels weighted by confidence, its confidence the plain mean.
    """
    step = max(1, -(-max(depth.shape) // most))
    starts = np.arange(0, depth.shape[1], step, dtype=np.intp)
    rows = [
        _reduced(depth[y : y + step], confidence[y : y + step], starts)
        for y in range(0, depth.shape[0], step)
    ]
    total, weight, sure = (np.stack(parts) for parts in zip(*rows, strict=True))
    mean = np.where(weight > 0, total / np.maximum(weight, 1e-9), 0).astype(np.float32)
    return Heights(filled(mean, weight), sure, step)


def _reduced(
    depth: FloatImage, confidence: FloatImage, starts: npt.NDArray[np.intp]
) -> tuple[FloatImage, FloatImage, FloatImage]:
    """One row of cells: sum of weighted depths, sum of weights, mean confidence; (w,) each."""
    known = np.isfinite(depth)
    sure = np.where(known, np.nan_to_num(confidence), 0).astype(np.float32)
    weight = np.where(known, np.maximum(sure, _LEAST), 0)
    over = [np.where(known, depth, 0) * weight, weight, sure, np.ones_like(sure)]
    total, weights, trust, count = (
        np.add.reduceat(one.sum(axis=0, dtype=np.float64), starts).astype(np.float32)
        for one in over
    )
    return total, weights, trust / count


def filled(values: FloatImage, weight: FloatImage) -> FloatImage:
    """Values where they weigh something; elsewhere what surrounds them, smoothly.

    Parameters
    ----------
    values, weight : float32 (h, w)
        Not changed.

    Returns
    -------
    float32 (h, w)
        0 everywhere if nothing weighs anything.

    Notes
    -----
    Gaps take their values from a grid half as fine, which is made in the same way.
    """
    import cv2

    known = weight > 0
    if known.all() or max(values.shape) == 1:
        return np.where(known, values, 0).astype(np.float32)
    less = np.where(known, 1, 0).astype(np.float32)
    total, count = (_halved(one) for one in (np.where(known, values, 0), less))
    mean = (total / np.maximum(count, 1)).astype(np.float32)
    coarse = filled(mean, count)
    size = values.shape[1], values.shape[0]
    around = cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR).reshape(values.shape)
    return np.where(known, values, around).astype(np.float32)


def _halved(values: FloatImage) -> FloatImage:
    """Sums of 2 x 2 cells, float32 ((h+1)//2, (w+1)//2)."""
    high, wide = values.shape
    even = np.pad(values, ((0, high % 2), (0, wide % 2)))
    sums = even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2).sum(axis=(1, 3))
    return np.asarray(sums, np.float32)
