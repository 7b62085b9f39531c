"""The dual-tree complex wavelet transform of a plane, and back.

Four real wavelet transforms, whose filters are half a sample apart along rows, columns or both, are
the real and imaginary parts of six complex bands per level, each of one orientation. Unlike one
real transform they hardly care where on the grid a detail lies. As all filters are orthonormal, the
inverse is the mean of the four trees' transposes.

Planes are taken to repeat beyond their borders; :func:`padded` makes a picture do so seamlessly.

References
----------
Kingsbury 2001, doi:10.1006/acha.2000.0343. Selesnick, Baraniuk & Kingsbury 2005,
doi:10.1109/MSP.2005.1550194.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from focusstack.model import FloatImage
from focusstack.steps.fuse.wavelet_filters import Filter, filter_pair, high_pass

TREES = ((0, 0), (0, 1), (1, 0), (1, 1))
"""(along columns, along rows): 0 for the real, 1 for the imaginary part."""
BANDS = ((1, 0), (0, 1), (1, 1))
"""(along columns, along rows): 0 for low-pass, 1 for high-pass."""
FIRST = 4, 0
LATER = 3, 2
"""Vanishing moments and order of the half-sample delay, at the finest level and beyond it."""
REACH = 5
"""Farthest sample of the next finer level that a coefficient is made of."""
SEAM = 16
"""Least number of pixels over which opposite borders are blended into each other."""


@dataclass(frozen=True)
class Level:
    """Coefficients of one plane at one level: float32 (4, 3, h, w) and (4, h, w)."""

    details: FloatImage
    lows: FloatImage


def padded_size(size: int, levels: int) -> int:
    """Length to which a side is padded: room for the seam, and whole at every level."""
    unit = 1 << levels
    return -(-(size + SEAM) // unit) * unit


def padded(plane: FloatImage, levels: int) -> FloatImage:
    """The plane with a margin below and to the right in which it turns into its own other side."""
    for axis in (0, 1):
        plane = _with_seam(plane, padded_size(plane.shape[axis], levels), axis)
    return np.ascontiguousarray(plane)


def analyse(plane: FloatImage, levels: int) -> Iterator[Level]:
    """Levels of a padded plane, finest first.

    Parameters
    ----------
    plane : float32 (H, W), sides divisible by 2^levels

    Notes
    -----
    White noise of variance s^2 has that variance in every coefficient of every tree. About 80 ns
    per pixel in one thread.
    """
    lows = [plane] * len(TREES)
    for level in range(levels):
        yield (now := _split(lows, level))
        lows = list(now.lows)


def synthesise(details: Sequence[FloatImage], lows: FloatImage) -> FloatImage:
    """The plane from the details of all levels, finest first, and the low-pass of the last.

    Parameters
    ----------
    details : float32 (4, 3, h, w) each
    lows : float32 (4, h, w)
    """
    total: FloatImage | None = None
    for t, tree in enumerate(TREES):
        low = lows[t]
        for level in reversed(range(len(details))):
            low = _joined(low, details[level][t], tree, level)
        total = low if total is None else total + low
    assert total is not None
    return total / np.float32(len(TREES))


def _filters(level: int, tree: int) -> tuple[Filter, Filter]:
    """Low-pass and high-pass; at the finest level both trees have the same ones."""
    low = filter_pair(*(FIRST if level == 0 else LATER))[tree]
    return low, high_pass(low)


def _split(lows: list[FloatImage], level: int) -> Level:
    height, width = lows[0].shape
    details = np.empty((len(TREES), len(BANDS), height // 2, width // 2), np.float32)
    coarse = np.empty((len(TREES), height // 2, width // 2), np.float32)
    for b, (down, across) in enumerate([*BANDS, (0, 0)]):
        for t, (p, q) in enumerate(TREES):
            if level > 0 or t == 0:
                ring = _wrapped(lows[t])
                filtered = _filtered(ring, _filters(level, p)[down], _filters(level, q)[across])
            # at the finest level the second tree is the first one a pixel later
            phase = (p, q) if level == 0 else (0, 0)
            half = filtered[phase[0] :: 2, phase[1] :: 2]
            (coarse[t] if b == len(BANDS) else details[t, b])[:] = half
    return Level(details, coarse)


def _joined(low: FloatImage, details: FloatImage, tree: tuple[int, int], level: int) -> FloatImage:
    """The transpose of :func:`_split` for one tree."""
    (p, q), (height, width) = tree, low.shape
    phase = tree if level == 0 else (0, 0)
    total = np.zeros((2 * height, 2 * width), np.float32)
    for band, (down, across) in zip([*details, low], [*BANDS, (0, 0)], strict=True):
        spaced = np.zeros_like(total)
        spaced[phase[0] :: 2, phase[1] :: 2] = band
        columns, rows = _filters(level, p)[down], _filters(level, q)[across]
        total += _filtered(_wrapped(spaced), columns[::-1], rows[::-1], transposed=True)
    return total


def _wrapped(plane: FloatImage) -> FloatImage:
    import cv2

    ring = (REACH,) * 4
    return np.asarray(cv2.copyMakeBorder(plane, *ring, cv2.BORDER_WRAP), np.float32)


def _filtered(
    ring: FloatImage, columns: Filter, rows: Filter, transposed: bool = False
) -> FloatImage:
    """Correlation of what lies within the ring: y[n] = sum of h[j] x[n + j - centre]."""
    import cv2

    anchor = [_centre(rows), _centre(columns)]
    if transposed:
        anchor = [rows.size - 1 - anchor[0], columns.size - 1 - anchor[1]]
    found = cv2.sepFilter2D(ring, cv2.CV_32F, rows, columns, anchor=anchor)
    cut = slice(REACH, -REACH)
    return np.asarray(found[cut, cut], np.float32)


def _centre(taps: Filter) -> int:
    return taps.size // 2 - 1


def _with_seam(plane: FloatImage, size: int, axis: int) -> FloatImage:
    """Lengthened to ``size``: the mirrored end fades into the mirrored start."""
    length = plane.shape[axis]
    extra = size - length
    after = _mirrored(np.arange(length, size), length)
    before = _mirrored(np.arange(-extra, 0), length)
    fade = (np.arange(1, extra + 1, dtype=np.float32) / (extra + 1)).reshape(-1, 1)
    fade = fade if axis == 0 else fade.T
    seam = np.take(plane, after, axis) * (1 - fade) + np.take(plane, before, axis) * fade
    return np.concatenate([plane, seam.astype(np.float32)], axis)


def _mirrored(at: npt.NDArray[np.int64], length: int) -> npt.NDArray[np.int64]:
    """Indices reflected into 0..length-1, the edge not repeated."""
    if length == 1:
        return np.zeros_like(at)
    period = 2 * (length - 1)
    folded = np.mod(at, period)
    return np.asarray(np.minimum(folded, period - folded), np.int64)
