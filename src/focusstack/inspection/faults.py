"""Frames that spoil a stack: black ones, and ones blurred by shake."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from focusstack.inspection.logs import FEWEST_CELLS, LogCurves

BLACK = 0.01
"""Mean luma under which a frame shows nothing ..."""
MUCH_DARKER = 0.1
"""... if it is less than this share of what is usual."""
BLURRED = 0.8
"""A frame whose fine detail has less than this contrast against its neighbours' is blurred."""


def black_frames(brightness: Sequence[float]) -> set[int]:
    """Indices of the frames that are black although others are not."""
    usual = float(np.median(brightness))
    limit = min(BLACK, MUCH_DARKER * usual)
    return {i for i, mean in enumerate(brightness) if mean < limit}


def blurred_frames(
    curves_of: Callable[[Sequence[int]], LogCurves], positions: Sequence[int]
) -> dict[int, float]:
    """Frames that are less sharp than both neighbours' mean, even where they should be sharpest.

    Near its peak a focus curve lies above the mean of its neighbours; a frame under it nearly
    everywhere was shaken. The worst is set aside before the others are judged. The first and the
    last frame cannot be told from frames of other focus.

    Parameters
    ----------
    curves_of : callable
        Focus curves through the frames at some positions.
    positions : of all frames that may be judged

    Returns
    -------
    dict position -> contrast of its detail against its neighbours', under 0.8
    """
    left, blurred = list(positions), dict[int, float]()
    while len(left) >= 4:
        contrast = _against_neighbours(curves_of(left))
        worst = int(np.nanargmin(contrast)) if np.isfinite(contrast).any() else 0
        if not contrast[worst] < BLURRED:
            break
        blurred[left.pop(worst)] = float(contrast[worst])
    return blurred


def _against_neighbours(one: LogCurves) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Median ratio of amplitudes, NaN at the ends."""
    values = one.values
    contrast = np.full(len(values), np.nan)
    for k in range(1, len(values) - 1):
        beside = one.near[k - 1] & one.near[k + 1]
        peak = beside & np.isin(one.best, (k - 1, k, k + 1))
        if peak.sum() >= FEWEST_CELLS:
            above = values[k] - 0.5 * (values[k - 1] + values[k + 1])
            contrast[k] = np.exp(0.5 * float(np.median(above[peak])))
    return contrast
