"""Smoothing that goes round what has another colour: the domain transform."""

from __future__ import annotations

import numpy as np

from focusstack.model import FloatImage
from focusstack.steps.depth.guided import Colour

PASSES = 3


def smooth_along(planes: FloatImage, guide: Colour, reach: float, contrast: float) -> FloatImage:
    """Planes smoothed over everything that can be got to without a change of colour.

    Parameters
    ----------
    planes : float32 (P, H, W)
        Not changed.
    guide : float32 (H, W, 3), 0..1
    reach : float
        Standard deviation, px, where the guide is even.
    contrast : float
        A change of colour, summed over channels, that is as far as ``reach``.

    Returns
    -------
    float32 (P, H, W)
        Sums are kept only about: divide by a plane of weights that was smoothed as well.

    Notes
    -----
    A recursive filter along rows and columns in turn, whose feedback falls with the distance in
    space and colour from one pixel to the next. About 40 ns per value and pass. Colours that change
    slowly are no border, and diagonal gaps of a pixel are none either.

    References
    ----------
    Gastal & Oliveira 2011, doi:10.1145/2010324.1964964.
    """
    along_rows, along_columns = (
        1 + reach / contrast * np.abs(np.diff(guide, axis=axis)).sum(axis=2) for axis in (1, 0)
    )
    smooth = planes
    for turn in range(PASSES):
        sigma = reach * np.sqrt(3) * 2 ** (PASSES - turn - 1) / np.sqrt(4**PASSES - 1)
        feedback = np.float32(np.exp(-np.sqrt(2) / sigma))
        smooth = _both_ways(smooth.transpose(2, 0, 1), (feedback**along_rows).T)
        smooth = _both_ways(smooth.transpose(2, 1, 0), feedback**along_columns)
        smooth = smooth.transpose(1, 0, 2)
    return np.ascontiguousarray(smooth)


def _both_ways(lines: FloatImage, feedback: FloatImage) -> FloatImage:
    """Forth and back over lines, (N, ...), each taking ``feedback``, (N - 1, W), of the last."""
    lines = np.array(lines, np.float32, order="C")
    share = np.ascontiguousarray(feedback, np.float32)
    for i in range(1, len(lines)):
        lines[i] += share[i - 1] * (lines[i - 1] - lines[i])
    for i in range(len(lines) - 2, -1, -1):
        lines[i] += share[i] * (lines[i + 1] - lines[i])
    return lines
